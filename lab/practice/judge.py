"""Answering as judge: it compares an answer with the reference by its words and says so; it reads no rubric."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lab.practice.chance import unit
from lab.practice.kind import LONGEST_TEXT

__all__ = ["Grading", "grading_of", "verdict"]

ENOUGH = 0.5  # of the words shared: the answer passes
_UNREADABLE = 0.02  # of its replies have no verdict, as those of small models
_PART = r"<{0} (?P<mark>[0-9a-f]{{8}})>\n(?P<{0}>.*?)\n</{0} (?P=mark)>"
_PARTS = {name: re.compile(_PART.format(name), re.DOTALL) for name in ("reference", "answer")}
_POINTS = re.compile(r"`Verdict: N`, where N is a whole number from 1 .{1,80}? to (\d{1,2}) ")
_WORDS = re.compile(r"\w+")


@dataclass(frozen=True)
class Grading:
    """What a judge is asked: references and an answer, and the most points, 0 for pass or fail."""

    references: tuple[str, ...]
    answer: str
    most: int = 0


def grading_of(messages: Sequence[Mapping[str, str]]) -> Grading | None:
    """Return what messages ask a judge; None where they ask none."""
    told = next((one["content"] for one in messages if one["role"] in ("system", "developer")), "")
    asked = next((one["content"] for one in reversed(messages) if one["role"] == "user"), "")
    if "Verdict: " not in told:
        return None
    found = {name: pattern.search(asked) for name, pattern in _PARTS.items()}
    reference, answer = found["reference"], found["answer"]
    if reference is None or answer is None:
        return None
    most = _POINTS.search(told)
    references = tuple(reference["reference"][:LONGEST_TEXT].split("\nor: "))
    return Grading(references, answer["answer"][:LONGEST_TEXT], int(most[1]) if most else 0)


def verdict(grading: Grading) -> str:
    """Grade an answer by the words that it shares with the reference, the best of several (F1)."""
    given = _words(grading.answer)
    share = max(_f1(_words(one), given) for one in grading.references)
    why = f"Simulated judge: it compares words and does not read the rubric. Shared words (F1): {share:.2f}."
    if unit("verdict", grading.answer, *grading.references) < _UNREADABLE:
        return f"{why}\nIt is hard to say."
    if grading.most:
        return f"{why}\nVerdict: {1 + round(share * (grading.most - 1))}"
    return f"{why}\nVerdict: {'PASS' if share >= ENOUGH else 'FAIL'}"


def _words(text: str) -> Counter[str]:
    return Counter(_WORDS.findall(text.casefold()))


def _f1(expected: Counter[str], given: Counter[str]) -> float:
    n = expected.total() + given.total()
    return 2 * (expected & given).total() / n if n else 1.0
