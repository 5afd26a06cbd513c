"""Performs an ask: the seam between the pure lab and the models.

One queue holds all calls of an ask, so that every slot is busy until the last call; each reply is in the
cache within about 20 ms of its arrival, however the step ends; what the cache knows is not sent again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from lab.asks import Ask, Done, Evaluate, Generate, Pick, Replies, Task
from lab.errors import MisuseError
from lab.models.calls import Answer, Call, ReplyCache, Role
from lab.models.client import Client
from lab.models.connections import Connections
from lab.models.limits import Ceiling, Use
from lab.models.plan import evaluate_calls, generate_calls, replies, scores

__all__ = ["Estimate", "Performer", "Progress", "Role", "Spent"]

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


@dataclass(frozen=True)
class Spent:
    """What calls have cost: `n_paid` were sent by us; their tokens, as far as a server counts them."""

    n_paid: int = 0
    n_cached: int = 0
    n_input_tokens: int = 0
    n_output_tokens: int = 0

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            self.n_paid + other.n_paid,
            self.n_cached + other.n_cached,
            self.n_input_tokens + other.n_input_tokens,
            self.n_output_tokens + other.n_output_tokens,
        )

    def paying(self, answer: Answer) -> Spent:
        return self + Spent(1, 0, answer.n_input_tokens, answer.n_output_tokens)


@dataclass(frozen=True)
class Estimate:
    """What an ask would take: distinct calls, those known already, and rough tokens of the others."""

    role: Role | None
    n_calls: int = 0
    n_cached: int = 0
    n_input_tokens: int = 0
    n_output_tokens_at_most: int = 0

    @property
    def n_to_pay(self) -> int:
        return self.n_calls - self.n_cached


class Performer:
    """Answers asks with two models and a cache.

    Asks may be performed concurrently on one event loop; equal calls among them are sent once.
    `spent` counts by role since the performer was made, `last_spent` the ask that ended last.
    """

    def __init__(
        self,
        task: Task,
        optimizer: Use,
        target: Use,
        cache: ReplyCache,
        *,
        seed: int = 0,
        ceiling: Ceiling | None = None,
        connections: Connections | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self.task = task
        self.optimizer = optimizer
        self.target = target
        self.spent: Mapping[Role, Spent] = {"optimizer": Spent(), "target": Spent()}
        self.last_spent = Spent()
        self._cache = cache
        self._seed = seed
        self._ceiling = ceiling or Ceiling()
        self._connections = connections or Connections()
        self._progress = progress
        self._clients: dict[str, Client] = {}
        self._sent: dict[str, asyncio.Future[Answer]] = {}
        self._n_running = 0

    async def __call__(self, ask: Ask, sample: str | int = 0) -> Replies:
        """Sends what is not known and tells the replies in the order of the ask.

        Raises:
            ModelError: when a call failed for good; the rest is cancelled, what had arrived is kept.
            MisuseError: when the ask needs no model, names an unknown example, or an endpoint lacks its key.
        """
        if isinstance(ask, Generate):
            return replies(ask, await self._answers("optimizer", self._calls(ask, sample)))
        if isinstance(ask, Evaluate):
            return scores(ask, self.task, await self._answers("target", self._calls(ask, sample)))
        raise MisuseError(f"A {type(ask).__name__} needs no model. Only Generate and Evaluate are performed.")

    def estimate(self, ask: Ask, sample: str | int = 0) -> Estimate:
        """Says what performing the ask would take now; sends nothing.

        Raises:
            MisuseError: when the ask names an unknown example.
        """
        if isinstance(ask, (Pick, Done)):
            return Estimate(None)
        calls = {call.key: call for call in self._calls(ask, sample)}
        known = self._cache.find(list(calls))
        unknown = [call for key, call in calls.items() if key not in known]
        return Estimate(
            role="optimizer" if isinstance(ask, Generate) else "target",
            n_calls=len(calls),
            n_cached=len(calls) - len(unknown),
            n_input_tokens=sum(call.n_input_tokens for call in unknown),
            n_output_tokens_at_most=sum(call.body["max_tokens"] for call in unknown),
        )

    async def aclose(self) -> None:
        """Closes the connections of this event loop."""
        for client in self._clients.values():
            await client.aclose()

    def _calls(self, ask: Generate | Evaluate, sample: str | int) -> tuple[Call, ...]:
        if isinstance(ask, Generate):
            return generate_calls(ask, sample, self.optimizer, self._seed)
        return evaluate_calls(ask, self.task, self.target)

    def _client(self, use: Use) -> Client:
        """Gives one client an address: two models of a server share their connections."""
        url = use.endpoint.base_url
        if url not in self._clients:
            self._clients[url] = self._connections.client(use.endpoint, use.limits)
        return self._clients[url]

    async def _answers(self, role: Role, calls: Sequence[Call]) -> list[Answer]:
        distinct = {call.key: call for call in calls}
        known = dict(self._cache.find(list(distinct)))
        step = _Step(role, len(distinct), len(known), self._cache, self._progress)
        unknown = [call for key, call in distinct.items() if key not in known]
        self._n_running += 1
        try:
            if unknown:
                client = self._client(self.optimizer if role == "optimizer" else self.target)
                await self._send_all(unknown, client, step, known)
        finally:
            self._n_running -= 1
            if not self._n_running:
                self._sent.clear()
            self.last_spent = step.spent
            self.spent = {**self.spent, role: self.spent[role] + step.spent}
            step.end()
        return [known[call.key] for call in calls]

    async def _send_all(self, calls: list[Call], client: Client, step: _Step, known: dict[str, Answer]) -> None:
        queue = iter(calls)

        async def work() -> None:
            for call in queue:  # shared: each call is taken by one worker
                known[call.key] = await self._send_once(call, client, step)
                await asyncio.sleep(0)  # a model in process never waits: let others run, and a stop come through

        try:
            async with asyncio.TaskGroup() as group:
                keeper = group.create_task(step.keep_often())
                workers = [group.create_task(work()) for _ in range(min(client.limits.concurrency, len(calls)))]
                await asyncio.wait(workers)
                keeper.cancel()
        except BaseExceptionGroup as several:
            first = several.exceptions[0]
        else:
            return
        raise first

    async def _send_once(self, call: Call, client: Client, step: _Step) -> Answer:
        """Sends a call unless a running ask has sent it; an answer stays at hand until no ask is running."""
        while (other := self._sent.get(call.key)) is not None:
            await asyncio.wait([other])
            if not other.cancelled():
                step.reuse()
                return other.result()
        mine = self._sent[call.key] = asyncio.get_running_loop().create_future()
        try:
            answer = await client.answer(call.body)
        except BaseException:
            del self._sent[call.key]
            mine.cancel()
            raise
        mine.set_result(answer)
        step.arrived(call, answer)
        return answer


class _Step:
    """The books of one ask while it runs: rows not yet kept, what was spent, what was last reported."""

    def __init__(
        self,
        role: Role,
        expected: int,
        cached: int,
        cache: ReplyCache,
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self.spent = Spent(n_cached=cached)
        self._state = Progress(role, cached, expected, cached)
        self._cache = cache
        self._progress = progress
        self._rows: list[tuple[str, Call, Answer]] = []
        self._reported: Progress | None = None
        self._reported_at = 0.0
        self._report()

    def arrived(self, call: Call, answer: Answer) -> None:
        self.spent = self.spent.paying(answer)
        self._rows.append((call.key, call, answer))
        if len(self._rows) >= KEEP_AT_MOST:
            self._keep()

    def reuse(self) -> None:
        self.spent += Spent(n_cached=1)
        self._state = replace(self._state, done=self._state.done + 1, cached=self._state.cached + 1)

    async def keep_often(self) -> None:
        while True:
            await asyncio.sleep(KEEP_EVERY_S)
            self._keep()
            if time.monotonic() - self._reported_at >= REPORT_EVERY_S:
                self._report()

    def end(self) -> None:
        self._keep()
        self._report()

    def _keep(self) -> None:
        """Stores first, counts as done after: what a person saw done is on disk."""
        if self._rows:
            self._cache.keep(self._rows, self._state.role)
            self._state = replace(self._state, done=self._state.done + len(self._rows))
            self._rows = []

    def _report(self) -> None:
        if self._progress is not None and self._state != self._reported:
            self._reported, self._reported_at = self._state, time.monotonic()
            self._progress(self._state)
