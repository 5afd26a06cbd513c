"""Predictions: a number that a reader says before it is measured. It cannot fail, only be no number."""

from __future__ import annotations

from lab.api.values import MeasuredScore
from lab.learn.checked import Finding, not_yet, right
from lab.views.numbers import percent

__all__ = ["share"]


def share(guess: object, score: MeasuredScore | None, lesson: str) -> Finding:
    """Compare a guessed share with a measured score; `lesson` is what a guess that is far off teaches."""
    wanted = "A share is a number from 0 to 1, such as 0.5 for half of the examples."
    if isinstance(guess, bool) or not isinstance(guess, int | float):
        return not_yet(f"{guess!r} is not a number.", wanted)
    if not 0 <= guess <= 1:
        return not_yet(f"{guess:g} is not a share; {guess:g} percent is {guess / 100:g}.", wanted)
    if score is None:
        return not_yet("Nothing was measured to compare with.", "Run the cell that measures, above the check.")
    low, high = score.interval or (score, score)
    said = f"You said {percent(float(guess))}, it is {score.words}."
    if low <= guess <= high:
        return right(f"{said} Your guess lies within the interval.")
    return right(f"{said} {lesson}")
