"""The history as a drawing: a dot for each verdict, a lane for each line of work.

Steps that passed by themselves in a row share a dot. Of a long history, so do the steps of a round that is over,
where all were accepted as proposed. What a person did keeps a dot of its own, and so do the rounds near the current
place: who goes to a dot of many steps finds them apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from lab.core.asks import Done, Phase
from lab.core.history import Node
from lab.session.state import State
from lab.views.markup import attributes, esc
from lab.views.numbers import coordinate, count, counted, percent
from lab.views.track import phase_numbers
from lab.views.verdicts import sentence

STEP, LANE, LEFT, TOP = 38, 68, 26, 40
MOST = 200  # dots, above which rounds share one
NEAR = 2  # rounds before and after the current one that do not
_LETTER = 8  # width of a letter of a name


@dataclass(frozen=True)
class Dot:
    """A node where it is drawn; `n` nodes in a row may share one dot, the steps of a round if it `is_round`."""

    id: str
    parent: str | None
    column: int
    lane: int
    n: int = 1
    is_round: bool = False

    @property
    def x(self) -> float:
        return LEFT + self.column * STEP

    @property
    def y(self) -> float:
        return TOP + self.lane * LANE


@dataclass(frozen=True)
class Walk:
    """What a drawing needs of a state again and again, gathered once."""

    state: State
    way: frozenset[str]
    ends: frozenset[str]
    numbers: Mapping[type[Phase], int]
    looked: str


def tree(state: State, looked: str = "") -> str:
    """Draw the history as SVG in a box of its own; every dot can be looked at, and one may be."""
    dots = layout(state)
    places = {dot.id: dot for dot in dots}
    walk = Walk(state, frozenset(state.path), _ends(state), phase_numbers(state), looked)
    names = _names(state, dots)
    width = max(dot.x + max(90, _LETTER * len(names.get(dot.id, ("", ""))[0])) for dot in dots)
    height = max(dot.y for dot in dots) + 46
    pairs = [(places[dot.parent], dot) for dot in dots if dot.parent is not None]
    lines = "".join(_lines((pair for pair in pairs if (pair[1].id in walk.way) is on), on) for on in (False, True))
    drawn = "".join(_dot(walk, dot, names.get(dot.id, ("", ""))[1]) for dot in dots)
    size = attributes(
        viewBox=f"0 0 {coordinate(width)} {coordinate(height)}", width=coordinate(width), height=coordinate(height),
        role="group", aria_label="History of this run",
    )  # fmt: skip
    shared = (
        " The steps of a round that was accepted as proposed share one dot."
        if any(dot.is_round for dot in dots)
        else ""
    )
    return (
        '<div class="lab-row"><h3>History</h3></div>'
        f'<div class="lab-scroll lab-tree-box" data-seek="{esc(state.branch.node)}">'
        f"<svg{size}>{lines}{drawn}</svg></div>"
        '<p class="lab-muted lab-legend">Click a dot to look at it. Numbers are the steps above; '
        f"percentages are dev scores at the start of a round; ✎ you changed something; ✕ you rejected.{shared}</p>"
    )


def layout(state: State) -> tuple[Dot, ...]:
    """Return each node its column and lane; steps that passed by themselves share one dot, see above."""
    rows = _Rows(state)
    dots = rows.placed(rows.repeated)
    return dots if len(dots) <= MOST else rows.placed(rows.of_one_round)


class _Rows:
    """The nodes of a state in rows, each of which is drawn as one dot."""

    def __init__(self, state: State) -> None:
        self._nodes = state.nodes
        self._children: dict[str | None, list[str]] = defaultdict(list)
        for id, node in state.nodes.items():
            self._children[node.parent].append(id)
        self._heads = {branch.node for branch in state.branches}
        self._round = state.node.phase.round

    def placed(self, row: Callable[[str], list[str]]) -> tuple[Dot, ...]:
        """Place the dots of a drawing in which a node stands in a `row` with those after it."""
        dots: list[Dot] = []
        lane_of: dict[str | None, int] = {}
        lanes = 0
        # (node, dot above, column); a stack, because a history may be deeper than recursion goes
        waiting: list[tuple[str, str | None, int]] = [(id, None, 0) for id in reversed(self._children[None])]
        while waiting:
            id, above, column = waiting.pop()
            first = above is not None and self._children[self._nodes[id].parent][0] == id
            lane = lane_of[above] if first else lanes
            lanes = max(lanes, lane + 1)
            some = row(id)
            is_round = len(some) > 1 and not self._repeats(some[0], some[-1])
            shown = some[0] if is_round else some[-1]
            lane_of[shown] = lane
            dots.append(Dot(shown, above, column, lane, len(some), is_round))
            waiting += [(child, shown, column + 1) for child in reversed(self._children[some[-1]])]
        return tuple(dots)

    def repeated(self, id: str) -> list[str]:
        """Follow a node along equal phases of one round that were accepted by themselves."""
        row = [id]
        while row[-1] not in self._heads and len(self._children[row[-1]]) == 1:
            after = self._children[row[-1]][0]
            if not (self._repeats(row[-1], after) and self._is_accepted(after)):
                break
            row.append(after)
        return row

    def of_one_round(self, id: str) -> list[str]:
        """Follow a node along steps of one round that is over, to none of which a person did anything."""
        if not self._is_plain(id):
            return self.repeated(id)
        row = [id]
        while self._is_plain(after := self._children[row[-1]][0]) and self._is_of_round(row[-1], after):
            row.append(after)
        return row

    def _is_plain(self, id: str) -> bool:
        """Return whether a node was accepted as proposed, gone on from once, and is far from the current place."""
        far = abs(self._nodes[id].phase.round - self._round) > NEAR
        return far and self._is_accepted(id) and id not in self._heads and len(self._children[id]) == 1

    def _is_accepted(self, id: str) -> bool:
        verdict = self._nodes[id].verdict
        return verdict is not None and verdict.kind == "accept"

    def _is_of_round(self, id: str, after: str) -> bool:
        one, other = self._nodes[id], self._nodes[after]
        return one.context == other.context and one.phase.round == other.phase.round

    def _repeats(self, id: str, after: str) -> bool:
        one, other = self._nodes[id].phase, self._nodes[after].phase
        return type(one) is type(other) and one.round == other.round


def begins_round(nodes: Mapping[str, Node], node: Node) -> bool:
    """Return whether a round begins at a node: it is the first, or counts a round more than its parent."""
    return node.parent is None or nodes[node.parent].phase.round != node.phase.round


def _lines(pairs: Iterable[tuple[Dot, Dot]], on: bool) -> str:
    """Draw the lines between dots, those on the way here or the others, in one stroke."""
    drawn = "".join(map(_line, pairs))
    return f'<path class="lab-edge{" lab-on" if on else ""}" d="{drawn}"/>' if drawn else ""


def _line(pair: tuple[Dot, Dot]) -> str:
    above, dot = pair
    bend = (above.x + dot.x) / 2
    x, y, u, v, b = map(coordinate, (above.x, above.y, dot.x, dot.y, bend))
    return f"M{x},{y}H{u}" if y == v else f"M{x},{y}C{b},{y} {b},{v} {u},{v}"


def _dot(walk: Walk, dot: Dot, name: str) -> str:
    state, node = walk.state, walk.state.nodes[dot.id]
    begins = begins_round(state.nodes, node)
    here = dot.id == state.branch.node
    classes = ["lab-dot", *(["lab-on"] if dot.id in walk.way else []), *(["lab-present"] if here else [])]
    classes += ["lab-seen"] if dot.id == walk.looked else []
    over = dot.id in walk.ends
    label = _label(node, dot, over)
    marks = attributes(
        class_=" ".join(classes), data_act="look", data_node=dot.id, tabindex=0, role="button",
        aria_label=label, aria_current="true" if here else None,
    )  # fmt: skip
    x, y = coordinate(dot.x), coordinate(dot.y)
    number = "✓" if over else count(walk.numbers[type(node.phase)])
    return (
        f'<g{marks}><title>{esc(label)}</title><circle class="lab-reach" cx="{x}" cy="{y}" r="17"/>'
        f'<circle cx="{x}" cy="{y}" r="{13 if begins else 9}"/>'
        f'<text class="lab-in" x="{x}" y="{coordinate(dot.y + 4)}">{number}</text>'
        f"{_score(state, node, dot) if begins else ''}{_sign(node, dot)}{name}</g>"
    )


def _score(state: State, node: Node, dot: Dot) -> str:
    known = [state.measured[text].score for text in node.prompts if text in state.measured]
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


def _names(state: State, dots: tuple[Dot, ...]) -> dict[str, tuple[str, str]]:
    """Return the names of branches, and draw them below the dots; one that would meet another stands lower."""
    named: dict[str, list[str]] = defaultdict(list)
    for branch in state.branches:
        named[branch.node].append(branch.name)
    for id, tip in state.tips.items():
        named[id].append(tip)
    drawn: dict[str, tuple[str, str]] = {}
    taken: dict[int, float] = defaultdict(float)  # lane -> how far its names reach
    for dot in sorted((dot for dot in dots if dot.id in named), key=lambda dot: dot.column):
        names = ", ".join(named[dot.id])
        shown = names if len(names) <= 24 else names[:23] + "…"
        below = 27 if dot.x > taken[dot.lane] else 40
        x, y = coordinate(dot.x - 9), coordinate(dot.y + below)
        left = " lab-left" if dot.id in state.tips else ""
        drawn[dot.id] = shown, f'<text class="lab-name{left}" x="{x}" y="{y}">{esc(shown)}</text>'
        taken[dot.lane] = max(taken[dot.lane], dot.x + _LETTER * (len(shown) + 2))
    return drawn


def _label(node: Node, dot: Dot, over: bool) -> str:
    place = "the end" if over else f"round {count(node.phase.round + 1)}, {node.phase.title}"
    verdict = (
        sentence(node.verdict) if node.verdict or node.parent is None else "changed what applies from there on"
    )
    shared = f"{counted(dot.n, 'step')} from here on" if dot.is_round else f"{counted(dot.n, 'time')} in a row"
    many = f", {shared}" if dot.n > 1 else ""
    return f"Look at {place}{many}{f' (step before: {verdict})' if verdict else ''}"


def _ends(state: State) -> frozenset[str]:
    """Return the nodes at which the optimizer has ended; only one from which nothing went on is asked."""
    context, here = state.node.context, state.branch.node
    left = {node.parent for node in state.nodes.values() if node.context == context}
    leaves = (id for id, node in state.nodes.items() if node.context == context and id not in left)
    return frozenset(
        id
        for id in leaves
        if (state.done if id == here else isinstance(state.nodes[id].phase.ask(state.context), Done))
    )
