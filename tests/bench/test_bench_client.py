"""The benchmark of the client: that it measures what it says, on few calls; never how fast."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from lab.bench import client
from lab.cli.main import main


@pytest.fixture(autouse=True)
def _few_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "N", 8)
    monkeypatch.setattr(client, "ROUNDS", 1)
    monkeypatch.setattr(client, "WALL", {(4, 10): 1.45})


@pytest.mark.long
def test_the_wall_clock_is_measured_on_both_servers_beside_bare_clients() -> None:
    rows = client.wall()
    assert [row["server"] for row in rows] == ["practice", "plain"]
    for row in rows:
        assert row["ideal_s"] == 0.02
        assert min(row["over_ideal"], row["bare_sdk"], row["bare_http"]) >= 1.0
        assert row["cpu_ms"] > 0
        assert row["cpu_hold"] >= client.CPU_MS


@pytest.mark.long
def test_the_cache_is_measured_in_two_sizes_without_a_call(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "client", "--only", "warm", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out).values()
    assert {"s_with_8", "s_with_800", "growth", "hold_s", "growth_hold"} == set(found)


@pytest.mark.long
def test_memory_is_measured_over_the_calls_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "client", "--only", "memory", "--calls", "33", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out).values()
    assert found["calls"] == 40
    assert found["grown_mb"] >= 0


def test_every_figure_stands_in_the_tables_beside_its_hold() -> None:
    row: dict[str, Any] = {"server": "plain", "over_ideal": 1.25, "hold": 1.45}
    shown = client.tables({"wall": [row], "warm": {"growth": 1.1, "growth_hold": 1.5}})
    assert "| plain | 1.25 | 1.45 |" in shown
    assert "| growth | growth_hold |" in shown
    assert "| 1.10 | 1.50 |" in shown


async def test_the_plain_server_answers_requests_in_pieces_and_several_in_one() -> None:
    body = b'{"messages": []}'
    request = b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)

    async def talk(port: int) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for piece in (request[:20], request[20:70], request[70:] + request):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.02)
        got = await reader.readexactly(1)
        while got.count(b'"positive"') < 2:
            got += await reader.read(1000)
        writer.close()
        return got

    with client._server(1, "plain") as endpoint:
        said = await asyncio.wait_for(talk(int(endpoint.host.split(":")[1])), 10)
    assert said.count(b"HTTP/1.1 200 OK") == 2


@pytest.mark.long
def test_a_round_of_protegi_is_measured_against_its_critical_path() -> None:
    (found,) = client.step([20])
    assert found["calls"] > 1000
    assert min(found["over_critical"], found["bare_http"]) >= 1.0


@pytest.mark.long
def test_on_a_rough_day_nothing_is_missing_and_nothing_is_other(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"FAULTY_CALLS": 120, "SEEDS": 1, "QUEUED": 30, "GONE_S": 1.0}.items():
        monkeypatch.setattr(client, name, value)
    rows = client.rough()
    assert [(row["missing"], row["other"]) for row in rows] == [(0, 0)] * 3
    assert {"a fifth fails", "one call at a time", "killed in mid-step, and back"} == {row["day"] for row in rows}
