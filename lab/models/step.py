"""The books of one ask while it is performed: replies not yet kept, what was spent, what was last reported."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from lab.models.budget import Amount, Budget, need
from lab.models.calls import Answer, Call, ReplyCache, Spent
from lab.models.limits import Ceiling
from lab.models.prices import Price
from lab.models.roles import Role

__all__ = ["Progress", "Purse", "Step"]

KEEP_EVERY_S = 0.02
KEEP_AT_MOST = 32
REPORT_EVERY_S = 0.05


@dataclass(frozen=True)
class Progress:
    """How far an ask is, in distinct calls: `done` are in the cache, `cached` of them were there before."""

    role: Role
    done: int
    expected: int
    cached: int


class Purse:
    """The budget that all asks of a performer draw on; without a ceiling it lets every call through."""

    def __init__(self, ceiling: Ceiling, cache: ReplyCache) -> None:
        self._budget = None if ceiling == Ceiling() else Budget(ceiling)
        self._cache = cache
        self._room: asyncio.Future[None] | None = None

    def look(self) -> None:
        """Read what has been spent, by this performer or elsewhere."""
        if self._budget is not None:
            self._budget = self._budget.kept(Spent(), self._cache.spent())

    async def hold(self, call: Call, price: Price | None) -> Amount:
        """Hold the most that a call may take, once there is room for it beside the calls in flight.

        Raises:
            BudgetError: when there is no room for it, whatever becomes of those.
        """
        if self._budget is None:
            return Amount()
        while True:
            amount = self._budget.amount(need(call), price)
            self._budget.check(amount, call.model, price)
            if self._budget.allows(amount):
                self._budget = self._budget.sent(amount)
                return amount
            self._room = self._room or asyncio.get_running_loop().create_future()
            await asyncio.wait([self._room])  # whoever is stopped here must not cancel it for the others

    def free(self, amount: Amount) -> None:
        """Return back what was held for a call that failed or was stopped."""
        if self._budget is not None:
            self._budget = self._budget.lost(amount)
            self._call_in()

    def pay(self, amount: Amount, call: Call, paid: Spent) -> None:
        """Count what a call took in place of what was held for it."""
        if self._budget is not None:
            self._budget = self._budget.answered(amount, need(call), paid)
            self._call_in()

    def kept(self, paid: Spent) -> None:
        """Read the ledger anew, which holds `paid` as well."""
        if self._budget is not None:
            self._budget = self._budget.kept(paid, self._cache.spent())

    def _call_in(self) -> None:
        if self._room is not None and not self._room.done():
            self._room.set_result(None)
        self._room = None


class Step:
    """Takes the answers of one ask as they arrive, and stores them within about 20 ms."""

    def __init__(
        self,
        progress: Progress,
        cache: ReplyCache,
        purse: Purse,
        model: str,
        report: Callable[[Progress], None] | None,
    ) -> None:
        self.price = cache.price(model)
        self.purse = purse
        self.spent = Spent(n_cached=progress.cached, model=model)
        self._unkept = Spent()
        self._state = progress
        self._cache = cache
        self._tell = report
        self._rows: list[tuple[str, Call, Answer]] = []
        self._reported: Progress | None = None
        self._reported_at = 0.0
        self._report()

    def arrived(self, call: Call, answer: Answer, held: Amount) -> None:
        """Take an answer that was paid for."""
        paid = Spent.on(answer, self.price)
        self.purse.pay(held, call, paid)
        self._unkept += paid
        self._rows.append((call.key, call, answer))
        if len(self._rows) >= KEEP_AT_MOST:
            self._keep()

    def reused(self) -> None:
        """Count an answer that another ask has paid for meanwhile."""
        self.spent += Spent(n_cached=1)
        self._state = replace(self._state, done=self._state.done + 1, cached=self._state.cached + 1)

    async def keep_often(self) -> None:
        """Store and reports until it is stopped."""
        while True:
            await asyncio.sleep(KEEP_EVERY_S)
            self._keep()
            if time.monotonic() - self._reported_at >= REPORT_EVERY_S:
                self._report()

    def end(self) -> None:
        """Store what is left and reports for the last time."""
        self._keep()
        self._report()

    def _keep(self) -> None:
        """Store first, count as done after: what a person saw done is on disk."""
        if self._rows:
            self._cache.keep(self._rows, self._state.role)
            rows, paid = self._rows, self._unkept
            self._rows, self._unkept = [], Spent()
            self.spent += paid
            self.purse.kept(paid)
            self._state = replace(self._state, done=self._state.done + len(rows))

    def _report(self) -> None:
        if self._tell is not None and self._state != self._reported:
            self._reported, self._reported_at = self._state, time.monotonic()
            self._tell(self._state)
