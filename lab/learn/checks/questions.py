"""The questions that end each lesson."""

from __future__ import annotations

from collections.abc import Sequence

from lab.learn.checked import Finding, not_yet, open_, right
from lab.learn.lesson import Question

__all__ = ["answered"]


def answered(questions: Sequence[Question], given: object) -> Finding:
    """Say which answers are right, and where to look for the others; which letter it is is not said."""
    if not isinstance(given, dict):
        return not_yet("The answers are a dict of letters.", 'Such as my_answers = {1: "a", 2: "b"}.')
    letters = {n: str(given.get(n, "")).strip().lower() for n in range(1, len(questions) + 1)}
    missing = [n for n, letter in letters.items() if not letter]
    if len(missing) == len(letters):
        return open_("No question is answered yet.")
    wrong = [n for n, one in enumerate(questions, 1) if letters[n] and letters[n] != one.answer]
    n_right = len(letters) - len(missing) - len(wrong)
    if not missing and not wrong:
        return right(f"All {len(letters)} answers are right. Why they are stands folded below.")
    look = " ".join(f"{n}: {questions[n - 1].look}" for n in wrong)
    unanswered = f" Not answered yet: {', '.join(map(str, missing))}." if missing else ""
    said = f"{n_right} of {len(letters)} are right.{unanswered}"
    return not_yet(said, look or "The questions above that have no letter yet.")
