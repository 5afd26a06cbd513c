"""Measuring prompts on dev: those held on the way, and any under another target model.

Scores are kept with the others of the book, so nothing is measured twice; `comparison` sets them side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from lab.core.asks import Evaluate, Score
from lab.core.task import Task
from lab.errors import UnreadError
from lab.i18n import gettext_lazy, ngettext_lazy, sentences
from lab.session.answers import Answers
from lab.session.branches import Branches, Position
from lab.session.jobs import Jobs, Report
from lab.session.performers import Performers
from lab.store import TRANSFER, Book, Measure, Models
from lab.tasks.outcomes import Outcomes
from lab.text import shortened

_LONGEST = 100  # characters of labels that are listed


_TITLE = gettext_lazy("Score on the dev split")
LEAST_READ = 0.1  # of the replies to the start prompt
WAYS_OUT = gettext_lazy(
    "Three ways out: read replies in another way (the task's reading), let the model answer with a label only "
    "(forced choice, where its endpoint can), or tell it in the start prompt how to answer. Going on is allowed: "
    "begin the step again, or --go-on."
)


def unread(task: Task, found: Outcomes) -> str:
    """Say that hardly a reply could be read, and what came; "" where enough could be."""
    share = found.share_read
    if share is None or share >= LEAST_READ:
        return ""
    n_read = found.n_answered - found.count("unread", "cut_off")
    return sentences(
        gettext_lazy(
            "Of {n_replies} replies to the start prompt, {n_read} could be read as {kind}.",
            n_replies=found.n_answered,
            n_read=n_read,
            kind=_asked_for(task),
        ),
        *_what_came(found),
    )


def _asked_for(task: Task) -> str:
    if task.labels:
        return gettext_lazy("one of the labels ({labels})", labels=shortened(", ".join(task.labels), _LONGEST))
    kinds = {"numeric": gettext_lazy("a number"), "field_f1": "JSON"}
    return kinds.get(task.metric, gettext_lazy("an answer"))


def _what_came(found: Outcomes) -> Iterator[str]:
    if found.n_commonest > 1:
        yield gettext_lazy(
            "The most common was “{reply}” ({n_times} times).", reply=found.commonest, n_times=found.n_commonest
        )
    elif found.n_commonest:
        yield gettext_lazy("The most common was “{reply}”.", reply=found.commonest)
    if cut := found.count("cut_off"):
        yield ngettext_lazy("{n} was cut off at the token limit.", "{n} were cut off at the token limit.", cut)


@dataclass(frozen=True, eq=False, repr=False)
class Measuring:
    """Measures prompts on the dev examples of a branch."""

    _book: Book
    _branches: Branches
    _performers: Performers
    _jobs: Jobs
    _answers: Answers

    async def measure_held(self, at: Position, report: Report | None = None, go_on: bool = False) -> None:
        """Measure the prompts that are held here, and the start prompt, where they were not measured yet.

        Raises:
            UnreadError: when the start prompt was just measured, and under a tenth of the replies to it could be
                read; not with `go_on`, and not for the practice model, which costs nothing.
        """
        known, start = self._book.measured(at.task_id, at.branch.models.answering), at.context.task.start
        held = dict.fromkeys((start, *at.node.phase.prompts))
        new = [prompt for prompt in held if prompt not in known]
        if start in new:
            await self.measure(at, [start], at.branch.models, "measure", _TITLE, report)
            if not go_on and not at.branch.models["target"].endpoint.is_simulated:
                self._check_read(at)
        if others := [prompt for prompt in new if prompt != start]:
            await self.measure(at, others, at.branch.models, "measure", _TITLE, report)

    def _check_read(self, at: Position) -> None:
        """Refuse a first measurement in which hardly a reply could be read.

        Raises:
            UnreadError: with what came, and three ways out.
        """
        if message := unread(at.context.task, self._answers.on_dev(at, at.context.task.start)):
            raise UnreadError(sentences(message, WAYS_OUT))

    async def measure_missing(self, at: Position, report: Report | None = None) -> None:
        """Measure again the prompts of this task whose scores lack rows; what was answered is not asked again."""
        known = self._book.measured(at.task_id, at.branch.models.answering)
        if lacking := [one.prompt for one in known.values() if one.n_missing]:
            await self.measure(
                at, lacking, at.branch.models, "measure", gettext_lazy("Ask again what was not answered"), report
            )

    async def score_on(
        self, branch: str, prompts: Sequence[str], models: Models, report: Report | None = None
    ) -> None:
        """Measure prompts under another target model; known answers cost nothing.

        Raises:
            MisuseError: when there is no such branch, a step is under way on it, or the model's endpoint lacks its
                key; nothing was sent.
            ModelError: when a call failed for good; no score is kept, the replies that had arrived are.
            BudgetError: when the ceiling of the run is reached; so too.
        """
        at = self._branches.position(branch)
        title = gettext_lazy("Score on {model}", model=models["target"].endpoint.name)

        async def step(report: Report | None) -> None:
            await self.measure(at, tuple(dict.fromkeys(prompts)), models, TRANSFER, title, report)

        await self._jobs.attend(branch, step, report)

    async def measure(
        self,
        at: Position,
        prompts: Sequence[str],
        models: Models,
        what: str,
        title: str,
        report: Report | None,
    ) -> None:
        """Measure prompts on the dev examples of the task that stands here, and keep the scores."""
        measures = await self.scores(at, prompts, models, what, title, report)
        self._book.add_measures(at.task_id, models.answering, "dev", measures)

    async def scores(
        self,
        at: Position,
        prompts: Sequence[str],
        models: Models,
        what: str,
        title: str,
        report: Report | None,
    ) -> tuple[Measure, ...]:
        """Measure prompts on the dev examples of the task that stands here.

        Args:
            at: where the branch stands.
            prompts: those to measure.
            models: the target model is theirs.
            what: what the calls are booked as.
            title: what `report` is told that is being done.
            report: hears how far it is.
        """
        task = at.context.task
        async with self._performers.open(at, what, title, report, models) as performer:
            ask = Evaluate(tuple(prompts), tuple(example.id for example in task.dev), "dev")
            found = cast("tuple[Score, ...]", await performer(ask, "0"))
        return tuple(_measures(task, found))


def _measures(task: Task, scores: Iterable[Score]) -> Iterator[Measure]:
    """Return what was measured on dev; a prompt of which nothing was measured is left out, not scored 0."""
    from lab.tasks.metrics import total

    for score in scores:
        whole = total(task.metric, task.labels, task.dev, score.got, score.hits)
        if whole is not None:
            yield Measure(score.text, whole, sum(hit is not None for hit in score.hits), score.hits)
