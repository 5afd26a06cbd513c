"""Servers that answer one call at a time, hang, or die and come back: queueing is not failing."""

from __future__ import annotations

import asyncio
import json
import random
import socket
import threading
import time
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from support.evenness import evenness

from lab.core.asks import Evaluate, Score
from lab.errors import ModelError
from lab.models.calls import MemoryCache
from lab.models.client import Client
from lab.models.connections import Connections
from lab.models.endpoint import Endpoint
from lab.models.pace import Pace, Turn, _Lane, deadline
from lab.models.perform import Performer
from lab.models.roles import Limits, ModelConfig, Models

N = 36
TASK = evenness(N, 0)
ASK = Evaluate(("P",), tuple(example.id for example in TASK.train))


class OneAtATime:
    """A server on a port that answers one call after another, in the order they came or in any."""

    def __init__(self, takes_s: float, *, fair: bool = True) -> None:
        self.takes_s, self.fair = takes_s, fair
        self.n, self.began, self.ended, self.busy_s = 0, 0.0, 0.0, 0.0
        self._waiting: list[asyncio.Future[None]] = []
        self._busy = False
        self.app = Starlette(routes=[Route("/v1/chat/completions", self._chat, methods=["POST"])])
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"

    async def _chat(self, request: HttpRequest) -> Response:
        asked = json.loads(await request.body())["messages"][-1]["content"]
        if self._busy:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            await turn
        self._busy = True
        self.n += 1
        began = time.monotonic()
        self.began = self.began or began
        await asyncio.sleep(self.takes_s)
        self.ended = time.monotonic()
        self.busy_s += self.ended - began
        if self._waiting:
            at = 0 if self.fair else random.randrange(len(self._waiting))
            self._waiting.pop(at).set_result(None)
        else:
            self._busy = False
        text = "yes" if asked.isdigit() and int(asked) % 2 == 0 else "no"
        return JSONResponse({"choices": [{"message": {"content": text}, "finish_reason": "stop"}]})

    def start(self) -> None:
        self._waiting, self._busy = [], False
        config = uvicorn.Config(self.app, port=self.port, log_level="critical", lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)

    def kill(self) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(5)


async def measured(server: OneAtATime, limits: Limits) -> Score:
    performer = Performer(TASK, Models.single(ModelConfig(Endpoint("m", server.url), limits=limits)), MemoryCache())
    (score,) = await performer(ASK)
    await performer.aclose()
    assert isinstance(score, Score)
    return score


@pytest.mark.parametrize("fair", [True, False])
async def test_a_server_that_answers_one_call_at_a_time_fails_none_and_is_kept_busy(fair: bool) -> None:
    server = OneAtATime(0.1, fair=fair)
    server.start()
    score = await measured(server, Limits(timeout_s=60 / 5 * 0.1))  # as 5 s a call are to a minute's time-out
    assert (score.mean, score.flaws, server.n) == (1.0, (), N)
    assert server.ended - server.began < 1.3 * server.busy_s
    server.kill()


async def test_a_call_that_hangs_while_others_are_answered_is_out_of_time_all_the_same() -> None:
    async def chat(request: HttpRequest) -> Response:
        asked = json.loads(await request.body())["messages"][-1]["content"]
        await asyncio.sleep(3600 if asked == "hangs" else 0.01)
        return JSONResponse({"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]})

    app = Starlette(routes=[Route("/v1/chat/completions", chat, methods=["POST"])])
    client = Client(Endpoint("m", "http://localhost/v1"), app=app, limits=Limits(timeout_s=0.3, tries=1))

    def asked(text: str) -> dict[str, Any]:
        return {"model": "m", "messages": [{"role": "user", "content": text}]}

    async def others() -> None:
        while True:
            await asyncio.gather(*(client.answer(asked("quick")) for _ in range(20)))

    busy = asyncio.create_task(others())
    start = time.monotonic()
    with pytest.raises(ModelError, match=r"gave no answer within 0\.3 s"):
        await client.answer(asked("hangs"))
    assert time.monotonic() - start < 3
    busy.cancel()


def test_the_time_of_a_call_counts_from_the_end_of_another_as_long_as_it_may_be_in_a_queue() -> None:
    lane = _Lane(n_ended=0)
    turn = Turn(lane, 0.0, 0, 0, ahead=2)
    assert deadline(turn, 100.0, 10) == 110
    for at in (105.0, 109.0, 118.0, 130.0):
        lane.n_ended += 1
        lane.ended_at.append(at)
        assert deadline(turn, 100.0, 10) == {105.0: 115, 109.0: 119}.get(at, 119)


def test_time_outs_slow_the_pace_as_refusals_do() -> None:
    async def run() -> int:
        pace = Pace(Limits(concurrency=64))
        for turn in [await pace.start() for _ in range(64)]:
            pace.slow_down(turn)
            pace.end(turn)
        return pace.at_once

    assert asyncio.run(run()) == 32


@pytest.mark.parametrize(
    ("gone_s", "concurrency"), [(1.0, 8), (6.0, 64), pytest.param(30.0, 64, marks=pytest.mark.long)]
)
async def test_a_server_that_is_killed_in_mid_step_and_comes_back_is_gone_on_with(
    gone_s: float, concurrency: int
) -> None:
    server = OneAtATime(0.05)
    server.start()

    def kill_and_restart() -> None:
        while server.n < 10:
            time.sleep(0.005)
        server.kill()
        time.sleep(gone_s)
        server.start()

    killer = threading.Thread(target=kill_and_restart, daemon=True)
    killer.start()
    score = await measured(server, Limits(concurrency=concurrency, timeout_s=5))
    assert (score.mean, score.flaws) == (1.0, ())
    await asyncio.to_thread(killer.join, 40)
    server.kill()


class Together:
    """A server that answers some calls together, the others after them, and none before `awaited` are there."""

    def __init__(self, slots: int, takes_s: float) -> None:
        self.most, self.flying, self.takes_s, self.awaited = 0, 0, takes_s, 0
        self._slots = asyncio.Semaphore(slots)
        self.app = Starlette(routes=[Route("/v1/chat/completions", self._chat, methods=["POST"])])

    async def _chat(self, request: HttpRequest) -> Response:
        self.flying += 1
        self.most = max(self.most, self.flying)
        async with self._slots, asyncio.timeout(10):
            while self.most < self.awaited:
                await asyncio.sleep(0.005)
            await asyncio.sleep(self.takes_s)
        self.flying -= 1
        return JSONResponse({"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]})


@pytest.mark.long
@pytest.mark.parametrize(
    ("slots", "takes_s", "found"), [(1, 0.25, 1), (2, 0.25, 2), (16, 0.25, None), (1, 0.01, None)]
)
async def test_an_address_where_few_slots_were_found_is_asked_by_few_calls_to_begin_with(
    slots: int, takes_s: float, found: int | None
) -> None:
    server = Together(slots, takes_s)
    connections = Connections(open_client=lambda endpoint, **how: Client(endpoint, app=server.app, **how))
    config = ModelConfig(Endpoint("m", "http://localhost/v1"), limits=Limits(concurrency=32))
    assert (await connections.check(config)).slots == found
    server.most, server.takes_s, server.awaited = 0, 0.01, 32 if found is None else 0
    client = connections.client(config.endpoint, config.limits)
    asked = {"model": "m", "messages": [{"role": "user", "content": "4"}]}
    await asyncio.gather(*(client.answer(asked) for _ in range(32)))
    assert server.most == 32 if found is None else server.most <= 2 * found + 2
