"""Performing asks: through the real SDK to a real ASGI app, in process and over a loopback port."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from support.evenness import evenness
from support.flaws import in_words
from support.serving import serving

from lab.core.asks import Candidate, Done, Evaluate, Generate, Pick, Reply, Request, Score
from lab.core.flaws import Flaw
from lab.errors import MisuseError
from lab.models.calls import Answer, Call, MemoryCache
from lab.models.client import Client
from lab.models.connections import Connections
from lab.models.endpoint import Endpoint
from lab.models.perform import Performer, Progress, Spent
from lab.models.plan import generate_calls
from lab.models.roles import Limits, ModelConfig, Models

KEY = "sk-planted-0123456789"
OPTIMIZER = Endpoint("writer", "http://localhost/v1")
TARGET = Endpoint("solver", "http://localhost/v1")
TASK = evenness(40, 10)
TRAIN = tuple(example.id for example in TASK.train)


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


def completion(text: str, **changes: Any) -> JSONResponse:
    body = {
        "model": "as-served",
        "choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 3},
    }
    return JSONResponse({**body, **changes})


def choice(**fields: Any) -> JSONResponse:
    message = {"role": "assistant", "content": fields.pop("content", None), **fields.pop("message", {})}
    return completion("", choices=[{"message": message, **fields}])


Respond = Callable[[dict[str, Any]], Awaitable[Response]]


async def solve(body: dict[str, Any]) -> Response:
    """Says truly whether a number is even, and to anything else gives back its seed."""
    asked = body["messages"][-1]["content"]
    if asked.isdigit():
        return completion("yes" if int(asked) % 2 == 0 else "no")
    return completion(f"{asked} #{body['seed']}")


class Served:
    """A chat server that writes down what it was sent."""

    def __init__(self, respond: Respond = solve) -> None:
        self.bodies: list[bytes] = []
        self.keys: set[str] = set()
        self.respond = respond
        self.app = Starlette(routes=[Route("/v1/chat/completions", self._chat, methods=["POST"])])

    async def _chat(self, request: HttpRequest) -> Response:
        self.bodies.append(await request.body())
        self.keys.add(request.headers["authorization"])
        return await self.respond(json.loads(self.bodies[-1]))

    def connect(self, endpoint: Endpoint, **how: Any) -> Client:
        return Client(endpoint, app=self.app, **how)

    def performer(self, cache: MemoryCache | None = None, **options: Any) -> Performer:
        target = options.pop("target", TARGET)
        limits = Limits(concurrency=options.pop("concurrency", 64))
        return Performer(
            TASK,
            Models(optimizer=ModelConfig(OPTIMIZER, limits=limits), target=ModelConfig(target, limits=limits)),
            cache if cache is not None else MemoryCache(),
            connections=Connections(open_client=self.connect),
            **options,
        )


def always(response: Callable[[], Response]) -> Respond:
    async def respond(body: dict[str, Any]) -> Response:
        return response()

    return respond


# Performing


async def test_scores_come_in_the_order_of_the_prompts_and_examples_whoever_answers_first() -> None:
    async def slowest_first(body: dict[str, Any]) -> Response:
        prompt, asked = (message["content"] for message in body["messages"])
        await asyncio.sleep(0.02 if asked == "0" else 0)
        return completion("yes" if prompt == "P" else "no")

    ask = Evaluate(("P", "Q", "P"), TRAIN[:4])
    got = await Served(slowest_first).performer()(ask)
    always_yes = Score("P", TRAIN[:4], hits=(1.0, 0.0, 1.0, 0.0), got=("yes",) * 4)
    always_no = Score("Q", TRAIN[:4], hits=(0.0, 1.0, 0.0, 1.0), got=("no",) * 4)
    assert got == (always_yes, always_no, always_yes)


async def test_replies_come_by_request_and_all_differ() -> None:
    ask = Generate((Request("improve", n=2), Request("other"), Request("improve", n=2), Request("none", n=0)))
    got = await Served().performer()(ask)
    assert [len(group) for group in got] == [2, 1, 2, 0]  # type: ignore[arg-type]
    texts = [reply.text for group in got for reply in group if isinstance(reply, Reply)]  # type: ignore[union-attr]
    assert [text.split(" #")[0] for text in texts] == ["improve", "improve", "other", "improve", "improve"]
    assert len(set(texts)) == 5


async def test_what_is_known_is_not_sent_again() -> None:
    served, cache = Served(), MemoryCache()
    ask = Evaluate(("P",), TRAIN)
    first = await served.performer(cache)(ask)
    again = served.performer(cache)
    assert (await again(ask, 3)) == first
    assert len(served.bodies) == len(TRAIN)
    assert again.last_spent == Spent(n_cached=len(TRAIN))


async def test_equal_calls_within_an_ask_are_sent_once() -> None:
    served = Served()
    performer = served.performer()
    await performer(Evaluate(("P", "P"), TRAIN[:3] + TRAIN[:3]))
    assert len(served.bodies) == performer.last_spent.n_paid == 3


async def test_equal_calls_of_asks_that_run_together_are_sent_once() -> None:
    served = Served()
    performer = served.performer(concurrency=3)
    ask = Evaluate(("P",), TRAIN)

    one, other = await asyncio.gather(performer(ask), performer(ask))
    assert one == other
    assert len(served.bodies) == len(TRAIN)
    n = len(TRAIN)
    assert performer.spent["target"] == Spent(n, n, 7 * n, 3 * n, n_unpriced=n)


async def test_an_ask_goes_on_when_the_one_that_sent_its_call_is_stopped() -> None:
    async def slow(body: dict[str, Any]) -> Response:
        await asyncio.sleep(0.05)
        return await solve(body)

    async def stop_the_first(performer: Performer) -> Any:
        first = asyncio.create_task(performer(Evaluate(("P",), TRAIN[:2])))
        second = asyncio.create_task(performer(Evaluate(("P",), TRAIN[:2])))
        await asyncio.sleep(0.02)
        first.cancel()
        return await second

    (score,) = await stop_the_first(Served(slow).performer())
    assert score.mean == 1.0


async def test_stopping_is_quick_and_keeps_every_reply_that_had_arrived() -> None:
    async def hangs_on_odd(body: dict[str, Any]) -> Response:
        if int(body["messages"][-1]["content"]) % 2:
            await asyncio.sleep(60)
        return await solve(body)

    served, cache = Served(hangs_on_odd), MemoryCache()
    performer = served.performer(cache)

    async def stop() -> float:
        step = asyncio.create_task(performer(Evaluate(("P",), TRAIN)))
        while len(cache.rows) < 20:
            await asyncio.sleep(0.005)
        at = time.monotonic()
        step.cancel()
        with pytest.raises(asyncio.CancelledError):
            await step
        return time.monotonic() - at

    assert (await stop()) < 0.5
    assert len(cache.rows) == performer.last_spent.n_paid == 20


async def test_a_model_that_answers_without_waiting_can_be_stopped_too() -> None:
    cache, seen = MemoryCache(), list[Progress]()
    ask = Evaluate(tuple(f"P{i}" for i in range(50)), TRAIN)

    step = asyncio.create_task(Served().performer(cache, progress=seen.append)(ask))
    while not cache.rows:
        await asyncio.sleep(0)
    step.cancel()
    with pytest.raises(asyncio.CancelledError):
        await step
    assert 0 < len(cache.rows) == seen[-1].done < 2000


async def test_a_call_that_is_refused_ends_no_step_and_names_its_cause() -> None:
    async def fails_at_the_end(body: dict[str, Any]) -> Response:
        if body["messages"][-1]["content"] == "39":
            return JSONResponse({"error": {"message": "context is too long"}}, 400)
        return await solve(body)

    cache = MemoryCache()
    performer = Served(fails_at_the_end).performer(cache, concurrency=1)
    (score,) = await performer(Evaluate(("P",), TRAIN))
    assert isinstance(score, Score)
    assert (score.hits[-1], score.mean) == (None, 1.0)
    assert "refused this request: context is too long" in in_words(score.flaws[-1])
    assert len(cache.rows) == 39
    assert performer.last_spent.n_paid == 39


async def test_a_store_that_fails_ends_the_step_with_its_own_error() -> None:
    class Full(MemoryCache):
        def keep(self, rows: Sequence[tuple[str, Call, Answer]], role: Any = "target") -> None:
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        await Served().performer(Full())(Evaluate(("P",), TRAIN))


async def test_replies_are_kept_while_others_are_still_awaited() -> None:
    async def hangs_on_1(body: dict[str, Any]) -> Response:
        if body["messages"][-1]["content"] == "1":
            await released.wait()
        return await solve(body)

    cache, released = MemoryCache(), asyncio.Event()

    step = asyncio.create_task(Served(hangs_on_1).performer(cache)(Evaluate(("P",), TRAIN)))
    async with asyncio.timeout(5):
        while len(cache.rows) < len(TRAIN) - 1:
            await asyncio.sleep(0.01)
        released.set()
        await step
    assert len(cache.rows) == len(TRAIN)


async def test_progress_counts_what_is_kept_and_ends_complete() -> None:
    cache, seen = MemoryCache(), list[tuple[Progress, int]]()
    served = Served()
    await served.performer(cache)(Evaluate(("P",), TRAIN[:10]))
    performer = served.performer(cache, progress=lambda progress: seen.append((progress, len(cache.rows))))
    await performer(Evaluate(("P",), TRAIN))
    assert seen[0][0] == Progress("target", 10, 40, 10)
    assert seen[-1][0] == Progress("target", 40, 40, 10)
    assert all(progress.done == kept for progress, kept in seen)


async def test_no_more_calls_are_in_flight_than_allowed() -> None:
    flying, most = 0, 0

    async def count(body: dict[str, Any]) -> Response:
        nonlocal flying, most
        flying += 1
        most = max(most, flying)
        await asyncio.sleep(0.002)
        flying -= 1
        return await solve(body)

    await Served(count).performer(concurrency=5)(Evaluate(("P", "Q"), TRAIN))
    assert most == 5


async def test_an_estimate_counts_distinct_and_known_calls_and_sends_nothing() -> None:
    served, cache = Served(), MemoryCache()
    performer = served.performer(cache)
    ask = Evaluate(("P", "P", "Q"), TRAIN[:5])
    assert (performer.estimate(ask).n_calls, performer.estimate(ask).n_cached) == (10, 0)
    assert performer.estimate(ask).n_output_tokens_at_most == 2560
    assert served.bodies == []
    await performer(Evaluate(("P",), TRAIN[:5]))
    assert performer.estimate(ask).n_to_pay == 5
    assert performer.estimate(Generate((Request("x", n=3),))).role == "optimizer"
    assert performer.estimate(Done("x")).n_calls == 0


@pytest.mark.parametrize(
    "ask",
    [
        Pick((Candidate("x"),), (0,)),
        Done("x"),
        Evaluate(("P",), ("e-unknown",)),
        Evaluate(("P",), TRAIN[:1], split="dev"),
        Evaluate(("P",), (), split="test"),
    ],
)
async def test_an_ask_that_cannot_be_performed_is_misuse_and_sends_nothing(ask: Any) -> None:
    served = Served()
    with pytest.raises(MisuseError):
        await served.performer()(ask)
    assert served.bodies == []


async def test_a_target_that_was_cut_off_before_its_first_word_is_not_measured_and_a_refusal_is() -> None:
    async def cut_or_refuse(body: dict[str, Any]) -> Response:
        if body["messages"][-1]["content"] == "0":
            return choice(content="", finish_reason="length")
        return choice(message={"refusal": "I will not."}, finish_reason="stop")

    (score,) = await Served(cut_or_refuse).performer()(Evaluate(("P",), TRAIN[:2]))
    assert isinstance(score, Score)
    assert score.hits == (None, 0.0)


# Requests


def test_a_sample_draws_other_seeds_and_the_same_sample_the_same() -> None:
    ask = Generate((Request("improve", n=3), Request("improve", n=3)))
    calls = [
        generate_calls(ask, sample, ModelConfig(OPTIMIZER), seed)
        for sample, seed in ((0, 0), (1, 0), (0, 1), (0, 0))
    ]
    seeds = [call.body["seed"] for some in calls[:3] for call in some]
    assert len(set(seeds)) == 18
    assert all(0 <= seed < 2**31 for seed in seeds)
    assert calls[0] == calls[3]


def test_another_process_asks_the_same_requests() -> None:
    program = (
        "from lab.core.asks import Generate, Request; from lab.models.endpoint import Endpoint;"
        "from lab.models.roles import ModelConfig; from lab.models.plan import generate_calls;"
        "ask = Generate((Request('é improve', n=2), Request('x', temperature=1)));"
        "config = ModelConfig(Endpoint('writer', 'http://localhost/v1'));"
        "print([call.key for call in generate_calls(ask, 2, config, 5)])"
    )
    ask = Generate((Request("é improve", n=2), Request("x", temperature=1.0)))
    here = str([call.key for call in generate_calls(ask, 2, ModelConfig(OPTIMIZER), 5)])
    for seed in ("1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": seed}
        ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=env, check=True)
        assert ran.stdout.strip() == here


@given(st.text(), st.text(), st.integers(0, 9), st.integers(0, 9))
def test_a_key_tells_apart_all_that_can_change_an_answer(one: str, other: str, m: int, n: int) -> None:
    first = Call.of("http://localhost/v1", {"messages": [one], "seed": m}, str(m))
    second = Call.of("http://localhost/v1", {"seed": n, "messages": [other]}, str(n))
    assert (first.key == second.key) == ((one, m) == (other, n))
    assert first.key != Call.of("http://other/v1", first.body, str(m)).key
    assert first.key.startswith("c1:")


# Answers


async def test_the_flaw_of_a_reply_reaches_the_optimizer() -> None:
    served = Served(always(lambda: choice(content="so fa", finish_reason="length")))
    assert (await served.performer()(Generate((Request("x"),)))) == ((Reply("so fa", Flaw("cut_off")),),)


async def test_a_bug_in_the_practice_model_comes_through_as_itself_and_what_had_arrived_is_kept() -> None:
    async def breaks(body: dict[str, Any]) -> Response:
        if body["messages"][-1]["content"] == "7":
            raise ZeroDivisionError("no skill")
        return await solve(body)

    cache = MemoryCache()
    performer = Served(breaks).performer(cache, target=Endpoint.of("practice"), concurrency=1)
    with pytest.raises(ZeroDivisionError, match="no skill"):
        await performer(Evaluate(("P",), TRAIN))
    assert len(cache.rows) == 7


async def test_half_a_character_is_refused_before_it_is_sent() -> None:
    served = Served()
    with pytest.raises(MisuseError, match="half a character"):
        await served.performer()(Generate((Request("broken \ud83d"),)))
    assert served.bodies == []


# Over the network


async def test_a_model_behind_a_port_is_asked_in_one_loop_after_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    served = Served()
    with serving(served.app) as url:
        monkeypatch.setenv("OPENAI_BASE_URL", url)
        endpoint = Endpoint.of(f"solver@{url}")
        performer = Performer(TASK, Models.single(ModelConfig(endpoint)), MemoryCache())
        for some in (TRAIN[:20], TRAIN[20:]):
            (score,) = await performer(Evaluate(("Is it even?",), some))
            assert isinstance(score, Score)
            assert score.mean == 1.0
    assert len(served.bodies) == 40
    assert served.keys == {f"Bearer {KEY}"}
