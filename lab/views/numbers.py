"""How numbers read to a person: the only place where one is formatted."""

from __future__ import annotations

from lab.core.asks import By
from lab.i18n import gettext, gettext_lazy, ngettext

NOT_MEASURED = gettext_lazy("not measured yet")


def percent(score: float | None) -> str:
    """Write a score in [0, 1] as percent; None is said in words."""
    return str(NOT_MEASURED) if score is None else f"{_short(100 * score)} %"


def known_percent(score: float | None) -> str:
    """Write an estimate in [0, 1] as percent, or that there is none."""
    return gettext("not measured") if score is None else percent(score)


def mean(score: float | None, by: By = "answers") -> str:
    """Write what was measured of a prompt: as percent by answers, in nats by likelihood; or that nothing was."""
    return (
        known_percent(score)
        if score is None or by == "answers"
        else gettext("log P {nats} a token", nats=nats(score))
    )


def nats(value: float) -> str:
    """Write a log-probability, with a true minus sign."""
    return f"{value:.2f}".replace("-", "−").replace("−0.00", "0.00")


def coefficient(value: float) -> str:
    """Return a coefficient from -1 to 1, such as kappa."""
    return nats(value)


def points(before: float, after: float) -> str:
    """Write the difference of two scores in percentage points, with its sign."""
    change = round(100 * after, 1) - round(100 * before, 1)
    if abs(change) < 0.05:
        return gettext("no change")
    return gettext("{change} points", change=f"{'+' if change > 0 else '−'}{_short(abs(change))}")


def whole_points(change: float) -> str:
    """Write a change of a score in whole percentage points, without a sign."""
    return ngettext("{n} point", "{n} points", round(100 * abs(change)))


def between(low: float, high: float) -> str:
    """Write two shares, or two changes of one, in whole percentage points: 70 to 93."""
    ends = (f"{round(100 * value):,}".replace("-", "−") for value in (low, high))
    return gettext("{low} to {high}", **dict(zip(("low", "high"), ends, strict=True)))


def within(value: str, span: tuple[float, float] | None) -> str:
    """Write a value with the interval that it may lie in, where that is known: 84 % (70 to 93)."""
    return gettext("{value} ({interval})", value=value, interval=between(*span)) if span else value


def dollars(usd: float | None) -> str:
    """Write a sum of money; None is said in words, and a sum that is not 0 is never shown as 0."""
    if not usd:
        return gettext("price unknown") if usd is None else "$0"
    return f"${usd:,.2f}" if usd >= 0.1 else f"${usd:.2g}" if usd >= 0.0001 else gettext("under $0.0001")


def seconds(value: float) -> str:
    """Write a short time; one that is not 0 is never shown as 0."""
    return gettext("{t} s", t=f"{value:.2f}") if value >= 0.005 or not value else gettext("under 0.01 s")


def duration(value_s: float) -> str:
    """Write about how long something takes, in whole seconds, minutes or hours."""
    if value_s < 90:
        return gettext("{t} s", t=max(1, round(value_s)))
    if value_s < 5400:
        return gettext("{t} min", t=round(value_s / 60))
    return gettext("{t} h", t=f"{value_s / 3600:.1f}")


def typed(value: float | None) -> str:
    """Write a number as it stands in a field to type in; None leaves that empty."""
    return "" if value is None else f"{value:.12g}"


def count(n: int) -> str:
    """Write a whole number with its thousands apart."""
    return f"{n:,}"


def roughly(n: int) -> str:
    """Write a whole number of which only the first two digits are meant."""
    return count(round(n, 2 - len(str(n))))


def counted(n: int, one: str, many: str = "") -> str:
    """Write a number with its noun, in English: for Python and the command line. A view says `ngettext`."""
    return f"{count(n)} {one if n == 1 else many or one + 's'}"


def coordinate(value: float) -> str:
    """Write a length in a drawing or style sheet."""
    return f"{value:.1f}".removesuffix(".0")


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
