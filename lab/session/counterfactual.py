"""What a person's edit did: the same step without it, or in other words, to the end of its round, on the same dev.

Both lines draw the same samples, so that they differ by the edit and by what followed from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lab.core.history import Node, path
from lab.core.review import ACCEPT, Mark, Verdict, decide
from lab.errors import MisuseError
from lab.i18n import gettext_lazy
from lab.session.branches import Branches, branch_name, new_id
from lab.session.human import Counterfactual, compared, end_of, way_of
from lab.session.jobs import Jobs, Report
from lab.session.looking import node_called
from lab.session.loop import Loop
from lab.session.measuring import Measuring
from lab.session.reader import StateReader
from lab.session.state import State
from lab.store import Book, Branch
from lab.store.counterfactuals import Tried

__all__ = ["Counterfactuals"]


@dataclass(frozen=True, eq=False, repr=False)
class Counterfactuals:
    """Makes and measures the counterfactuals of one owner's runs."""

    _book: Book
    _branches: Branches
    _loop: Loop
    _measuring: Measuring
    _reader: StateReader
    _jobs: Jobs

    async def counterfactual(
        self, branch: str, step: str, wording: Mapping[int, str] | None = None, report: Report | None = None
    ) -> Counterfactual:
        """Decide a step again without what a person did in it, or with other words for some of its items.

        The other line goes on by itself to the end of the round, and both ends are measured on dev. What was tried
        before is found again.

        Args:
            branch: of the run.
            step: its name (S31), or the node that it led to.
            wording: other texts, by the number of the item.
            report: hears how far it is.

        Raises:
            MisuseError: when there is no such step, its round is not over, or the words do not fit.
            ModelError: when a model call failed for good; what had arrived is kept.
        """
        state = self._reader.state(branch)
        node = _decided(state, self._book, step)
        ends = end_of(state, self._book, node, way_of(state, node))
        if ends is None:
            name = state.names.step(state.nodes[node].proposal)
            raise MisuseError(
                gettext_lazy("The round of {step} is not over on this line. Go on to its end first.", step=name)
            )
        marks = tuple(Mark(place, text=text) for place, text in (wording or {}).items())
        other = self._begun(state, node, Verdict("edit", marks) if marks else ACCEPT)
        if other is not None:
            until = state.nodes[state.nodes[node].parent or ""].phase.round + 1

            async def step_of_other(report: Report | None) -> None:
                await self._loop.advance(other.id, until_round=until, stops=(), report=report)
                await self._measure(other.id, state.nodes[ends], report)

            await self._jobs.attend(other.id, step_of_other, report)
        after = self._reader.state(branch)
        found = compared(after, self._book, node, None if other is None else self._branches.branch(other.id))
        assert found is not None, "both lines have come to the end of the round"
        return found

    def start(self, branch: str, step: str) -> None:
        """Begin `counterfactual` as a job of a branch.

        Raises:
            MisuseError: when there is no such step, or its round is not over.
        """
        self._branches.check_idle(branch)
        state = self._reader.state(branch)
        node = _decided(state, self._book, step)
        if end_of(state, self._book, node, way_of(state, node)) is None:
            raise MisuseError(
                gettext_lazy("The round of this step is not over on this line. Go on to its end first.")
            )
        self._jobs.start(branch, lambda report: self.counterfactual(branch, node, None, report))

    async def _measure(self, branch: str, end: Node, report: Report | None) -> None:
        """Measure what the first line holds at the end of the round, where nobody has yet."""
        at = self._branches.position(branch)
        known = self._book.measured(at.task_id, at.branch.models.answering)
        if lacking := [text for text in end.prompts if text not in known]:
            title = gettext_lazy("Score the prompts of the other line on dev")
            await self._measuring.measure(at, lacking, at.branch.models, "measure", title, report)

    def _begun(self, state: State, node: str, verdict: Verdict) -> Branch | None:
        """Return the branch on which a step is decided otherwise, new where none is; None where all is equal."""
        here = state.nodes[node]
        parent, proposal = state.nodes[here.parent or ""], self._book.proposal(here.proposal or "")
        context = self._book.context(parent.context).context
        worded = bool(proposal.reworded)
        if not worded:
            made = decide(context, parent.phase, proposal, verdict, parent.constraints)
            after = (made.phase, made.sample, here.parent, here.proposal, made.verdict, parent.constraints)
            id = Node(parent.context, *after).id
            if id == node:
                return None
            if known := self._known(state, node, id):
                return known
        elif known := self._known(state, node):
            return known
        name = state.names.step(here.proposal)
        title = branch_name(f"without {name}" if verdict == ACCEPT else f"{name} otherwise", "branch")
        row = state.branch
        new = Branch(new_id(), row.owner, row.run, title, here.parent or "", row.models, row.stops, forked=row.id)
        with self._book.transaction():
            self._book.add_branch(new, waits="" if worded else here.proposal)
            self._book.add_counterfactual(row.run, Tried(node, new.id))
            if not worded:
                self._loop.decide(new.id, here.proposal or "", verdict)
            elif proposal.sample != parent.sample:
                self._book.draw_again(new.id, new.node, proposal.sample)
        return new

    def _known(self, state: State, node: str, other: str = "") -> Branch | None:
        tried = [one.branch for one in self._book.counterfactuals(state.branch.run) if one.node == node]
        found = [branch for branch in state.branches if branch.id in tried]
        if not other:
            return found[0] if found else None
        return next((one for one in found if other in path(state.nodes, one.node)), None)


def _decided(state: State, book: Book, step: str) -> str:
    node = node_called(state, book, step)
    if node is None or state.nodes[node].proposal is None:
        raise MisuseError(
            gettext_lazy(
                "This run has no decided step “{step}”. Name one as run.history() does: S31, or its node.",
                step=step[:60],
            )
        )
    return node
