"""Dev score against target calls: what the work bought."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lab.core.history import path
from lab.session.state import State
from lab.store import TRANSFER, Measure
from lab.tasks.statistics import interval
from lab.views.numbers import between
from lab.views.spending import target_calls

INK = "#7a8699"  # readable on light and dark
_LINES = ["#5b7cfa", "#c2571a", "#2a9d6f", "#a855b5", "#b8860b", "#d1477a"]


def chart(state: State) -> dict[str, Any] | None:
    """Make the Vega-Lite drawing, or None while nothing was measured."""
    points = list(history(state))
    if not points or state.baseline is None:
        return None
    import altair as alt

    most = max(1.0, 1.04 * max(point["calls"] for point in points))  # what was measured last is not on the edge
    calls = alt.Axis(format=",d", tickCount=4, tickMinStep=1)
    x = alt.X("calls:Q", title="target calls spent", axis=calls, scale=alt.Scale(domain=[0, most]))
    shown = [point[name] for point in points for name in ("score", "low", "high") if name in point]
    domain = alt.Scale(domain=_around(shown), zero=False)
    y = alt.Y("score:Q", title="dev score", scale=domain, axis=alt.Axis(format="%", tickCount=5))
    names = [branch.name for branch in state.branches]
    legend = alt.Legend(orient="top", title=None) if len(set(names)) > 1 else None
    color = alt.Color("branch:N", scale=alt.Scale(range=_LINES), legend=legend)
    tips = [
        alt.Tooltip("branch:N", title="branch"),
        alt.Tooltip("round:Q", title="rounds done"),
        alt.Tooltip("calls:Q", title="target calls", format=","),
        alt.Tooltip("score:Q", title="dev score", format=".1%"),
        alt.Tooltip("likely:N", title="interval"),
        alt.Tooltip("best:Q", title="best so far", format=".1%"),
        alt.Tooltip("prompt:N", title="prompt"),
    ]
    base = alt.Chart(alt.InlineData(values=points))
    beam = base.mark_circle(size=55, opacity=0.8).encode(x=x, y=y, color=color, tooltip=tips)
    bars = base.transform_filter("isValid(datum.low)").mark_rule(strokeWidth=1.5, opacity=0.45).encode(
        x=x, y=alt.Y("low:Q", title="dev score", scale=domain), y2="high:Q", color=color, tooltip=tips
    )  # fmt: skip
    line = base.transform_filter("datum.top").mark_line(interpolate="step-after", strokeWidth=2.5).encode(
        x=x, y=alt.Y("best:Q", title="dev score", scale=domain), color=color, detail="id:N"
    )  # fmt: skip
    start = alt.Chart(alt.InlineData(values=[{"score": state.baseline.score}]))
    tip = alt.Tooltip("score:Q", title="start prompt", format=".1%")
    rule = start.mark_rule(color=INK, strokeDash=[4, 4]).encode(y=alt.Y("score:Q", scale=domain), tooltip=tip)
    drawn = (rule + bars + line + beam).properties(width="container", height=220, background="transparent")
    spec: dict[str, Any] = drawn.configure_view(stroke=None).configure_axis(
        labelColor=INK, titleColor=INK, gridColor=INK, gridOpacity=0.2, domainColor=INK, tickColor=INK
    ).configure_legend(labelColor=INK, titleColor=INK).to_dict()  # fmt: skip
    return spec


def history(state: State) -> Iterator[dict[str, Any]]:
    """Return the measured prompts that each branch held, whenever a round began or one of them was new.

    The best of them has the interval of its score, where there is one; bars at all of them would hide each other.
    """
    calls = target_calls(state.spends)
    for branch in state.branches:
        if branch.node not in state.nodes:  # moved by another process while the book was read
            continue
        before, best, last, seen = 0, 0.0, -1, set[str]()
        for id in path(state.nodes, branch.node):
            node, here = state.nodes[id], calls.get(id, {})
            known = [state.measured[text] for text in node.phase.prompts if text in state.measured]
            fresh = [one for one in known if one.prompt not in seen]
            if fresh or (known and node.phase.round > last):
                last = node.phase.round
                seen.update(one.prompt for one in fresh)
                spent = before + here.get("measure", 0)
                best = max(best, *(one.score for one in known))
                top = max(known, key=lambda one: one.score)
                for one in known:
                    yield {
                        "id": branch.id, "branch": branch.name, "round": last, "calls": spent, "score": one.score,
                        "best": best, "top": one is top, "prompt": _short(one.prompt), "likely": "",
                        **(_likely(state, one) if one is top else {}),
                    }  # fmt: skip
            # What prompts cost on other models bought nothing here.
            before += sum(n for what, n in here.items() if what != TRANSFER)


def _likely(state: State, one: Measure) -> dict[str, Any]:
    span = interval(state.context.task, state.context.task.dev, one.hits)
    return {"low": span[0], "high": span[1], "likely": f"{between(*span)} %"} if span else {}


def _around(scores: list[float]) -> list[float]:
    """Return the part of the scale to show: a little more than the scores take."""
    return [max(0.0, min(scores) - 0.05), min(1.0, max(scores) + 0.05)]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:79] + "…"
