"""Performs an ask: the seam between the pure lab and the models.

One queue holds all calls of an ask, so that every slot is busy until the last call; each reply is in the
cache within about 20 ms of its arrival, however the step ends; what the cache knows is not sent again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from lab.core.asks import Ask, Done, Evaluate, Generate, Pick, Replies, Score, Task
from lab.errors import BudgetError, MisuseError
from lab.models.calls import Answer, Call, ReplyCache, Spent
from lab.models.capabilities import Capabilities
from lab.models.client import Client
from lab.models.connections import Connections
from lab.models.endpoint import Endpoint
from lab.models.limits import Limits
from lab.models.plan import evaluate_calls, generate_calls, replies, scores
from lab.models.roles import ROLES, ModelConfig, Models, Role
from lab.models.step import Progress, Purse, Step

SILENT = "It gave no log-probabilities when it was asked for those of an answer: prompts are measured by answers."

__all__ = ["Estimate", "Performer", "Progress", "Role", "Spent"]


@dataclass(frozen=True)
class Estimate:
    """What an ask would take: distinct calls, those known already, and rough tokens of the others.

    Replies are expected to be as long as this model's lately were in this role, or else as long as they may be.
    `cost_usd` is None where the price is not known.
    """

    role: Role | None
    n_calls: int = 0
    n_cached: int = 0
    n_input_tokens: int = 0
    n_output_tokens_at_most: int = 0
    n_output_tokens_expected: int = 0
    cost_usd: float | None = 0.0

    @property
    def n_to_pay(self) -> int:
        return self.n_calls - self.n_cached


class Performer:
    """Answers asks with the models of their roles and a cache.

    Asks may be performed concurrently on one event loop; equal calls among them, and among those of all performers
    with the same connections, are sent once. `spent` counts by role since the performer was made, `last_spent` the
    ask that ended last.
    """

    def __init__(
        self,
        task: Task,
        models: Models,
        cache: ReplyCache,
        *,
        seed: int = 0,
        connections: Connections | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self.task = task
        self.models = models
        self.spent: Mapping[Role, Spent] = {role: Spent() for role in ROLES}
        self.last_spent = Spent()
        self._cache = cache
        self._seed = seed
        self._purse = Purse(models.ceiling, cache)
        self._connections, self._owns = connections or Connections(), connections is None
        self._progress = progress
        self._clients: dict[tuple[Endpoint, Limits, Capabilities], Client] = {}

    async def __call__(self, ask: Ask, sample: str | int = 0) -> Replies:
        """Send what is not known and tell the replies in the order of the ask.

        Raises:
            ModelError: when a call failed for good; the rest is cancelled, what had arrived is kept.
            BudgetError: when the next call would break the ceiling; those in flight end, what arrives is kept.
            MisuseError: when the ask needs no model, names an unknown example, or an endpoint lacks its key.
        """
        if not isinstance(ask, (Generate, Evaluate)):
            raise MisuseError(f"A {type(ask).__name__} needs no model. Only Generate and Evaluate are performed.")
        config = self.models[_role(ask)]
        if _depends(ask) and not self._connections.capabilities(config.endpoint).checked:
            await self._connections.check(config)
        can = self._connections.capabilities(config.endpoint)
        answers = await self._answers(_role(ask), config, self._calls(ask, sample, can))
        if isinstance(ask, Generate):
            return replies(ask, answers, can)
        told = scores(ask, self.task, answers, can)
        if not _is_silent(told):
            return told
        # What was found once need not last; with this the next asks of this model are by answers too.
        self._connections.learn(config.endpoint, replace(can, likelihood=None, notes=(*can.notes, SILENT)))
        return await self(ask, sample)

    def estimate(self, ask: Ask, sample: str | int = 0) -> Estimate:
        """Describe what performing the ask would take now; send nothing.

        Raises:
            MisuseError: when the ask names an unknown example.
        """
        if isinstance(ask, (Pick, Done)):
            return Estimate(None)
        role = _role(ask)
        config = self.models[role]
        can = self._connections.capabilities(config.endpoint)
        calls = {call.key: call for call in self._calls(ask, sample, can)}
        known = self._cache.find(list(calls))
        unknown = [call for key, call in calls.items() if key not in known]
        n_input, at_most = sum(call.n_input_tokens for call in unknown), sum(call.longest for call in unknown)
        mean, price = self._cache.mean_reply(config.spec, role), self._cache.price(config.spec)
        expected = at_most if mean is None else min(at_most, round(mean * len(unknown)))
        cost = price.of(n_input, expected) if price else None
        return Estimate(role, len(calls), len(known), n_input, at_most, expected, cost)

    async def aclose(self) -> None:
        """Close the connections of this event loop, unless they were given: then others use them too."""
        if self._owns:
            for client in self._clients.values():
                await client.aclose()

    def _calls(self, ask: Generate | Evaluate, sample: str | int, can: Capabilities) -> tuple[Call, ...]:
        config = self.models[_role(ask)]
        if isinstance(ask, Generate):
            return generate_calls(ask, sample, config, self._seed, can)
        return evaluate_calls(ask, self.task, config, can)

    def _client(self, config: ModelConfig) -> Client:
        """Return one client for all asks of a model, another one once more is known of what it can do."""
        at = (config.endpoint, config.limits, self._connections.capabilities(config.endpoint))
        if at not in self._clients:
            self._clients[at] = self._connections.client(config.endpoint, config.limits)
        return self._clients[at]

    async def _answers(self, role: Role, config: ModelConfig, calls: Sequence[Call]) -> list[Answer]:
        distinct = {call.key: call for call in calls}
        sent, running = self._connections.sent, asyncio.get_running_loop().create_future()
        sent[f"step {id(running)}"] = running
        known = dict(self._cache.find(list(distinct)))
        begun = Progress(role, len(known), len(distinct), len(known))
        step = Step(begun, self._cache, self._purse, config.spec, self._progress)
        unknown = [call for key, call in distinct.items() if key not in known]
        try:
            if unknown:
                self._purse.look()
                await self._send_all(unknown, self._client(config), step, known)
        finally:
            running.cancel()
            try:
                step.end()
            finally:
                self.last_spent = step.spent
                self.spent = {**self.spent, role: self.spent[role] + step.spent}
                if all(one.done() for one in sent.values()):  # no step is left that may have missed an answer
                    sent.clear()
        return [known[call.key] for call in calls]

    async def _send_all(self, calls: list[Call], client: Client, step: Step, known: dict[str, Answer]) -> None:
        queue = iter(calls)
        refused: list[BudgetError] = []

        async def work() -> None:
            for call in queue:  # shared: each call is taken by one worker
                if refused:
                    return
                try:
                    known[call.key] = await self._send_once(call, client, step)
                except BudgetError as error:  # the calls in flight are paid for: let them end
                    refused.append(error)
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
            if not refused:
                return
            first = refused[0]
        raise first

    async def _send_once(self, call: Call, client: Client, step: Step) -> Answer:
        """Send a call unless a running step has sent it; its answer stays at hand until no step is running."""
        sent = self._connections.sent
        while (other := sent.get(call.key)) is not None:
            await asyncio.wait([other])
            if not other.cancelled():
                step.reused()
                return other.result()
        mine = sent[call.key] = asyncio.get_running_loop().create_future()
        try:
            held = await self._purse.hold(call, step.price)
            try:
                answer = await client.answer(call.body)
            except BaseException:
                self._purse.free(held)
                raise
        except BaseException:
            del sent[call.key]
            mine.cancel()
            raise
        mine.set_result(answer)
        step.arrived(call, answer, held)
        return answer


def _is_silent(told: Sequence[Score]) -> bool:
    """Return whether log-probabilities were asked for and not one was given."""
    hits = [hit for score in told for hit in score.hits if score.by == "likelihood"]
    return bool(hits) and all(hit is None for hit in hits)


def _role(ask: Generate | Evaluate) -> Role:
    return "optimizer" if isinstance(ask, Generate) else "target"


def _depends(ask: Generate | Evaluate) -> bool:
    """Return whether the calls of an ask depend on what its endpoint can do."""
    if isinstance(ask, Generate):
        return any(request.suffix is not None for request in ask.requests)
    return ask.by == "likelihood"
