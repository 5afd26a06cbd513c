"""What a person made of what a model wrote, step by step. Pure over a book."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from lab.core.asks import Generate, Item
from lab.core.history import Node
from lab.core.review import ACCEPT, Mark, Proposal, Verdict
from lab.session.state import State
from lab.store import Book

__all__ = ["Edit", "Reviewed", "Step", "edits", "reviewed", "steps", "steps_to"]


@dataclass(frozen=True)
class Step:
    """A step on the way here: where it was asked, its proposal, and what was marked.

    `node` is the one that it led to, "" where the step still waits.
    """

    at: Node
    node: str
    proposal: Proposal
    marks: tuple[Mark, ...]

    @property
    def round(self) -> int:
        """The round that it belongs to, from 1."""
        return self.at.phase.round + 1

    @property
    def waits(self) -> bool:
        """Whether nobody has decided it yet."""
        return not self.node


@dataclass(frozen=True)
class Reviewed:
    """An item as it was left: the text it was `proposed` with, "" where a person added it or a reply was empty."""

    item: Item
    proposed: str
    kept: bool
    why: str = ""
    is_added: bool = False

    @property
    def is_edited(self) -> bool:
        """Whether a person changed what a model wrote."""
        return not self.is_added and self.proposed != self.item.text


def steps(state: State, book: Book) -> Iterator[Step]:
    """Yield the steps on the way here, the one that waits last."""
    yield from steps_to(state, book, state.path)
    if state.proposal is not None:
        yield Step(state.node, "", state.proposal, tuple(mark for _, mark in state.draft))


def steps_to(state: State, book: Book, nodes: Iterable[str]) -> Iterator[Step]:
    """Yield the steps that led to these nodes of the run."""
    for id in nodes:
        node = state.nodes[id]
        if node.proposal is not None and node.parent is not None:
            marks = node.verdict.marks if node.verdict else ()
            yield Step(state.nodes[node.parent], id, book.proposal(node.proposal), marks)


def reviewed(proposal: Proposal, marks: Sequence[Mark]) -> Iterator[Reviewed]:
    """Yield each item of a proposal as marks leave it, those that a person added last."""
    by_index = {mark.index: mark for mark in marks if mark.index is not None}
    for i, item in enumerate(proposal.items):
        mark = by_index.get(i, Mark(i, proposal.default(i)))
        text = item.text if mark.text is None or not mark.keep else mark.text
        flaw = item.flaw if text == item.text else None
        yield Reviewed(replace(item, text=text, flaw=flaw), item.text, mark.keep, mark.why)
    for mark in marks:
        if mark.index is None:
            added = replace(proposal.items[mark.like or 0], text=mark.text or "", flaw=None)
            yield Reviewed(added, "", mark.keep, mark.why, is_added=True)


# What a person did

Did = Literal["edited", "added", "left out", "kept", "noted", "rejected", "reworded"]


@dataclass(frozen=True)
class Edit:
    """One thing that a person changed or said in a step; `before` and `after` are texts, "" where none is.

    `name` is the short name of the step, `step` its title, `node` what it led to.
    """

    round: int
    step: str
    did: Did
    before: str = ""
    after: str = ""
    why: str = ""
    name: str = ""
    node: str = ""


def edits(state: State, book: Book, nodes: Iterable[str]) -> Iterator[Edit]:
    """Yield all that a person did in the steps that led to these nodes of the run; the others are not read."""
    worded = book.worded(state.branch.run)
    for step in steps_to(state, book, (id for id in nodes if _may_be_theirs(state.nodes[id], worded))):
        node = state.nodes[step.node]
        name = state.names.step(node.proposal)
        yield from (replace(one, name=name, node=step.node) for one in _edits(step, node.verdict or ACCEPT))


def _may_be_theirs(node: Node, worded: Collection[str]) -> bool:
    """Return whether a person may have done something in the step that led to a node."""
    return node.verdict is not None and (node.verdict.kind != "accept" or node.parent in worded)


def _edits(step: Step, verdict: Verdict) -> Iterator[Edit]:
    where, proposal = (step.round, step.at.phase.title), step.proposal
    yield from (Edit(*where, "reworded", after=_request(proposal, at)) for at in proposal.reworded)
    if verdict.kind == "reject":
        yield Edit(*where, "rejected", why=verdict.why)
        return
    marked = {mark.index for mark in step.marks}
    for place, one in enumerate(reviewed(proposal, step.marks)):
        if place >= len(proposal.items):
            yield Edit(*where, "added", after=one.item.text, why=one.why)
        elif place in marked:
            yield _edit(where, one, proposal.default(place))
    if verdict.why:
        yield Edit(*where, "noted", why=verdict.why)


def _edit(where: tuple[int, str], one: Reviewed, by_default: bool) -> Edit:
    """Say what a mark did to an item; `by_default` is whether it would have been kept without."""
    if not one.kept:
        return Edit(*where, "left out", before=one.proposed, why=one.why)
    if one.is_edited:
        return Edit(*where, "edited", one.proposed, one.item.text, one.why)
    return Edit(*where, "noted" if by_default else "kept", after=one.item.text, why=one.why)


def _request(proposal: Proposal, at: int) -> str:
    return proposal.ask.requests[at].meta_prompt if isinstance(proposal.ask, Generate) else ""
