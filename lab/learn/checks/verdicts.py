"""What a reader reads out of a comparison."""

from __future__ import annotations

from lab.api.compare import Comparison
from lab.learn.checked import Finding, not_yet, right
from lab.views.evidence import comparison

__all__ = ["verdict"]


def verdict(said: object, compared: Comparison) -> Finding:
    """Say whether a reader read a comparison of two prompts as its interval has it."""
    words = ("better", "worse", "cannot tell")
    told = str(said).strip().lower()
    if told not in words:
        return not_yet(f"{said!r} is not one of the three.", 'Choose "better", "worse" or "cannot tell".')
    found = compared.rows[-1].paired
    known = "cannot tell" if found is None or found.outcome not in words else found.outcome
    why = "They are the same prompt." if found is None else comparison(found)
    if told == known:
        return right(why)
    if known == "cannot tell":
        return not_yet("The brackets hold 0.", "What may be said of a change that may be above 0 as well as below?")
    return not_yet("The brackets do not hold 0.", "On which side of 0 do both of their ends lie?")
