"""A person's branches in a lab book: begin, look, go back, fork, undo; and where each of them stands."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING

from lab.core import arguments
from lab.core.asks import Context
from lab.core.history import Node
from lab.errors import MisuseError
from lab.i18n import gettext_lazy
from lab.optimizers import Optimizer, optimizer
from lab.session.jobs import Jobs
from lab.session.setup import RunSetup, check_pauses
from lab.store import OWNER, Book, Branch, Models
from lab.text import shortened, whole

if TYPE_CHECKING:
    from lab.models.connections import Connections

LONGEST_NAME = 80


@dataclass(frozen=True)
class Position:
    """Where a branch stands: its row, its node, and what the optimizer goes by there."""

    branch: Branch
    node: Node
    optimizer_name: str
    task_id: str
    context: Context

    @property
    def sample(self) -> int:
        """The sample of what is asked next here."""
        return self.node.sample if self.branch.sample is None else self.branch.sample

    @property
    def optimizer(self) -> Optimizer:
        """The optimizer that runs here.

        Raises:
            MisuseError: when the lab does not know it.
        """
        return optimizer(self.optimizer_name)


@dataclass(frozen=True, eq=False, repr=False)
class Branches:
    """The branches of one owner in a lab book."""

    _book: Book
    _owner: str
    _jobs: Jobs
    _connections: Connections

    # Beginning

    def begin(self, setup: RunSetup) -> str:
        """Begin a run and return the id of its first branch.

        Raises:
            MisuseError: when a model's key is missing; nothing was changed.
        """
        self.check_keys(setup.models)
        with self._book.transaction():
            for spec, price in setup.prices:
                self._book.set_price(spec, price)
            context = self._book.add_context(setup.task, setup.optimizer, setup.settings, setup.seed)
            root = Node(context, setup.kind.start(setup.context))
            models = with_own_replies(setup.models, self._owner)
            branch = Branch(new_id(), self._owner, new_id(), setup.name, root.id, models, setup.pauses)
            self._book.add_branch(branch, root)
        return branch.id

    def check_keys(self, models: Models) -> None:
        """Refuse models of which one lacks the key of its endpoint; nothing is sent.

        Raises:
            MisuseError: with a sentence that says how to give it.
        """
        for config in models.values():
            self._connections.client(config.endpoint)

    # Looking

    def all(self, archived: bool = False) -> tuple[Branch, ...]:
        """Return all branches of the owner, the newest last; whose book it is sees what others began in it too.

        With `archived`, those that are put away with their runs, and no others.
        """
        if arguments.flag("archived", archived):
            away = self._book.archived_branches()
            return tuple(one for one in away if self._owner in (OWNER, one.owner))
        return self._book.all_branches() if self._owner == OWNER else self._book.branches(self._owner)

    def branch(self, branch: str) -> Branch:
        """Return a branch.

        Raises:
            MisuseError: when the owner has none of that id.
        """
        return self._book.branch(branch, None if self._owner == OWNER else self._owner)

    def run(self, run: str) -> tuple[Branch, ...]:
        """Return the branches of one run, the newest last."""
        return tuple(branch for branch in self.all() if branch.run == run)

    def position(self, branch: str) -> Position:
        """Return where a branch stands.

        Raises:
            MisuseError: when the owner has none of that id.
        """
        row = self.branch(branch)
        node = self._book.node(row.node)
        return Position(row, node, *self._book.context(node.context))

    def waiting(self, branch: str, proposal: str) -> Position:
        """Return where a branch stands, on which a proposal waits.

        Raises:
            MisuseError: when that proposal is unknown, or does not wait there any more.
        """
        at = self.position(branch)
        if at.branch.pending != proposal:
            self._book.proposal(proposal)  # an unknown one is said to be unknown
            raise MisuseError(gettext_lazy("This proposal was decided already. Nothing was changed."))
        return at

    def idle(self, branch: str) -> Position:
        """Return where a branch stands on which no step is under way.

        Raises:
            MisuseError: while one is.
        """
        at = self.position(branch)
        self.check_idle(branch)
        return at

    def check_idle(self, branch: str) -> None:
        """Refuse a branch on which a step is under way.

        Raises:
            MisuseError: with a sentence that says to wait.
        """
        if not isinstance(branch, str):
            raise arguments.wrong("branch", "the id of a branch", branch)
        if self._jobs.running(branch):
            raise MisuseError(gettext_lazy("A step is running on this branch. Stop it, or wait until it ends."))

    # Moving about

    def goto(self, branch: str, node: str) -> None:
        """Move a branch to a node of its tree.

        Raises:
            MisuseError: when the node is not in the tree of this branch.
        """
        self.check_idle(branch)
        self.check_in_tree(branch, node)
        self._book.move(branch, node)

    def fork(self, branch: str, node: str, name: str = "") -> str:
        """Make a new branch at a node and return its id; the old branch stays where it is. Undo puts it away again.

        Where the old one had only come back to this node, it returns to where it came from.
        """
        self.check_idle(branch)
        row = self.check_in_tree(branch, node)
        name = branch_name(name, f"branch {len(self.run(row.run)) + 1}")
        forked = Branch(new_id(), self._owner, row.run, name, node, row.models, row.stops, forked=row.id)
        with self._book.transaction():
            self._book.add_branch(forked)
            before = self._book.previous_node(branch)
            if node == row.node and before is not None and node in self._book.parents([before]) and node != before:
                self._book.undo(branch)
        return forked.id

    def undo(self, branch: str) -> str:
        """Move a branch to where it was before its last move; nothing is lost. Return the branch to go on with.

        That is the one that it was made from, where nothing was done on this one yet: it is taken back then.
        """
        row = self.branch(branch)
        self.check_idle(branch)
        others = [one.id for one in self.run(row.run) if one.id != branch]
        if not (row.forked and self._book.previous_node(branch) is None and row.can_undo and others):
            self._book.undo(branch)
            return branch
        self._book.undo_fork(branch)
        return row.forked if row.forked in others else others[-1]

    def redo(self, branch: str) -> str:
        """Move a branch to where it was before the last undo. Return the branch to go on with.

        That is another one where a branch made from this one was taken back: it is there again then.
        """
        self.branch(branch)
        self.check_idle(branch)
        return self._book.redo(branch)

    def rename(self, branch: str, name: str) -> None:
        """Give a branch another name."""
        self.branch(branch)
        self._book.rename(branch, branch_name(name, "branch"))

    def pause_at(self, branch: str, stops: Collection[str]) -> None:
        """Set the phases at which a branch waits for a person; those of an optimizer before this one stay.

        Raises:
            MisuseError: when the optimizer has no such phase.
        """
        at = self.position(branch)
        check_pauses(at.optimizer, stops)
        phases = {phase.__name__ for phase in at.optimizer.phases}
        self._book.pause_at(branch, (*stops, *(stop for stop in at.branch.stops if stop not in phases)))

    def check_in_tree(self, branch: str, node: str) -> Branch:
        """Return a branch, of whose tree a node has to be.

        Raises:
            MisuseError: when it is not.
        """
        row = self.branch(branch)
        if node not in self._book.parents(self._book.visited(row.run)):
            raise MisuseError(gettext_lazy("There is no such place in the history of this branch."))
        return row


def branch_name(name: str, otherwise: str) -> str:
    """Return a name as a branch can have it."""
    return shortened(whole(name), LONGEST_NAME) or otherwise


def with_own_replies(models: Models, owner: str) -> Models:
    """Return models of which a person's replies are drawn by its owner, so that no visitor meets those of another.

    Whose book it is has the plain draw: replies given in page, notebook and command line are the same.
    """
    config = models["optimizer"]
    if owner == OWNER or not config.endpoint.by_hand:
        return models
    drawn = replace(config.sampling, draw=blake2b(owner.encode(), digest_size=8).hexdigest())
    return models.using("optimizer", replace(config, sampling=drawn))


def new_id() -> str:
    """Return an id that nobody else has."""
    return secrets.token_urlsafe(9)
