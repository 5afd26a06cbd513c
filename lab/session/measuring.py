"""Measuring prompts on dev: those held on the way, and any under another target model.

Scores are kept with the others of the book, so nothing is measured twice; `comparison` sets them side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import cast

from lab.core.asks import Evaluate, Score
from lab.core.task import Task
from lab.session.branches import Branches, Position
from lab.session.jobs import Jobs, Report
from lab.session.performers import Performers
from lab.store import TRANSFER, Book, Measure, Models


class Measuring:
    """Measures prompts on the dev examples of a branch."""

    def __init__(self, book: Book, branches: Branches, performers: Performers, jobs: Jobs) -> None:
        self._book = book
        self._jobs = jobs
        self._branches = branches
        self._performers = performers

    async def measure_held(self, at: Position, report: Report | None = None) -> None:
        """Measure the prompts that are held here, and the start prompt, where they were not measured yet."""
        known = self._book.measured(at.task_id, at.branch.models.answering)
        held = dict.fromkeys((at.context.task.start, *at.node.phase.prompts))
        if new := [prompt for prompt in held if prompt not in known]:
            await self._measure(at, new, at.branch.models, "measure", "Score on the dev split", report)

    async def measure_missing(self, at: Position, report: Report | None = None) -> None:
        """Measure again the prompts of this task whose scores lack rows; what was answered is not asked again."""
        known = self._book.measured(at.task_id, at.branch.models.answering)
        if lacking := [one.prompt for one in known.values() if one.n_missing]:
            await self._measure(at, lacking, at.branch.models, "measure", "Ask again what was not answered", report)

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
        at, title = self._branches.position(branch), f"Score on {models['target'].endpoint.name}"

        async def step(report: Report | None) -> None:
            await self._measure(at, tuple(dict.fromkeys(prompts)), models, TRANSFER, title, report)

        await self._jobs.attend(branch, step, report)

    async def _measure(
        self, at: Position, prompts: Sequence[str], models: Models, what: str, title: str, report: Report | None
    ) -> None:
        task = at.context.task
        async with self._performers.open(at, what, title, report, models) as performer:
            ask = Evaluate(tuple(prompts), tuple(example.id for example in task.dev), "dev")
            scores = cast("tuple[Score, ...]", await performer(ask, "0"))
        self._book.add_measures(at.task_id, models.answering, "dev", _measures(task, scores))


def _measures(task: Task, scores: Iterable[Score]) -> Iterator[Measure]:
    """Return what was measured on dev; a prompt of which nothing was measured is left out, not scored 0."""
    from lab.tasks.metrics import total

    for score in scores:
        whole = total(task.metric, task.labels, task.dev, score.got, score.hits)
        if whole is not None:
            yield Measure(score.text, whole, sum(hit is not None for hit in score.hits), score.hits)
