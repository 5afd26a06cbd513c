"""The number of an item, as a reader gives it."""

from __future__ import annotations

from lab.learn.checked import Finding, not_yet

__all__ = ["place"]


def place(guess: object, n: int, what: str) -> Finding | None:
    """Return what is wrong with the number of an item, counted from 0; None where nothing is."""
    if isinstance(guess, bool) or not isinstance(guess, int):
        return not_yet(f"{guess!r} is not the number of {what}.", "A whole number, counted from 0.")
    if not 0 <= guess < n:
        return not_yet(f"There is no number {guess}.", f"They are counted from 0 to {n - 1}.")
    return None
