"""A server that refuses, fails and breaks off: no reply is lost, none is paid twice, no call goes unreported."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2
import pytest
from support.paths import SUPPORT
from support.servers.scoring import START, task_of

from lab.core.asks import Evaluate
from lab.errors import ModelError
from lab.models.calls import Answer, MemoryCache
from lab.models.client import Client
from lab.models.endpoint import Endpoint
from lab.models.perform import Performer
from lab.models.roles import Models
from lab.practice import respond
from lab.practice.protocol.faults import LEDGER
from lab.practice.target import Draw

SERVERS = SUPPORT / "servers"
N = 2000
FEWER = 600
AT_ONCE = 64
UNKEPT = 64  # replies that may have arrived when a process is killed, and are not kept yet
REPORT = re.compile(r"[^\n]*http://127\.0\.0\.1:\d+/v1 [^\n]*tried \d times\. [^\n]*")

pytestmark = pytest.mark.long


@pytest.fixture
def rough() -> Iterator[str]:
    """Gives the address of a server that fails 20 % of its calls with 429, 10 % with 500, and breaks off 5 %."""
    command = [sys.executable, str(SERVERS / "rough.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield process.stdout.readline().strip()
        process.stdin.close()


def ledger(url: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx2.get(url.removesuffix("/v1") + LEDGER).json()
    return found


async def test_every_call_is_answered_or_reported(rough: str) -> None:
    messages = [
        [{"role": "system", "content": START}, {"role": "user", "content": f"Part {i} was dull."}]
        for i in range(FEWER)
    ]

    async def run() -> list[Answer | ModelError]:
        client, room = Client(Endpoint("practice", rough)), asyncio.Semaphore(AT_ONCE)

        async def one(i: int) -> Answer | ModelError:
            async with room:
                try:
                    return await client.answer({"model": "practice", "messages": messages[i], "temperature": 0.0})
                except ModelError as error:
                    return error

        try:
            return await asyncio.gather(*map(one, range(FEWER)))
        finally:
            await client.aclose()

    found = await run()
    for said, asked in zip(found, messages, strict=True):
        if isinstance(said, Answer):
            assert said.text == respond("practice", asked, Draw())
        else:
            assert REPORT.fullmatch(str(said)), said
    met = ledger(rough)
    assert sum(isinstance(one, Answer) for one in found) > 0.95 * FEWER
    shares = {fault: count / met["asked"] for fault, count in met["faults"].items()}
    assert shares == pytest.approx({"429": 0.2, "500": 0.1, "broken": 0.05}, abs=0.03)


async def test_a_step_killed_on_a_bad_day_loses_no_reply_and_pays_none_twice(rough: str, tmp_path: Path) -> None:
    book = tmp_path / "killed.sqlite"
    command = [sys.executable, str(SERVERS / "scoring.py"), rough, str(book), str(N)]
    seen = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as victim:
        assert victim.stdout is not None
        while seen < N // 3:
            seen = max(seen, json.loads(victim.stdout.readline()).get("kept", 0))
        victim.send_signal(signal.SIGKILL)
    killed = paid(book)
    assert seen <= len(killed) < N, "what was told as kept is on disk"

    said = [json.loads(line) for line in subprocess.check_output(command, text=True).splitlines()]
    failures = [one["failed"] for one in said if "failed" in one]
    assert [failed for failed in failures if not REPORT.fullmatch(failed)] == []
    assert tuple(said[-1]["hits"]) == (await hits_in_process())
    assert killed <= paid(book)
    assert len(paid(book)) == N
    in_flight = AT_ONCE * said[-1]["begun"] + AT_ONCE  # what a failure or the kill cut off is asked for again
    assert N <= ledger(rough)["answered"] <= N + in_flight + UNKEPT


def paid(book: Path) -> set[str]:
    """Gives the calls that the book has a reply to; each was paid for once, and nothing else was."""
    with closing(sqlite3.connect(book)) as db:
        calls = {key for (key,) in db.execute("SELECT key FROM calls")}
        payments = [key for (key,) in db.execute("SELECT call FROM payments")]
    assert sorted(payments) == sorted(calls)
    return calls


async def hits_in_process() -> tuple[float | None, ...]:
    task = task_of(N)
    ask = Evaluate((task.start,), tuple(one.id for one in task.dev), "dev")
    (score,) = await Performer(task, Models(), MemoryCache())(ask)
    return score.hits
