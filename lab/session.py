"""The commands of the lab: what the page, the notebook, the command line and scripts call.

Begin a run, propose, decide, draw again, let autopilot go on, go back, branch, undo. Each reads the book,
does one thing and writes the book; nothing else is remembered, so that any face can be closed at any time.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.asks import Done, Evaluate, Phase, Run, Score
from lab.errors import MisuseError
from lab.history import Node, path, with_ancestors
from lab.jobs import Jobs, Report
from lab.optimizers import Optimizer, optimizer
from lab.optimizers.flagging import without
from lab.optimizers.handover import held
from lab.review import ACCEPT, Mark, Verdict, check_mark, decide, propose, reworded
from lab.state import State
from lab.store import Account, Book, Branch, Measure, Models
from lab.text import shortened, whole

if TYPE_CHECKING:
    from lab.models.connections import Connections
    from lab.models.perform import Performer
    from lab.tasks.task import Example, Task


def default_book() -> Path:
    """Where the lab book is when no --book is given: LAB_BOOK, or `lab.sqlite` in the user's data folder."""
    if given := os.environ.get("LAB_BOOK"):
        return Path(given)
    from platformdirs import user_data_path

    return user_data_path("prompt-lab", appauthor=False) / "lab.sqlite"


class Session:
    """One person's work in a lab book."""

    def __init__(
        self,
        book: Book | str | Path | None = None,
        owner: str = "me",
        jobs: Jobs | None = None,
        connections: Connections | None = None,
    ) -> None:
        from lab.models.connections import Connections

        self.book = book if isinstance(book, Book) else Book(book or default_book())
        self.owner = owner
        self.jobs = jobs or Jobs()
        self.connections = connections or Connections(known=self.book)

    # Looking

    def branches(self) -> tuple[Branch, ...]:
        """Gives all branches of this owner, the newest last."""
        return self.book.branches(self.owner)

    def branch(self, branch: str) -> Branch:
        """Gives a branch of this owner.

        Raises:
            MisuseError: when the owner has none of that id.
        """
        return self.book.branch(branch, self.owner)

    def state(self, branch: str) -> State:
        """Reads all that the views need of a branch."""
        here = self.branch(branch)
        siblings = tuple(b for b in self.branches() if b.work == here.work)  # before the nodes: these only grow
        book, visited = self.book, self.book.visited(here.work)
        nodes = book.nodes(with_ancestors(book.parents(visited), visited))
        name, task_id, run = book.run(nodes[here.node].run)
        measured = book.measured(task_id, here.models.answering)
        seen = {text for node in nodes.values() for text in node.phase.prompts}
        root = book.run(nodes[path(nodes, here.node)[0]].run)[2].task
        kept = {example.id for example in (*run.task.train, *run.task.dev)}
        return State(
            here,
            siblings,
            optimizer(name),
            run,
            task_id,
            nodes,
            path(nodes, here.node),
            book.proposal(here.pending) if here.pending else None,
            book.draft(branch, here.pending) if here.pending else (),
            {text: score for text, score in measured.items() if text in seen},
            book.spends(here.work),
            tuple(example for example in (*root.train, *root.dev) if example.id not in kept),
        )

    # Beginning

    def begin(
        self,
        task: Task,
        *,
        optimizer_name: str = "protegi",
        settings: Any = None,
        seed: int = 0,
        models: Models | None = None,
        name: str = "main",
        stops: Collection[str] | None = None,
    ) -> str:
        """Begins a run of an optimizer on a task and gives the id of its first branch.

        Raises:
            MisuseError: for an unknown optimizer, an empty start prompt, or a model that cannot be used.
        """
        from lab.models.endpoint import Endpoint

        if not task.start.strip():
            raise MisuseError("The start prompt is empty. Write the instructions to begin with.")
        models = models or Models()
        optimizes, answers = Endpoint.of(models.optimizer), Endpoint.of(models.target)
        for endpoint in (optimizes, answers):
            self.connections.client(endpoint)  # refuses an endpoint whose key is missing; sends nothing
        kind = optimizer(optimizer_name)
        _check_stops(kind, stops or ())
        settings = settings or kind.settings()
        run_id = self.book.add_run(task, optimizer_name, settings, seed)
        root = Node(run_id, kind.start(Run(task.sealed(), settings, seed)))
        pauses = (
            tuple(phase.__name__ for phase in kind.phases if not phase.passes) if stops is None else tuple(stops)
        )
        branch = Branch(
            _new_id(),
            self.owner,
            _new_id(),
            _named(name, "main"),
            root.id,
            replace(models, optimizer=optimizes.spec, target=answers.spec),
            pauses,
        )
        self.book.add_branch(branch, root)
        return branch.id

    # The loop

    async def propose(self, branch: str, report: Report | None = None) -> str:
        """Lets the optimizer propose its next step, which then waits for a verdict; gives the proposal's id.

        Where one waits already, it is that one.

        Raises:
            MisuseError: when the optimizer has ended.
            ModelError: when a model call failed for good; what had arrived is kept.
        """
        here = self.branch(branch)
        if here.pending:
            return here.pending
        node, run = self._at(here)
        sample = node.sample if here.sample is None else here.sample
        words = self.words(branch)
        account = Account(self.book, here.id, here.node, "propose", sample)
        performer = self._performer(here, run, account, report, node.phase.title)
        try:
            proposal = await propose(run, node.phase, performer, sample, words)
        finally:
            await performer.aclose()
            account.close(performer.spent)
        return self.book.pend(branch, here.node, proposal)

    def decide(self, branch: str, proposal: str, verdict: Verdict = ACCEPT) -> str:
        """Takes a verdict on the proposal that waits on a branch, and moves the branch to where it leads.

        Raises:
            MisuseError: when the proposal is unknown or settled, or the verdict does not fit it.
        """
        here = self._waiting(branch, proposal)
        node, run = self._at(here)
        decision = decide(run, node.phase, self.book.proposal(proposal), verdict)
        after = Node(node.run, decision.phase, decision.sample, here.node, proposal, decision.verdict)
        return self.book.settle(branch, proposal, after)

    def again(self, branch: str, proposal: str) -> None:
        """Puts the waiting proposal aside, so that the next one draws another sample; undo brings it back.

        Raises:
            MisuseError: when the proposal does not wait on this branch any more.
        """
        here = self._waiting(branch, proposal)
        self.book.draw_again(branch, here.node, (here.sample or 0) + 1)

    def words(self, branch: str) -> dict[int, str]:
        """Gives the meta-prompts that a person has worded otherwise for the next proposal here, by request."""
        here = self.branch(branch)
        marks = self.book.draft(branch, self._asking(here))
        return {place: mark.text for place, mark in marks if mark.text is not None}

    def reword(self, branch: str, request: int, text: str | None) -> None:
        """Words one request of the next proposal otherwise, for this once; None takes that back.

        A proposal that waits is put aside first, so that it is asked for again with these words; the other
        requests stay as they were, and their replies are known. Undo brings the proposal back.

        Raises:
            MisuseError: when there is no such request, or the text cannot be used.
        """
        here = self._idle(branch)
        node, run = self._at(here)
        sample = node.sample if here.sample is None else here.sample
        if text is not None:
            reworded(node.phase.ask(run, sample), {request: text})
        if here.pending:
            self.book.draw_again(branch, here.node, sample)
        self.book.set_draft(branch, self._asking(here), request, None if text is None else Mark(request, text=text))

    def mark(self, branch: str, proposal: str, place: int, mark: Mark | None) -> None:
        """Keeps what a person made of one item until the verdict; places below 0 are added items.

        Raises:
            MisuseError: when the proposal does not wait on this branch any more.
        """
        here = self._waiting(branch, proposal)
        if mark is not None:
            check_mark(self.book.proposal(here.pending or ""), mark)
        self.book.set_draft(branch, proposal, place, mark)

    def drafted(self, branch: str) -> Verdict:
        """Gives the verdict that a person's marks on the waiting proposal amount to."""
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
        """Goes on, accepting, until a phase at which a person wants to stop; gives the waiting proposal's id.

        Where a proposal waits already, it waits on. With `until_round`, goes on until that many rounds are
        complete. Without `stops` it pauses where the branch says; where `stops` is empty, nowhere. New prompts of
        the beam are measured on dev on the way. Gives None when there is nothing left to do.

        Raises:
            MisuseError: when `stops` names no phase of the optimizer.
            ModelError: when a model call failed for good; what had arrived is kept.
        """
        here = self.branch(branch)
        if stops is not None:
            _check_stops(self._optimizer(here), stops)
        if here.pending:
            return here.pending
        while True:
            here = self.branch(branch)
            node, run = self._at(here)
            await self._measure(here, node.phase, run, report)
            over = isinstance(node.phase.ask(run), Done)
            if over or (until_round is not None and node.phase.round >= until_round):
                return None
            proposal = await self.propose(branch, report)
            if type(node.phase).__name__ in (here.stops if stops is None else stops):
                return proposal
            self.decide(branch, proposal)
            await asyncio.sleep(0)

    async def autopilot(self, branch: str, rounds: int, report: Report | None = None) -> None:
        """Runs a number of rounds as a reviewer who always accepts; what waits is decided as it was drafted."""
        here = self.branch(branch)
        goal = self._at(here)[0].phase.round + rounds
        if here.pending:
            self.decide(branch, here.pending, self.drafted(branch))
        await self.advance(branch, until_round=goal, stops=(), report=report)

    async def _measure(self, here: Branch, phase: Phase, run: Run, report: Report | None) -> None:
        """Measures on dev the prompts of the phase that were not measured yet under this target model."""
        task_id = self.book.run(self.book.node(here.node).run)[1]
        known = self.book.measured(task_id, here.models.answering)
        new = tuple(prompt for prompt in dict.fromkeys((run.task.start, *phase.prompts)) if prompt not in known)
        if not new:
            return
        account = Account(self.book, here.id, here.node, "measure")
        performer = self._performer(here, run, account, report, "Score on the dev split")
        try:
            ask = Evaluate(new, tuple(example.id for example in run.task.dev), "dev")
            scores: Any = await performer(ask, "0")
        finally:
            await performer.aclose()
            account.close(performer.spent)
        self.book.measure(task_id, here.models.answering, "dev", _measures(run.task, scores))

    # Moving about

    def goto(self, branch: str, node: str) -> None:
        """Moves a branch to a node of its tree.

        Raises:
            MisuseError: when the node is not in the tree of this branch.
        """
        self._reachable(branch, node)
        self.book.move(branch, node)

    def fork(self, branch: str, node: str, name: str = "") -> str:
        """Makes a new branch at a node and gives its id; the old branch stays where it is.

        Where the old one had only come back to this node, it returns to where it came from.
        """
        here = self._reachable(branch, node)
        siblings = sum(b.work == here.work for b in self.branches())
        name = _named(name, f"branch {siblings + 1}")
        forked = Branch(_new_id(), self.owner, here.work, name, node, here.models, here.stops)
        self.book.add_branch(forked)
        before = self.book.place_before(branch)
        if node == here.node and before is not None and node in self.book.parents([before]) and node != before:
            self.book.step_back(branch, -1)
        return forked.id

    def undo(self, branch: str) -> None:
        """Moves a branch to where it was before its last move; nothing is lost."""
        self._idle(branch)
        self.book.step_back(branch, -1)

    def redo(self, branch: str) -> None:
        """Moves a branch to where it was before the last undo."""
        self._idle(branch)
        self.book.step_back(branch, 1)

    def rename(self, branch: str, name: str) -> None:
        """Gives a branch another name."""
        self.branch(branch)
        self.book.rename(branch, _named(name, "branch"))

    def pause_at(self, branch: str, stops: Collection[str]) -> None:
        """Sets the phases at which a branch waits for a person."""
        _check_stops(self._optimizer(self.branch(branch)), stops)
        self.book.pause_at(branch, stops)

    def change_settings(self, branch: str, **settings: Any) -> str:
        """Goes on from here with other settings: another run, from a new node that holds the same phase.

        Raises:
            MisuseError: for a setting that does not exist or is out of range.
        """
        here = self._idle(branch)
        node = self.book.node(here.node)
        name, _, run = self.book.run(node.run)
        changed = optimizer(name).settle(**{**asdict(run.settings), **settings})
        run_id = self.book.add_run(self.book.whole_task(node.run), name, changed, run.seed)
        return self.book.move(branch, replace(node, run=run_id, parent=here.node, proposal=None, verdict=None))

    def flag(self, branch: str, example: str) -> str:
        """Goes on from here without an example whose label is wrong: it leaves train or dev; gives the new node.

        What is measured on dev is measured anew, known answers cost nothing; undo takes the flag back.

        Raises:
            MisuseError: when the task has no such example to leave out, or a split would be empty.
        """
        here = self._idle(branch)
        node = self.book.node(here.node)
        name, _, run = self.book.run(node.run)
        task = self.book.whole_task(node.run)
        left = replace(task, train=_but(task.train, example), dev=_but(task.dev, example))
        if (left.train, left.dev) == (task.train, task.dev) or not (left.train and left.dev):
            raise MisuseError("There is no such example to flag here, or it is the last one. Nothing was changed.")
        run_id = self.book.add_run(left, name, run.settings, run.seed)
        phase = without(node.phase, example)
        return self.book.move(branch, Node(run_id, phase, node.sample, here.node))

    def switch(self, branch: str, optimizer_name: str, settings: Any = None) -> str:
        """Goes on from here with another optimizer, which is handed the prompts held here; gives the new node.

        Raises:
            MisuseError: for an unknown optimizer, or while a step is under way.
        """
        here = self._idle(branch)
        kind = optimizer(optimizer_name)
        node, run = self._at(here)
        settings = settings or kind.settings()
        run_id = self.book.add_run(self.book.whole_task(node.run), optimizer_name, settings, run.seed)
        first = kind.start(Run(run.task, settings, run.seed), held(node.phase))
        pauses = (phase.__name__ for phase in kind.phases if not phase.passes)
        self.book.pause_at(branch, tuple(dict.fromkeys((*here.stops, *pauses))))
        return self.book.move(branch, Node(run_id, first, parent=here.node))

    # Steps as jobs

    def start(self, branch: str, *, rounds: int | None = None) -> None:
        """Begins `advance`, or with `rounds` `autopilot`, as a job to be watched and stopped through `jobs`."""
        self.branch(branch)
        if rounds is None:
            self.jobs.start(branch, lambda report: self.advance(branch, report=report))
        else:
            self.jobs.start(branch, lambda report: self.autopilot(branch, rounds, report))

    def stop(self, branch: str) -> bool:
        """Stops the step under way; what had arrived is kept."""
        self.branch(branch)
        return self.jobs.stop(branch)

    # Within

    def _at(self, here: Branch) -> tuple[Node, Run]:
        node = self.book.node(here.node)
        return node, self.book.run(node.run)[2]

    def _waiting(self, branch: str, proposal: str) -> Branch:
        here = self.branch(branch)
        if here.pending != proposal:
            self.book.proposal(proposal)  # an unknown one is said to be unknown
            raise MisuseError("This proposal was decided already. Nothing was changed.")
        return here

    def _asking(self, here: Branch) -> str:
        """Names the place of what a person words otherwise: a node and the sample asked there next."""
        sample = self.book.node(here.node).sample if here.sample is None else here.sample
        return f"{here.node}/{sample}"

    def _optimizer(self, here: Branch) -> Optimizer:
        return optimizer(self.book.run(self.book.node(here.node).run)[0])

    def _idle(self, branch: str) -> Branch:
        here = self.branch(branch)
        if self.jobs.running(branch):
            raise MisuseError("A step is under way on this branch. Stop it or wait until it ends.")
        return here

    def _reachable(self, branch: str, node: str) -> Branch:
        here = self._idle(branch)
        visited = self.book.visited(here.work)
        if node not in self.book.parents(visited):
            raise MisuseError("There is no such place in the history of this branch.")
        return here

    def _performer(self, here: Branch, run: Run, account: Account, report: Report | None, what: str) -> Performer:
        from lab.models.perform import Performer

        told: Callable[[Any], None] | None = None
        if report is not None:
            report(what, 0, 0, 0)

            def told(progress: Any) -> None:
                report(what, progress.done, progress.expected, progress.cached)

        optimizes, answers = here.models.uses
        return Performer(
            run.task,
            optimizes,
            answers,
            account,
            seed=run.seed,
            ceiling=here.models.ceiling,
            connections=self.connections,
            progress=told,
        )


def _check_stops(kind: Optimizer, stops: Collection[str]) -> None:
    known = [phase.__name__ for phase in kind.phases]
    for stop in stops:
        if stop not in known:
            raise MisuseError(f"There is no phase “{stop}” to stop at. The phases are: {', '.join(known)}.")


def _but(examples: tuple[Example, ...], id: str) -> tuple[Example, ...]:
    return tuple(example for example in examples if example.id != id)


def _named(name: str, otherwise: str) -> str:
    return shortened(whole(name), 80) or otherwise


def _new_id() -> str:
    return secrets.token_urlsafe(9)


def _measures(task: Task, scores: Iterable[Score]) -> Iterator[Measure]:
    """Gives what was measured on dev; a prompt of which nothing was measured is left out, not scored 0."""
    from lab.tasks.metrics import total

    for score in scores:
        whole = total(task.metric, task.labels, task.dev, score.got, score.hits)
        if whole is not None:
            yield Measure(score.text, whole, sum(hit is not None for hit in score.hits), score.hits)
