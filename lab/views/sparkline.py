"""A line of scores so small that it stands in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from lab.i18n import ngettext
from lab.views.markup import attributes
from lab.views.numbers import coordinate, percent

__all__ = ["sparkline"]

_WIDE, _HIGH, _EDGE = 96, 24, 2  # pixels


def sparkline(bests: Sequence[float]) -> str:
    """Draw the best score by step, which never falls, as a line of stairs; nothing of fewer than two steps."""
    if len(bests) < 2:
        return ""
    low, high = bests[0], bests[-1]
    step, room = (_WIDE - 2 * _EDGE) / (len(bests) - 1), _HIGH - 2 * _EDGE

    def y(score: float) -> str:
        return coordinate(_EDGE + room * (high - score) / (high - low) if high > low else _HIGH / 2)

    rises = (i for i in range(1, len(bests)) if bests[i] > bests[i - 1])
    stairs = "".join(f"H{coordinate(_EDGE + i * step)}V{y(bests[i])}" for i in rises)
    told = ngettext(
        "Best score on dev by step: from {low} to {high} in {n} step",
        "Best score on dev by step: from {low} to {high} in {n} steps",
        len(bests) - 1, low=percent(low), high=percent(high),
    )  # fmt: skip
    box = attributes(
        class_="lab-spark", width=_WIDE, height=_HIGH, viewBox=f"0 0 {_WIDE} {_HIGH}", preserveAspectRatio="none",
        role="img", aria_label=told,
    )  # fmt: skip
    line = f"M{_EDGE},{y(low)}{stairs}H{_WIDE - _EDGE}"
    return f'<svg{box}><title>{told}</title><path d="{line}"/></svg>'
