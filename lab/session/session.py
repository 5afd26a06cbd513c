"""The commands of the lab: what the page, the notebook, the command line and scripts call.

Each reads the book, does one thing and writes the book; nothing else is remembered, so that any face can be closed
at any time.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lab.core.review import ACCEPT, Mark, Verdict
from lab.session.branches import Branches
from lab.session.changes import Changes
from lab.session.drafts import Drafts, Marks
from lab.session.jobs import Jobs, Report
from lab.session.limits import RunLimits
from lab.session.loop import Loop
from lab.session.measuring import Measuring
from lab.session.performers import Performers
from lab.session.reader import StateReader
from lab.session.setup import RunSetup
from lab.session.state import State
from lab.session.transfer import Transfer
from lab.store import Book, Branch, Models

if TYPE_CHECKING:
    from lab.core.task import Task
    from lab.models.connections import Connections
    from lab.models.limits import Ceiling, Limits
    from lab.models.prices import Price
    from lab.models.roles import Role

__all__ = ["Session", "default_book"]


def default_book() -> Path:
    """Return where the lab book is when no --book is given: LAB_BOOK, or `lab.sqlite` in the user's data folder."""
    if given := os.environ.get("LAB_BOOK"):
        return Path(given)
    from platformdirs import user_data_path

    return user_data_path("prompt-lab", appauthor=False) / "lab.sqlite"


class Session:
    """One person's runs in a lab book: every verb, done by the part that it belongs to."""

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
        self._branches = Branches(self.book, owner, self.jobs, self.connections)
        self._drafts = Drafts(self.book, self._branches)
        self._changes = Changes(self.book, self._branches, self._drafts)
        self._limits = RunLimits(self.book, self._branches)
        performers = Performers(self.book, self.connections)
        self._measuring = Measuring(self.book, self._branches, performers)
        self._reader = StateReader(self.book, self._branches, self.connections, performers)
        self._transfer = Transfer(self.book, self._branches, self._measuring, self._reader, self.jobs)
        self._loop = Loop(self.book, self._branches, self._drafts, self._measuring, performers, self.jobs)

    # Beginning and looking

    def begin(
        self,
        task: Task | RunSetup,
        *,
        optimizer_name: str = "protegi",
        settings: object = None,
        seed: int = 0,
        models: Models | None = None,
        name: str = "main",
        stops: Collection[str] | None = None,
    ) -> str:
        """Begin a run of an optimizer on a task, or what a `RunSetup` says; return the id of its first branch.

        Raises:
            MisuseError: for what `RunSetup.of` refuses, or a model whose key is missing; nothing was changed.
        """
        if isinstance(task, RunSetup):
            return self._branches.begin(task)
        given = RunSetup.of(
            task, optimizer_name, settings=settings, models=models, seed=seed, pauses=stops, name=name
        )
        return self._branches.begin(given)

    def branches(self) -> tuple[Branch, ...]:
        """Return all branches of this owner, the newest last."""
        return self._branches.all()

    def branch(self, branch: str) -> Branch:
        """Return a branch of this owner; raise a MisuseError when there is none of that id."""
        return self._branches.branch(branch)

    def state(self, branch: str) -> State:
        """Read all that the views need of a branch, with an estimate of its next step."""
        return self._reader.state(branch)

    # The loop

    async def propose(self, branch: str, report: Report | None = None) -> str:
        """Let the optimizer propose its next step, which then waits for a verdict; return the proposal's id."""
        return await self._loop.propose(branch, report)

    def decide(self, branch: str, proposal: str, verdict: Verdict = ACCEPT) -> str:
        """Take a verdict on the proposal that waits on a branch; return the node that it leads to."""
        return self._loop.decide(branch, proposal, verdict)

    def accept(self, branch: str, proposal: str, marks: Marks = ()) -> str:
        """Decide the proposal that waits on a branch as it is marked, with these marks too; return the new node."""
        return self._loop.accept(branch, proposal, marks)

    def again(self, branch: str, proposal: str, marks: Marks = ()) -> None:
        """Put the waiting proposal aside, so that the next one draws another sample; undo brings it back."""
        self._loop.again(branch, proposal, marks)

    async def advance(
        self,
        branch: str,
        *,
        until_round: int | None = None,
        stops: Collection[str] | None = None,
        report: Report | None = None,
    ) -> str | None:
        """Go on, accepting, until a phase at which a person wants to stop; return the waiting proposal's id."""
        return await self._loop.advance(branch, until_round=until_round, stops=stops, report=report)

    async def autopilot(self, branch: str, rounds: int, report: Report | None = None) -> None:
        """Run a number of rounds as a reviewer who always accepts; what waits is decided as it was drafted."""
        await self._loop.autopilot(branch, rounds, report)

    def start(self, branch: str, *, rounds: int | None = None) -> None:
        """Begin `advance`, or with `rounds` `autopilot`, as a job to be watched and stopped through `jobs`."""
        self._loop.start(branch, rounds=rounds)

    def stop(self, branch: str) -> bool:
        """Stop the step under way; what had arrived is kept."""
        return self._loop.stop(branch)

    # Drafts

    def mark(self, branch: str, proposal: str, place: int, mark: Mark | None) -> None:
        """Keep what a person made of one item until the verdict; places below 0 are added items."""
        self._drafts.mark(branch, proposal, place, mark)

    def drafted(self, branch: str) -> Verdict:
        """Return the verdict that a person's marks on the waiting proposal amount to."""
        return self._drafts.verdict(self._branches.position(branch))

    def words(self, branch: str) -> dict[int, str]:
        """Return the meta-prompts that a person has worded otherwise for the next proposal here, by request."""
        return self._drafts.words(self._branches.position(branch))

    def reword(self, branch: str, request: int, text: str | None) -> None:
        """Word one request of the next proposal otherwise, for this once; None takes that back."""
        self._drafts.reword(branch, request, text)

    # Moving about

    def goto(self, branch: str, node: str) -> None:
        """Move a branch to a node of its tree."""
        self._branches.goto(branch, node)

    def fork(self, branch: str, node: str, name: str = "") -> str:
        """Make a new branch at a node and return its id; the old branch stays where it is."""
        return self._branches.fork(branch, node, name)

    def undo(self, branch: str) -> None:
        """Move a branch to where it was before its last move; nothing is lost."""
        self._branches.undo(branch)

    def redo(self, branch: str) -> None:
        """Move a branch to where it was before the last undo."""
        self._branches.redo(branch)

    def rename(self, branch: str, name: str) -> None:
        """Give a branch another name."""
        self._branches.rename(branch, name)

    def pause_at(self, branch: str, stops: Collection[str]) -> None:
        """Set the phases at which a branch waits for a person; those of an optimizer before this one stay."""
        self._branches.pause_at(branch, stops)

    # Changes for all that comes

    def change_settings(self, branch: str, **settings: object) -> str:
        """Go on from here with other settings; return the new node."""
        return self._changes.change_settings(branch, **settings)

    def more_rounds(self, branch: str, rounds: int) -> str:
        """Go on from here with so many rounds more; return the new node."""
        return self._changes.more_rounds(branch, rounds)

    def constrain(self, branch: str, **changes: object) -> str:
        """Go on from here with other constraints, named as `Constraints` has them; return the new node."""
        return self._changes.constrain(branch, **changes)

    def flag(self, branch: str, example: str) -> str:
        """Go on from here without an example whose label is wrong; return the new node."""
        return self._changes.flag(branch, example)

    def switch(self, branch: str, optimizer_name: str, settings: object = None) -> str:
        """Go on from here with another optimizer, which is handed the prompts held here; return the new node."""
        return self._changes.switch(branch, optimizer_name, settings)

    # Models

    def set_limits(self, branch: str, role: Role, limits: Limits, price: Price | None) -> None:
        """Set the limits and the price of one model from here on; the number of tries stays as it is."""
        self._limits.set_limits(branch, role, limits, price)

    def set_ceiling(self, branch: str, ceiling: Ceiling) -> None:
        """Set what all branches of this run may spend together."""
        self._limits.set_ceiling(branch, ceiling)

    async def score_on(
        self, branch: str, prompts: Sequence[str], models: Models, report: Report | None = None
    ) -> None:
        """Measure prompts on the dev examples of a branch under another target model."""
        await self._measuring.score_on(branch, prompts, models, report)

    def start_scoring(self, branch: str, model: str, prompts: Sequence[str] | None = None) -> None:
        """Begin to score prompts on another target model, as a job; without `prompts`, the default ones."""
        self._transfer.start_scoring(branch, model, prompts)

    def move_to(
        self,
        branch: str,
        node: str,
        models: Models,
        optimizer_name: str | None = None,
        settings: object = None,
    ) -> str:
        """Make a branch that goes on from a node with other models, and return its id; the old one stays."""
        return self._transfer.move_to(branch, node, models, optimizer_name, settings)
