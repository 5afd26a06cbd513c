"""A call that fails for good is told as missing; a step stops only when its endpoint is lost or too much is missing.

The real SDK and performer over an app in process, and over a port where a server dies and comes back.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from support.evenness import evenness

from lab.core.asks import Evaluate, Generate, Request, Score
from lab.errors import BudgetError, ModelError
from lab.models.calls import MemoryCache
from lab.models.client import Client
from lab.models.connections import Connections
from lab.models.endpoint import Endpoint
from lab.models.failures import FailedCall, Failure
from lab.models.giving_up import Health, next_move
from lab.models.pace import Pace
from lab.models.perform import Performer
from lab.models.roles import Ceiling, Limits, ModelConfig, Models

MODEL = Endpoint("solver", "http://localhost/v1")
TASK = evenness(60, 0)
TRAIN = tuple(example.id for example in TASK.train)
FILTERED = {"error": {"message": "content management policy", "code": "content_filter", "status": 400}}

Respond = Callable[[dict[str, Any], int], Response | Awaitable[Response]]


def said(text: str, finish: str | None = "stop", **fields: Any) -> Response:
    message = {"role": "assistant", "content": text, **fields.pop("message", {})}
    usage = {"prompt_tokens": 9, "completion_tokens": 3, **fields.pop("usage", {})}
    return JSONResponse({"choices": [{"message": message, "finish_reason": finish}], "usage": usage})


def solved(body: dict[str, Any]) -> Response:
    asked = body["messages"][-1]["content"]
    return said("yes" if asked.isdigit() and int(asked) % 2 == 0 else "no")


class Served:
    """A server that answers as it is told; each request counts how often it came."""

    def __init__(self, respond: Respond) -> None:
        self.seen: Counter[bytes] = Counter()
        self._respond = respond
        self.app = Starlette(routes=[Route("/v1/chat/completions", self._answer, methods=["POST"])])

    async def _answer(self, request: HttpRequest) -> Response:
        raw = await request.body()
        self.seen[raw] += 1
        got = self._respond(json.loads(raw), self.seen[raw])
        return got if isinstance(got, Response) else await got

    def performer(self, cache: MemoryCache, ceiling: Ceiling | None = None, **limits: Any) -> Performer:
        self.limits = Limits(**{"concurrency": 8, **limits})
        self.pace = Pace(self.limits, sleep=_at_once)
        connections = Connections(open_client=self._open)
        config = ModelConfig(MODEL, limits=self.limits)
        return Performer(TASK, Models.single(config, ceiling or Ceiling()), cache, connections=connections)

    def _open(self, endpoint: Endpoint, **how: Any) -> Client:
        return Client(endpoint, app=self.app, **{**how, "pace": self.pace})


async def _at_once(wait_s: float) -> None:
    await asyncio.sleep(wait_s / 100)


def of(score: Any, code: str = "not_answered") -> list[str]:
    assert isinstance(score, Score)
    return [flaw.texts[0] for flaw in score.flaws if flaw and flaw.code == code]


# A call of its own


@pytest.mark.parametrize(
    ("refuse", "why"),
    [
        (lambda: JSONResponse(FILTERED, 400), "filtered"),
        (lambda: JSONResponse({"error": {"message": "long", "code": "context_length_exceeded"}}, 400), "too_long"),
        (lambda: PlainTextResponse("too large", 413), "too_long"),
        (lambda: JSONResponse({"detail": [{"loc": ["body"], "msg": "bad"}]}, 422), "refused"),
        (lambda: JSONResponse({"error": {"message": "flagged", "code": 403}}, 403), "refused"),
        (lambda: PlainTextResponse("cannot do 7", 500), "failing"),
        (lambda: JSONResponse({"error": "busy"}, 503), "tries"),
        (lambda: said("", finish="error"), "tries"),
    ],
)
async def test_one_call_that_fails_for_good_is_left_out_and_says_why(
    refuse: Callable[[], Response], why: str
) -> None:
    served = Served(lambda body, n: refuse() if body["messages"][-1]["content"] == "7" else solved(body))
    cache = MemoryCache()
    performer = served.performer(cache, tries=2)
    (score,) = await performer(Evaluate(("P",), TRAIN))
    assert isinstance(score, Score)
    assert (of(score), score.hits[7], score.mean) == ([why], None, 1.0)
    assert len(cache.rows) == len(TRAIN) - 1
    n_calls = served.seen.total()
    again = await performer(Evaluate(("P",), TRAIN))
    assert (again[0], served.seen.total()) == (score, n_calls), "it is not asked for again unless a person wants it"
    cache.missing.clear()
    await performer(Evaluate(("P",), TRAIN))
    assert served.seen.total() > n_calls


async def test_a_critique_that_is_refused_is_a_reply_with_a_flaw() -> None:
    served = Served(
        lambda body, n: JSONResponse(FILTERED, 400) if "bad" in body["messages"][-1]["content"] else said("fine")
    )
    performer = served.performer(MemoryCache())
    told = await performer(Generate((Request("good"), Request("bad"))))
    assert [(reply.text, reply.flaw and reply.flaw.code) for (reply,) in told] == [  # type: ignore[misc]
        ("fine", None),
        ("", "not_answered"),
    ]


# Too many, or the endpoint itself


async def test_a_step_stops_when_more_than_a_share_is_not_answered_and_keeps_what_came() -> None:
    served = Served(
        lambda body, n: solved(body) if int(body["messages"][-1]["content"]) < 30 else JSONResponse(FILTERED, 400)
    )
    cache = MemoryCache()
    with pytest.raises(ModelError, match=r"of \d+ calls went unanswered.*more than 20%.*Fix this and go on"):
        await served.performer(cache, most_failed=0.2)(Evaluate(("P",), TRAIN))
    assert len(cache.rows) >= 30 - 8, "but for those in flight"
    assert cache.missing == {}, "what stopped a step is asked anew when it goes on"
    (score,) = await served.performer(cache, most_failed=1.0)(Evaluate(("P",), TRAIN))
    assert len(of(score)) == 30


@pytest.mark.parametrize(("status", "n_tries"), [(401, 4), (402, 1), (404, 1), (405, 1)])
async def test_what_every_call_would_meet_stops_the_step_at_once(status: int, n_tries: int) -> None:
    """A key that was taken for calls before is tried as often as one call may be, but by no other call."""
    served = Served(
        lambda body, n: solved(body) if served.seen.total() < 20 else JSONResponse({"error": "no"}, status)
    )
    with pytest.raises(ModelError, match=str(status)):
        await served.performer(MemoryCache(), concurrency=1)(Evaluate(("P",), TRAIN))
    assert served.seen.total() == 19 + n_tries


async def test_what_was_never_a_chat_model_is_not_waited_for() -> None:
    served = Served(lambda body, n: PlainTextResponse("<html>hello</html>"))
    with pytest.raises(ModelError, match="not as a chat model does"):
        await served.performer(MemoryCache(), tries=2)(Evaluate(("P",), TRAIN))
    assert served.seen.total() <= 2 * 8


@pytest.mark.parametrize("n_failing", [7, 10**6])
async def test_a_server_that_says_at_first_that_it_fails_is_waited_for_a_while(n_failing: int) -> None:
    served = Served(
        lambda body, n: solved(body) if served.seen.total() > n_failing else PlainTextResponse("starting", 503)
    )
    step = served.performer(MemoryCache(), tries=2, lost_after_s=0.3)(Evaluate(("P",), TRAIN[:1]))
    if n_failing == 7:
        assert isinstance((await step)[0], Score)
        return
    with pytest.raises(ModelError, match="failed on its side"):
        await step


async def test_an_endpoint_that_falls_silent_is_waited_for_and_then_lost() -> None:
    served = Served(lambda body, n: solved(body) if served.seen.total() <= 20 else PlainTextResponse("", 502))
    cache = MemoryCache()
    with pytest.raises(ModelError, match=r"Nothing was answered for 0.3 s, so the step has stopped.*Go on when"):
        await served.performer(cache, lost_after_s=0.3)(Evaluate(("P",), TRAIN))
    assert len(cache.rows) == 20
    assert cache.missing == {}


def test_what_is_done_about_a_failed_call_depends_on_whether_others_are_answered() -> None:
    down = FailedCall("down", Failure("connection"), is_own=False)
    refused = FailedCall("refused", Failure("status", status=403), is_own=True)
    slow = FailedCall("slow", Failure("time"), is_own=False)
    limits = Limits(lost_after_s=10)
    assert next_move(down, Health(ever=True, since=False, silent_s=9), 1, limits) == "wait"
    assert next_move(down, Health(ever=True, since=False, silent_s=10), 1, limits) == "lost"
    assert next_move(down, Health(ever=False, since=False, silent_s=0), 1, limits) == "lost"
    busy = FailedCall("busy", Failure("status", status=429), is_own=False)
    assert next_move(busy, Health(ever=False, since=False, silent_s=0), 1, limits) == "wait"
    assert [next_move(down, Health(True, True, 0), n, limits) for n in (1, 2, 3)] == ["later", "later", "give up"]
    assert next_move(slow, Health(ever=True, since=True, silent_s=0), 1, limits) == "give up"
    assert next_move(refused, Health(ever=False, since=False, silent_s=0), 1, limits) == "lost"
    assert next_move(refused, Health(ever=True, since=False, silent_s=99), 1, limits) == "give up"


@pytest.mark.parametrize("back_at", [0.4, pytest.param(30.0, marks=pytest.mark.long)])
async def test_a_server_that_is_gone_for_a_while_is_gone_on_with_and_nothing_is_missing(back_at: float) -> None:
    down_from = 20

    async def respond(body: dict[str, Any], n: int) -> Response:
        nonlocal began
        if served.seen.total() > down_from:
            now = asyncio.get_running_loop().time()
            began = began or now
            if now - began < back_at:
                return PlainTextResponse("", 502)
        await asyncio.sleep(0.002)
        return solved(body)

    began, cache = 0.0, MemoryCache()
    served = Served(respond)
    (score,) = await served.performer(cache, lost_after_s=back_at + 30)(Evaluate(("P",), TRAIN))
    assert isinstance(score, Score)
    assert (score.mean, score.flaws, len(cache.rows)) == (1.0, (), len(TRAIN))


# Faults at random


async def faulty(seed: int, n_calls: int, rate: float) -> tuple[tuple[Score, ...], int]:
    """Measures prompts on a server of which a share of calls fails, each time in one of three ways."""
    chance = random.Random(seed)

    def respond(body: dict[str, Any], n: int) -> Response:
        if chance.random() >= rate:
            return solved(body)
        return chance.choice(
            [
                JSONResponse({"error": "slow down"}, 429),
                PlainTextResponse("oops", 500),
                said("ye", finish=None),
            ]
        )

    prompts = tuple(f"P{i}" for i in range(-(-n_calls // len(TRAIN))))
    cache = MemoryCache()
    performer = Served(respond).performer(cache, concurrency=32)
    told = await performer(Evaluate(prompts, TRAIN))
    assert all(isinstance(score, Score) for score in told)
    return told, len(cache.rows)  # type: ignore[return-value]


async def test_a_fifth_of_all_calls_failing_changes_nothing() -> None:
    whole, _ = await faulty(0, 240, 0.0)
    assert [await faulty(seed, 240, 0.2) for seed in range(2)] == [(whole, 240)] * 2


@pytest.mark.long
async def test_a_thousand_calls_of_which_a_fifth_fails_end_by_themselves_for_every_seed() -> None:
    whole, n = await faulty(0, 1023, 0.0)
    for seed in range(20):
        assert await faulty(seed, 1023, 0.2) == (whole, n), seed


# Reasoning


def reasons(body: dict[str, Any], n: int) -> Response:
    if body["max_tokens"] < 1000:
        counted = {"completion_tokens": 256, "completion_tokens_details": {"reasoning_tokens": 256}}
        return said("", finish="length", usage=counted)
    return solved(body)


async def test_a_limit_that_went_to_reasoning_is_raised_once_and_said() -> None:
    served, cache = Served(reasons), MemoryCache()
    performer = served.performer(cache, concurrency=1)
    (score,) = await performer(Evaluate(("P",), TRAIN[:5]))
    assert isinstance(score, Score)
    assert score.mean == 1.0
    assert served.seen.total() == 6, "once it is known, it is sent so at once"
    limits = [json.loads(raw)["max_tokens"] for raw in served.seen]
    assert limits == [256, *[4096] * 5]
    answers = [answer for _, answer in cache.rows.values()]
    assert all("reasoning took all 256 tokens" in answer.notes[0] for answer in answers)
    assert sum(answer.n_output_tokens for answer in answers) == 256 + 5 * 3, "what it took before is paid for"


async def test_a_limit_that_went_to_reasoning_is_raised_no_further_than_the_ceiling_lets() -> None:
    cache = MemoryCache()
    with pytest.raises(BudgetError, match="The limit of 2,000 tokens leaves no room"):
        await Served(reasons).performer(cache, Ceiling(tokens=2000), concurrency=1)(Evaluate(("P",), TRAIN[:2]))
    ((_, answer),) = cache.rows.values()
    assert answer.was_all_reasoning
    assert cache.spent().n_output_tokens <= 2000
