"""Performers of asks for a branch: each attempt at a step has its account in the book, and says how far it is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lab.core.asks import Ask
from lab.errors import BudgetError, MisuseError
from lab.i18n import gettext_lazy
from lab.session.jobs import Report
from lab.store import Account, Book, Models

if TYPE_CHECKING:
    from lab.models.connections import Connections
    from lab.models.perform import Estimate, Performer, Progress
    from lab.session.branches import Position


@dataclass(frozen=True, eq=False, repr=False)
class Performers:
    """Makes what performs the asks of one owner's branches."""

    _book: Book
    _connections: Connections

    @asynccontextmanager
    async def open(
        self, at: Position, what: str, title: str, report: Report | None, models: Models | None = None
    ) -> AsyncIterator[Performer]:
        """Perform asks at a place of a branch; how many calls were known already is booked at the end.

        Args:
            at: where the branch stands.
            what: what the calls are booked as.
            title: what `report` is told that is being done.
            report: hears how far it is.
            models: those of the branch where None are given.
        """
        sample = at.sample if what == "propose" else 0
        account = Account(self._book, at.branch.id, at.branch.node, what, sample)
        with self._share(at, models or at.branch.models) as within:
            performer = self._performer(at, account, within, _progress(report, title))
            try:
                yield performer
            finally:
                account.close(performer.spent)

    @contextmanager
    def _share(self, at: Position, models: Models) -> Iterator[Models]:
        """Hold the models with the ceiling that is left of what each visitor may have of what the host offers.

        One branch of a visitor at a time: what several spend at once would be counted too late.

        Raises:
            BudgetError: when nothing is left.
            MisuseError: when another branch of the visitor is asking.
        """
        access, spending = self._connections.keys.access, self._connections.spending_share
        offered = tuple(one.spec for one in access.offered)
        if not access.calls or not any(config.spec in offered for config in models.values()):
            yield models
            return
        if spending - {at.branch.id}:
            raise MisuseError(
                gettext_lazy("Another run of yours is asking an offered model. Wait until its step has ended.")
            )
        within = self._within_share(at, models, access.calls, offered)
        nested = at.branch.id in spending
        spending.add(at.branch.id)
        try:
            yield within
        finally:
            if not nested:
                spending.discard(at.branch.id)

    def _within_share(self, at: Position, models: Models, share: int, offered: tuple[str, ...]) -> Models:
        made = self._book.n_paid_by(at.branch.owner, offered)
        if made >= share:
            raise BudgetError("calls", share, made, 1)
        spent, _ = self._book.spent_since(at.branch.id, -1)
        most = spent.n_paid + share - made
        ceiling = models.ceiling
        return models.with_ceiling(replace(ceiling, calls=min(most, ceiling.calls or most)))

    def estimate(self, at: Position, ask: Ask, draw: str) -> Estimate:
        """Return what an ask would take now, given what is known already; no call is made."""
        account = Account(self._book, at.branch.id, at.branch.node, "propose", at.sample)
        return self._performer(at, account, at.branch.models, None).estimate(ask, draw)

    def _performer(
        self, at: Position, account: Account, models: Models, progress: Callable[[Progress], None] | None
    ) -> Performer:
        from lab.models.perform import Performer  # brings the SDK, which takes its time

        return Performer(
            at.context.task, models, account,
            seed=at.context.seed, connections=self._connections, progress=progress,
        )  # fmt: skip


def _progress(report: Report | None, title: str) -> Callable[[Progress], None] | None:
    """Return what passes the progress of an ask on to a report."""
    if report is None:
        return None
    report(title, 0, 0, 0)
    return lambda progress: report(title, progress.done, progress.expected, progress.cached)
