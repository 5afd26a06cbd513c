"""Performs an ask: the seam between the pure lab and the models.

One queue holds all calls of an ask, so that every slot is busy until the last call; each reply is in the
cache within about 20 ms of its arrival, however the step ends; what the cache knows is not sent again. A call that
no reply comes to ends no step: it is told as missing, and noted when the step is over.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from lab.core.asks import Ask, Done, Evaluate, Flaw, Generate, Pick, Replies, Score, Task
from lab.errors import AwaitedError, BudgetError, MisuseError, ModelError, RecordedError
from lab.models.budget import Budget, need
from lab.models.calls import Answer, Call, Price, ReplyCache, Spent
from lab.models.capabilities import Capabilities, Note
from lab.models.client import Client
from lab.models.connections import Connections
from lab.models.endpoint import Endpoint
from lab.models.failures import FailedCall
from lab.models.giving_up import ROUNDS, Health, lost, next_move, pause_s, stopped, too_many
from lab.models.judging import judge_call
from lab.models.plan import evaluate_calls, generate_calls, judge_calls, replies, scores
from lab.models.roles import ROLES, Ceiling, Limits, ModelConfig, Models, Role

__all__ = ["Estimate", "Performer", "Progress", "Purse", "Role", "Spent", "Step"]


KEEP_EVERY_S = 0.02
KEEP_AT_MOST = 32
REPORT_EVERY_S = 0.05
NO_LOG_PROBABILITIES = Note("no_log_probabilities")


@dataclass(frozen=True)
class Progress:
    """How far an ask is, in distinct calls: `done` are in the cache, `cached` of them were there before.

    Of those done, no reply came to `missing`.
    """

    role: Role
    done: int
    expected: int
    cached: int
    missing: int = 0


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

    async def hold(self, call: Call, price: Price | None) -> Spent:
        """Hold the most that a call may take, once there is room for it beside the calls in flight.

        Raises:
            BudgetError: when there is no room for it, whatever becomes of those.
        """
        if self._budget is None:
            return Spent()
        while True:
            amount = self._budget.amount(need(call), price)
            self._budget.check(amount, call.model, price)
            if self._budget.allows(amount):
                self._budget = self._budget.sent(amount)
                return amount
            self._room = self._room or asyncio.get_running_loop().create_future()
            await asyncio.wait([self._room])  # whoever is stopped here must not cancel it for the others

    def free(self, amount: Spent) -> None:
        """Give back what was held for a call that failed or was stopped."""
        if self._budget is not None:
            self._budget = self._budget.lost(amount)
            self._call_in()

    def pay(self, amount: Spent, call: Call, paid: Spent) -> None:
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
        self._missing: list[tuple[str, Call, Answer]] = []
        self._n_sent = 0
        self.n_fresh = 0  # calls that were not taken up to an end yet
        self._last_error: FailedCall
        self._reported: Progress | None = None
        self._reported_at = 0.0
        self._report()

    def arrived(self, call: Call, answer: Answer) -> None:
        """Take an answer that was paid for."""
        self._n_sent += 1
        paid = Spent.on(answer, self.price)
        self._unkept += paid
        self._rows.append((call.key, call, answer))
        if len(self._rows) >= KEEP_AT_MOST:
            self._keep()

    def missed(self, call: Call, error: FailedCall, limits: Limits) -> Answer:
        """Take it that no reply comes to a call.

        Raises:
            ModelError: when it is so with too many.
        """
        answer = Answer("", error.flaw)
        self._n_sent += 1
        self._missing.append((call.key, call, answer))
        self._last_error = error
        self._state = replace(self._state, done=self._state.done + 1, missing=self._state.missing + 1)
        self._judge(limits, is_over=False)
        return answer

    def complete(self, limits: Limits) -> None:
        """Note the calls that no reply came to, once all others have theirs.

        Raises:
            ModelError: when they are too many.
        """
        if self._missing:
            self._judge(limits, is_over=True)
            self._cache.keep_missing(self._missing, self._state.role)

    def _judge(self, limits: Limits, *, is_over: bool) -> None:
        n_missing = len(self._missing)
        if too_many(n_missing, self._n_sent, limits, is_over=is_over):
            raise ModelError(
                stopped(n_missing, self._n_sent, limits, self._last_error), status=self._last_error.status
            )

    @property
    def is_answered(self) -> bool:
        """Whether a reply of this model is at hand: of this step, or known before."""
        return self._state.done > self._state.missing or bool(self._rows)

    def reused(self) -> None:
        """Count an answer that another ask has paid for meanwhile."""
        self.spent += Spent(n_cached=1)
        self._state = replace(self._state, done=self._state.done + 1, cached=self._state.cached + 1)

    async def keep_often(self) -> None:
        """Store and report until it is stopped."""
        while True:
            await asyncio.sleep(KEEP_EVERY_S)
            self._keep()
            if time.monotonic() - self._reported_at >= REPORT_EVERY_S:
                self._report()

    def end(self) -> None:
        """Store what is left and report for the last time."""
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


@dataclass(frozen=True)
class Estimate:
    """What an ask would take: distinct calls, those known already, and rough tokens of the others.

    Replies are expected to be as long as this model's lately were in this role, or else as long as they may be.
    `cost_usd` is None where the price is not known. `judge` is what the answers take to be graded, where a model
    does that: for those that are still awaited at most.
    """

    role: Role | None
    n_calls: int = 0
    n_cached: int = 0
    n_input_tokens: int = 0
    n_output_tokens_at_most: int = 0
    n_output_tokens_expected: int = 0
    cost_usd: float | None = 0.0
    judge: Estimate | None = None

    @property
    def n_to_pay(self) -> int:
        return self.n_calls - self.n_cached

    def __add__(self, other: Estimate) -> Estimate:
        costs = (self.cost_usd, other.cost_usd)
        return Estimate(
            self.role,
            self.n_calls + other.n_calls,
            self.n_cached + other.n_cached,
            self.n_input_tokens + other.n_input_tokens,
            self.n_output_tokens_at_most + other.n_output_tokens_at_most,
            self.n_output_tokens_expected + other.n_output_tokens_expected,
            None if None in costs else sum(cost or 0.0 for cost in costs),
        )

    def times(self, n: int) -> Estimate:
        """Return the estimate of `n` asks like this one."""
        return Estimate(
            self.role, self.n_calls * n, self.n_cached * n, self.n_input_tokens * n,
            self.n_output_tokens_at_most * n, self.n_output_tokens_expected * n,
            None if self.cost_usd is None else self.cost_usd * n,
        )  # fmt: skip


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
            ModelError: when the endpoint is lost, or too large a share of the calls was not answered; the rest is
                cancelled, what had arrived is kept.
            BudgetError: when the next call would break the ceiling; those in flight end, what arrives is kept.
            AwaitedError: when a person is the model, and has not replied to all of it.
            RecordedError: when the model is that of a recording, which holds no reply to some of it.
            MisuseError: when the ask needs no model, names an unknown example, or an endpoint lacks its key.
        """
        if not isinstance(ask, (Generate, Evaluate)):
            raise MisuseError(f"A {type(ask).__name__} needs no model. Only Generate and Evaluate are performed.")
        config = self.models[_role(ask)]
        can = self._connections.capabilities(config.endpoint)
        unknown = (_depends_on_endpoint(ask) and not can.checked) or (self._is_forced(ask) and not can.forcing)
        if unknown and not config.is_out_of_reach:
            await self._connections.check(config)
        can = self._connections.capabilities(config.endpoint)
        answers = await self._answers(_role(ask), config, self._calls(ask, sample, can))
        if isinstance(ask, Generate):
            return replies(ask, answers, can)
        verdicts = await self._verdicts(ask, answers, can)
        # In a thread: an expression or a metric of a person's own may take long, and other steps share this loop.
        told = await asyncio.to_thread(scores, ask, self.task, answers, can, config, verdicts)
        if not _is_silent(told):
            return told
        # What was found once need not last; with this the next asks of this model are by answers too.
        self._connections.learn(
            config.endpoint, replace(can, likelihood=None, notes=(*can.notes, NO_LOG_PROBABILITIES))
        )
        return await self(ask, sample)

    async def _verdicts(
        self, ask: Evaluate, answers: Sequence[Answer], can: Capabilities
    ) -> tuple[Answer | None, ...]:
        """Ask the judge about answers, where a model grades them."""
        calls = judge_calls(ask, self.task, answers, self.models, can)
        asked = [call for call in calls if call is not None]
        if not asked:
            return ()
        spent = self.last_spent
        found = iter(await self._answers("judge", self.models["judge"], asked))
        self.last_spent += spent
        return tuple(None if call is None else next(found) for call in calls)

    async def resend(self, role: Role, calls: Sequence[Call]) -> None:
        """Send calls that no reply came to before, however many of them fail once more.

        Raises:
            ModelError: when the endpoint is lost; what had arrived is kept.
            BudgetError: when the next call would break the ceiling; so too.
        """
        config = self.models[role]
        await self._answers(role, replace(config, limits=replace(config.limits, most_failed=1.0)), calls)

    def _is_forced(self, ask: Ask) -> bool:
        """Return whether the answers are to be labels, which only some endpoints can be made to give."""
        return isinstance(ask, Evaluate) and bool(self.task.labels) and self.models["target"].sampling.forced

    def estimate(self, ask: Ask, sample: str | int = 0) -> Estimate:
        """Describe what performing the ask would take now; send nothing.

        Raises:
            MisuseError: when the ask names an unknown example.
        """
        if isinstance(ask, (Pick, Done)):
            return Estimate(None)
        config = self.models[_role(ask)]
        can = self._connections.capabilities(config.endpoint)
        calls = self._calls(ask, sample, can)
        known = self._cache.find(list(dict.fromkeys(call.key for call in calls)))
        found = self._estimated(_role(ask), config, calls, known)
        if not isinstance(ask, Evaluate):
            return found
        awaited = Answer("", Flaw("not_answered"))
        verdicts = judge_calls(ask, self.task, [known.get(call.key, awaited) for call in calls], self.models, can)
        return replace(found, judge=self._judging(verdicts, found.n_to_pay)) if verdicts else found

    def _judging(self, calls: Sequence[Call | None], n_awaited: int) -> Estimate:
        """Describe what the judge would take: for the answers at hand, and as much for each that is awaited."""
        config, asked = self.models["judge"], [call for call in calls if call is not None]
        known = self._cache.find(list(dict.fromkeys(call.key for call in asked)))
        found = self._estimated("judge", config, asked, known)
        if not n_awaited:
            return found
        example = (self.task.train or self.task.dev)[0]
        typical = judge_call(self.task, example, example.answer, config)
        return found + self._estimated("judge", config, [typical], {}).times(n_awaited)

    def _estimated(
        self, role: Role, config: ModelConfig, calls: Sequence[Call], known: Mapping[str, Answer]
    ) -> Estimate:
        distinct = {call.key: call for call in calls}
        unknown = [call for key, call in distinct.items() if key not in known]
        n_input, at_most = sum(call.n_input_tokens for call in unknown), sum(call.longest for call in unknown)
        mean, price = self._cache.mean_reply(config.spec, role), self._cache.price(config.spec)
        expected = at_most if mean is None else min(at_most, round(mean * len(unknown)))
        cost = price.of(n_input, expected) if price else None
        return Estimate(role, len(distinct), len(known), n_input, at_most, expected, cost)

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
        if config.endpoint.by_hand or config.is_out_of_reach:
            return self._given(distinct, calls, recorded=config.is_out_of_reach)
        sent, running = self._connections.sent, asyncio.get_running_loop().create_future()
        sent[f"step {id(running)}"] = running
        known = dict(self._cache.find(list(distinct)))
        unknown = [call for key, call in distinct.items() if key not in known]
        n_missing = sum(answer.is_missing for answer in known.values())
        begun = Progress(role, len(known), len(distinct), len(known), n_missing)
        step = Step(begun, self._cache, self._purse, config.spec, self._progress)
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

    def _given(self, distinct: Mapping[str, Call], calls: Sequence[Call], *, recorded: bool) -> list[Answer]:
        """Return what a person has replied, or a recording holds; nothing is sent, and no limit holds.

        Raises:
            AwaitedError: when a person's reply is not there yet.
            RecordedError: when the recording holds no reply.
        """
        known = self._cache.find(list(distinct))
        if n_open := len(distinct) - len(known):
            raise RecordedError if recorded else AwaitedError(n_open)
        return [known[call.key] for call in calls]

    async def _send_all(self, calls: list[Call], client: Client, step: Step, known: dict[str, Answer]) -> None:
        waiting = deque((call, 1) for call in calls)  # with how often each was taken
        step.n_fresh = len(calls)
        refused: list[BudgetError] = []

        async def work() -> None:
            while waiting and not refused:
                call, n_round = waiting.popleft()
                try:
                    answer = await self._send_once(call, client, step, n_round)
                except BudgetError as error:  # the calls in flight are paid for: let them end
                    refused.append(error)
                    return
                step.n_fresh -= n_round == 1
                if answer is None:
                    waiting.append((call, n_round + 1))
                else:
                    known[call.key] = answer
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
                step.complete(client.limits)
                return
            first = refused[0]
        raise first

    async def _send_once(self, call: Call, client: Client, step: Step, n_round: int) -> Answer | None:
        """Send a call unless a running step has sent it; its answer stays at hand until no step is running.

        Return None for one that is to be sent later once more.
        """
        sent = self._connections.sent
        while (other := sent.get(call.key)) is not None:
            await asyncio.wait([other])
            if not other.cancelled():
                step.reused()
                return other.result()
        mine = sent[call.key] = asyncio.get_running_loop().create_future()
        answer: Answer | None = None
        try:
            answer = await self._answer(call, client, step, n_round)
        finally:
            if answer is None:
                del sent[call.key]
                mine.cancel()
        if answer is not None:
            mine.set_result(answer)
        return answer

    async def _answer(self, call: Call, client: Client, step: Step, n_round: int) -> Answer | None:
        """Send a call until it is answered, or given up; None where it is to be sent later once more.

        Raises:
            ModelError: when the endpoint is lost, or too many calls were not answered.
            BudgetError: when there is no room for it.
        """
        pace, limits = client.pace, client.limits
        began, n_waited, is_alive = pace.now(), 0, False
        failed_at: list[float] = []
        while True:
            try:
                return await self._paid(call, client, step, take_broken=n_round >= ROUNDS)
            except FailedCall as problem:
                error = problem
            ever = pace.n_well > 0 or step.is_answered
            silent_s, only_suspects = pace.now() - max(began, pace.well_at), n_round > 1 and not step.n_fresh
            failed_at.extend(error.failed_at)
            # An answer before the last pause may have been under way when the endpoint fell silent.
            since = is_alive or pace.well_at > max(failed_at[-2:-1], default=math.inf)
            health = Health(ever, since, silent_s, only_suspects)
            match next_move(error, health, n_round, limits):
                case "give up":
                    return step.missed(call, error, limits)
                case "lost":
                    raise ModelError(lost(error, health, limits), status=error.status)
                case "later":
                    return None
                case "wait":
                    n_well = pace.n_well
                    await pace.sleep(pause_s(n_waited))
                    n_waited += 1
                    if pace.n_well == n_well:  # alone, a call cannot tell its own trouble from the endpoint's
                        await client.look()
                    is_alive = pace.n_well > n_well

    async def _paid(self, call: Call, client: Client, step: Step, *, take_broken: bool) -> Answer:
        """Send a call and count what it took; once more where all its tokens went to reasoning."""
        bound = call.allowing(client.reply_limit(call.body))
        answer = await self._held(bound, call, client, step, take_broken)
        if answer.was_all_reasoning and (limit := client.raise_limit(call.body)) > bound.longest:
            with suppress(BudgetError, FailedCall):  # what came is paid for, and told as it is
                again = await self._held(call.allowing(limit), call, client, step, take_broken, counts=False)
                answer = again.paying_for((answer,))
        step.arrived(call, answer)
        return answer

    async def _held(
        self, bound: Call, call: Call, client: Client, step: Step, take_broken: bool, *, counts: bool = True
    ) -> Answer:
        """Send a call while the most that it may take is held; a second reply `counts` as no further call."""
        held = await self._purse.hold(bound, step.price)
        try:
            answer = await client.answer(call.body, take_broken=take_broken)
        except BaseException:
            self._purse.free(held)
            raise
        paid = Spent.on(answer, step.price)
        self._purse.pay(held, bound, paid if counts else replace(paid, n_paid=0))
        return answer


def _is_silent(told: Sequence[Score]) -> bool:
    """Return whether log-probabilities were asked for and not one was given."""
    hits = [hit for score in told for hit in score.hits if score.by == "likelihood"]
    return bool(hits) and all(hit is None for hit in hits)


def _role(ask: Generate | Evaluate) -> Role:
    return "optimizer" if isinstance(ask, Generate) else "target"


def _depends_on_endpoint(ask: Generate | Evaluate) -> bool:
    """Return whether the calls of an ask depend on what its endpoint can do."""
    if isinstance(ask, Generate):
        return any(request.suffix is not None for request in ask.requests)
    return ask.by == "likelihood"
