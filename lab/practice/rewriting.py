"""Rewriting as optimizer model: rules made of a critique, put into a prompt; and a prompt in other words."""

from __future__ import annotations

import re

from lab.practice.chance import pick, shuffled, unit
from lab.practice.critiques import kind_shown, wrong_ideas
from lab.practice.kind import FORMAT, Kind, straight
from lab.practice.kinds.own_labels import expected_in, list_rule
from lab.practice.metaprompt import Shown, labels_shown
from lab.practice.reading import harms_in, kind_of, mentions, refuses_more, sentences
from lab.practice.remembered import remembered
from lab.practice.wordings import SENTENCES, SYNONYMS, WRONG_RULES

__all__ = ["edits", "paraphrase", "reworded", "rule", "shortened_to", "with_rules"]

_LOSS_SHARE = 0.08
_OVER_THE_LIMIT = 0.12
_MOST_RULES = 2
_PLACEHOLDER = re.compile(r"\{\w+\}")
_REJECTS = re.compile(
    r"\b(?:should|must|need) not\b|shouldn't|mustn't|\bwithout\b|\bavoid|\bforbid|\binstead of\b|\bstop\b", re.I
)
_TOO_SHORT = re.compile(r"\b(?:examples?|texts?|inputs?)\b.{0,20}\btoo short\b", re.I)
_POLITE = re.compile(r"\bpolite|\bfriendl", re.I)
# What an inspection says of every example, and no cause.
_ROUTINE = re.compile(r"^[^\w\n]*+(?:Example \d+.*|(?:Is the|Does it|Does the|Should the)\b.*\?.*)$", re.M)


def rule(kind: Kind, skill: str, source: str, *at: object) -> str:
    """Write a rule that states a skill; a particular that it holds is taken from the source."""
    return kind.fill(skill, pick(kind.by_name[skill].rules, "rule", skill, *at), source)


def _without_long_quotes(text: str) -> str:
    return re.sub(r"[\"“]([^\"“”]*+)[\"”]", lambda m: m.group() if len(m.group(1).split()) <= 3 else " ", text)


@remembered(64)
def _ideas(critique: str, kind: Kind | None) -> list[str]:
    low = critique.lower().replace(" not ", " ").replace("without thinking", "").replace("ignore", "")
    ideas = [idea for idea in wrong_ideas(kind) if idea in harms_in(low)]
    ideas += ["short"] if _TOO_SHORT.search(critique) else []
    return ideas + (["polite"] if _POLITE.search(critique) else [])


@remembered(64)
def _essence(critique: str, kind: Kind | None) -> tuple[str, tuple[str, ...]]:
    """Return a critique without what is routine in it, and the first skills that it speaks of."""
    plain = _without_long_quotes(_ROUTINE.sub("", critique)).replace("- Suggestion:", "")
    spoken = dict.fromkeys(
        skill
        for part in sentences(plain)
        for skill in sorted(_spoken(part, kind))
        if kind and kind.by_name[skill].rules
    )
    return plain, tuple(spoken)[:_MOST_RULES]


def _rules(critique: str, kind: Kind | None, k: int, at: tuple[object, ...]) -> list[str]:
    """Make rules of a critique: what it knows in its own words, what it does not know in the critique's."""
    if labels := expected_in(critique):
        return [list_rule(labels)]
    if kind and (heard := kind.hear(critique)):
        return list(heard[:_MOST_RULES])
    plain, spoken = _essence(critique, kind)
    rules = [rule(kind, skill, plain, k, *at) for skill in spoken] if kind else []
    ideas = [] if _REJECTS.search(straight(plain)) or rules else _ideas(plain, kind)
    rules += [pick(WRONG_RULES[idea], "bad rule", k, *at) for idea in ideas[:1]]
    if rules:
        return rules
    said = " ".join(plain.split()).strip('"“” ')
    opening = pick(("Also mind this: ", "Keep in mind: "), "own", k, *at)
    return [opening + (said if said.endswith((".", "!", "?")) else said + ".")] if said else []


def _spoken(part: str, kind: Kind | None) -> frozenset[str]:
    return mentions(part, kind) if kind else frozenset()


def with_rules(prompt: str, rules: list[str]) -> str:
    """Add rules to a prompt: before the line that holds a placeholder, else at its end."""
    lines = prompt.split("\n")
    place = next((i for i, line in enumerate(lines) if _PLACEHOLDER.search(line)), None)
    if place is not None:
        return "\n".join([*lines[:place], *rules, *lines[place:]])
    gap = "\n" if len(lines) > 1 else " "
    return gap.join([prompt.rstrip(), *rules]).strip()


def shortened_to(most_words: int, text: str, *at: object) -> str:
    """Leave sentences out from the back of the middle until a text keeps a limit; now and then it does not."""
    parts = list(sentences(text))
    if not most_words or unit("over the limit", *at) < _OVER_THE_LIMIT:
        return text
    too_many = len(text.split()) - most_words
    if too_many <= 0:
        return text
    while len(parts) > 2 and too_many > 0:
        too_many -= len(parts.pop(-2).split())
    return " ".join(parts)


def edits(shown: Shown, n: int, at: tuple[object, ...]) -> list[str]:
    """Write `n` versions of the prompt that follow the critique as it is worded."""
    kind = kind_shown(shown.prompt, tuple(error[:2] for error in shown.errors), shown.critique, labels_shown(shown))
    return [
        shortened_to(shown.most_words, with_rules(shown.prompt, _rules(shown.critique, kind, k, at)), k, *at)
        for k in range(n)
    ]


def _same_extent(skill: str, rule: str, sentence: str) -> bool:
    """Return whether a rule says as much as a sentence: of the form of an answer, both its halves."""
    return "{" not in rule and (skill != FORMAT or refuses_more(rule) == refuses_more(sentence))


def _reworded(sentence: str, kind: Kind | None, at: tuple[object, ...]) -> str:
    if _PLACEHOLDER.search(sentence):
        return sentence
    skills = mentions(sentence, kind) if kind else frozenset[str]()
    if kind and len(skills) == 1 and not kind_of(sentence) and unit("swap", sentence, *at) < 0.6:
        (skill,) = skills
        others = [
            other
            for other in kind.by_name[skill].rules
            if other != sentence and _same_extent(skill, other, sentence)
        ]
        if others and kind.fill(skill, "{", sentence) == "{":
            return pick(others, "as", sentence, *at)
    for pattern, options in SENTENCES:
        if re.search(pattern, sentence):
            return re.sub(pattern, pick(options, "like", sentence, *at), sentence)
    for words, others_of in SYNONYMS.items():
        found = re.search(rf"\b{words}\b", sentence, re.I)
        if found:
            other = pick(others_of, words, *at)
            other = other.capitalize() if found.group()[0].isupper() else other
            return sentence[: found.start()] + other + sentence[found.end() :]
    return sentence


def reworded(prompt: str, at: tuple[object, ...]) -> str:
    """Word a prompt otherwise, perhaps in another order; placeholders, labels and what it asks for stay."""
    kind = kind_of(prompt)
    pieces = re.split(r"(\n+|(?<=[.!?])[ \t]+)", prompt.strip())
    said = [_reworded(piece, kind, at) for piece in pieces[::2]]
    if _movable(prompt, said) and unit("move", *at) < 0.4:
        said = [said[0], *shuffled(said[1:], "order", *at)]
    return "".join(part + gap for part, gap in zip(said, [*pieces[1::2], ""], strict=True))


def paraphrase(prompt: str, at: tuple[object, ...]) -> str:
    """Describe a prompt in other words as a model does: now and then a sentence is lost."""
    text = reworded(prompt, at)
    said = re.split(r"(?<=[.!?])[ \t]+", text)
    if not _movable(text, said) or unit("lose", *at) >= _LOSS_SHARE:
        return text
    lost = 1 + int(unit("which", *at) * (len(said) - 1))
    return " ".join(said[:lost] + said[lost + 1 :])


def _movable(prompt: str, said: list[str]) -> bool:
    return not _PLACEHOLDER.search(prompt) and len(said) > 2 and "\n" not in prompt
