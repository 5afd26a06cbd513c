"""Writing on things of a run, finding them again, and putting runs away or deleting them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from lab.core import arguments
from lab.errors import MisuseError
from lab.i18n import gettext_lazy
from lab.session.branches import Branches, branch_name
from lab.session.diff import place_called
from lab.session.lineage import Lineage
from lab.session.looking import node_called
from lab.session.reader import StateReader
from lab.session.state import State
from lab.store import Book
from lab.store.deletion import Stake
from lab.store.notes import Note, On
from lab.text import shortened, whole

__all__ = ["Noting"]

LONGEST_NOTE = 5_000
MOST_TAGS = 20


@dataclass(frozen=True, eq=False, repr=False)
class Noting:
    """What one owner writes on the things of their runs."""

    _book: Book
    _branches: Branches
    _reader: StateReader

    def note(
        self,
        branch: str,
        on: str = "",
        *,
        name: str | None = None,
        tags: Collection[str] | None = None,
        starred: bool | None = None,
        note: str | None = None,
    ) -> Note:
        """Write on a thing of a run; what is None stays as it was. Return all that is written there now.

        Args:
            branch: of the run.
            on: a prompt (P7) or critique (C12), a node or step, a branch; "" for the run itself.
            name: what it is called.
            tags: words to find it by.
            starred: whether it is starred.
            note: a text.

        Raises:
            MisuseError: when the run has nothing of that name, or a text is too long; nothing was changed.
        """
        state = self._reader.state(branch)
        kind, subject = self._subject(state, on)
        was = next((one for one in self.notes(branch) if (one.kind, one.subject) == (kind, subject)), None)
        new = was or Note(kind, subject)
        if note is not None and len(note) > LONGEST_NOTE:
            raise MisuseError(
                gettext_lazy("A note has at most {most:,} characters. Nothing was changed.", most=LONGEST_NOTE)
            )
        if tags is not None and len(tags) > MOST_TAGS:
            raise MisuseError(gettext_lazy("There are at most {most} tags. Nothing was changed.", most=MOST_TAGS))
        new = replace(
            new,
            name=new.name if name is None else branch_name(name, ""),
            tags=new.tags if tags is None else tuple(dict.fromkeys(shortened(whole(one), 40) for one in tags)),
            starred=new.starred if starred is None else starred,
            note=new.note if note is None else whole(note),
        )
        self._book.put_note(state.branch.run, new)
        return new

    def notes(self, branch: str) -> tuple[Note, ...]:
        """Return all that is written on things of the run of a branch."""
        return self._book.notes(self._branches.branch(branch).run)

    def search(self, text: str) -> tuple[tuple[str, Note], ...]:
        """Return what is written in any run of the owner that holds a text, as (branch, note)."""
        wanted, found = arguments.text("text", text).casefold(), []
        for run in dict.fromkeys(one.run for one in self._branches.all()):
            first = self._branches.run(run)[0].id
            for one in self._book.notes(run):
                if wanted in "\n".join((one.name, *one.tags, one.note, one.subject)).casefold():
                    found.append((first, one))
        return tuple(found)

    def archive(self, branch: str, on: bool = True) -> None:
        """Put a run with all its branches away, or take it out again.

        Raises:
            MisuseError: while a step is under way on one of them.
        """
        self._book.archive_run(self._idle(branch), on)

    def at_stake(self, branch: str) -> Stake:
        """Return what would go if the run of a branch were deleted, and what would stay."""
        return self._book.at_stake(self._branches.branch(branch).run)

    def delete(self, branch: str, stake: Stake) -> None:
        """Delete the run of a branch, with what only it holds.

        Args:
            branch: of the run.
            stake: what goes, as `at_stake` says.

        Raises:
            MisuseError: while a step is under way in it, or when something else would go by now; nothing was
                deleted.
        """
        self._book.delete_run(self._idle(branch), stake)

    def _idle(self, branch: str) -> str:
        """Return the run of a branch, none of whose branches takes a step."""
        run = self._branches.branch(branch).run
        for one in self._book.branches_of_run(run):
            self._branches.check_idle(one.id)
        return run

    def _subject(self, state: State, on: str) -> tuple[On, str]:
        if not on:
            return "run", ""
        called = next((one for one in state.branches if on in (one.id, one.name)), None)
        if called is not None:
            return "branch", called.id
        node = node_called(state, self._book, on)
        if node is not None:
            return "node", node
        critique = Lineage(state, self._book).critique_called(on)
        if critique is not None:
            return "critique", critique.text
        return "prompt", place_called(state, self._book, on).prompt
