"""Any few labels that an instruction lists, of a task that there are no rules for: chosen by the signs it names.

The model knows nothing of such a task. It takes the label whose signs, words that the instruction names for it, the
text has most of; where none is there, or none is named, it takes the label that is named for all other texts, else
it guesses, by the text alone.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from lab.i18n import gettext_lazy
from lab.practice.chance import pick
from lab.practice.kind import FORMAT, Kind, Rows, Skill, any_of
from lab.practice.kinds.one_label import another, format_skill

__all__ = [
    "MOST_LABELS",
    "expected_in",
    "explicitly_listed",
    "list_rule",
    "listed",
    "listed_to_answer",
    "own_labels",
    "same_label",
    "unlisted",
]

MOST_LABELS = 20
_LONGEST_LABEL = 60
_MOST_SIGNS = 3
_LONGEST_LIST = 600
_LONGEST_ITEM = 4  # words, of a list without quotes
_QUOTED = re.compile(
    r"“([^“”\n]{1,60})”|\"([^\"\n]{1,60})\"|(?<!\w)'([^'\n]{1,60})'(?!\w)|‘([^‘’\n]{1,60})’"
    r"|`([^`\n]{1,60})`|(?<!\w)\*{1,2}([^*\n]{1,60})\*{1,2}(?!\w)"
)
_BETWEEN = re.compile(r"[\s,/|]*(?:(?:or|and)\b[\s,]*)?")
_NOT_REFUSED = r"(?<!not )(?<!n't )(?<!never )"
_ASKS = (
    rf"{_NOT_REFUSED}\b(?:answer|reply|respond|return|output|write|print|give|choose|pick|name|say|label|classify|use)s?"
    r"(?: (?:with|only|either|exactly|just|by|as|from|between|the|it|a|an|text|input|label|word)){0,5}:?"
)
_ASKS_BARE = (
    rf"{_NOT_REFUSED}\b(?:(?:answer|reply|respond)s?|(?:return|output|write|print|give|choose|pick|say|use)s?"
    r"(?= (?:only|either|exactly|just|from|between)\b))(?: (?:with|only|either|exactly|just|from|between)){0,3}:?"
)
_ONE_OF = r"\bone of(?: (?:these|the|following|labels?|words?|answers?|options?|classes|categories)){0,4}:?"
_EXPECTED = (
    r"\b(?:expected|right|correct|allowed|possible|true|valid)(?: (?:answers?|labels?|outputs?|ones|words?)){0,2}"
    r"(?: (?:is|are|must be|should be)| were)?:?|\b(?:must|should) be(?: either)?:?"
)
_ALTERNATIVES = re.compile(
    r"\b(?:is|are) (?P<is>[^.!?\n]{1,80}? or \w+)\?|\b(?:whether|if) (?P<whether>[^.!?\n]{1,80}? or \w+)[.?!\n]",
    re.I,
)
_BARE_END = re.compile(r"[.!?;:\n]|,? (?:and|with) (?:nothing|no)\b|,? without\b|,? only\b|,? alone\b")
_ONE_WORD = re.compile(r"(?:exactly )?(?:one|a single) (?:[\w-]+ )?(?:word|label)", re.I)
_NO_ITEM = re.compile(r"\b(?:or|and)\b|\b(?:not|never|no) ", re.I)
_OPTION = re.compile(r"\(?[A-Za-z0-9]\)?")
_ELSE = re.compile(
    r"\botherwise\b|\belse\b|\bin doubt\b|\bevery other\b|\ball others?\b|\bany other\b|\bby default\b"
)
_SIGNS = any_of(r"[\"“'‘`*].{0,200}\b(?:answer|label|is|are|means?|counts?|goes|reply)\b|=|->|→")
_TOKEN = re.compile(r"[^\W\d_]{2,}")
# Words that are in any text: they are no signs of what it is about.
_COMMON = re.compile(
    r"the|and|for|that|this|with|are|was|were|has|have|had|not|but|you|your|from|they|them|their|his|her|its|who"
    r"|what|which|when|where|how|will|would|can|could|should|may|all|any|one|two|there|here|into|out|about|over"
    r"|under|than|then|also|been|being|did|does|do|an|as|at|be|by|he|if|in|is|it|me|my|no|of|on|or|so|to|up|us|we"
    r"|am|she|him|our"
)


def _quoted_list(text: str) -> tuple[str, ...]:
    """Return the quoted items at the front of a text, as far as only commas and "or" stand between."""
    items, at = list[str](), 0
    while len(items) <= MOST_LABELS:
        gap = _BETWEEN.match(text, at)
        start = gap.end() if gap else at
        found = _QUOTED.match(text, start)
        if found is None:
            break
        items.append(next(filter(None, found.groups())).strip())
        at = found.end()
    return tuple(items)


def _bare_list(text: str) -> tuple[str, ...]:
    """Return the items of "a, b or c" at the front of a text; none where no "or" joins the last two."""
    end = _BARE_END.search(text)
    body = text[: end.start()] if end else text
    head, joined, last = body.rpartition(" or ")
    if not joined:
        return ()
    items = [item for part in (*head.split(","), last) if not _ONE_WORD.fullmatch(item := part.strip())]
    fit = all(item and len(item.split()) <= _LONGEST_ITEM and not _NO_ITEM.search(item) for item in items)
    return tuple(items) if fit else ()


def _lists(pattern: str, text: str, *, bare: bool) -> tuple[str, ...]:
    for found in re.finditer(pattern, text, re.I):
        tail = text[found.end() : found.end() + _LONGEST_LIST].lstrip(" :")
        items = _quoted_list(tail) or (_bare_list(tail) if bare else ())
        items = tuple(dict.fromkeys(items))
        if 2 <= len(items) <= MOST_LABELS:
            return items
    return ()


def _asked_between(instruction: str) -> tuple[str, ...]:
    """Return the single words between which a question leaves the choice: spam and ham of "Is it spam or ham?"."""
    found = _ALTERNATIVES.search(instruction)
    items = _bare_list(found["is"] or found["whether"]) if found else ()
    single = all(len(item.split()) == 1 for item in items[1:])
    return (items[0].split()[-1], *items[1:]) if items and single else ()


def listed(instruction: str) -> tuple[str, ...]:
    """Return the labels that an instruction lists to choose from."""
    found = _lists(_ONE_OF, instruction, bare=True) or listed_to_answer(instruction)
    return found or _asked_between(instruction)


def listed_to_answer(instruction: str) -> tuple[str, ...]:
    """Return the labels of which an instruction says that they are to be answered with."""
    return (
        explicitly_listed(instruction)
        or _lists(_ASKS, instruction, bare=False)
        or _lists(_ASKS_BARE, instruction, bare=True)
    )


def explicitly_listed(instruction: str) -> tuple[str, ...]:
    """Return the labels that an instruction lists where it can be nothing else: “one of”, and quotes."""
    return _lists(_ONE_OF, instruction, bare=False)


def expected_in(critique: str) -> tuple[str, ...]:
    """Return the labels of which a critique says that they are the expected ones."""
    return _lists(_EXPECTED, critique, bare=True) or _lists(_ONE_OF, critique, bare=True)


def list_rule(labels: tuple[str, ...]) -> str:
    """Write the sentence of an instruction that lists the labels."""
    return f"Answer with one of these: {', '.join(f'“{label}”' for label in labels)}."


def _bare(text: str) -> str:
    return text.strip(" .!\"'“”*`").casefold()


def same_label(given: str, label: str) -> bool:
    """Return whether an answer is a label, but for case, quotes and a full stop."""
    return _bare(given) == _bare(label)


def _named(label: str, low: str) -> bool:
    word = label.casefold()
    # Most are not in there: no pattern is compiled for each of the thousands that an instruction may name.
    return word in low and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", low) is not None


def unlisted(prompt: str, labels: tuple[str, ...]) -> bool:
    """Return whether a prompt leaves out some of the labels."""
    low = prompt.casefold()
    return not all(_named(label, low) for label in labels)


def _signs(sentence: str, labels: tuple[str, ...]) -> tuple[tuple[str, ...], str] | None:
    """Return the quoted words of a sentence and the one label that it names for them; None where it does not."""
    quoted = [next(filter(None, found.groups())).strip() for found in _QUOTED.finditer(sentence)]
    words = [text for text in quoted if not any(same_label(text, label) for label in labels)]
    without = _QUOTED.sub(
        lambda found: " " if next(filter(None, found.groups())).strip() in words else found[0], sentence
    )
    named = [label for label in labels if _named(label, without.casefold())]
    return (tuple(words), named[0]) if words and len(named) == 1 else None


def _sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.!?;])[\"'”’)]*+\s+|\n+", text) if part.strip()]


@lru_cache(64)
def _rules_in(instruction: str, labels: tuple[str, ...]) -> tuple[tuple[tuple[str, str], ...], str]:
    """Return (word, label) for each sign that an instruction names, and the label for all other texts, or ""."""
    signs, other = list[tuple[str, str]](), ""
    for part in _sentences(instruction):
        if found := _signs(part, labels):
            signs += [(word.casefold(), found[1]) for word in found[0]]
        elif _ELSE.search(part.casefold()):
            named = [label for label in labels if _named(label, part.casefold())]
            other = named[0] if len(named) == 1 else other
    return tuple(signs), other


def _choose(text: str, on: frozenset[str], instruction: str, labels: tuple[str, ...]) -> str:
    signs, other = _rules_in(instruction, labels)
    low = text.casefold()
    counts = Counter(label for word, label in signs if "signs" in on and _named(word, low))
    most = max(counts.values(), default=0)
    if most:
        return next(label for label in labels if counts[label] == most)
    there = [label for label in labels if _OPTION.fullmatch(label) and label in text]
    return other or pick(there or labels, "guess", text)


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in _TOKEN.findall(text.casefold()) if not _COMMON.fullmatch(word))


def _sign_cause(words: tuple[str, ...], label: str) -> str:
    told = ", ".join(f"“{word}”" for word in words)
    return f"The instructions do not say that texts with {told} are “{label}”."


def _sign_rule(words: tuple[str, ...], label: str) -> str:
    told = " or ".join(f"“{word}”" for word in words)
    return f"Where a text has {told}, answer with “{label}”."


def _learn(rows: Rows, labels: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Find words that go with one label only in the rows; each as a cause and a rule, the clearest first."""
    seen: dict[str, Counter[str]] = {label: Counter() for label in labels}
    for text, answer in rows:
        label = next((one for one in labels if same_label(answer, one)), None)
        if label is not None:
            seen[label].update(_words(text))
    found = list[tuple[int, str, tuple[str, ...]]]()
    for label, counts in seen.items():
        others = frozenset[str]().union(*(set(seen[other]) for other in labels if other != label))
        own = sorted((word for word in counts if word not in others), key=lambda w: (-counts[w], -len(w), w))
        if own:
            found.append((counts[own[0]], label, tuple(own[:_MOST_SIGNS])))
    found.sort(key=lambda one: (-one[0], one[1]))
    return tuple((_sign_cause(words, label), _sign_rule(words, label)) for _, label, words in found)


def _learned_rules(critique: str, labels: tuple[str, ...]) -> tuple[str, ...]:
    """Return the signs that a critique names, as rules."""
    found = (_signs(part, labels) for part in _sentences(critique))
    return tuple(_sign_rule(*signs) for signs in found if signs)


def _put(answer: str, on: frozenset[str], chance: float) -> str:
    dressed = (answer, f"{answer}.", f"**{answer}**")
    return answer if FORMAT in on else dressed[int(chance * len(dressed))]


def _slip(answer: str, labels: tuple[str, ...], chance: float) -> str:
    return another(labels, answer, chance)


@lru_cache(64)
def own_labels(labels: tuple[str, ...]) -> Kind:
    """Make the kind of task whose answers are these labels, of which nothing else is known."""
    these = ", ".join(f"“{label}”" for label in labels)
    signs = Skill(
        "signs", gettext_lazy("goes by the words that are named for each label"), _SIGNS, (), (), sense=0.0
    )
    return Kind(
        name="own labels",
        thing="text",
        skills=(signs, format_skill(tuple(label.casefold() for label in labels))),
        labels=labels,
        words=tuple((rf"(?<!\w){re.escape(label.casefold())}(?!\w)", 2) for label in labels),
        openings=(
            list_rule(labels),
            f"Choose one of these: {these}.",
            f"Label the text as one of these: {these}.",
        ),
        chatter=(
            "The {thing} seems to be {answer}.", "I would say that this is {answer}, on the whole.",
            "{answer} - that is my impression.", "Sure! The answer is: {answer}.", "Label: **{answer}**",
        ),
        explained=(
            "{answer}. The words of the {thing} point that way, above all at its beginning.",
            "Step by step: first the wording, then the meaning. My conclusion is {answer}.",
        ),
        evidence=lambda text: 0,
        solve=lambda text, on, instruction: _choose(text, on, instruction, labels),
        needs=lambda text, answer: frozenset(),
        slip=lambda answer, text, chance: _slip(answer, labels, chance),
        word=lambda answer, instruction, on, chance: _put(answer, on, chance),
        shows=lambda text, answer: any(same_label(answer, label) for label in labels),
        learn=lambda rows: _learn(rows, labels),
        hear=lambda critique: _learned_rules(critique, labels),
    )  # fmt: skip
