"""Answering as optimizer model: critiques, edits and rewordings, from the text of the request alone."""

from __future__ import annotations

import re
from collections import Counter

from lab.practice import sentiment, triage
from lab.practice.chance import pick, shuffled, unit
from lab.practice.metaprompt import Shown, count, look_at, role_of
from lab.practice.reading import Kind, harms_in, kind_of, mentions, read, sentences
from lab.practice.target import Draw, kind_by_text
from lab.practice.wordings import (
    CAUSES,
    GENERAL_CAUSES,
    RULES,
    SENTENCES,
    SYNONYMS,
    UNHELPFUL,
    WRONG_CAUSES,
    WRONG_RULES,
)  # fmt: skip

WRONG_SHARE = 1 / 3
MALFORMED_SHARE = 0.06
_LOSS_SHARE = 0.08

_PLACEHOLDER = re.compile(r"\{\w+\}")
_REJECTS = re.compile(
    r"\b(?:should|must|need) not\b|shouldn't|mustn't|\bwithout\b|\bavoid|\bforbid|\binstead of\b"
    r"|\bstop\b",
    re.I,
)
_TOO_SHORT = re.compile(r"\b(?:examples?|texts?|inputs?)\b.{0,20}\btoo short\b", re.I)
_POLITE = re.compile(r"\bpolite|\bfriendl", re.I)


def _kind(shown: Shown) -> Kind | None:
    if known := kind_of(shown.prompt):
        return known
    kinds = Counter(kind for text, _, _ in shown.errors if (kind := kind_by_text(text)))
    answers = {answer.lower() for _, answer, _ in shown.errors}
    if answers & {"positive", "negative"}:
        return "sentiment"
    return kinds.most_common(1)[0][0] if kinds else kind_of(shown.critique)


def _causes(shown: Shown, kind: Kind | None) -> tuple[tuple[str, str], ...]:
    """Finds what the errors needed and the instructions do not cover, most frequent first, with an
    example.
    """
    on = read(shown.prompt, kind).on
    found: dict[str, list[str]] = {}
    for text, expected, given in shown.errors:
        needed = set[str]()
        if given.strip(" .").lower() != expected.lower() and len(given.split()) > len(expected.split()):
            needed = {"format"}
        elif kind:
            needed = set(sentiment.needs(text) if kind == "sentiment" else triage.needs(text))
        for skill in sorted(needed - on):
            found.setdefault(skill, []).append(given if skill == "format" else text)
    return tuple(
        (skill, texts[0]) for skill, texts in sorted(found.items(), key=lambda row: (-len(row[1]), row[0]))
    )


def _quote(text: str) -> str:
    words = text.split()
    cut = " ".join(words[:9]) + (" ..." if len(words) > 9 else "")
    return f" (“{cut}”)" if text else ""


def _reasons(shown: Shown, n: int, at: tuple[object, ...]) -> list[str]:
    kind = _kind(shown)
    tables = CAUSES[kind] if kind else {"format": CAUSES["sentiment"]["format"]}
    true = [(pick(tables[skill], skill, *at), text) for skill, text in _causes(shown, kind) if skill in tables]
    if not true:
        example = shown.errors[0][0] if shown.errors else ""
        true = [(cause, example) for cause in shuffled(GENERAL_CAUSES, "general", *at)[:1]]
    wrong = [pick(WRONG_CAUSES[idea], idea, *at) for idea in shuffled(tuple(WRONG_CAUSES), "wrong", *at)]
    first = int(unit("first", *at) * min(len(true), 2))
    true = true[first:] + true[:first]
    reasons: list[str] = []
    for i in range(n):
        if (unit("is wrong", i, *at) < WRONG_SHARE or not true) and wrong:
            reasons.append(wrong.pop(0))
        elif true:
            wording, text = true.pop(0)
            reasons.append(wording.format(quote=_quote(text) if unit("quote", i, *at) < 0.6 else ""))
    return reasons


def _wrapped(texts: list[str], at: tuple[object, ...]) -> str:
    """Puts each text between its tags; in a small share of replies something goes wrong, as with real
    models.
    """
    whole = "\n".join(f"<START>{text}<END>" for text in texts)
    if unit("malformed", *at) >= MALFORMED_SHARE:
        return whole
    return pick(
        (
            whole[: whole.rfind("<END>")],
            f"Certainly! Here is what I found:\n\n{whole}\n\nI hope that this helps.",
            whole[: int(len(whole) * 0.6)],
            "",
            whole + "\n" + f"<START>{texts[0]}<END>",
        ),
        "how malformed",
        *at,
    )


def _without_long_quotes(text: str) -> str:
    return re.sub(r"[\"“]([^\"”]*)[\"”]", lambda m: m.group() if len(m.group(1).split()) <= 3 else " ", text)


def _order(critique: str) -> str:
    return ", ".join(read(critique, "triage").order)


def _rules(critique: str, kind: Kind | None, k: int, at: tuple[object, ...]) -> list[str]:
    """Makes rules of a critique: what it knows in its own words, what it does not know in the critique's."""
    plain = _without_long_quotes(critique)
    parts = sentences(plain)
    skills = frozenset[str]().union(*(mentions(part, kind or "sentiment") for part in parts))
    known = [skill for skill in RULES[kind or "sentiment"] if skill in skills and (kind or skill == "format")]
    rules = []
    for skill in known[:2]:
        options = shuffled(RULES[kind or "sentiment"][skill], "rule", skill, *at)
        rules.append(options[k % len(options)].format(order=_order(plain) if kind == "triage" else ""))
    ideas = [] if _REJECTS.search(plain) or known else _wrong_ideas(plain)
    rules += [pick(WRONG_RULES[idea], "bad rule", k, *at) for idea in ideas[:1]]
    if rules:
        return rules
    said = " ".join(critique.split()).strip('"“” ')
    opening = pick(("Also mind this: {said}", "Keep in mind: {said}", "Also mind this: {said}"), "own", k, *at)
    return [opening.format(said=said if said.endswith((".", "!", "?")) else said + ".")] if said else []


def _wrong_ideas(critique: str) -> list[str]:
    low = critique.lower().replace(" not ", " ").replace("without thinking", "").replace("ignore", "")
    ideas = [idea for idea in WRONG_RULES if idea in harms_in(low)]
    ideas += ["short"] if _TOO_SHORT.search(critique) else []
    return ideas + (["polite"] if _POLITE.search(critique) else [])


def with_rules(prompt: str, rules: list[str]) -> str:
    """Adds rules to a prompt: before the line that holds a placeholder, else at its end."""
    lines = prompt.split("\n")
    place = next((i for i, line in enumerate(lines) if _PLACEHOLDER.search(line)), None)
    if place is not None:
        return "\n".join([*lines[:place], *rules, *lines[place:]])
    gap = "\n" if len(lines) > 1 else " "
    return gap.join([prompt.rstrip(), *rules]).strip()


def _edits(shown: Shown, n: int, at: tuple[object, ...]) -> list[str]:
    kind = _kind(shown)
    return [with_rules(shown.prompt, _rules(shown.critique, kind, k, at)) for k in range(n)]


def _reworded(sentence: str, kind: Kind | None, at: tuple[object, ...]) -> str:
    if _PLACEHOLDER.search(sentence):
        return sentence
    skills = mentions(sentence, kind) if kind else frozenset[str]()
    plain = skills - {"definitions", "precedence"}
    if kind and len(skills) == 1 and plain and not kind_of(sentence) and unit("swap", sentence, *at) < 0.6:
        rules = [rule for rule in RULES[kind][min(plain)] if rule != sentence]
        return pick(rules, "as", sentence, *at)
    for pattern, options in SENTENCES:
        if re.search(pattern, sentence):
            return re.sub(pattern, pick(options, "like", sentence, *at), sentence)
    for words, others in SYNONYMS.items():
        found = re.search(rf"\b{words}\b", sentence, re.I)
        if found:
            other = pick(others, words, *at)
            other = other.capitalize() if found.group()[0].isupper() else other
            return sentence[: found.start()] + other + sentence[found.end() :]
    return sentence


def paraphrase(prompt: str, at: tuple[object, ...]) -> str:
    """Says a prompt in other words; placeholders and labels stay, and now and then a sentence is lost."""
    kind = kind_of(prompt)
    pieces = re.split(r"(\n+|(?<=[.!?])[ \t]+)", prompt.strip())
    said = [_reworded(piece, kind, at) for piece in pieces[::2]]
    gaps = pieces[1::2]
    movable = not _PLACEHOLDER.search(prompt) and len(said) > 2 and "\n" not in prompt
    if movable and unit("lose", *at) < _LOSS_SHARE:
        lost = 1 + int(unit("which", *at) * (len(said) - 1))
        said, gaps = said[:lost] + said[lost + 1 :], gaps[:-1]
    elif movable and unit("move", *at) < 0.4:
        said = [said[0], *shuffled(said[1:], "order", *at)]
    return "".join(part + gap for part, gap in zip(said, [*gaps, ""], strict=True))


def reply(message: str, draw: Draw | None = None) -> str:
    """Answers as optimizer model; what cannot be recognised gets an ordinary, unhelpful answer."""
    at = (message, *(draw or Draw()).key())
    role = role_of(message)
    shown = look_at(message)
    if role == "critique":
        return _wrapped(_reasons(shown, count(shown.asked), at), at)
    if role == "edit":
        return _wrapped(_edits(shown, count(shown.asked), at), at)
    if role == "paraphrase":
        return paraphrase(shown.prompt, at)
    return pick(UNHELPFUL, "unhelpful", *at)
