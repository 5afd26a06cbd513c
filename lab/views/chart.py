"""Dev score against answers of the target model, known ones too: what the answers bought."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lab.core.history import path
from lab.i18n import gettext
from lab.session.sealed import TEST
from lab.session.state import State
from lab.store import TRANSFER, TRIAL, VARIANTS, Measure
from lab.tasks.statistics import interval
from lab.views.numbers import between
from lab.views.spending import target_answers

INK = "#7a8699"  # readable on light and dark
_MANY = 200  # points
LOOKED = "looked"  # the parameter of the drawing that holds the node that is looked at; a face may set it
_LINES = ["#5b7cfa", "#c2571a", "#2a9d6f", "#a855b5", "#b8860b", "#d1477a"]


def chart(state: State) -> dict[str, Any] | None:
    """Make the Vega-Lite drawing, or None while nothing was measured."""
    points = list(history(state))
    if len(points) > _MANY:
        points = list(history(state, brief=True))
    if not points or state.baseline is None:
        return None
    # Four whole ticks at least, and what was measured last is not on the edge.
    most = max(4.0, 1.04 * max(point["answers"] for point in points))
    shown = [point[name] for point in points for name in ("score", "low", "high") if name in point]
    scale = {"domain": _domain(shown), "zero": False}
    legend = {"orient": "top", "title": None} if len({branch.name for branch in state.branches}) > 1 else None
    x = {**_number("answers", gettext("target answers")), "axis": _ANSWERS, "scale": {"domain": [0, most]}}
    color = {"field": "branch", "type": "nominal", "scale": {"range": _LINES}, "legend": legend}
    tips = _tips()

    def y(field: str) -> dict[str, Any]:
        return {**_number(field, gettext("dev score")), "scale": scale, "axis": {"format": "%", "tickCount": 5}}

    start = {
        "data": {"values": [{"score": state.baseline.score}]},
        "mark": {"type": "rule", "color": INK, "strokeDash": [4, 4]},
        "encoding": {
            "y": {"field": "score", "type": "quantitative", "scale": scale},
            "tooltip": _number("score", gettext("start prompt"), format=".1%"),
        },
    }
    bars = {
        "transform": [{"filter": "isValid(datum.low)"}],
        "mark": {"type": "rule", "strokeWidth": 1.5, "opacity": 0.45},
        "encoding": {"x": x, "y": y("low"), "y2": {"field": "high"}, "color": color, "tooltip": tips},
    }
    line = {
        "transform": [{"filter": "datum.top"}],
        "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2.5},
        "encoding": {"x": x, "y": y("best"), "color": color, "detail": {"field": "id", "type": "nominal"}},
    }
    beam = {
        "mark": {"type": "circle", "size": 55, "opacity": 0.8},
        "encoding": {"x": x, "y": y("score"), "color": color, "tooltip": tips},
    }
    looked = {
        "transform": [{"filter": f"datum.node === {LOOKED}"}],
        "mark": {"type": "point", "size": 160, "strokeWidth": 2, "filled": False, "aria": False},
        "encoding": {"x": x, "y": y("score"), "color": {"value": INK}},
    }
    return {
        "data": {"values": points}, "layer": [start, bars, line, looked, beam], "config": _COLORS,
        "params": [{"name": LOOKED, "value": ""}],
        "width": "container", "height": 220, "background": "transparent",
    }  # fmt: skip


def _number(field: str, title: str, **more: str) -> dict[str, Any]:
    return {"field": field, "type": "quantitative", "title": title, **more}


def _word(field: str, title: str) -> dict[str, Any]:
    return {"field": field, "type": "nominal", "title": title}


def _tips() -> list[dict[str, Any]]:
    """Return what is told of a point under the pointer."""
    return [
        _word("branch", gettext("branch")),
        _number("round", gettext("rounds done")),
        _number("answers", gettext("target answers"), format=","),
        _number("score", gettext("dev score"), format=".1%"),
        _word("likely", gettext("interval")),
        _number("words", gettext("words")),
        _number("best", gettext("best so far"), format=".1%"),
        _word("prompt", gettext("prompt")),
    ]


_ANSWERS = {"format": ",d", "tickCount": 4}
_COLORS = {
    "view": {"stroke": None},
    "axis": {
        "labelColor": INK, "titleColor": INK, "gridColor": INK, "gridOpacity": 0.2, "domainColor": INK,
        "tickColor": INK,
    },
    "legend": {"labelColor": INK, "titleColor": INK},
}  # fmt: skip


def history(state: State, brief: bool = False) -> Iterator[dict[str, Any]]:
    """Return the measured prompts that each branch held, whenever a round began or one of them was new.

    The best of them has the interval of its score, where there is one; bars at all of them would hide each other.
    A `brief` one has a prompt where it was new, and else the best alone.
    """
    answers = target_answers(state.spends)
    for branch in state.branches:
        if branch.node not in state.nodes:  # moved by another process while the book was read
            continue
        before, best, last, seen, likely = 0, 0.0, -1, set[str](), dict[str, dict[str, Any]]()
        for id in path(state.nodes, branch.node):
            node, here = state.nodes[id], answers.get(id, {})
            known = [state.measured[text] for text in node.prompts if text in state.measured]
            fresh = [one for one in known if one.prompt not in seen]
            if fresh or (known and node.phase.round > last):
                last = node.phase.round
                seen.update(one.prompt for one in fresh)
                spent = before + here.get("measure", 0)
                best = max(best, *(one.score for one in known))
                top = max(known, key=lambda one: one.score)
                if top.prompt not in likely:
                    likely[top.prompt] = _interval(state, top)
                for one in (one for one in known if not brief or one is top or one in fresh):
                    yield {
                        "id": branch.id, "node": id, "branch": branch.name, "round": last, "answers": spent,
                        "score": one.score,
                        "best": best, "top": one is top, "prompt": _short(one.prompt),
                        "words": len(one.prompt.split()), "likely": "",
                        **(likely[one.prompt] if one is top else {}),
                    }  # fmt: skip
            # What prompts cost on other models, on the test split or in other wordings bought nothing here.
            before += sum(n for what, n in here.items() if what not in (TRANSFER, TEST, TRIAL, VARIANTS))


def _interval(state: State, one: Measure) -> dict[str, Any]:
    span = interval(state.context.task, state.context.task.dev, one.hits)
    return {"low": span[0], "high": span[1], "likely": f"{between(*span)} %"} if span else {}


def _domain(scores: list[float]) -> list[float]:
    """Return the part of the scale to show: a little more than the scores take."""
    return [max(0.0, min(scores) - 0.05), min(1.0, max(scores) + 0.05)]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:79] + "…"
