"""The practice server: the app under faults in process, over a loopback port, and as the command people start."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import openai
import pytest
from support.serving import serving

from lab.errors import MisuseError, ModelError
from lab.models.client import Client
from lab.models.endpoint import Endpoint
from lab.models.roles import Limits
from lab.practice import respond
from lab.practice.protocol.app import LONGEST_BODY, app
from lab.practice.protocol.chat import complete
from lab.practice.protocol.faults import FAULTS, LEDGER, Conditions, Under, fault_of
from lab.practice.serve import serve
from lab.practice.target import Draw

START = "Is this review positive or negative?"


def body(i: int, **fields: Any) -> dict[str, Any]:
    messages = [{"role": "system", "content": START}, {"role": "user", "content": f"The film was dull, part {i}."}]
    return {"model": "practice", "messages": messages, "temperature": 0, **fields}


def expected(i: int) -> str:
    return respond("practice", body(i)["messages"], Draw())


def http_of(served: Under) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=served), base_url="http://practice.local")


async def fates(served: Under, bodies: list[dict[str, Any]]) -> list[str]:
    """Sends all at once and gives what became of each: its fault, or nothing."""

    async def fate(http: httpx2.AsyncClient, one: dict[str, Any]) -> str:
        try:
            said = await http.post("/v1/chat/completions", json=one)
        except httpx2.RemoteProtocolError:
            return "broken"
        if said.status_code == 200:
            assert said.json() == complete(one)
        else:
            assert set(said.json()["error"]) == {"message", "type", "param", "code"}
        return said.headers.get("x-practice-fault", "")

    async def run() -> list[str]:
        async with http_of(served) as http:
            return await asyncio.gather(*(fate(http, one) for one in bodies))

    return await run()


async def ledger(served: Under) -> dict[str, Any]:
    async def run() -> dict[str, Any]:
        async with http_of(served) as http:
            found: dict[str, Any] = (await http.get(LEDGER)).json()
            return found

    return await run()


@contextmanager
def quiet() -> Iterator[None]:
    """Drops what uvicorn says of answers broken off."""
    log, drop = logging.getLogger("uvicorn.error"), lambda record: record.exc_info is None
    log.addFilter(drop)
    try:
        yield
    finally:
        log.removeFilter(drop)


# Faults


async def test_without_conditions_the_app_is_as_it_is() -> None:
    served = Under(app(), Conditions())
    assert (await fates(served, [body(i) for i in range(20)])) == [""] * 20
    assert (await fates(served, [body(0, model="gpt")])) == [""]
    assert (await ledger(served)) == {
        "asked": 21, "answered": 20, "refused": {"404": 1}, "faults": {}, "in_flight": 0,
        "most_in_flight": (await ledger(served))["most_in_flight"],
    }  # fmt: skip


async def test_the_same_requests_meet_the_same_faults_in_whatever_order() -> None:
    conditions = Conditions(fault_rate=0.5, slow_s=0.0, seed=3)
    bodies = [body(i) for i in range(40)]
    there = await fates(Under(app(), conditions), bodies)
    back = await fates(Under(app(), conditions), bodies[::-1])
    assert there == back[::-1]
    assert set(there) == {"", *FAULTS}
    assert (await fates(Under(app(), Conditions(fault_rate=0.5, slow_s=0.0, seed=4)), bodies)) != there


async def test_a_retry_may_succeed_and_the_next_time_all_is_as_at_first() -> None:
    served = Under(app(), Conditions(fault_rate=0.5, slow_s=0.0))
    drawn = [(await fates(served, [body(0)]))[0] for _ in range(60)]
    whole = drawn.index("") + 1
    assert drawn == (drawn[:whole] * 60)[:60]
    assert {bool((await fates(served, [body(i)]))[0]) for i in range(20)} == {True, False}


def test_the_share_of_faults_is_the_rate() -> None:
    met = Counter(fault_of(Conditions(fault_rate=0.2), str(i), 0) for i in range(4000))
    assert 0.17 < 1 - met[""] / 4000 < 0.23
    assert min(met[fault] for fault in FAULTS) > 100
    assert not any(fault_of(Conditions(), str(i), 0) for i in range(100))
    assert all(fault_of(Conditions(fault_rate=1), str(i), 0) for i in range(100))


async def test_the_ledger_counts_what_became_of_each_call() -> None:
    served = Under(app(), Conditions(fault_rate=0.6, slow_s=0.0))
    met = Counter(await fates(served, [body(i) for i in range(60)]))
    read = await ledger(served)
    assert read["asked"] == 60
    assert read["faults"] == {fault: met[fault] for fault in sorted(FAULTS)}
    refused = Counter({status: met[status] for status in ("429", "500", "503")})
    assert read["refused"] == {status: n for status, n in sorted(refused.items()) if n}
    assert read["answered"] == 60 - refused.total() - met["broken"]
    assert read["in_flight"] == 0


async def test_a_passing_refusal_says_when_to_ask_again() -> None:
    served = Under(app(), Conditions(fault_rate=1, slow_s=0.0))

    async def ask(http: httpx2.AsyncClient, i: int) -> httpx2.Response | None:
        try:
            return await http.post("/v1/chat/completions", json=body(i))
        except httpx2.RemoteProtocolError:
            return None

    async with http_of(served) as http:
        said = [one for i in range(40) if (one := await ask(http, i))]
    soon = [one for one in said if one.status_code in (429, 503)]
    assert {one.status_code for one in soon} == {429, 503}
    assert {(one.headers["retry-after"], one.headers["retry-after-ms"]) for one in soon} == {("1", "50")}


async def test_many_calls_wait_at_once() -> None:
    served = Under(app(), Conditions(latency_ms=50))
    assert (await fates(served, [body(i) for i in range(30)])) == [""] * 30
    assert (await ledger(served))["most_in_flight"] == 30


async def test_no_more_calls_are_served_in_a_minute_than_the_limit() -> None:
    now = 1000.0
    served = Under(app(), Conditions(rpm=3), clock=lambda: now)

    async def ask(http: httpx2.AsyncClient) -> httpx2.Response:
        return await http.post("/v1/chat/completions", json=body(0))

    async def run() -> None:
        nonlocal now
        async with http_of(served) as http:
            for left in ("2", "1", "0"):
                said = await ask(http)
                assert said.status_code == 200
                assert said.headers["x-ratelimit-limit-requests"] == "3"
                assert said.headers["x-ratelimit-remaining-requests"] == left
                now += 10
            said = await ask(http)
            assert said.status_code == 429
            assert said.json()["error"]["code"] == "rate_limit_exceeded"
            assert said.headers["retry-after"] == "30"
            assert said.headers["x-ratelimit-reset-requests"] == "30.000s"
            assert (await http.get("/v1/models")).status_code == 200
            now += 30
            assert (await ask(http)).status_code == 200
            assert (await ask(http)).status_code == 429

    await run()
    assert (await ledger(served))["faults"] == {"limit": 2}


@pytest.mark.parametrize(
    "wrong",
    [
        {"fault_rate": 1.1}, {"fault_rate": float("nan")}, {"latency_ms": -1}, {"latency_ms": float("inf")},
        {"rpm": 0},
    ],
)  # fmt: skip
def test_conditions_that_cannot_be_are_misuse(wrong: dict[str, Any]) -> None:
    with pytest.raises(MisuseError):
        Conditions(**wrong)


# Over HTTP


async def answers(url: str, bodies: list[dict[str, Any]], **options: Any) -> list[str]:
    async def run() -> list[str]:
        client = Client(Endpoint("practice", url), **options)
        return [answer.text for answer in await asyncio.gather(*(client.answer(one) for one in bodies))]

    return await run()


async def test_the_labs_client_gets_every_answer_from_a_server_that_fails_every_third_call() -> None:
    served = Under(app(), Conditions(fault_rate=0.3, slow_s=0.05))
    bodies = [body(i) for i in range(60)]
    with quiet(), serving(served) as url:
        assert (await answers(url, bodies, limits=Limits(tries=10))) == [expected(i) for i in range(60)]
    assert served.ledger.answered == 60
    assert served.ledger.asked > 70
    assert set(served.ledger.faults) == set(FAULTS)


async def test_the_labs_client_gets_the_same_answers_in_process() -> None:
    served = Under(app(), Conditions(fault_rate=0.3, slow_s=0.0))

    async def run() -> list[str]:
        client = Client(Endpoint("practice", "http://localhost/v1"), app=served, limits=Limits(tries=10))
        return [answer.text for answer in await asyncio.gather(*(client.answer(body(i)) for i in range(60)))]

    assert (await run()) == [expected(i) for i in range(60)]
    assert served.ledger.faults["broken"] > 0


async def test_a_broken_stream_has_no_end_and_is_an_error() -> None:
    served = Under(app(), Conditions(fault_rate=1, slow_s=0.0))

    async def run(url: str) -> list[bool]:
        async with openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0) as client:
            return [await breaks(client, i) for i in range(24)]

    async def breaks(client: openai.AsyncOpenAI, i: int) -> bool:
        ended = False
        try:
            async for piece in await client.chat.completions.create(**body(i), stream=True):
                ended = ended or piece.choices[0].finish_reason is not None
        except openai.APIStatusError:
            return False
        except (openai.APIConnectionError, httpx2.RemoteProtocolError):
            assert not ended
            return True
        return False

    with quiet(), serving(served) as url:
        broken = await run(url)
    assert sum(broken) == served.ledger.faults["broken"] > 0


async def test_a_reached_limit_is_an_error_that_says_so() -> None:
    with serving(Under(app(), Conditions(rpm=2))) as url:
        assert (await answers(url, [body(0), body(1)])) == [expected(0), expected(1)]
        with pytest.raises(ModelError, match=r"takes no more calls for now.*Too many calls in this minute"):
            await answers(url, [body(2)], limits=Limits(tries=1))


def test_a_body_that_is_too_long_is_refused_over_http_too() -> None:
    with serving(Under(app(), Conditions())) as url:
        said = httpx2.post(f"{url}/chat/completions", content=b" " * (3 * LONGEST_BODY))
        assert said.status_code == 413
        assert httpx2.get(url.removesuffix("/v1") + LEDGER).json()["refused"] == {"413": 1}


# The command


@contextmanager
def command(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Starts the server as people do and gives the process and the line it prints."""
    call = [sys.executable, "-m", "lab", "practice-server", *options]
    process = subprocess.Popen(
        call,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=dict(os.environ),
    )
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline()
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


async def test_the_server_says_where_it_is_answers_and_ends_cleanly() -> None:
    with command("--port", "0", "--json") as (process, line):
        url = json.loads(line)["base_url"]
        assert url.startswith("http://127.0.0.1:")
        assert (await answers(url, [body(0)])) == [expected(0)]
        process.send_signal(signal.SIGINT)
        said, complained = process.communicate(timeout=20)
        assert process.returncode == 0
        assert (said, complained) == ("", "")


async def test_the_server_ends_while_it_is_answering_and_writes_nothing_of_a_request() -> None:
    async def ask(url: str, process: subprocess.Popen[str]) -> None:
        async with openai.AsyncOpenAI(base_url=url, api_key="sk-planted", max_retries=0) as client:
            asked = asyncio.create_task(client.chat.completions.create(**body(7)))
            async with httpx2.AsyncClient() as http:
                while (await http.get(url.removesuffix("/v1") + LEDGER)).json()["in_flight"] == 0:
                    await asyncio.sleep(0.01)
            process.send_signal(signal.SIGINT)
            with pytest.raises(openai.OpenAIError):
                await asked

    with command("--port", "0", "--latency-ms", "60000") as (process, line):
        await ask(line.split()[-1], process)
        said, complained = process.communicate(timeout=20)
        assert process.returncode == 0
        for text in (said, complained):
            assert "Traceback" not in text
            assert "film" not in text
            assert "sk-planted" not in text


@pytest.mark.long
async def test_a_server_under_faults_writes_nothing_of_a_request() -> None:
    with command("--port", "0", "--fault-rate", "0.4") as (process, line):
        assert (await answers(line.split()[-1], [body(i) for i in range(8)], limits=Limits(tries=10))) == [
            expected(i) for i in range(8)
        ]
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=20) == ("", "")


@pytest.mark.long
@pytest.mark.parametrize(
    "options",
    [["--port", "0", "--fault-rate", "2"], ["--port", "99999"], ["--port", "0", "--host", "nowhere.invalid"]],
)
def test_a_server_that_cannot_be_started_says_why_in_one_line(options: list[str]) -> None:
    ran = subprocess.run([sys.executable, "-m", "lab", "practice-server", *options], capture_output=True, text=True)
    assert ran.returncode == 1
    assert ran.stderr.startswith("lab: ")
    assert len(ran.stderr.splitlines()) == 1


def test_a_taken_port_is_refused_with_a_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(MisuseError, match="0 finds one"):
        serve("127.0.0.1", taken.getsockname()[1], Conditions(), ready=lambda url: None)
