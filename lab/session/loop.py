"""The loop of an optimizer on a branch: propose, decide, draw again, and go on by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass

from lab.core.asks import Done, Generate
from lab.core.history import Node
from lab.core.review import ACCEPT, Verdict, decide, propose
from lab.errors import AskedError
from lab.models.calls import Spent
from lab.session.asking import Reason, When, check_when, half_spent, of_proposal, of_round, sentence
from lab.session.branches import Branches, Position
from lab.session.drafts import Drafts, Marks
from lab.session.jobs import Jobs, Report
from lab.session.measuring import Measuring
from lab.session.performers import Performers
from lab.session.setup import check_pauses
from lab.store import Book


@dataclass(frozen=True, eq=False, repr=False)
class Loop:
    """Takes branches forward, step by step."""

    _book: Book
    _branches: Branches
    _drafts: Drafts
    _measuring: Measuring
    _performers: Performers
    _jobs: Jobs

    # One step

    async def propose(self, branch: str, report: Report | None = None) -> str:
        """Let the optimizer propose its next step, which then waits for a verdict; return the proposal's id.

        Where one waits already, it is that one.

        Raises:
            MisuseError: when the optimizer has ended, or a step is under way here.
            AwaitedError: when a person is the model, and has not replied yet.
            ModelError: when a model call failed for good; what had arrived is kept.
        """
        return await self._jobs.attend(branch, lambda report: self._propose(branch, report), report)

    async def _propose(self, branch: str, report: Report | None) -> str:
        at = self._branches.position(branch)
        if at.branch.pending:
            return at.branch.pending
        phase, words, constraints = at.node.phase, self._drafts.words(at), at.node.constraints
        async with self._performers.open(at, "propose", phase.title, report) as performer:
            proposal = await propose(at.context, phase, performer, at.sample, words, constraints)
        with self._book.transaction():
            id = self._book.add_proposal(branch, at.branch.node, proposal)
            self._drafts.take_up(at, id, len(proposal.items))
        return id

    def decide(self, branch: str, proposal: str, verdict: Verdict = ACCEPT) -> str:
        """Take a verdict on the proposal that waits on a branch, and move the branch to where it leads.

        Raises:
            MisuseError: when the proposal is unknown or settled, or the verdict does not fit it.
        """
        return self._decide(self._branches.waiting(branch, proposal), verdict)

    def accept(self, branch: str, proposal: str, marks: Marks = ()) -> str:
        """Decide the proposal that waits on a branch as it is marked, with these marks too.

        Raises:
            MisuseError: when the proposal is unknown or settled, or a mark does not fit it; nothing was changed.
        """
        at = self._branches.waiting(branch, proposal)
        with self._book.transaction():
            self._drafts.mark_all(at, marks)
            return self._decide(at, self._drafts.verdict(at))

    def _decide(self, at: Position, verdict: Verdict) -> str:
        here, node, proposal = at.branch, at.node, at.branch.pending or ""
        decision = decide(at.context, node.phase, self._book.proposal(proposal), verdict, node.constraints)
        after = (decision.phase, decision.sample, here.node, proposal, decision.verdict, node.constraints)
        return self._book.record_verdict(here.id, proposal, Node(node.context, *after))

    def again(self, branch: str, proposal: str, marks: Marks = ()) -> None:
        """Put the waiting proposal aside, so that the next one draws another sample; undo brings it back.

        Raises:
            MisuseError: when the proposal does not wait on this branch any more.
        """
        at = self._branches.waiting(branch, proposal)
        with self._book.transaction():
            self._drafts.mark_all(at, marks)
            self._book.draw_again(branch, at.branch.node, (at.branch.sample or 0) + 1)

    # Many steps

    async def advance(
        self,
        branch: str,
        *,
        until_round: int | None = None,
        stops: Collection[str] | None = None,
        report: Report | None = None,
        go_on: bool = False,
    ) -> str | None:
        """Go on, accepting, until a phase at which a person wants to stop; return the waiting proposal's id.

        Where a proposal waits already, it waits on. With `until_round`, goes on until that many rounds are
        complete. Without `stops` it pauses where the branch says; where `stops` is empty, nowhere. New prompts of
        the beam are measured on dev on the way. Returns None when there is nothing left to do.

        Raises:
            MisuseError: when `stops` names no phase of the optimizer, or a step is under way here.
            AwaitedError: when a person is the optimizer model, and has not replied yet.
            ModelError: when a model call failed for good; what had arrived is kept.
            UnreadError: when hardly a reply to the start prompt could be read, the first time that it is measured;
                not with `go_on`.
        """

        async def step(report: Report | None) -> str | None:
            found = await self._advance(branch, report, until_round, stops, go_on)
            return found if isinstance(found, str) else None  # nobody asked to be asked

        return await self._jobs.attend(branch, step, report)

    async def _advance(
        self,
        branch: str,
        report: Report | None,
        until_round: int | None = None,
        stops: Collection[str] | None = None,
        go_on: bool = False,
        ask_when: Collection[When] = (),
        explores: bool = False,
    ) -> str | Reason | None:
        at = self._branches.position(branch)
        if stops is not None:
            check_pauses(at.optimizer, stops)
        spent, begun = self._book.spent_since(branch, -1)[0], at.branch.node
        while at.branch.pending is None:
            phase = at.node.phase
            over = isinstance(phase.ask(at.context), Done)
            await self._measuring.measure_held(at, report, go_on)
            if at.branch.node != begun and (reason := self._reason(at, spent, ask_when)):
                return reason
            if over or (until_round is not None and phase.round >= until_round):
                return None
            if explores and self._draw_anew(at):
                at = self._branches.position(branch)
            proposal = await self._propose(branch, report)
            if reason := of_proposal(self._book.proposal(proposal), ask_when):
                return reason
            if type(phase).__name__ in (at.branch.stops if stops is None else stops):
                return proposal
            self.decide(branch, proposal)
            await asyncio.sleep(0)
            at = self._branches.position(branch)
        return at.branch.pending

    def _draw_anew(self, at: Position) -> bool:
        """Draw another sample where this one was decided from here before; return whether another can differ.

        What a person has marked is not put aside.
        """
        if at.branch.pending and self._drafts.verdict(at) != ACCEPT:
            return False
        parents = self._book.parents(self._book.visited(at.branch.run))
        after = self._book.nodes([id for id, parent in parents.items() if parent == at.branch.node])
        decided = self._book.proposals([one.proposal for one in after.values() if one.proposal])
        used = {one.sample for one in decided.values()}
        now = self._book.proposal(at.branch.pending).sample if at.branch.pending else at.sample
        other, ask = max((*used, now)) + 1, at.node.phase.ask(at.context, now)
        if now not in used or not (isinstance(ask, Generate) or at.node.phase.ask(at.context, other) != ask):
            return False
        self._book.draw_again(at.branch.id, at.branch.node, other)
        return True

    def _reason(self, at: Position, before: Spent, when: Collection[When]) -> Reason | None:
        """Return why a person is asked between two steps: for what is spent, or where a round begins."""
        if not when:
            return None
        now = self._book.spent_since(at.branch.id, -1)[0]
        if "half" in when and (reason := half_spent(at.branch.models.ceiling, before, now)):
            return reason
        way = self._book.nodes(tuple(self._book.parents((at.branch.node,))))
        if at.node.parent is None or way[at.node.parent].phase.round == at.node.phase.round:
            return None
        known = self._book.measured(at.task_id, at.branch.models.answering)
        begins = [
            one for one in way.values() if one.parent is None or way[one.parent].phase.round != one.phase.round
        ]
        held = [[known[text] for text in one.prompts if text in known] for one in reversed(begins)]
        return of_round(held, when)

    async def autopilot(
        self,
        branch: str,
        rounds: int,
        report: Report | None = None,
        go_on: bool = False,
        ask_when: Collection[str] = (),
        explores: bool = False,
    ) -> Reason | None:
        """Run a number of rounds as a reviewer who always accepts; what waits is decided as it was drafted.

        Args:
            branch: which one.
            rounds: how many.
            report: hears how far it is.
            go_on: whether also where hardly a reply could be read.
            ask_when: when to stop and ask a person, as `lab.session.asking` names it.
            explores: whether a branch that was made from another draws anew where it would only repeat a line.

        Returns:
            Why it stopped to ask; None where it came to its end.

        Raises:
            MisuseError: for a reason to ask that there is not.
            UnreadError: as `advance` does.
        """
        when = check_when(ask_when)

        async def step(report: Report | None) -> Reason | None:
            at = self._branches.position(branch)
            can_draw = not at.branch.models["optimizer"].is_out_of_reach  # a recording has no other replies
            anew = explores and bool(at.branch.forked) and can_draw
            if anew and self._draw_anew(at):
                at = self._branches.position(branch)
            if at.branch.pending:
                self._decide(at, self._drafts.verdict(at))
            found = await self._advance(branch, report, at.node.phase.round + rounds, (), go_on, when, anew)
            return found if isinstance(found, Reason) else None

        return await self._jobs.attend(branch, step, report)

    # Steps as jobs

    def start(
        self, branch: str, *, rounds: int | None = None, ask_when: Collection[str] = (), explores: bool = False
    ) -> None:
        """Begin `advance`, or with `rounds` `autopilot`, as a job to be watched and stopped through `jobs`.

        Raises:
            MisuseError: for a reason to ask that there is not.
        """
        when = check_when(ask_when)
        self._branches.branch(branch)
        if rounds is None:
            self._jobs.start(branch, lambda report: self._advance(branch, report))
        else:
            self._jobs.start(branch, lambda report: self._autopilot(branch, rounds, when, explores, report))

    async def _autopilot(
        self, branch: str, rounds: int, when: Collection[str], explores: bool, report: Report
    ) -> None:
        reason = await self.autopilot(branch, rounds, report, ask_when=when, explores=explores)
        if reason is not None:
            raise AskedError(sentence(reason))

    def stop(self, branch: str) -> bool:
        """Stop the step under way; what had arrived is kept."""
        self._branches.branch(branch)
        return self._jobs.stop(branch)
