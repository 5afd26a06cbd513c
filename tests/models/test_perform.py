"""Ceilings, estimates and calls shared by steps: through a performer, the real SDK and an app in process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from support.evenness import evenness

from lab.core.asks import Evaluate, Generate, Reply, Request, Score
from lab.errors import BudgetError, ModelError
from lab.models.budget import Budget, need
from lab.models.calls import Answer, Call, MemoryCache, Price, Spent
from lab.models.client import Client
from lab.models.connections import Connections
from lab.models.endpoint import Endpoint
from lab.models.perform import Performer
from lab.models.roles import Ceiling, Limits, ModelConfig, Models, Role, Sampling

SOLVER = Endpoint("solver", "http://localhost/v1")
PRICE = Price(1.0, 4.0)
TASK = evenness(40, 10)
TRAIN = tuple(example.id for example in TASK.train)


class Served:
    """A chat server that counts its calls and takes as many tokens as it is told to."""

    def __init__(self, tokens: tuple[int, int] = (20, 5), wait_s: float = 0.001) -> None:
        self.n, self.flying, self.most = 0, 0, 0
        self.tokens, self.wait_s = tokens, wait_s
        self.failing = False
        self.app = Starlette(routes=[Route("/v1/chat/completions", self._chat, methods=["POST"])])
        self.connections = Connections(open_client=self._connect)

    def _connect(self, endpoint: Endpoint, **how: Any) -> Client:
        return Client(endpoint, app=self.app, **how)

    async def _chat(self, request: HttpRequest) -> Response:
        body = json.loads(await request.body())
        self.n += 1
        self.flying += 1
        self.most = max(self.most, self.flying)
        await asyncio.sleep(self.wait_s)
        self.flying -= 1
        if self.failing and self.n > 10:
            return JSONResponse({"error": {"message": "the model was unloaded"}}, 400)
        asked = body["messages"][-1]["content"]
        text = "yes" if asked.isdigit() and int(asked) % 2 == 0 else "no"
        usage = dict(zip(("prompt_tokens", "completion_tokens"), self.tokens, strict=True))
        choice = {"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        return JSONResponse({"choices": [choice], "usage": usage})

    def performer(self, cache: MemoryCache, ceiling: Ceiling | None = None, max_tokens: int = 10) -> Performer:
        config = ModelConfig(SOLVER, Sampling(max_tokens=max_tokens), Limits(concurrency=8, tries=1))
        return Performer(TASK, Models.single(config, ceiling or Ceiling()), cache, connections=self.connections)


def priced() -> MemoryCache:
    return MemoryCache({SOLVER.spec: PRICE})


# Ceilings


async def test_a_ceiling_in_calls_lets_exactly_so_many_through_and_keeps_them() -> None:
    served, cache = Served(), MemoryCache()
    performer = served.performer(cache, Ceiling(calls=13))
    with pytest.raises(BudgetError, match=r"The limit of 13 calls is reached: 13 were made\. Raise it"):
        await performer(Evaluate(("P",), TRAIN))
    assert served.n == len(cache.rows) == performer.last_spent.n_paid == 13


async def test_a_ceiling_in_tokens_is_used_up_to_the_last_call_that_fits() -> None:
    served, cache = Served(), MemoryCache()
    most = need(call_of("P", "39"))
    at_most = most.n_input_tokens + most.n_output_tokens
    with pytest.raises(BudgetError, match=r"The limit of 500 tokens leaves no room.*\d+ have been used"):
        await served.performer(cache, Ceiling(tokens=500))(Evaluate(("P",), TRAIN))
    assert 500 - at_most < 25 * served.n <= 500


async def test_a_ceiling_in_money_is_used_up_to_the_last_call_that_fits() -> None:
    served, cache = Served(), priced()
    usd = PRICE.of(20, 5)
    ceiling = Ceiling(cost_usd=20.5 * usd)
    with pytest.raises(BudgetError, match=r"The limit of \$0.* leaves no room"):
        await served.performer(cache, ceiling)(Evaluate(("P",), TRAIN))
    assert cache.spent().cost_usd <= ceiling.cost_usd
    assert served.n >= 18


async def test_a_ceiling_in_money_without_a_price_stops_before_the_first_call() -> None:
    served = Served()
    with pytest.raises(BudgetError, match=r"needs the price of solver@http://localhost/v1, which is not set\."):
        await served.performer(MemoryCache(), Ceiling(cost_usd=5))(Evaluate(("P",), TRAIN))
    assert served.n == 0


async def test_a_raised_ceiling_sends_only_what_is_missing_and_what_was_spent_still_counts() -> None:
    served, cache = Served(), MemoryCache()
    ask = Evaluate(("P",), TRAIN)
    for ceiling, sent in ((Ceiling(calls=13), 13), (Ceiling(calls=13), 13), (Ceiling(calls=39), 39)):
        with pytest.raises(BudgetError):
            await served.performer(cache, ceiling)(ask)
        assert served.n == sent
    (score,) = await served.performer(cache, Ceiling(calls=40))(ask)
    assert isinstance(score, Score)
    assert (served.n, score.mean) == (40, 1.0)
    await served.performer(cache, Ceiling(calls=1))(ask)  # what is known needs no budget


async def test_steps_that_run_together_keep_the_ceiling_together() -> None:
    served, cache = Served(), MemoryCache()
    performer = served.performer(cache, Ceiling(calls=30))

    async def both() -> list[Any]:
        asks = (Evaluate((prompt,), TRAIN) for prompt in "PQ")
        return await asyncio.gather(*map(performer, asks), return_exceptions=True)

    assert [type(one) for one in (await both())] == [BudgetError, BudgetError]
    assert served.n == 30


async def test_stopped_and_failed_calls_free_what_was_held_for_them() -> None:
    served, cache = Served(wait_s=30), MemoryCache()
    performer = served.performer(cache, Ceiling(calls=8))

    step = asyncio.create_task(performer(Evaluate(("P",), TRAIN[:8])))
    while served.flying < 8:
        await asyncio.sleep(0.001)
    step.cancel()
    with pytest.raises(asyncio.CancelledError):
        await step
    served.wait_s = 0
    (score,) = await performer(Evaluate(("P",), TRAIN[:8]))
    assert score.mean == 1.0
    assert cache.spent().n_paid == 8


@settings(max_examples=200)
@given(
    ceiling=st.builds(Ceiling, st.integers(0, 30), st.integers(0, 4000), st.floats(0, 0.01)),
    price=st.builds(Price, st.floats(0, 50), st.floats(0, 50)),
    steps=st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 100), st.integers(0, 100), st.floats(0, 1)), max_size=60
    ),
)
def test_no_order_of_replies_passes_the_ceiling_while_servers_keep_to_their_bounds(
    ceiling: Ceiling, price: Price, steps: list[tuple[int, int, int, float]]
) -> None:
    budget, flying, ledger = Budget(ceiling), list[tuple[Spent, Spent]](), Spent()
    unkept = Spent()
    for act, n_input, n_output, share in steps:
        bound = Spent(1, 0, n_input, n_output)
        amount = budget.amount(bound, price)
        if act < 3:
            if budget.allows(amount):
                budget.check(amount, "m", price)  # what is allowed beside others is allowed alone
                budget = budget.sent(amount)
                flying.append((amount, bound))
        elif flying and act == 3:
            held, most = flying.pop(len(flying) // 2)
            tokens = (int(most.n_input_tokens * share), int(most.n_output_tokens * share))
            paid = Spent(1, 0, *tokens, cost_usd=price.of(*tokens))
            budget, unkept = budget.answered(held, most, paid), unkept + paid
        elif flying and act == 4:
            budget = budget.lost(flying.pop()[0])
        else:
            ledger, kept, unkept = ledger + unkept, unkept, Spent()
            budget = budget.kept(kept, ledger)
        spent = ledger + unkept
        assert budget.spent.n_paid + budget.arrived.n_paid == spent.n_paid
        assert not ceiling.calls or spent.n_paid <= ceiling.calls
        assert not ceiling.tokens or spent.n_input_tokens + spent.n_output_tokens <= ceiling.tokens
        assert not ceiling.cost_usd or spent.cost_usd <= ceiling.cost_usd + 1e-6


def test_a_server_that_takes_more_than_its_bound_is_held_back_by_as_much_from_then_on() -> None:
    budget, bound = Budget(Ceiling(tokens=1000)), Spent(1, 0, 10, 5)
    amount = budget.amount(bound, None)
    budget = budget.sent(amount).answered(amount, bound, Spent(1, 0, 210, 25))
    assert budget.amount(bound, None) == Spent(1, 0, 210, 25)


@given(st.text(max_size=200), st.text(max_size=200))
def test_the_bound_of_a_call_is_never_below_the_rough_count(prompt: str, asked: str) -> None:
    call = call_of(prompt, asked)
    assert need(call).n_input_tokens > call.n_input_tokens
    assert need(call).n_output_tokens == 10
    assert need(Call.of("u", {"prompt": prompt, "suffix": None})).n_output_tokens == 4096


def call_of(prompt: str, asked: str) -> Call:
    messages = [{"role": "system", "content": prompt}, {"role": "user", "content": asked}]
    return Call.of(SOLVER.base_url, {"model": "solver", "messages": messages, "max_tokens": 10})


# Estimates


async def test_an_estimate_is_what_is_then_paid_in_calls_and_nears_it_in_tokens() -> None:
    served, cache = Served(tokens=(20, 3)), priced()
    performer = served.performer(cache)
    await performer(Evaluate(("P",), TRAIN[:10]))
    ask = Evaluate(("P", "Q", "P"), TRAIN)
    told = performer.estimate(ask)
    assert (told.n_calls, told.n_cached, told.n_to_pay) == (80, 10, 70)
    assert told.n_output_tokens_at_most == 700
    assert told.n_output_tokens_expected == 210
    assert told.cost_usd == pytest.approx(PRICE.of(told.n_input_tokens, 210))
    await performer(ask)
    assert performer.last_spent.n_paid == told.n_to_pay
    assert performer.last_spent.n_output_tokens == told.n_output_tokens_expected
    assert performer.estimate(ask).n_to_pay == 0


def test_an_estimate_for_a_model_that_never_answered_takes_replies_to_be_as_long_as_they_may_be() -> None:
    told = Served().performer(MemoryCache()).estimate(Generate((Request("improve", n=3),)))
    assert (told.n_output_tokens_expected, told.cost_usd) == (30, None)


# Steps that meet


async def test_two_roles_at_one_server_keep_to_their_own_limits() -> None:
    served = Served(wait_s=0.1)
    models = Models(
        **{role: ModelConfig(SOLVER, limits=Limits(concurrency=n)) for role, n in (("optimizer", 2), ("target", 6))}
    )
    performer = Performer(TASK, models, MemoryCache(), connections=served.connections)
    for ask, most in ((Generate((Request("improve", n=4),)), 2), (Evaluate(("P",), TRAIN[:12]), 6)):
        await performer(ask)
        assert served.most == most


async def test_replies_that_could_not_be_stored_at_first_are_stored_at_the_end() -> None:
    class LockedOnce(MemoryCache):
        locked = True

        def keep(self, rows: Sequence[tuple[str, Call, Answer]], role: Role = "target") -> None:
            if self.locked:
                self.locked = False
                raise OSError("the disk is full")
            super().keep(rows, role)

    cache = LockedOnce()
    performer = Served().performer(cache)
    with pytest.raises(OSError, match="full"):
        await performer(Evaluate(("P",), TRAIN))
    assert len(cache.rows) == performer.last_spent.n_paid >= 8


async def test_equal_calls_of_two_performers_with_the_same_connections_are_sent_once() -> None:
    served, cache = Served(), MemoryCache()
    one, other = served.performer(cache), served.performer(cache)

    found = await asyncio.gather(one(Evaluate(("P",), TRAIN)), other(Evaluate(("P", "Q"), TRAIN)))
    assert served.connections.sent == {}, "answers are let go of when no step is left to want them"
    first, second = found
    assert first[0] == second[0]
    assert served.n == 80
    assert one.last_spent.n_paid + other.last_spent.n_paid == 80


async def test_a_broken_endpoint_stops_a_step_in_a_sentence_and_only_the_rest_is_sent_later() -> None:
    served, cache = Served(), MemoryCache()
    served.failing = True
    performer, ask = served.performer(cache), Evaluate(("P",), TRAIN)
    with pytest.raises(ModelError, match="the model was unloaded"):
        await performer(ask)
    served.failing, kept, tried = False, len(cache.rows), served.n
    (score,) = await performer(ask)
    assert isinstance(score, Score)
    assert (score.mean, served.n - tried) == (1.0, len(TRAIN) - kept)


async def test_what_an_endpoint_can_do_is_found_out_before_it_matters_once_and_at_nobodys_cost() -> None:
    cache, connections = MemoryCache(), Connections()
    practice = Endpoint.of("practice")
    performer = Performer(TASK, Models(), cache, connections=connections)
    await performer(Evaluate(("P",), TRAIN[:2]))
    assert not connections.capabilities(practice).checked
    (score,) = await performer(Evaluate(("Is it even?",), TRAIN[:5], by="likelihood"))
    assert isinstance(score, Score)
    can = connections.capabilities(practice)
    assert can.checked
    assert score.by == ("likelihood" if can.likelihood else "answers")
    assert cache.spent().n_paid == performer.spent["target"].n_paid == 2 + performer.last_spent.n_paid
    request = Request("Fill in: [BLANK] is even.", suffix=" is even.", gap="[BLANK]")
    ((reply,),) = await performer(Generate((request,)))
    assert isinstance(reply, Reply)
    assert cache.spent().n_paid == performer.spent["target"].n_paid + 1


@pytest.mark.parametrize("limit", ["price", "calls", "tokens", "cost_usd"])
def test_what_breaks_a_ceiling_is_a_code_with_its_numbers_and_one_sentence_for_each(limit: Any) -> None:
    error = BudgetError(limit, 12_000, 11_990, 20, "m@http://localhost/v1")
    assert (error.limit, error.most, error.spent, error.next, error.model) == (limit, *error.args[1:])
    assert "12,000" in str(error)
    assert str(error).endswith((".", ")."))
