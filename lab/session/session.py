"""The commands of the lab: what the page, the notebook, the command line and scripts call.

Begin a run, propose, decide, draw again, let autopilot go on, go back, branch, undo. Each reads the book,
does one thing and writes the book; nothing else is remembered, so that any face can be closed at any time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lab.core.asks import Context, Done, Evaluate, Phase, Pick, Score, n_calls
from lab.core.constraints import worded
from lab.core.history import Node
from lab.core.review import ACCEPT, Mark, Verdict, check_mark, decide, propose, reworded
from lab.errors import MisuseError
from lab.session.branches import default_book
from lab.session.changes import Changes
from lab.session.jobs import Report
from lab.session.setup import check_pauses
from lab.store import TRANSFER, Account, Branch, Measure, Models

__all__ = ["Session", "default_book"]

MOST_ESTIMATED = 2000  # calls; to look up more takes longer than a page should

if TYPE_CHECKING:
    from lab.core.task import Task
    from lab.models.perform import Estimate, Performer
    from lab.session.state import State


class Session(Changes):
    """One person's work in a lab book."""

    def state(self, branch: str) -> State:
        """Read all that the views need of a branch, with an estimate of its next step."""
        state = super().state(branch)
        return replace(state, estimate=self._estimate(state))

    def _estimate(self, state: State) -> Estimate | None:
        """Describe what comes next will take: where a proposal waits, the step after it as it is drafted."""
        phase, sample, words = state.node.phase, state.sample, dict[int, str]()
        if state.proposal is None:
            words = self.words(state.branch.id)
        else:
            try:
                after = state.after()
            except MisuseError:
                return None
            phase, sample = after.phase, after.sample
        ask = reworded(worded(phase, phase.ask(state.context, sample), state.constraints), words)
        if isinstance(ask, (Pick, Done)) or n_calls(ask) > MOST_ESTIMATED:
            return None
        here = state.branch
        account = Account(self.book, here.id, here.node, "propose", sample)
        return self._performer(here, state.context, account, None, "").estimate(ask, f"{phase.round}.{sample}")

    # The loop

    async def propose(self, branch: str, report: Report | None = None) -> str:
        """Let the optimizer propose its next step, which then waits for a verdict; return the proposal's id.

        Where one waits already, it is that one.

        Raises:
            MisuseError: when the optimizer has ended.
            ModelError: when a model call failed for good; what had arrived is kept.
        """
        here = self.branch(branch)
        if here.pending:
            return here.pending
        node, context = self._at(here)
        sample, words = self._sample(here), self.words(branch)
        account = Account(self.book, here.id, here.node, "propose", sample)
        performer = self._performer(here, context, account, report, node.phase.title)
        try:
            proposal = await propose(context, node.phase, performer, sample, words, node.constraints)
        finally:
            await performer.aclose()
            account.close(performer.spent)
        id = self.book.add_proposal(branch, here.node, proposal)
        self._take_up(here, id, len(proposal.items))
        return id

    def decide(self, branch: str, proposal: str, verdict: Verdict = ACCEPT) -> str:
        """Take a verdict on the proposal that waits on a branch, and move the branch to where it leads.

        Raises:
            MisuseError: when the proposal is unknown or settled, or the verdict does not fit it.
        """
        here = self._waiting(branch, proposal)
        node, context = self._at(here)
        decision = decide(context, node.phase, self.book.proposal(proposal), verdict, node.constraints)
        after = (decision.phase, decision.sample, here.node, proposal, decision.verdict, node.constraints)
        return self.book.record_verdict(branch, proposal, Node(node.context, *after))

    def again(self, branch: str, proposal: str) -> None:
        """Put the waiting proposal aside, so that the next one draws another sample; undo brings it back.

        Raises:
            MisuseError: when the proposal does not wait on this branch any more.
        """
        here = self._waiting(branch, proposal)
        self.book.draw_again(branch, here.node, (here.sample or 0) + 1)

    def words(self, branch: str) -> dict[int, str]:
        """Return the meta-prompts that a person has worded otherwise for the next proposal here, by request."""
        here = self.branch(branch)
        marks = self.book.draft(branch, self._asking(here))
        return {place: mark.text for place, mark in marks if mark.text is not None}

    def reword(self, branch: str, request: int, text: str | None) -> None:
        """Word one request of the next proposal otherwise, for this once; None takes that back.

        A proposal that waits is put aside first, so that it is asked for again with these words; the other
        requests stay as they were, and their replies are known. Undo brings the proposal back.

        Raises:
            MisuseError: when there is no such request, or the text cannot be used.
        """
        here = self._idle(branch)
        (node, context), sample = self._at(here), self._sample(here)
        if text is not None:
            reworded(node.phase.ask(context, sample), {request: text})
        if here.pending:
            self.book.draw_again(branch, here.node, sample)
        self._let_go(here)
        self.book.set_draft(branch, self._asking(here), request, None if text is None else Mark(request, text=text))

    def mark(self, branch: str, proposal: str, place: int, mark: Mark | None) -> None:
        """Keep what a person made of one item until the verdict; places below 0 are added items.

        Raises:
            MisuseError: when the proposal does not wait on this branch any more.
        """
        here = self._waiting(branch, proposal)
        if mark is not None:
            check_mark(self.book.proposal(here.pending or ""), mark)
        self.book.set_draft(branch, proposal, place, mark)

    def drafted(self, branch: str) -> Verdict:
        """Return the verdict that a person's marks on the waiting proposal amount to."""
        here = self.branch(branch)
        marks = self.book.draft(branch, here.pending) if here.pending else ()
        return Verdict("edit", tuple(mark for _, mark in marks)) if marks else ACCEPT

    async def advance(
        self,
        branch: str,
        *,
        until_round: int | None = None,
        stops: Collection[str] | None = None,
        report: Report | None = None,
    ) -> str | None:
        """Go on, accepting, until a phase at which a person wants to stop; return the waiting proposal's id.

        Where a proposal waits already, it waits on. With `until_round`, goes on until that many rounds are
        complete. Without `stops` it pauses where the branch says; where `stops` is empty, nowhere. New prompts of
        the beam are measured on dev on the way. Gives None when there is nothing left to do.

        Raises:
            MisuseError: when `stops` names no phase of the optimizer.
            ModelError: when a model call failed for good; what had arrived is kept.
        """
        here = self.branch(branch)
        if stops is not None:
            check_pauses(self._optimizer(here), stops)
        if here.pending:
            return here.pending
        while True:
            here = self.branch(branch)
            node, context = self._at(here)
            await self._measure_held(here, node.phase, context, report)
            over = isinstance(node.phase.ask(context), Done)
            if over or (until_round is not None and node.phase.round >= until_round):
                return None
            proposal = await self.propose(branch, report)
            if type(node.phase).__name__ in (here.stops if stops is None else stops):
                return proposal
            self.decide(branch, proposal)
            await asyncio.sleep(0)

    async def autopilot(self, branch: str, rounds: int, report: Report | None = None) -> None:
        """Run a number of rounds as a reviewer who always accepts; what waits is decided as it was drafted."""
        here = self.branch(branch)
        goal = self._at(here)[0].phase.round + rounds
        if here.pending:
            self.decide(branch, here.pending, self.drafted(branch))
        await self.advance(branch, until_round=goal, stops=(), report=report)

    async def measure_on(
        self, branch: str, prompts: Sequence[str], models: Models, report: Report | None = None
    ) -> None:
        """Measure prompts on the dev examples of a branch under a target model; known answers cost nothing.

        Raises:
            MisuseError: when there is no such branch, or the model's endpoint lacks its key; nothing was sent.
            ModelError: when a call failed for good; no score is kept, the replies that had arrived are.
            BudgetError: when the ceiling of the work is reached; so too.
        """
        here = self.branch(branch)
        what = f"Score on {models['target'].endpoint.name}"
        await self._measure(replace(here, models=models), prompts, TRANSFER, what, report)

    async def _measure_held(self, here: Branch, phase: Phase, context: Context, report: Report | None) -> None:
        """Measure on dev the prompts of the phase that were not measured yet under this target model."""
        known = self.book.measured(self.book.context(self.book.node(here.node).context)[1], here.models.answering)
        new = [prompt for prompt in dict.fromkeys((context.task.start, *phase.prompts)) if prompt not in known]
        if new:
            await self._measure(here, new, "measure", "Score on the dev split", report)

    async def _measure(
        self, here: Branch, prompts: Sequence[str], what: str, title: str, report: Report | None
    ) -> None:
        _, task_id, context = self.book.context(self.book.node(here.node).context)
        account = Account(self.book, here.id, here.node, what)
        performer = self._performer(here, context, account, report, title)
        try:
            ask = Evaluate(tuple(prompts), tuple(example.id for example in context.task.dev), "dev")
            scores: Any = await performer(ask, "0")
        finally:
            await performer.aclose()
            account.close(performer.spent)
        self.book.add_measures(task_id, here.models.answering, "dev", _measures(context.task, scores))

    # Steps as jobs

    def start(self, branch: str, *, rounds: int | None = None) -> None:
        """Begin `advance`, or with `rounds` `autopilot`, as a job to be watched and stopped through `jobs`."""
        self.branch(branch)
        if rounds is None:
            self.jobs.start(branch, lambda report: self.advance(branch, report=report))
        else:
            self.jobs.start(branch, lambda report: self.autopilot(branch, rounds, report))

    def stop(self, branch: str) -> bool:
        """Stop the step under way; what had arrived is kept."""
        self.branch(branch)
        return self.jobs.stop(branch)

    # Within

    def _waiting(self, branch: str, proposal: str) -> Branch:
        here = self.branch(branch)
        if here.pending != proposal:
            self.book.proposal(proposal)  # an unknown one is said to be unknown
            raise MisuseError("This proposal was decided already. Nothing was changed.")
        return here

    def _performer(
        self, here: Branch, context: Context, account: Account, report: Report | None, what: str
    ) -> Performer:
        from lab.models.perform import Performer

        told: Callable[[Any], None] | None = None
        if report is not None:
            report(what, 0, 0, 0)

            def told(progress: Any) -> None:
                report(what, progress.done, progress.expected, progress.cached)

        return Performer(
            context.task,
            here.models,
            account,
            seed=context.seed,
            connections=self.connections,
            progress=told,
        )


def _measures(task: Task, scores: Iterable[Score]) -> Iterator[Measure]:
    """Return what was measured on dev; a prompt of which nothing was measured is left out, not scored 0."""
    from lab.tasks.metrics import total

    for score in scores:
        whole = total(task.metric, task.labels, task.dev, score.got, score.hits)
        if whole is not None:
            yield Measure(score.text, whole, sum(hit is not None for hit in score.hits), score.hits)
