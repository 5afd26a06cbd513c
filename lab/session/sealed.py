"""The sealed test split: opened by one verb alone, for prompts that are named, and each opening is on record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from lab.core import arguments
from lab.core.task import Example, Task
from lab.errors import MisuseError
from lab.i18n import gettext_lazy
from lab.session.answers import Answers
from lab.session.branches import Branches, Position
from lab.session.jobs import Jobs, Report
from lab.session.measuring import Measuring
from lab.store import Book, Measure
from lab.store.openings import Opening
from lab.tasks.metrics import total
from lab.tasks.outcomes import judged
from lab.tasks.statistics import Interval, interval, is_mean
from lab.text import shortened, whole

__all__ = ["TEST", "UNOPENED", "Known", "Opened", "Sealed", "SealedTest", "Tested"]

TEST = "test"  # the split, and what its calls are booked as
LONGEST_REASON = 500


@dataclass(frozen=True)
class Known:
    """A score on a split, in [0, 1], of `n` of its `n_all` examples, with its 95 % interval where there is one."""

    score: float
    n: int
    n_all: int
    interval: Interval | None = None


@dataclass(frozen=True)
class Tested:
    """A prompt on all three splits, None where nothing is known: the gap between them is what selection pretends.

    On train it is what known replies say: nothing is asked for it.
    """

    prompt: str
    train: Known | None
    dev: Known | None
    test: Known


@dataclass(frozen=True)
class Sealed:
    """The test split of a run: how many examples it holds, who looked, and what was seen under this target."""

    n_examples: int = 0
    openings: tuple[Opening, ...] = ()
    tested: tuple[Tested, ...] = ()


UNOPENED = Sealed()


@dataclass(frozen=True)
class Opened:
    """What the test split said of prompts, in their order, and how often this run has opened it by now."""

    measures: tuple[Measure, ...]
    n_openings: int


@dataclass(frozen=True, eq=False, repr=False)
class SealedTest:
    """Opens the test split of one owner's runs, and tells what was seen of it."""

    _book: Book
    _branches: Branches
    _measuring: Measuring
    _answers: Answers
    _jobs: Jobs
    _train: dict[tuple[str, str, str], tuple[tuple[int, int], Known | None]] = field(default_factory=dict)

    async def open_test(
        self, branch: str, prompts: Iterable[str], report: Report | None = None, reason: str = ""
    ) -> Opened:
        """Measure prompts on the test split, which nothing else reads; prompts, time and reason are on record.

        Raises:
            MisuseError: when the task has no test examples, no prompt is named, or the reason is too long.
            ModelError: when a call failed for good; no score is kept, the replies that had arrived are.
            BudgetError: when the ceiling of the run is reached; so too.
        """
        at = self._branches.position(branch)
        asked = self._checked(at, prompts, reason)
        models = at.branch.models
        measures = await self._measuring.scores(
            self._opened(at), asked, models, TEST, gettext_lazy("Score on the test split"), report
        )
        with self._book.transaction():
            self._book.add_measures(at.task_id, models.answering, TEST, measures)
            self._book.add_opening(branch, at.task_id, models.answering, asked, whole(reason).strip())
        known = self._book.measured(at.task_id, models.answering, TEST)
        return Opened(
            tuple(known[text] for text in asked if text in known), len(self._book.openings(at.branch.run))
        )

    def start_test(self, branch: str, prompts: Sequence[str], reason: str) -> None:
        """Begin to open the test split, as a job; a reason must be given.

        Raises:
            MisuseError: for what `open_test` refuses, without a reason, or while a step is under way.
        """
        if not arguments.text("reason", reason).strip():
            raise MisuseError(
                gettext_lazy("Say why the sealed test is opened: the reason is kept. Nothing was opened.")
            )
        at = self._branches.idle(branch)
        asked = self._checked(at, prompts, reason)
        self._branches.check_keys(at.branch.models)

        async def step(report: Report | None) -> None:
            await self.open_test(branch, asked, report, reason)

        self._jobs.start(branch, step)

    def sealed(self, at: Position) -> Sealed:
        """Return what is known of the test split; of a run that never opened it, how many examples it holds."""
        task, opened = self._book.whole_task(at.node.context), self._book.openings(at.branch.run)
        if not opened:
            return Sealed(len(task.test))
        models = at.branch.models
        seen = self._book.measured(at.task_id, models.answering, TEST)
        mine = dict.fromkeys(text for one in opened if one.task == at.task_id for text in one.prompts)
        dev = self._book.measured(at.task_id, models.answering)
        tested = (self._tested(at, seen[text], dev.get(text)) for text in mine if text in seen)
        return Sealed(len(task.test), opened, tuple(tested))

    def _tested(self, at: Position, test: Measure, dev: Measure | None) -> Tested:
        there, task = self._opened(at), at.context.task
        return Tested(
            prompt=test.prompt,
            train=self._on_train(at, test.prompt),
            dev=_known(task, task.dev, dev, self._got(at, test.prompt)) if dev is not None else None,
            test=_known(task, there.context.task.dev, test, self._got(there, test.prompt)),
        )

    def _on_train(self, at: Position, prompt: str) -> Known | None:
        """Return what the known replies of train say; read anew where replies have come since.

        None where there are none, or nothing can judge them.
        """
        of, stamp = (at.task_id, prompt, at.branch.models.answering), self._book.replies_stamp()
        if of not in self._train or self._train[of][0] != stamp:
            try:
                self._train[of] = stamp, self._judged_on_train(at, prompt)
            except MisuseError:
                return None
        return self._train[of][1]

    def _judged_on_train(self, at: Position, prompt: str) -> Known | None:
        task = at.context.task
        replies = self._answers.raw(at, prompt, [one.id for one in task.train], "train")
        rows = [
            None if reply is None else judged(task, one, reply)
            for one, reply in zip(task.train, replies, strict=True)
        ]
        hits = tuple(None if one is None else one.hit for one in rows)
        got = tuple("" if one is None else one.got for one in rows)
        score = total(task.metric, task.labels, task.train, got, hits)
        n = sum(hit is not None for hit in hits)
        return None if score is None else _known(task, task.train, Measure(prompt, score, n, hits), got)

    def _got(self, at: Position, prompt: str) -> tuple[str, ...] | None:
        """Return what was understood of the replies, where hits alone do not give an interval."""
        return None if is_mean(at.context.task.metric) else self._answers.got(at, prompt)

    def _checked(self, at: Position, prompts: Iterable[str], reason: str) -> tuple[str, ...]:
        task, asked = self._book.whole_task(at.node.context), tuple(dict.fromkeys(prompts))
        if not task.test:
            raise MisuseError(gettext_lazy("The task {task!r} has no test examples.", task=task.name))
        if not asked or not all(text.strip() for text in asked):
            raise MisuseError(
                gettext_lazy("Name the prompts that the test split is to be opened for. Nothing was opened.")
            )
        if len(reason) > LONGEST_REASON:
            raise MisuseError(
                gettext_lazy(
                    "The reason “{reason}” has over {most} characters. Nothing was opened.",
                    reason=shortened(reason, 40),
                    most=LONGEST_REASON,
                )
            )
        return asked

    def _opened(self, at: Position) -> Position:
        """Return the place with the test examples where those of dev are."""
        task = self._book.whole_task(at.node.context)
        opened = replace(at.context.task, dev=task.test, test=())
        return replace(at, context=replace(at.context, task=opened))


def _known(task: Task, examples: Sequence[Example], one: Measure, got: Sequence[str] | None) -> Known:
    return Known(one.score, one.n_rows, len(examples), interval(task, examples, one.hits, got))
