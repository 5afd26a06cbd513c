"""What a person has marked, or worded otherwise, and not yet decided; it goes along where the same is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lab.core.asks import Generate, Item, Pick
from lab.core.constraints import Constraints, offered, worded
from lab.core.review import ACCEPT, Mark, Verdict, carried, check_mark, reworded
from lab.optimizers.replies import unflawed
from lab.session.branches import Branches, Position
from lab.store import Book

Marks = Sequence[tuple[int, Mark]]  # (place, mark); added items have places below 0


@dataclass(frozen=True, eq=False, repr=False)
class Drafts:
    """The drafts on the branches of one owner."""

    _book: Book
    _branches: Branches

    # Marks on a proposal that waits

    def mark(self, branch: str, proposal: str, place: int, mark: Mark | None) -> None:
        """Keep what a person made of one item until the verdict; None drops it.

        Raises:
            MisuseError: when the proposal does not wait on this branch any more, or has no place for the mark.
        """
        at = self._branches.waiting(branch, proposal)
        if mark is None:
            self._book.set_draft(branch, proposal, place, None)
        else:
            self.mark_all(at, ((place, mark),))

    def mark_all(self, at: Position, marks: Marks) -> None:
        """Keep what a person made of some items of the proposal that waits.

        Raises:
            MisuseError: when the proposal has no place for one of the marks.
        """
        proposal = at.branch.pending or ""
        for place, mark in marks:
            check_mark(self._book.proposal(proposal), mark)
            self._book.set_draft(at.branch.id, proposal, place, mark)

    def verdict(self, at: Position) -> Verdict:
        """Return the verdict that the marks on the waiting proposal amount to."""
        marks = self._book.draft(at.branch.id, at.branch.pending) if at.branch.pending else ()
        return Verdict("edit", tuple(mark for _, mark in marks)) if marks else ACCEPT

    # Requests worded otherwise

    def words(self, at: Position) -> dict[int, str]:
        """Return the meta-prompts that a person has worded otherwise for the next proposal, by request."""
        return self._book.words(at.branch.id, at.branch.node, at.sample)

    def reword(self, branch: str, request: int, text: str | None) -> None:
        """Word one request of the next proposal otherwise, for this once; None takes that back.

        A proposal that waits is put aside first, so that it is asked for again with these words.

        Raises:
            MisuseError: when there is no such request, or the text cannot be used.
        """
        at = self._branches.idle(branch)
        if text is not None:
            reworded(at.node.phase.ask(at.context, at.sample), {request: text})
        with self._book.transaction():
            if at.branch.pending:
                self._book.draw_again(branch, at.branch.node, at.sample)
            self._book.drop_carried_marks(branch, at.branch.node, at.sample)
            self._book.set_words(branch, at.branch.node, at.sample, request, text)

    # Going along

    def carry(self, before: Position, after: Position) -> None:
        """Take a person's words and marks along to where the same is asked, or offered, again."""
        branch, phase, left = after.branch.id, after.node.phase, after.node.constraints
        old, new = before.node.phase.ask(before.context, before.sample), phase.ask(after.context, after.sample)
        if isinstance(old, Generate) and isinstance(new, Generate):
            words = tuple((place, Mark(place, text=text)) for place, text in self.words(before).items())
            for place, mark in carried(words, old.requests, new.requests):
                self._book.set_words(branch, after.branch.node, after.sample, place, mark.text)
        if not before.branch.pending:
            return
        items: Sequence[Item]
        items = offers = self._book.proposal(before.branch.pending).items
        if isinstance(new, Pick):
            items, offers = unflawed(items), unflawed(offered(after.context, phase, new, left))
        elif worded(before.node.phase, old, before.node.constraints) != worded(phase, new, left):
            return
        settled = _settled(before.node.constraints) ^ _settled(left)
        for place, mark in carried(self._book.draft(branch, before.branch.pending), items, offers):
            if mark.index is None or mark.text is not None or offers[mark.index].text not in settled:
                self._book.set_carried_mark(branch, after.branch.node, after.sample, place, mark)

    def move(self, before: Position, proposal: str) -> None:
        """Take a person's marks along to a proposal that offers what the one before did, or less."""
        branch, waiting = before.branch.id, before.branch.pending or ""
        items = self._book.proposal(waiting).items
        for place, mark in carried(self._book.draft(branch, waiting), items, self._book.proposal(proposal).items):
            self._book.set_draft(branch, proposal, place, mark)

    def take_up(self, at: Position, proposal: str, n_items: int) -> None:
        """Put the marks that were taken along on the proposal that was made anew."""
        marks = self._book.carried_marks(at.branch.id, at.branch.node, at.sample)
        for place, mark in marks:
            if max(mark.index or 0, mark.like or 0) < n_items:
                self._book.set_draft(at.branch.id, proposal, place, mark)
        if marks:
            self._book.drop_carried_marks(at.branch.id, at.branch.node, at.sample)


def _settled(constraints: Constraints) -> frozenset[str]:
    """Return the prompts of which a person has said for good whether they are chosen."""
    return frozenset((*constraints.pinned, *constraints.hidden))
