"""The history as a drawing: a node for each verdict, a lane for each line of work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from lab.core.asks import Done
from lab.core.history import Node
from lab.session.state import State
from lab.views.markup import attributes, esc
from lab.views.numbers import coordinate, count, counted, percent
from lab.views.track import phase_number
from lab.views.verdicts import sentence

STEP, LANE, LEFT, TOP = 38, 68, 26, 40
_LETTER = 8  # width of a letter of a name


@dataclass(frozen=True)
class Dot:
    """A node where it is drawn; `n` nodes in a row may share one dot."""

    id: str
    parent: str | None
    column: int
    lane: int
    n: int = 1

    @property
    def x(self) -> float:
        return LEFT + self.column * STEP

    @property
    def y(self) -> float:
        return TOP + self.lane * LANE


def tree(state: State) -> str:
    """Draw the history as SVG in a box of its own; every dot can be gone to."""
    dots = layout(state)
    places = {dot.id: dot for dot in dots}
    width = max(dot.x + max(90, _LETTER * len(_named(state, dot))) for dot in dots)
    height = max(dot.y for dot in dots) + 46
    lines = "".join(_line(places[dot.parent], dot, state) for dot in dots if dot.parent is not None)
    ends, names = _ends(state), _names(state, dots)
    drawn = "".join(_dot(state, dot, ends, names.get(dot.id, "")) for dot in dots)
    size = attributes(
        viewBox=f"0 0 {coordinate(width)} {coordinate(height)}", width=coordinate(width), height=coordinate(height),
        role="group", aria_label="History of this work",
    )  # fmt: skip
    return (
        '<div class="lab-row"><h3>History</h3></div>'
        f'<div class="lab-scroll lab-tree-box" data-seek="{esc(state.branch.node)}">'
        f"<svg{size}>{lines}{drawn}</svg></div>"
        '<p class="lab-muted lab-legend">Click a dot to go back there. Numbers are the steps above; '
        "percentages are dev scores at the start of a round; ✎ you changed something; ✕ you rejected.</p>"
    )


def layout(state: State) -> tuple[Dot, ...]:
    """Return each node its column and lane; bandit pulls that passed by themselves share one dot."""
    nodes = state.nodes
    children: dict[str | None, list[str]] = defaultdict(list)
    for id, node in nodes.items():
        children[node.parent].append(id)
    heads = {branch.node for branch in state.branches}
    dots: list[Dot] = []
    lanes = 0
    # (node, dot above, column, lane); a stack, because a history may be deeper than recursion goes
    waiting: list[tuple[str, str | None, int]] = [(id, None, 0) for id in reversed(children[None])]
    while waiting:
        id, above, column = waiting.pop()
        lane = lanes if above is None or not _first(nodes, children, id) else _lane(dots, above)
        lanes = max(lanes, lane + 1)
        run = _run(nodes, children, heads, id)
        dots.append(Dot(run[-1], above, column, lane, len(run)))
        later = children[run[-1]]
        waiting += [(child, run[-1], column + 1) for child in reversed(later)]
    return tuple(dots)


def _first(nodes: Mapping[str, Node], children: Mapping[str | None, list[str]], id: str) -> bool:
    return children[nodes[id].parent][0] == id


def _lane(dots: list[Dot], id: str) -> int:
    return next(dot.lane for dot in reversed(dots) if dot.id == id)


def _run(
    nodes: Mapping[str, Node], children: Mapping[str | None, list[str]], heads: set[str], id: str
) -> list[str]:
    """Follow a node along equal phases of one round that were accepted by themselves."""
    run = [id]
    while run[-1] not in heads and len(children[run[-1]]) == 1:
        here, after = nodes[run[-1]], nodes[children[run[-1]][0]]
        plain = after.verdict is not None and after.verdict.kind == "accept"
        if type(here.phase) is not type(after.phase) or here.phase.round != after.phase.round or not plain:
            break
        run.append(children[run[-1]][0])
    return run


def begins_round(nodes: Mapping[str, Node], node: Node) -> bool:
    """Return whether a round begins at a node: it is the first, or counts a round more than its parent."""
    return node.parent is None or nodes[node.parent].phase.round != node.phase.round


def _line(above: Dot, dot: Dot, state: State) -> str:
    bend = (above.x + dot.x) / 2
    on = "lab-on" if dot.id in state.path else ""
    x, y, u, v, b = map(coordinate, (above.x, above.y, dot.x, dot.y, bend))
    return f'<path class="lab-edge {on}" d="M{x},{y} C{b},{y} {b},{v} {u},{v}"/>'


def _dot(state: State, dot: Dot, ends: frozenset[str], name: str) -> str:
    node = state.nodes[dot.id]
    begins = begins_round(state.nodes, node)
    here = dot.id == state.branch.node
    classes = ["lab-dot", *(["lab-on"] if dot.id in state.path else []), *(["lab-present"] if here else [])]
    over = dot.id in ends
    told = _told(node, dot, over)
    marks = attributes(
        class_=" ".join(classes), data_act="goto", data_node=dot.id, tabindex=0, role="button",
        aria_label=told, aria_current="true" if here else None,
    )  # fmt: skip
    x, y = coordinate(dot.x), coordinate(dot.y)
    number = "✓" if over else count(phase_number(state, node.phase))
    return (
        f'<g{marks}><title>{esc(told)}</title><circle class="lab-reach" cx="{x}" cy="{y}" r="17"/>'
        f'<circle cx="{x}" cy="{y}" r="{13 if begins else 9}"/>'
        f'<text class="lab-in" x="{x}" y="{coordinate(dot.y + 4)}">{number}</text>'
        f"{_score(state, node, dot) if begins else ''}{_sign(node, dot)}{name}</g>"
    )


def _score(state: State, node: Node, dot: Dot) -> str:
    known = [state.measured[text].score for text in node.phase.prompts if text in state.measured]
    if not known:
        return ""
    place = attributes(class_="lab-score", x=coordinate(dot.x), y=coordinate(dot.y - 18))
    return f"<text{place}>{esc(percent(max(known)))}</text>"


def _sign(node: Node, dot: Dot) -> str:
    sign = "✎" if _is_changed(node) else {"reject": "✕"}.get(node.verdict.kind if node.verdict else "", "")
    if not sign:
        return ""
    return f'<text class="lab-sign" x="{coordinate(dot.x + 12)}" y="{coordinate(dot.y - 8)}">{sign}</text>'


def _is_changed(node: Node) -> bool:
    """Return whether a person changed items, or something that holds from there on: settings, examples, rules."""
    return node.parent is not None and (node.verdict is None or node.verdict.kind == "edit")


def _named(state: State, dot: Dot) -> str:
    names = ", ".join(branch.name for branch in state.branches if branch.node == dot.id)
    return names if len(names) <= 24 else names[:23] + "…"


def _names(state: State, dots: tuple[Dot, ...]) -> dict[str, str]:
    """Draw the names of branches below the dots where they are; one that would meet another stands lower."""
    drawn: dict[str, str] = {}
    taken: dict[int, float] = defaultdict(float)  # lane -> how far its names reach
    for dot in sorted(dots, key=lambda dot: dot.column):
        if shown := _named(state, dot):
            below = 27 if dot.x > taken[dot.lane] else 40
            x, y = coordinate(dot.x - 9), coordinate(dot.y + below)
            drawn[dot.id] = f'<text class="lab-name" x="{x}" y="{y}">{esc(shown)}</text>'
            taken[dot.lane] = max(taken[dot.lane], dot.x + _LETTER * (len(shown) + 2))
    return drawn


def _told(node: Node, dot: Dot, over: bool) -> str:
    place = "the end" if over else f"round {count(node.phase.round + 1)}, {node.phase.title}"
    said = sentence(node.verdict) if node.verdict or node.parent is None else "changed what holds from there on"
    many = f", {counted(dot.n, 'time')} in a row" if dot.n > 1 else ""
    return f"Go to {place}{many}{f' (step before: {said})' if said else ''}"


def _ends(state: State) -> frozenset[str]:
    """Return the nodes at which the optimizer has ended; only one from which nothing went on is asked."""
    run = state.node.context
    left = {node.parent for node in state.nodes.values() if node.context == run}
    return frozenset(
        id
        for id, node in state.nodes.items()
        if node.context == run and id not in left and isinstance(node.phase.ask(state.context), Done)
    )
