"""An open lab book: every method outside a transaction is one of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from lab.core.history import Node
from lab.core.review import Mark, Proposal
from lab.core.task import Task
from lab.models.calls import Answer, Call, Spent
from lab.models.capabilities import Capabilities
from lab.models.prices import Price
from lab.models.roles import Models, Role
from lab.store.branches import Branches
from lab.store.contexts import Contexts, StoredContext
from lab.store.drafts import Drafts
from lab.store.file import BookFile
from lab.store.findings import Findings
from lab.store.measures import Measures
from lab.store.payments import Attempt, Payments
from lab.store.prices import Prices
from lab.store.records import COST_KEYS, Branch, Cost, Measure, Spend
from lab.store.replies import Replies, Rows
from lab.store.tree import Tree
from lab.store.verify import verify


class Book:
    """One SQLite file with everything that was asked, answered and decided."""

    def __init__(self, path: str | Path) -> None:
        """Open or make the book at `path` and bring it up to date.

        Raises:
            BookError: when the file is not a lab book, or cannot be written.
        """
        self._file = BookFile(path)
        self.path = self._file.path
        self._contexts = Contexts(self._file)
        self._tree = Tree(self._file)
        self._branches = Branches(self._file, self._tree)
        self._drafts = Drafts(self._file)
        self._replies = Replies(self._file)
        self._prices = Prices(self._file)
        self._payments = Payments(self._file, self._replies, self._prices)
        self._measures = Measures(self._file)
        self._findings = Findings(self._file)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def transaction(self) -> AbstractContextManager[object]:
        """Make all that is written inside one transaction, which is taken back whole when an exception passes.

        Transactions nest, the outermost commits, and none may span an `await`.

        Example:
            with book.transaction():
                book.move(branch, node)
                book.set_draft(branch, proposal, 0, None)
        """
        return self._file.transaction()

    def verify(self) -> tuple[int, tuple[str, ...]]:
        """Recompute every id; return how many there are and a sentence for each that does not match."""
        return verify(self._file)

    # Contexts

    def add_context(self, task: Task, optimizer: str, settings: object, seed: int) -> str:
        """Keep a task and a context made of it; return the context's id."""
        return self._contexts.add(task, optimizer, settings, seed)

    def context(self, id: str) -> StoredContext:
        """Return a context's optimizer name, its task's id, and the context with its test split sealed."""
        return self._contexts.context(id)

    def whole_task(self, context: str) -> Task:
        """Return the task of a context with its test split, to make another context of the same task."""
        return self._contexts.whole_task(context)

    # The tree

    def node(self, id: str) -> Node:
        """Return a node; raise a MisuseError when there is none of that id."""
        return self._tree.node(id)

    def nodes(self, ids: Sequence[str]) -> dict[str, Node]:
        """Return the nodes of these ids, in their order."""
        return self._tree.nodes(ids)

    def proposal(self, id: str) -> Proposal:
        """Return a proposal; raise a MisuseError when there is none of that id."""
        return self._tree.proposal(id)

    def parents(self, ids: Sequence[str]) -> dict[str, str | None]:
        """Return the parent of each of these nodes and of all their ancestors."""
        return self._tree.parents(ids)

    # Branches

    def add_branch(self, branch: Branch, root: Node | None = None) -> None:
        """Make a branch at a node that is there, or at a new root."""
        self._branches.add(branch, root)

    def branches(self, owner: str) -> tuple[Branch, ...]:
        """Return an owner's branches, the newest last."""
        return self._branches.of_owner(owner)

    def all_branches(self) -> tuple[Branch, ...]:
        """Return the branches of all owners, the newest last: for who has the file."""
        return self._branches.all()

    def branch(self, id: str, owner: str) -> Branch:
        """Return a branch of this owner; raise a MisuseError when the owner has none of that id."""
        return self._branches.branch(id, owner)

    def visited(self, run: str) -> tuple[str, ...]:
        """Return the nodes at which the branches of a run have been, in the order of the visits."""
        return self._branches.visited(run)

    def previous_node(self, branch: str) -> str | None:
        """Return the node at which a branch was before its last move; None at its beginning."""
        return self._branches.previous_node(branch)

    def add_proposal(self, branch: str, node: str, proposal: Proposal) -> str:
        """Keep a proposal, which waits on the branch from now on; raise a MisuseError when that left the node."""
        return self._branches.add_proposal(branch, node, proposal)

    def record_verdict(self, branch: str, proposal: str, node: Node) -> str:
        """Move a branch to what a verdict led to; raise a MisuseError when the proposal does not wait any more."""
        return self._branches.record_verdict(branch, proposal, node)

    def draw_again(self, branch: str, node: str, sample: int) -> None:
        """Move a branch to where it is, with nothing waiting, so that the next proposal uses this sample."""
        self._branches.draw_again(branch, node, sample)

    def move(self, branch: str, node: str | Node) -> str:
        """Move a branch to a node, which is added when it is new; what waited there last waits again."""
        return self._branches.move(branch, node)

    def undo(self, branch: str) -> None:
        """Move a branch to where it was before its last move; at its beginning it stays."""
        self._branches.undo(branch)

    def redo(self, branch: str) -> None:
        """Move a branch to where it was before the last undo; where nothing was undone it stays."""
        self._branches.redo(branch)

    def rename(self, branch: str, name: str) -> None:
        """Give a branch another name."""
        self._branches.rename(branch, name)

    def pause_at(self, branch: str, stops: Iterable[str]) -> None:
        """Set the phases at which a branch waits for a person."""
        self._branches.pause_at(branch, stops)

    def set_models(self, branch: str, models: Models) -> None:
        """Set which models a branch uses from here on, and how."""
        self._branches.set_models(branch, models)

    # Drafts

    def draft(self, branch: str, proposal: str) -> tuple[tuple[int, Mark], ...]:
        """Return what a person has marked of a waiting proposal, by place; added items have places below 0."""
        return self._drafts.draft(branch, proposal)

    def set_draft(self, branch: str, proposal: str, place: int, mark: Mark | None) -> None:
        """Keep a mark at a place of the draft, or drop what is there."""
        self._drafts.set_mark(branch, proposal, place, mark)

    def words(self, branch: str, node: str, sample: int) -> dict[int, str]:
        """Return what a person has worded otherwise of what is asked next at a node, by request."""
        return self._drafts.words(branch, node, sample)

    def set_words(self, branch: str, node: str, sample: int, request: int, text: str | None) -> None:
        """Keep other words for a request, or drop those that are there."""
        self._drafts.set_words(branch, node, sample, request, text)

    def carried_marks(self, branch: str, node: str, sample: int) -> tuple[tuple[int, Mark], ...]:
        """Return the marks that wait for what is proposed next at a node."""
        return self._drafts.carried_marks(branch, node, sample)

    def set_carried_mark(self, branch: str, node: str, sample: int, place: int, mark: Mark) -> None:
        """Keep a mark for what is proposed next at a node, in place of what is there."""
        self._drafts.set_carried_mark(branch, node, sample, place, mark)

    def drop_carried_marks(self, branch: str, node: str, sample: int) -> None:
        """Drop the marks that wait for what is proposed next at a node."""
        self._drafts.drop_carried_marks(branch, node, sample)

    # Replies, and what they cost

    def find(self, keys: Sequence[str]) -> dict[str, Answer]:
        """Return the kept answers among these keys."""
        return self._replies.find(keys)

    def keep(self, rows: Sequence[tuple[str, Call, Answer]], role: Role = "target") -> None:
        """Keep answers that nobody pays for; a key that is there stays as it is."""
        self._replies.add(rows)

    def n_calls(self) -> int:
        """Return how many replies the book holds."""
        return self._replies.count()

    def pay(self, rows: Rows, attempt: Attempt, spend: int | None) -> int:
        """Keep answers and book those that were not there yet; return the number of the attempt."""
        return self._payments.pay(rows, attempt, spend)

    def record_cached(self, attempt: Attempt, spend: int | None, cached: int) -> None:
        """Book at the end of an attempt how many calls were known already."""
        self._payments.record_cached(attempt, spend, cached)

    def add_spends(self, branch: str, spent: Iterable[Spend]) -> None:
        """Book sums for which there are no single payments."""
        self._payments.add_spends(branch, spent)

    def spends(self, run: str) -> tuple[tuple[str, Spend], ...]:
        """Return (branch, spend) for each attempt of all branches of a run, in the order of their beginnings."""
        return self._payments.spends(run)

    def costs(self, run: str, by: Collection[str] = COST_KEYS) -> tuple[Cost, ...]:
        """Add up what the branches of a run spent, by any of branch, node, what, role and model."""
        return self._payments.costs(run, by)

    def spent(self) -> Spent:
        """Return what was paid for by all runs of the book."""
        return self._payments.spent()

    def spent_since(self, branch: str, last: int) -> tuple[Spent, int]:
        """Return what the run of a branch paid for after a payment, and the number of the last payment now."""
        return self._payments.spent_since(branch, last)

    def mean_reply(self, model: str, role: Role) -> float | None:
        """Return the mean tokens of what a model lately answered in a role; None where it never did."""
        return self._payments.mean_reply(model, role)

    def price(self, model: str) -> Price | None:
        """Return the price of a model, as its endpoint is spelt; None where nobody has set one."""
        return self._prices.price(model)

    def set_price(self, model: str, price: Price | None) -> None:
        """Set the price of a model for the calls to come, or forget it."""
        self._prices.set(model, price)

    def prices(self) -> dict[str, Price]:
        """Return the prices that were set, by the spelling of the endpoint."""
        return self._prices.all()

    # Scores and findings

    def measured(self, task: str, target: str, split: str = "dev") -> dict[str, Measure]:
        """Return the scores of all prompts measured on a split under a target model."""
        return self._measures.measured(task, target, split)

    def add_measures(self, task: str, target: str, split: str, scores: Iterable[Measure]) -> None:
        """Keep scores; a prompt that is measured already stays as it is."""
        self._measures.add(task, target, split, scores)

    def capabilities(self, base_url: str, model: str) -> Capabilities | None:
        """Return what was found of a model at an address; None where nothing was."""
        return self._findings.capabilities(base_url, model)

    def keep_capabilities(self, base_url: str, model: str, found: Capabilities) -> None:
        """Keep what was found in place of what was known before."""
        self._findings.keep(base_url, model, found)
