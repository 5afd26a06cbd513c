"""How much of an answer a text has: contained words, shared tokens, shared members of a set, a pattern. Pure.

Each returns a number from 0 to 1. Texts are compared as `lab.tasks.wrappings.key` writes them: case, width, quotes
and space do not count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice

import regex

from lab.core.loose_json import json_in
from lab.tasks.wrappings import after_answer, forms, key, lines

__all__ = ["choice", "contained", "f1", "matches", "members", "set_f1", "token_f1"]

_ARTICLES = regex.compile(r"\b(?:a|an|the)\b")
_LETTER = regex.compile(r"[(\[]?([A-Za-z])(?:[)\].:](?:\s.*)?)?", regex.DOTALL)
_PATTERN_S = 1.0
_LONGEST = 20_000
_MOST_MEMBERS = 10_000
_LONGEST_MEMBER = 2000
_BRACKETS = regex.compile(r"[\[({]([^\[\](){}]*)[\])}]")
_AND = regex.compile(r"\s+(?:and|or|und|et|y|&|/)\s+")
_AND_FIRST = regex.compile(r"\A\s*(?:and|or|und|et|y|&)(?:\s+|\Z)", regex.I)


def f1(right: int, expected: int, given: int) -> float:
    """Return the F1 of so many right ones; two empty sides agree."""
    return 2 * right / (expected + given) if expected + given else 1.0


def contained(answer: str, text: str) -> float:
    """Return 1 where a text holds an answer as whole words.

    Example:
        `contained("ok", "It is ok.") == 1.0` and `contained("ok", "In Oktober") == 0.0`
    """
    wanted = key(answer)
    if not wanted:
        return 0.0
    before = r"(?<!\w)" if wanted[0].isalnum() else ""
    after = r"(?!\w)" if wanted[-1].isalnum() else ""
    return float(regex.search(f"{before}{regex.escape(wanted)}{after}", key(text)) is not None)


def token_f1(answer: str, text: str) -> float:
    """Return the F1 of the words, as SQuAD has it: without articles and punctuation.

    Example:
        `token_f1("the red car", "a red bus") == 0.5`
    """
    expected, given = (Counter(regex.findall(r"\w+", _ARTICLES.sub(" ", key(one)))) for one in (answer, text))
    return f1((expected & given).total(), expected.total(), given.total())


def set_f1(answer: str, text: str) -> float:
    """Return the F1 of two sets of members, in any order.

    Example:
        `set_f1("red, blue", "Blue; green") == 0.5`
    """
    expected = members(answer)
    given = _apart(members(text), expected)
    return f1(len(expected & given), len(expected), len(given))


def members(text: str) -> frozenset[str]:
    """Return the members of a set as it is written: a list of JSON or Python, or with signs between.

    Of a heap of more than 10,000 distinct ones the first are read: no answer has so many.
    """
    value = json_in(text) if text.lstrip(" \n\t`").startswith(("{", "[", "json")) else None
    if isinstance(value, dict):
        value = next((one for one in value.values() if isinstance(one, list)), None) if len(value) == 1 else None
    if isinstance(value, list):
        return _distinct(map(str, value))
    spoken = lines(text)
    first = 1 if len(spoken) > 1 and spoken[0].rstrip("*_").endswith((":", "：")) else 0
    listed = "\n".join(spoken[first:])
    around = _BRACKETS.fullmatch(listed)
    parts = regex.split(r"[,;\n、，；]|\s\|\s", around[1] if around else listed)
    return _distinct(_AND_FIRST.sub("", part) for part in parts) if len(parts) > 1 else _distinct(parts)


def _distinct(parts: Iterable[str]) -> frozenset[str]:
    return frozenset(filter(None, map(_bare, islice(dict.fromkeys(parts), _MOST_MEMBERS))))


def _apart(given: frozenset[str], expected: frozenset[str]) -> frozenset[str]:
    """Part "cat and dog" where one of them is expected, and both as one are not."""
    found = set[str]()
    for one in given:
        parts = [one] if one in expected or len(one) > _LONGEST_MEMBER else _AND.split(one)
        found.update(parts if expected.intersection(parts) else (one,))
    return frozenset(found)


def _bare(member: str) -> str:
    *_, last = "", *forms(member)
    return key(last)


def choice(text: str) -> str | None:
    r"""Return the letter of a choice that a text gives, behind "answer:" or in its last or first line; else None.

    Example:
        `choice("(b)") == choice("B. Paris") == choice("So it is Paris.\nAnswer: B") == "B"`
    """
    spoken = lines(text)
    for line in (after_answer(text), *spoken[-1:], *spoken[:1]):
        for form in forms(line or ""):
            if (found := _LETTER.fullmatch(form)) is not None:
                return found[1].upper()
    return None


def matches(pattern: str, text: str) -> float:
    """Return 1 where a regular expression finds something in a text, in bounded time; 0 where it takes too long."""
    try:
        return float(_compiled(pattern).search(text[-_LONGEST:], timeout=_PATTERN_S, concurrent=True) is not None)
    except (TimeoutError, regex.error):
        return 0.0


@lru_cache(1024)
def _compiled(pattern: str) -> regex.Pattern[str]:
    return regex.compile(pattern[:_LONGEST], regex.V1 | regex.MULTILINE)
