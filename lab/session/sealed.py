"""The sealed test split: opened by one verb alone, and each opening is on record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lab.errors import MisuseError
from lab.session.branches import Branches, Position
from lab.session.jobs import Report
from lab.session.measuring import Measuring
from lab.store import Book, Measure

__all__ = ["TEST", "Opened", "SealedTest"]

TEST = "test"  # the split, and what its calls are booked as


@dataclass(frozen=True)
class Opened:
    """What the test split said of prompts, in their order, and how often this run has opened it by now."""

    measures: tuple[Measure, ...]
    n_openings: int


@dataclass(frozen=True, eq=False, repr=False)
class SealedTest:
    """Opens the test split of one owner's runs."""

    _book: Book
    _branches: Branches
    _measuring: Measuring

    async def open_test(self, branch: str, prompts: Iterable[str], report: Report | None = None) -> Opened:
        """Measure prompts on the test split, which nothing else reads; it is recorded and counted.

        Raises:
            MisuseError: when the task has no test examples.
            ModelError: when a call failed for good; no score is kept, the replies that had arrived are.
            BudgetError: when the ceiling of the run is reached; so too.
        """
        at = self._branches.position(branch)
        whole = self._book.whole_task(at.node.context)
        if not whole.test:
            raise MisuseError(f"The task {whole.name!r} has no test examples.")
        asked = tuple(dict.fromkeys(prompts))
        opened = replace(at.context.task, dev=whole.test, test=())
        there = replace(at, context=replace(at.context, task=opened))
        await self._measuring.measure(there, asked, at.branch.models, TEST, "Score on the test split", report, TEST)
        known = self._book.measured(at.task_id, at.branch.models.answering, TEST)
        return Opened(tuple(known[text] for text in asked if text in known), self.openings(at))

    def openings(self, at: Position) -> int:
        """Return how often the run has opened the test split."""
        return sum(spend.what == TEST for _, spend in self._book.spends(at.branch.run))
