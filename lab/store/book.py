"""An open lab book: every method outside a transaction is one of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lab.core import arguments
from lab.models.calls import Answer, Call
from lab.models.roles import Role
from lab.store.branches import Branches
from lab.store.counterfactuals import Counterfactuals
from lab.store.deletion import Deletion
from lab.store.drafts import Drafts
from lab.store.file import BookFile
from lab.store.ledger import Findings, Measures, MissingReplies, Payments, Prices, Replies
from lab.store.merges import Merges
from lab.store.names import Names
from lab.store.notes import Notes
from lab.store.openings import Openings
from lab.store.ratings import Ratings
from lab.store.signal import Signal
from lab.store.steps import Steps
from lab.store.tree import Contexts, Tree
from lab.store.verify import sentence, verify
from lab.text import as_code


class Book:
    """One SQLite file with everything that was asked, answered and decided.

    Each verb is one of the part that it stands beside, and a transaction of its own outside `transaction`.

    Example:
        >>> book = lab.Book("mine.sqlite")
        >>> run = lab.begin("sentiment", name="by hand", book=book)
        >>> len(book.all_branches())
        1
    """

    def __init__(self, path: str | Path) -> None:
        """Open or make the book at `path` and bring it up to date.

        Raises:
            MisuseError: when it is not a path.
            BookError: when the file is not a lab book, or cannot be written.
        """
        self._file = file = BookFile(arguments.path("path", path, "the path of a lab book, such as 'mine.sqlite'"))
        self.path, self.transaction, self.checkpoint = file.path, file.transaction, file.checkpoint
        self.snapshot, self.afterwards, self.reading = file.snapshot, file.afterwards, file.reading

        contexts = Contexts(file)
        self.add_context, self.context, self.whole_task = contexts.add, contexts.context, contexts.whole_task

        tree = Tree(file)
        self.node, self.nodes, self.proposal, self.parents = tree.node, tree.nodes, tree.proposal, tree.parents
        self.proposals = tree.proposals
        self.made_at = tree.made_at

        names = Names(file)
        self.names, self._names = names.of_run, names

        branches = Branches(file, tree, names)
        self.add_branch, self.branch, self.branches = branches.add, branches.branch, branches.of_owner
        self.all_branches, self.archived_branches = branches.all, branches.archived
        self.branches_of_run = branches.of_run
        self.visited, self.visits, self.previous_node = branches.visited, branches.visits, branches.previous_node
        self.last_made = branches.last_made
        self.archive_run, self.undo_fork = branches.archive, branches.undo_fork
        self.add_proposal, self.record_verdict = branches.add_proposal, branches.record_verdict
        self.draw_again, self.move, self.undo, self.redo = (
            branches.draw_again, branches.move, branches.undo, branches.redo,
        )  # fmt: skip
        self.rename, self.pause_at, self.set_models = branches.rename, branches.pause_at, branches.set_models

        merges = Merges(file, names)
        self.add_merge, self.merges = merges.add, merges.of_run

        notes = Notes(file)
        self.put_note, self.notes = notes.put, notes.of_run
        tried = Counterfactuals(file)
        self.add_counterfactual, self.counterfactuals = tried.add, tried.of_run

        drafts = Drafts(file)
        self.draft, self.set_draft = drafts.draft, drafts.set_mark
        self.words, self.set_words, self.worded = drafts.words, drafts.set_words, drafts.worded
        self.carried_marks, self.set_carried_mark = drafts.carried_marks, drafts.set_carried_mark
        self.drop_carried_marks = drafts.drop_carried_marks

        self._contexts, self._tree = contexts, tree

        self._replies = replies = Replies(file)
        self.find, self.n_calls, self.newest_reply = replies.find, replies.count, replies.newest
        self.replies_stamp = replies.stamp
        missing = MissingReplies(file)
        self.find_missing, self.keep_missing = missing.find, missing.add
        self.missing, self.forget_missing = missing.of_run, missing.forget
        prices = Prices(file)
        self.price, self.set_price, self.prices = prices.price, prices.set, prices.all
        payments = Payments(file, replies, prices)
        self.pay, self.record_cached, self.add_spends = payments.pay, payments.record_cached, payments.add_spends
        self.spends, self.costs, self.spent = payments.spends, payments.costs, payments.spent
        self.spent_since, self.mean_reply = payments.spent_since, payments.mean_reply
        self.n_paid_by = payments.n_paid_by

        measures, findings = Measures(file), Findings(file)
        self.measured, self.add_measures = measures.measured, measures.add
        self.capabilities, self.keep_capabilities = findings.capabilities, findings.keep

        self._payments = payments
        deletion = Deletion(file, payments, self.forget)
        self.at_stake, self.delete_run = deletion.at_stake, deletion.delete

        ratings = Ratings(file)
        self.put_rating, self.ratings = ratings.put, ratings.of
        openings = Openings(file)
        self.openings, self.add_opening = openings.of_run, openings.add

        self.steps = Steps(file)
        self._signal = signal = Signal(file)
        self.stamp = signal.stamp

    def close(self) -> None:
        """Let go of the file."""
        self._signal.close()
        self._file.close()

    def keep(self, rows: Sequence[tuple[str, Call, Answer]], role: Role = "target") -> None:
        """Keep answers that nobody pays for; a key that is there stays as it is."""
        self._replies.add(rows)

    def __repr__(self) -> str:
        return f"Book({str(self.path)!r})"

    _repr_html_ = as_code

    def forget(self) -> None:
        """Let go of what was decoded, after a type was replaced: it is read anew when it is needed."""
        self._contexts.forget()
        self._tree.forget()
        self._payments.forget()

    def verify(self) -> tuple[int, tuple[str, ...]]:
        """Check all that follows from something else; return how many ids there are and what is wrong."""
        found = verify(self.path)
        return found.n_ids, tuple(map(sentence, found.wrong))
