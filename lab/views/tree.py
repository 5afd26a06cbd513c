"""The history from above to below: a row for each verdict, grouped by round, a lane for each line of work.

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
from lab.i18n import gettext, ngettext
from lab.optimizers import OPTIMIZERS
from lab.session.state import State
from lab.store import Measure, best_of
from lab.views.markup import attributes, esc
from lab.views.numbers import coordinate, count, percent
from lab.views.track import phase_numbers
from lab.views.verdicts import sentence

STEP, LANE, LEFT = 26, 16, 13  # heights of a row, widths of a lane, in pixels; where the first lane stands
ROUND = 24  # height of the line that says where a round begins
MOST = 200  # dots, above which rounds share one
NEAR = 2  # rounds before and after the current one that do not
_WIDE = 96  # of all lanes together, above which they stand closer


@dataclass(frozen=True)
class Dot:
    """A node where it is drawn; several `nodes` in a row may share one dot, the steps of a round if it `is_round`.

    `begins` says that a round begins there, which has a line of its own above unless one dot is all that it has.
    """

    id: str
    parent: str | None
    row: int
    lane: int
    nodes: tuple[str, ...] = ()
    is_round: bool = False
    begins: bool = False

    @property
    def n(self) -> int:
        """How many nodes share it."""
        return len(self.nodes)

    @property
    def is_headed(self) -> bool:
        """Whether a line of its own says which round begins there."""
        return self.begins and not self.is_round


@dataclass(frozen=True)
class Walk:
    """What a drawing needs of a state again and again, gathered once."""

    state: State
    way: frozenset[str]
    ends: frozenset[str]
    numbers: Mapping[type[Phase], int]
    looked: str
    best: Mapping[str, Measure]  # on dev, on the way to a node, those hidden now left out
    led_to: Mapping[str, tuple[Node, ...]]  # from a node, by what was decided there; on the way here that alone


def tree(state: State, looked: str = "") -> str:
    """Draw the history in a box of its own; every row can be looked at, by one tab stop and the arrows."""
    dots = layout(state)
    way = frozenset(state.path)
    walk = Walk(state, way, _ends(state), phase_numbers(state), looked, best_so_far(state), _led_to(state, way))
    lane = min(LANE, _WIDE / max(1, max(dot.lane for dot in dots)))
    heights, height = _heights(dots)
    places = {dot.id: (LEFT + dot.lane * lane, y) for dot, y in zip(dots, heights, strict=True)}
    pairs = [(places[dot.parent], places[dot.id], dot.id in walk.way) for dot in dots if dot.parent is not None]
    lines = "".join(_lines(pairs, on) for on in (False, True))
    width = coordinate(LEFT + lane * max(dot.lane for dot in dots) + LEFT)
    names = _names(state, dots)
    rows = "".join(_row(walk, dot, coordinate(places[dot.id][0]), names.get(dot.id, "")) for dot in dots)
    size = coordinate(height)
    drawing = attributes(
        class_="lab-lines", width=width, height=size, viewBox=f"0 0 {width} {size}", preserveAspectRatio="none",
        style=f"--drawn: {size}px", aria_hidden="true",
    )  # fmt: skip
    history = attributes(
        class_="lab-history",
        role="tree",
        aria_label=gettext("History of this run"),
        style=f"padding-left:{width}px",
    )
    legend = ngettext(
        "Click a step to look at it. %: the best so far on {n} example of dev. ✎ changed, ✕ rejected by you.",
        "Click a step to look at it. %: the best so far on {n} examples of dev. ✎ changed, ✕ rejected by you.",
        len(state.context.task.dev),
    )
    return (
        f'<div class="lab-row"><h3>{gettext("History")}</h3></div>'
        f'<div class="lab-scroll lab-tree-box" data-seek="{esc(state.branch.node)}">'
        f"<svg{drawing}>{lines}</svg><div{history}>{rows}</div></div>"
        f'<p class="lab-muted lab-legend">{legend}</p>'
    )


def _heights(dots: Iterable[Dot]) -> tuple[list[float], float]:
    """Return where the middle of each row is, and the height of all."""
    middles, at = [], 0.0
    for dot in dots:
        at += ROUND * dot.is_headed
        middles.append(at + STEP / 2)
        at += STEP
    return middles, at


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
        # (node, dot above); a stack, because a history may be deeper than recursion goes
        waiting: list[tuple[str, str | None]] = [(id, None) for id in reversed(self._children[None])]
        while waiting:
            id, above = waiting.pop()
            first = above is not None and self._children[self._nodes[id].parent][0] == id
            lane = lane_of[above] if first else lanes
            lanes = max(lanes, lane + 1)
            some = row(id)
            is_round = len(some) > 1 and not self._repeats(some[0], some[-1])
            shown = some[0] if is_round else some[-1]
            lane_of[shown] = lane
            begins = begins_round(self._nodes, self._nodes[id])
            dots.append(Dot(shown, above, len(dots), lane, tuple(some), is_round, begins))
            waiting += [(child, shown) for child in reversed(self._children[some[-1]])]
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


def best_so_far(state: State) -> dict[str, Measure]:
    """Return of each node the best dev score on the way there, where there is one."""
    found: dict[str, Measure | None] = {}
    hidden = state.constraints.hidden
    for id in state.nodes:
        way: list[str] = []
        above: str | None = id
        while above is not None and above not in found:
            way.append(above)
            above = state.nodes[above].parent
        for one in reversed(way):
            parent = state.nodes[one].parent
            known = (state.measured.get(text) for text in state.nodes[one].prompts if text not in hidden)
            found[one] = best_of(filter(None, (found[parent] if parent else None, *known)))
    return {id: one for id, one in found.items() if one is not None}


def begins_round(nodes: Mapping[str, Node], node: Node) -> bool:
    """Return whether a round begins at a node: it is the first, counts another round, or is another optimizer's."""
    if node.parent is None:
        return True
    above = nodes[node.parent].phase
    return above.round != node.phase.round or not _share_optimizer(above, node.phase)


def _share_optimizer(one: Phase, other: Phase) -> bool:
    return any({type(one), type(other)} <= {*kind.phases} for kind in OPTIMIZERS.values())


def _switched(nodes: Mapping[str, Node], node: Node) -> str:
    """Return the title of the optimizer that goes on at a node where another one did before; "" elsewhere."""
    if node.parent is None or _share_optimizer(nodes[node.parent].phase, node.phase):
        return ""
    return next((kind.title for kind in OPTIMIZERS.values() if type(node.phase) in kind.phases), "")


Point = tuple[float, float]


def _lines(pairs: Iterable[tuple[Point, Point, bool]], on: bool) -> str:
    """Draw the lines between dots, those on the way here or the others, in one stroke."""
    drawn = "".join(_line(above, dot) for above, dot, is_on in pairs if is_on is on)
    return f'<path class="lab-edge{" lab-on" if on else ""}" d="{drawn}"/>' if drawn else ""


def _line(above: Point, dot: Point) -> str:
    (x, y), (u, v) = above, dot
    if x == u:
        return f"M{coordinate(x)},{coordinate(y)}V{coordinate(v)}"
    return (
        f"M{coordinate(x)},{coordinate(y)}C{coordinate(x)},{coordinate(y + STEP / 2)} "
        f"{coordinate(u)},{coordinate(y + STEP / 2)} {coordinate(u)},{coordinate(y + STEP)}V{coordinate(v)}"
    )


def _row(walk: Walk, dot: Dot, x: str, names: str) -> str:
    """Draw one row: where a round begins its line, then the dot, the step, and the branches that stand there."""
    state, node = walk.state, walk.state.nodes[dot.id]
    here, over = dot.id == state.branch.node, dot.id in walk.ends
    classes = ["lab-dot", *(["lab-on"] if dot.id in walk.way else []), *(["lab-present"] if here else [])]
    classes += ["lab-seen"] if dot.id == walk.looked else []
    marks = attributes(
        class_=" ".join(classes), data_act="look", data_node=dot.id, tabindex=0 if here else -1, role="treeitem",
        title=_label(node, dot, over), aria_current="true" if here else None,
    )  # fmt: skip
    number = "✓" if over else count(walk.numbers[type(node.phase)])
    head = f'<span class="lab-round">{_round(walk, dot.id)}</span>' if dot.is_headed else ""
    return (
        f'<div{marks}>{head}<i style="left:{x}px">{number}</i>'
        f"<span>{_titled(walk, dot)}{_sign(walk, dot)}</span>{names}</div>"
    )


def _titled(walk: Walk, dot: Dot) -> str:
    """Say which step a dot is, or which round where all of its steps share it."""
    if dot.is_round:
        named = _round(walk, dot.id) if dot.begins else esc(walk.state.nodes[dot.id].phase.title)
        return f"{named} <small>{ngettext('{n} step', '{n} steps', dot.n)}</small>"
    many = f" <small>{count(dot.n)}×</small>" if dot.n > 1 else ""
    return f"{gettext('The end') if dot.id in walk.ends else esc(walk.state.nodes[dot.id].phase.title)}{many}"


def _round(walk: Walk, id: str) -> str:
    """Say which round begins, or that the run ends, and the best dev score that the line had by then."""
    state, node = walk.state, walk.state.nodes[id]
    best = walk.best.get(id)
    score = f" <b>{esc(percent(best.score))}</b>" if best else ""
    if id in walk.ends:
        return f"{gettext('Result')}{score}"
    other, number = _switched(state.nodes, node), count(node.phase.round + 1)
    if other:
        return f"{gettext('{optimizer}, round {round}', optimizer=esc(other), round=number)}{score}"
    return f"{gettext('Round {round}', round=number)}{score}"


def _sign(walk: Walk, dot: Dot) -> str:
    """Say what a person did at a dot: changed what was proposed, or what holds from there on, or refused it."""
    node, decided = walk.state.nodes[dot.id], walk.led_to.get(dot.nodes[-1], ())
    kinds = {after.verdict.kind for after in decided if after.verdict is not None}
    begins_anew = node.parent is not None and node.verdict is None
    sign = "✎" if begins_anew or "edit" in kinds else "✕" if "reject" in kinds else ""
    return f" {sign}" if sign else ""


def _led_to(state: State, way: frozenset[str]) -> dict[str, tuple[Node, ...]]:
    """Return of each node those that its verdicts led to: of several the one on the way here, if one is."""
    found: dict[str, list[str]] = defaultdict(list)
    for id, node in state.nodes.items():
        found[node.parent or ""].append(id)
    chosen = {parent: [id for id in ids if id in way] or ids for parent, ids in found.items()}
    return {parent: tuple(state.nodes[id] for id in ids) for parent, ids in chosen.items()}


def _names(state: State, dots: tuple[Dot, ...]) -> dict[str, str]:
    """Draw the names of the branches that stand at each dot."""
    shown = frozenset(dot.id for dot in dots)
    named: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for branch in state.branches:
        named[branch.node].append(("lab-name", branch.name))
    for id, tip in state.tips.items():
        named[id].append(("lab-name lab-left", tip))
    return {
        id: "".join(f'<span class="{kind}">{esc(name)}</span>' for kind, name in names)
        for id, names in named.items()
        if id in shown
    }


def _label(node: Node, dot: Dot, over: bool) -> str:
    place = gettext("the end") if over else _place(node)
    if dot.n > 1 and dot.is_round:
        place = ngettext("{place}, {n} step from here on", "{place}, {n} steps from here on", dot.n, place=place)
    elif dot.n > 1:
        place = ngettext("{place}, {n} time in a row", "{place}, {n} times in a row", dot.n, place=place)
    verdict = sentence(node.verdict)
    if node.verdict is None and node.parent is not None:
        verdict = gettext("changed what applies from there on")
    if not verdict:
        return gettext("Look at {place}", place=place)
    return gettext("Look at {place} (step before: {verdict})", place=place, verdict=verdict)


def _place(node: Node) -> str:
    return gettext("round {round}, {step}", round=count(node.phase.round + 1), step=node.phase.title)


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
