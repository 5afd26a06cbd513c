"""What a person made of what a model wrote, step by step on the way to where a branch stands. Pure over a book."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from lab.core.asks import Generate, Item
from lab.core.history import Node
from lab.core.review import Mark, Proposal
from lab.session.state import State
from lab.store import Book

__all__ = ["Edit", "Reviewed", "Step", "edits", "reviewed", "steps"]


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
    """An item as it was left: the text it was `proposed` with ("" where a person added it), and why."""

    item: Item
    proposed: str
    kept: bool
    why: str = ""

    @property
    def is_edited(self) -> bool:
        """Whether a person changed what a model wrote."""
        return self.proposed not in ("", self.item.text)


def steps(state: State, book: Book) -> Iterator[Step]:
    """Yield the steps on the way here, the one that waits last."""
    for id in state.path:
        node = state.nodes[id]
        if node.proposal is not None and node.parent is not None:
            marks = node.verdict.marks if node.verdict else ()
            yield Step(state.nodes[node.parent], id, book.proposal(node.proposal), marks)
    if state.proposal is not None:
        yield Step(state.node, "", state.proposal, tuple(mark for _, mark in state.draft))


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
            yield Reviewed(added, "", mark.keep, mark.why)


# What a person did

Did = Literal["edited", "added", "left out", "kept", "noted", "rejected", "reworded"]


@dataclass(frozen=True)
class Edit:
    """One thing that a person changed or said on the way here; `before` and `after` are texts, "" where none is."""

    round: int
    step: str
    did: Did
    before: str = ""
    after: str = ""
    why: str = ""


def edits(state: State, book: Book) -> Iterator[Edit]:
    """Yield all that a person did in the steps that were decided on the way here."""
    for step in steps(state, book):
        if step.waits:
            continue
        where, verdict = (step.round, step.at.phase.title), state.nodes[step.node].verdict
        yield from (Edit(*where, "reworded", after=_request(step.proposal, at)) for at in step.proposal.reworded)
        if verdict is not None and verdict.kind == "reject":
            yield Edit(*where, "rejected", why=verdict.why)
            continue
        marked = {mark.index for mark in step.marks}
        for place, one in enumerate(reviewed(step.proposal, step.marks)):
            if place >= len(step.proposal.items) or place in marked:
                yield _edit(
                    where, one, kept_anyway=one.kept and step.proposal.default(place % len(step.proposal.items))
                )
        if verdict is not None and verdict.why:
            yield Edit(*where, "noted", why=verdict.why)


def _edit(where: tuple[int, str], one: Reviewed, kept_anyway: bool) -> Edit:
    if not one.proposed:
        return Edit(*where, "added", after=one.item.text, why=one.why)
    if not one.kept:
        return Edit(*where, "left out", before=one.proposed, why=one.why)
    if one.is_edited:
        return Edit(*where, "edited", one.proposed, one.item.text, one.why)
    return Edit(*where, "noted" if kept_anyway else "kept", after=one.item.text, why=one.why)


def _request(proposal: Proposal, at: int) -> str:
    return proposal.ask.requests[at].meta_prompt if isinstance(proposal.ask, Generate) else ""
