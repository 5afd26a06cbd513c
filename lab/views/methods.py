"""The optimizers to choose from: what each does, when to take it, and its loop as a picture."""

from __future__ import annotations

from math import cos, pi, sin

from lab.i18n import gettext
from lab.optimizers import OPTIMIZERS, Optimizer
from lab.views.markup import attributes, esc, part
from lab.views.numbers import coordinate, count

_SIZE, _RING, _DOT = 64, 24, 6.5  # of the picture, in its own units


def methods(chosen: str) -> str:
    """Draw a card for each optimizer, one of which is chosen."""
    cards = "".join(_card(kind, kind.name == chosen) for kind in OPTIMIZERS.values())
    return part("methods", cards, role="group", aria_label=gettext("Optimizer"))


def _card(kind: Optimizer, chosen: bool) -> str:
    marks = attributes(
        type="button", class_="lab-method", data_act="method", data_name=kind.name,
        aria_pressed="true" if chosen else "false", title=kind.about,
    )  # fmt: skip
    words = kind.suits or kind.about
    return f"<button{marks}>{loop(kind)}<span><b>{esc(kind.title)}</b><small>{esc(words)}</small></span></button>"


def loop(kind: Optimizer) -> str:
    """Draw the phases of an optimizer as a ring that is walked clockwise, round after round."""
    n = len(kind.phases)
    middle = _SIZE / 2
    angles = [2 * pi * i / n - pi / 2 for i in range(n)]
    places = [(middle + _RING * cos(angle), middle + _RING * sin(angle)) for angle in angles]
    dots = "".join(
        f"<g><title>{count(i)}. {esc(phase.title)}</title>"
        f'<circle cx="{coordinate(x)}" cy="{coordinate(y)}" r="{_DOT}"/>'
        f'<text x="{coordinate(x)}" y="{coordinate(y + 2.5)}">{count(i)}</text></g>'
        for i, (phase, (x, y)) in enumerate(zip(kind.phases, places, strict=True), 1)
    )
    ring = f'<circle class="lab-ring" cx="{coordinate(middle)}" cy="{coordinate(middle)}" r="{_RING}"/>'
    turn = f'<path class="lab-turn" d="M{coordinate(middle - 5)} {coordinate(middle - 3)}l8 3l-8 3z"/>'
    names = ", ".join(str(phase.title) for phase in kind.phases)
    return (
        f'<svg viewBox="0 0 {_SIZE} {_SIZE}" class="lab-loop" role="img" aria-label="{esc(names)}">'
        f"{ring}{turn}{dots}</svg>"
    )
