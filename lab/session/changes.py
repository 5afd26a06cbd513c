"""What a person changes for all that comes: settings, constraints, a wrong label, the optimizer.

Each change is a node of its own, so that undo takes it back.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from lab.core.asks import Context, Generate, Pick
from lab.core.constraints import Constraints, changed, handed, offered, worded
from lab.core.flagging import without
from lab.core.history import Node
from lab.core.review import carried
from lab.errors import MisuseError
from lab.optimizers import optimizer
from lab.optimizers.plain import unflawed
from lab.session.branches import Branches
from lab.store import Branch

if TYPE_CHECKING:
    from lab.core.task import Example

__all__ = ["Changes"]


class Changes(Branches):
    """One person's branches, and the changes that hold from a place of theirs on."""

    def change_settings(self, branch: str, **settings: Any) -> str:
        """Go on from here with other settings: another run, from a new node that holds the same phase.

        Raises:
            MisuseError: for a setting that does not exist or is out of range.
        """
        here = self._idle(branch)
        node = self.book.node(here.node)
        name, _, context = self.book.context(node.context)
        changed = optimizer(name).settle(**{**asdict(context.settings), **settings})
        context_id = self.book.add_context(self.book.whole_task(node.context), name, changed, context.seed)
        return self.book.move(branch, self._after(here, node, context=context_id))

    def constrain(self, branch: str, **changes: Any) -> str:
        """Go on from here with other constraints, named as `Constraints` has them; return the new node.

        What a person had marked or worded otherwise here goes with it, where the same is asked again.

        Raises:
            MisuseError: for a constraint that does not exist, or one that nothing could keep to.
        """
        here = self._idle(branch)
        node, context = self._at(here)
        constraints = changed(node.constraints, context.task, **changes)
        if constraints == node.constraints:
            return here.node
        moved = self.book.move(branch, self._after(here, node, constraints=constraints))
        self._carry(here, self.branch(branch))
        return moved

    def flag(self, branch: str, example: str) -> str:
        """Go on from here without an example whose label is wrong: it leaves train or dev; return the new node.

        What is measured on dev is measured anew, known answers cost nothing; undo takes the flag back. What a
        person had marked or worded otherwise here goes with it, where it is about the same.

        Raises:
            MisuseError: when the task has no such example to leave out, or a split would be empty.
        """
        here = self._idle(branch)
        node = self.book.node(here.node)
        name, _, context = self.book.context(node.context)
        task = self.book.whole_task(node.context)
        left = replace(task, train=_but(task.train, example), dev=_but(task.dev, example))
        if (left.train, left.dev) == (task.train, task.dev) or not (left.train and left.dev):
            raise MisuseError("There is no such example to flag here, or it is the last one. Nothing was changed.")
        context_id = self.book.add_context(left, name, context.settings, context.seed)
        phase = without(node.phase, example)
        moved = self.book.move(branch, self._after(here, node, context=context_id, phase=phase))
        self._carry(here, self.branch(branch))
        return moved

    def switch(self, branch: str, optimizer_name: str, settings: Any = None) -> str:
        """Go on from here with another optimizer, which is handed the prompts held here; return the new node.

        Raises:
            MisuseError: for an unknown optimizer, or while a step is under way.
        """
        here = self._idle(branch)
        kind = optimizer(optimizer_name)
        node, context = self._at(here)
        settings = settings or kind.settings()
        context_id = self.book.add_context(
            self.book.whole_task(node.context), optimizer_name, settings, context.seed
        )
        first = kind.start(Context(context.task, settings, context.seed), handed(node.phase, node.constraints))
        self.book.pause_at(branch, tuple(dict.fromkeys((*here.stops, *kind.pauses))))
        return self.book.move(branch, Node(context_id, first, parent=here.node, constraints=node.constraints))

    # Within

    def _after(self, here: Branch, node: Node, **changes: Any) -> Node:
        """Return the node at which the same goes on with something changed, where the next draw is the same."""
        same = replace(node, parent=here.node, proposal=None, verdict=None, sample=self._sample(here))
        return replace(same, **changes)

    def _carry(self, here: Branch, there: Branch) -> None:
        """Take a person's words and marks along to where the same is asked, or offered, again."""
        (old, context), (new, left) = self._at(here), self._at(there)
        before, after = old.phase.ask(context, self._sample(here)), new.phase.ask(left, self._sample(there))
        if isinstance(before, Generate) and isinstance(after, Generate):
            words = self.book.draft(here.id, self._asking(here))
            for place, mark in carried(words, before.requests, after.requests):
                self.book.set_draft(here.id, self._asking(there), place, mark)
        if not here.pending:
            return
        items = offers = self.book.proposal(here.pending).items
        if isinstance(after, Pick):
            items, offers = unflawed(items), unflawed(offered(left, new.phase, after, new.constraints))
        elif worded(old.phase, before, old.constraints) != worded(new.phase, after, new.constraints):
            return
        settled = _settled(old.constraints) ^ _settled(new.constraints)
        for place, mark in carried(self.book.draft(here.id, here.pending), items, offers):
            if mark.index is None or mark.text is not None or offers[mark.index].text not in settled:
                self.book.set_draft(here.id, f"{self._asking(there)}/marks", place, mark)

    def _take_up(self, here: Branch, proposal: str, n_items: int) -> None:
        """Put the marks that were taken along on the proposal that was made anew."""
        for place, mark in self.book.draft(here.id, f"{self._asking(here)}/marks"):
            if max(mark.index or 0, mark.like or 0) < n_items:
                self.book.set_draft(here.id, proposal, place, mark)
        self._let_go(here)

    def _let_go(self, here: Branch) -> None:
        """Drop the marks that were taken along: they are on a proposal, or something else will be asked."""
        for place, _ in self.book.draft(here.id, waiting := f"{self._asking(here)}/marks"):
            self.book.set_draft(here.id, waiting, place, None)


def _but(examples: tuple[Example, ...], id: str) -> tuple[Example, ...]:
    return tuple(example for example in examples if example.id != id)


def _settled(constraints: Constraints) -> frozenset[str]:
    """Return the prompts of which a person has said for good whether they are chosen."""
    return frozenset((*constraints.pinned, *constraints.hidden))
