"""What a person changes for all that comes: settings, constraints, a wrong label, the optimizer.

Each change is a node of its own, so that undo takes it back.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

from lab.core.asks import Context
from lab.core.constraints import changed, handed
from lab.core.flagging import offered_without, without
from lab.core.history import Node
from lab.core.review import Proposal
from lab.core.task import Example
from lab.errors import MisuseError
from lab.i18n import gettext_lazy
from lab.optimizers import optimizer
from lab.session.branches import Branches, Position
from lab.session.drafts import Drafts
from lab.store import Book

__all__ = ["Changes"]


@dataclass(frozen=True, eq=False, repr=False)
class Changes:
    """The changes that hold from a place of a branch on."""

    _book: Book
    _branches: Branches
    _drafts: Drafts

    def change_settings(self, branch: str, **settings: object) -> str:
        """Go on from here with other settings, from a new node that holds the same phase; return that.

        Raises:
            MisuseError: for a setting that does not exist or is out of range.
        """
        at = self._branches.idle(branch)
        return self._settings(at, **settings)

    def more_rounds(self, branch: str, rounds: int) -> str:
        """Go on from here with so many rounds more; return the new node."""
        at = self._branches.idle(branch)
        return self._settings(at, rounds=at.context.settings.rounds + rounds)

    def constrain(self, branch: str, **changes: object) -> str:
        """Go on from here with other constraints, named as `Constraints` has them; return the new node.

        What a person had marked or worded otherwise here goes with it, where the same is asked again.

        Raises:
            MisuseError: for a constraint that does not exist, or one that nothing could keep to.
        """
        at = self._branches.idle(branch)
        constraints = changed(at.node.constraints, at.context.task, **changes)
        if constraints == at.node.constraints:
            return at.branch.node
        return self._move(at, _after(at, constraints=constraints))

    def flag(self, branch: str, example: str) -> str:
        """Go on from here without an example whose label is wrong: it leaves train or dev; return the new node.

        What is measured on dev is measured anew, known answers cost nothing; undo takes the flag back. What a
        person had marked or worded otherwise here goes with it, where it is about the same.

        Raises:
            MisuseError: when the task has no such example to leave out, or a split would be empty.
        """
        at = self._branches.idle(branch)
        task = self._book.whole_task(at.node.context)
        left = replace(task, train=_without(task.train, example), dev=_without(task.dev, example))
        if (left.train, left.dev) == (task.train, task.dev) or not (left.train and left.dev):
            raise MisuseError(
                gettext_lazy("There is no such example to flag here, or it is the last one. Nothing was changed.")
            )
        with self._book.transaction():
            context = self._book.add_context(left, at.optimizer_name, at.context.settings, at.context.seed)
            after = _after(at, context=context, phase=without(at.node.phase, example))
            waiting = self._book.proposal(at.branch.pending) if at.branch.pending else None
            offered = offered_without(waiting, example) if waiting is not None else None
            return self._move(at, after) if offered is None else self._offer(at, after, offered)

    def switch(self, branch: str, optimizer_name: str, settings: object = None) -> str:
        """Go on from here with another optimizer, which is handed the prompts held here; return the new node.

        Raises:
            MisuseError: for an unknown optimizer, or while a step is under way.
        """
        at = self._branches.idle(branch)
        kind = optimizer(optimizer_name)
        settings = settings or kind.settings()
        prompts = handed(at.node.phase, at.node.constraints)
        first = kind.start(Context(at.context.task, settings, at.context.seed), prompts)
        with self._book.transaction():
            task = self._book.whole_task(at.node.context)
            context = self._book.add_context(task, optimizer_name, settings, at.context.seed)
            self._book.pause_at(branch, tuple(dict.fromkeys((*at.branch.stops, *kind.pauses))))
            node = Node(context, first, parent=at.branch.node, constraints=at.node.constraints)
            return self._book.move(branch, node)

    def _settings(self, at: Position, **settings: object) -> str:
        chosen = at.optimizer.configure(**{**asdict(at.context.settings), **settings})
        with self._book.transaction():
            task = self._book.whole_task(at.node.context)
            context = self._book.add_context(task, at.optimizer_name, chosen, at.context.seed)
            return self._book.move(at.branch.id, _after(at, context=context))

    def _move(self, before: Position, node: Node) -> str:
        """Move to a new node with what a person had marked or worded otherwise."""
        with self._book.transaction():
            moved = self._book.move(before.branch.id, node)
            self._drafts.carry(before, self._branches.position(before.branch.id))
        return moved

    def _offer(self, before: Position, node: Node, proposal: Proposal) -> str:
        """Move to a new node where the choice that waited waits on, with what a person had marked."""
        moved = self._book.move(before.branch.id, node)
        self._drafts.move(before, self._book.add_proposal(before.branch.id, moved, proposal))
        return moved


def _after(at: Position, **changes: object) -> Node:
    """Return the node at which the same goes on with something changed, where the next draw is the same."""
    same = replace(at.node, parent=at.branch.node, proposal=None, verdict=None, sample=at.sample)
    return replace(same, **changes)  # type: ignore[arg-type]  # named as the fields of a node by who calls


def _without(examples: tuple[Example, ...], id: str) -> tuple[Example, ...]:
    return tuple(example for example in examples if example.id != id)
