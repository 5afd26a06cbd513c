"""How numbers read to a person: the only place where one is formatted."""

from __future__ import annotations

NOT_MEASURED = "not measured yet"


def percent(score: float | None) -> str:
    """Writes a score in [0, 1] as percent; None is said in words."""
    return NOT_MEASURED if score is None else f"{_short(100 * score)} %"


def known_percent(score: float | None) -> str:
    """Writes an estimate in [0, 1] as percent, or that there is none."""
    return "not measured" if score is None else percent(score)


def points(before: float, after: float) -> str:
    """Writes the difference of two scores in percentage points, with its sign."""
    change = round(100 * after, 1) - round(100 * before, 1)
    if abs(change) < 0.05:
        return "no change"
    return f"{'+' if change > 0 else '−'}{_short(abs(change))} points"


def count(n: int) -> str:
    """Writes a whole number with its thousands apart."""
    return f"{n:,}"


def roughly(n: int) -> str:
    """Writes a whole number of which only the first two digits are meant."""
    return count(round(n, 2 - len(str(n))))


def counted(n: int, one: str, many: str = "") -> str:
    """Writes a number with its noun."""
    return f"{count(n)} {one if n == 1 else many or one + 's'}"


def coordinate(value: float) -> str:
    """Writes a length in a drawing or style sheet."""
    return f"{value:.1f}".removesuffix(".0")


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
