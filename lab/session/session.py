"""The commands of the lab: what the page, the notebook, the command line and scripts call.

Each reads the book, does one thing and writes the book; nothing else is remembered, so that any face can be closed
at any time.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lab.core import arguments
from lab.core.review import Verdict
from lab.session.analysis import chosen_errors, train_answers
from lab.session.answers import Answers
from lab.session.branches import Branches
from lab.session.by_hand import ByHand
from lab.session.changes import Changes
from lab.session.counterfactual import Counterfactuals
from lab.session.drafts import Drafts
from lab.session.following import Version, version
from lab.session.jobs import Jobs
from lab.session.limits import RunLimits
from lab.session.loop import Loop
from lab.session.measuring import Measuring
from lab.session.merging import Merging
from lab.session.noting import Noting
from lab.session.performers import Performers
from lab.session.rating import RatingAnswers
from lab.session.reader import StateReader
from lab.session.retrying import Retrying
from lab.session.sealed import SealedTest
from lab.session.setup import RunSetup
from lab.session.transfer import Transfer
from lab.session.trying import Trying
from lab.session.variations import Variations
from lab.store import OWNER, Book, Models
from lab.tasks.analysis import Answered
from lab.tasks.outcomes import Reply
from lab.text import as_code

if TYPE_CHECKING:
    from lab.core.task import Task
    from lab.models.connections import Connections

__all__ = ["Session", "default_book"]


def default_book() -> Path:
    """Return where the lab book is when no --book is given: LAB_BOOK, or `lab.sqlite` in the user's data folder."""
    if given := os.environ.get("LAB_BOOK"):
        return Path(given)
    from platformdirs import user_data_path

    return user_data_path("prompt-lab", appauthor=False) / "lab.sqlite"


class Session:
    """One person's runs in a lab book: every verb, done by the part that it belongs to.

    It is what `lab.Run` stands on, one level down: branches by id, proposals and verdicts.

    Example:
        >>> session = lab.Session("mine.sqlite")
        >>> branch = session.begin(lab.load("sentiment"), name="by hand")
        >>> [one.name for one in session.branches()]
        ['by hand']
    """

    def __init__(
        self,
        book: Book | str | Path | None = None,
        owner: str = OWNER,
        jobs: Jobs | None = None,
        connections: Connections | None = None,
    ) -> None:
        from lab.models.connections import Connections

        if book is None:
            book = default_book()
        if not isinstance(jobs, Jobs | None):
            raise arguments.wrong("jobs", "the jobs of another session, or None", jobs)
        if not isinstance(connections, Connections | None):
            raise arguments.wrong("connections", "lab.models.connections.Connections, or None", connections)
        self.book = book if isinstance(book, Book) else Book(book)
        self.owner = arguments.text("owner", owner, "the name of a person in a lab book", empty=False)
        self.jobs = Jobs(self.book) if jobs is None else jobs
        self.connections = Connections(known=self.book) if connections is None else connections
        performers = Performers(self.book, self.connections)

        self._branches = branches = Branches(self.book, owner, self.jobs, self.connections)
        self.branches, self.branch, self.goto, self.fork = (
            branches.all,
            branches.branch,
            branches.goto,
            branches.fork,
        )
        self.undo, self.redo, self.rename = branches.undo, branches.redo, branches.rename
        self.pause_at, self.check_in_tree = branches.pause_at, branches.check_in_tree

        self._drafts = drafts = Drafts(self.book, branches)
        self.mark, self.reword = drafts.mark, drafts.reword

        answers = Answers(self.book, self.connections)
        self._answers = answers
        measuring = Measuring(self.book, branches, performers, self.jobs, answers)
        loop = Loop(self.book, branches, drafts, measuring, performers, self.jobs)
        self.propose, self.decide, self.accept, self.again = loop.propose, loop.decide, loop.accept, loop.again
        self.advance, self.autopilot, self.start, self.stop = loop.advance, loop.autopilot, loop.start, loop.stop

        sealed = SealedTest(self.book, branches, measuring, answers, self.jobs)
        self.open_test, self.start_test = sealed.open_test, sealed.start_test
        retrying = Retrying(self.book, branches, measuring, performers, loop, self.jobs)
        self.retry_unanswered, self.start_retry = retrying.retry_unanswered, retrying.start_retry

        changes = Changes(self.book, branches, drafts)
        self.change_settings, self.more_rounds, self.switch = (
            changes.change_settings, changes.more_rounds, changes.switch,
        )  # fmt: skip
        self.constrain, self.flag = changes.constrain, changes.flag

        variations = Variations(self.book, branches, measuring, answers, self.jobs)
        self.vary, self.start_varying, self.varied = variations.vary, variations.start_varying, variations.varied
        self.try_on = Trying(branches, performers, answers).try_on
        by_hand = ByHand(self.book, branches, drafts, self.connections)
        self.requests, self.reply = by_hand.requests, by_hand.reply
        rating = RatingAnswers(self.book, branches, answers)
        self._reader = reader = StateReader(
            self.book, branches, self.connections, performers, answers, sealed, by_hand, variations, rating
        )
        self.state, self.no_gain = reader.state, reader.no_gain
        merging = Merging(self.book, branches, drafts, measuring, reader, self.jobs)
        self.cherry_pick, self.take_hunks = merging.cherry_pick, merging.take_hunks
        self.merged, self.measure, self.start_merge = merging.merged, merging.measure, merging.start_merge
        tried = Counterfactuals(self.book, branches, loop, measuring, reader, self.jobs)
        self.counterfactual, self.start_counterfactual = tried.counterfactual, tried.start
        noting = Noting(self.book, branches, reader)
        self.note, self.notes, self.search, self.archive = (
            noting.note, noting.notes, noting.search, noting.archive,
        )  # fmt: skip
        self.at_stake, self.delete = noting.at_stake, noting.delete
        transfer = Transfer(self.book, branches, measuring, reader, self.jobs)
        self.score_on, self.start_scoring = measuring.score_on, transfer.start_scoring
        self.move_to, self.connect = transfer.move_to, transfer.connect
        self.rate = rating.rate
        limits = RunLimits(self.book, branches)
        self.set_limits, self.set_ceiling = limits.set_limits, limits.set_ceiling

    def __repr__(self) -> str:
        return f"Session({self.book!r})"

    _repr_html_ = as_code

    def begin(
        self,
        task: Task | RunSetup,
        *,
        optimizer_name: str = "protegi",
        settings: object = None,
        seed: int = 0,
        models: Models | str | None = None,
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

    def version(self, branch: str) -> Version:
        """Return what is another value whenever what is shown of a branch may be another, whoever changed it."""
        if not isinstance(branch, str) or not branch.isascii():
            raise arguments.wrong("branch", "the id of a branch", branch)
        return version(self.book, self.jobs, branch)

    def got(self, branch: str, prompt: str) -> tuple[str, ...]:
        """Return what was understood of the known replies to a prompt on dev, "" where there is none."""
        return self._answers.got(self._branches.position(branch), prompt)

    def answered(self, branch: str, prompt: str = "", split: str = "dev") -> Answered | None:
        """Return what prompts got on dev or train, one of them first, to be analysed; None where it was not tried.

        Without a prompt that is the best one on dev, on train the one that was tried on most examples.

        Raises:
            MisuseError: when the metric of the task is not known here.
        """
        state = self.state(branch)
        if split == "train":
            return train_answers(state, self.book, prompt)
        return self._reader.answered(self._branches.position(branch), state, prompt or state.result)

    def choose_errors(self, branch: str, examples: Sequence[str]) -> None:
        """Mark these examples, and no others, among the errors that wait: they are what the next step is about.

        Raises:
            MisuseError: when no errors wait, or none of these is among them; nothing was changed.
        """
        at = self._branches.position(branch)
        self._drafts.mark_all(at, chosen_errors(self.state(branch), examples))

    def protect(self, branch: str, examples: Sequence[str]) -> str:
        """Let no prompt break any of these examples from here on; return the new node.

        Raises:
            MisuseError: when there is no such example in train or dev; nothing was changed.
        """
        known = self.book.node(self.branch(branch).node).constraints.protected
        return self.constrain(branch, protected=(*known, *(one for one in examples if one not in known)))

    def to_test(self, branch: str) -> tuple[str, ...]:
        """Return what the sealed test is opened for where no prompts are named: the start prompt and the best."""
        state = self.state(branch)
        return tuple(dict.fromkeys((state.context.task.start, state.result)))

    def replies(self, branch: str, prompt: str, split: str = "dev") -> tuple[Reply | None, ...]:
        """Return the known raw replies to a prompt on the examples of train or dev, None where there is none."""
        at = self._branches.position(branch)
        return self._answers.raw(at, prompt, [one.id for one in at.context.task.split(split)], split)

    def drafted(self, branch: str) -> Verdict:
        """Return the verdict that a person's marks on the waiting proposal amount to."""
        return self._drafts.verdict(self._branches.position(branch))

    def words(self, branch: str) -> dict[int, str]:
        """Return the meta-prompts that a person has worded otherwise for the next proposal here, by request."""
        return self._drafts.words(self._branches.position(branch))
