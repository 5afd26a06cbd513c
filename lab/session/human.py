"""What a person did in a run, and what each step changed, where it was tried without. Pure over a book."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from lab.core.asks import Done
from lab.core.history import path
from lab.session.diff import NodeDiff, Place, best_at, node_diff
from lab.session.reviewed import Edit, edits
from lab.session.state import State
from lab.store import Book, Branch

__all__ = ["Counterfactual", "Deed", "compared", "end_of", "human_report", "way_of"]


@dataclass(frozen=True)
class Counterfactual:
    """A step that a person changed, beside the same step decided otherwise, on a `branch` of its own.

    `node` and `other` are where both verdicts led, and are the same where nothing differs. `found` is what changed
    from the end of the other line's round to the end of this one's: its prompts are the best that each holds there.
    """

    step: str
    node: str
    other: str
    branch: str
    found: NodeDiff


@dataclass(frozen=True)
class Deed:
    """What a person did to one item, and what came of it, where that was tried: the newest counterfactual."""

    edit: Edit
    node: str
    counterfactual: Counterfactual | None = None


def human_report(state: State, book: Book) -> tuple[Deed, ...]:
    """Return all that a person did in a run, in its order, with what each step's newest counterfactual says."""
    tried = book.counterfactuals(state.branch.run)
    by_id = {branch.id: branch for branch in state.branches}
    own = {first_of(state, by_id[one.branch], one.node) for one in tried if one.branch in by_id}
    newest = {one.node: by_id[one.branch] for one in tried if one.branch in by_id}
    return tuple(_deeds(state, book, [id for id in state.nodes if id not in own], newest))


def _deeds(state: State, book: Book, nodes: Sequence[str], newest: Mapping[str, Branch]) -> Iterator[Deed]:
    for id, did in groupby(edits(state, book, nodes), lambda one: one.node):
        found = compared(state, book, id, newest[id]) if id in newest else None
        yield from (Deed(one, id, found) for one in did)


def compared(state: State, book: Book, node: str, branch: Branch | None) -> Counterfactual | None:
    """Compare a node with the branch that decided its step otherwise; None where either has not come to an end."""
    other = node if branch is None else first_of(state, branch, node)
    end = end_of(state, book, node, way_of(state, node))
    other_end = (
        end if branch is None else end_of(state, book, other, path(state.nodes, branch.node)) if other else None
    )
    if end is None or other_end is None or other is None:
        return None
    without, with_it = (Place(best_at(state, state.nodes[one]), one) for one in (other_end, end))
    name = state.names.step(state.nodes[node].proposal)
    return Counterfactual(
        name, node, other, branch.id if branch else "", node_diff(state, book, without, with_it, {})
    )


def first_of(state: State, branch: Branch, node: str) -> str | None:
    """Return where a counterfactual branch's own verdict on the step of a node led."""
    before, way = state.nodes[node].parent, path(state.nodes, branch.node)
    return next((id for id in way if state.nodes[id].parent == before and id != node), None)


def way_of(state: State, node: str) -> tuple[str, ...]:
    """Return the way of a branch that has passed a node: of this one where it has, else of the first."""
    ways = (state.path, *(path(state.nodes, branch.node) for branch in state.branches))
    return next((way for way in ways if node in way), (node,))


def end_of(state: State, book: Book, node: str, way: Collection[str]) -> str | None:
    """Return where the round of the step that led to a node is over on a way; None where it is not."""
    children: dict[str | None, list[str]] = defaultdict(list)
    for id, one in state.nodes.items():
        children[one.parent].append(id)
    begun, here = state.nodes[state.nodes[node].parent or ""], node
    while True:
        one = state.nodes[here]
        if one.context == begun.context and one.phase.round > begun.phase.round:
            return here
        after = children[here]
        if one.context != begun.context or not after:
            break
        here = next((id for id in after if id in way), after[0])
    over = isinstance(state.nodes[here].phase.ask(book.context(begun.context).context), Done)
    return here if over and state.nodes[here].context == begun.context else None
