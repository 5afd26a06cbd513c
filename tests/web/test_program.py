"""What other programs can ask of an open page: named endpoints, and tools over MCP."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client
from support.browser import free_port

from lab.api.tools import tools
from lab.errors import MisuseError
from lab.models.access import Access
from lab.session import Session
from lab.session.acts import ACTS
from lab.store import Book
from lab.web.build import launch
from lab.web.program import Mcp


@contextmanager
def opened(folder: Path, *, mcp: Mcp = "", access: Access | None = None) -> Iterator[tuple[str, Book]]:
    book = Book(folder / "lab.sqlite")
    shared = {} if access is None else {"access": access}
    demo, url = launch(book, port=free_port(), tools=tools, mcp=mcp, **shared)
    try:
        yield url, book
    finally:
        demo.close()
        book.close()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, Book]]:
    with opened(tmp_path_factory.mktemp("page")) as (url, book):
        yield Client(url, verbose=False), book


def ask(client: Client, name: str, /, *given: object, **named: object) -> Any:
    return client.predict(*given, api_name=f"/{name}", **named)


def test_a_program_takes_a_round_through_every_step_and_its_words_count(page: tuple[Client, Book]) -> None:
    client, _ = page
    mine = "It does not say that irony means the opposite of its words."
    branch = ask(client, "begin_run", task="sentiment", name="by program")["branch"]
    ask(client, "next", branch)
    while (now := ask(client, "read_run", branch, wait_s=60))["round"] == 1:
        assert not now["running"]
        assert not now["problem"]
        if now["items"][0]["kind"] == "Critique":
            assert now["items"][0]["errors"]
            ask(client, "mark", branch, now["proposal"], place=0, keep=True, text=mine)
        ask(client, "accept", branch, now["proposal"])

    kept = {one["critique"]: one for one in ask(client, "list_critiques", branch)}
    assert kept[mine]["edited"]
    assert now["best"]["score"] >= now["start"]["score"]
    assert "".join(one["text"] for one in ask(client, "blame", branch)) == now["best"]["prompt"]
    assert ask(client, "compare", branch)["after"] == now["best"]["prompt"]
    assert [one["did"] for one in ask(client, "human_report", branch)] == ["edited"]
    assert {one["prompt"] for one in ask(client, "list_scores", branch)} >= {now["best"]["prompt"]}
    assert sum(one["calls"] for one in ask(client, "list_calls", branch)) > 0
    assert len(ask(client, "list_history", branch)) > 3
    assert ask(client, "list_errors", branch)[0]["answer"] in ("positive", "negative")


def test_a_run_of_a_program_is_one_of_the_person_whose_page_it_is(page: tuple[Client, Book]) -> None:
    client, book = page
    begun = ask(client, "begin_run", task=ask(client, "list_tasks")[0], optimizer="opro", name="seen")
    assert begun["branch"] in {one.id for one in Session(book).branches()}
    assert [one["branch"] for one in ask(client, "list_runs", "seen")] == [begun["branch"]]


def test_every_act_can_be_done_by_its_name(page: tuple[Client, Book]) -> None:
    client, book = page
    described = {one["name"]: one for one in ask(client, "list_acts")}
    assert set(described) == set(ACTS) - {"look", "switch"}
    assert described["fork"]["arguments"] == {"node": "text", "name": "text, optional"}

    branch = ask(client, "begin_run", task="sentiment", name="acts")["branch"]
    ask(client, "act", branch, "rename", {"name": "renamed"})
    ask(client, "act", branch, "ceiling", {"calls": 50, "tokens": None, "cost_usd": None})
    assert Session(book).branch(branch).name == "renamed"
    assert Session(book).branch(branch).models.ceiling.calls == 50


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("read_run", ("nobody",), "no such branch"),
        ("begin_run", ("/etc/passwd",), "task must be one of"),
        ("begin_run", ("sentiment", "genetic"), "optimizer"),
        ("act", ("nobody", "rename", {}), "no such branch"),
        ("act", ("nobody", "look", {}), "changes what a page shows"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(
    page: tuple[Client, Book], name: str, given: tuple[object, ...], said: str
) -> None:
    with pytest.raises(Exception, match=said) as refused:
        ask(page[0], name, *given)
    assert "Traceback" not in str(refused.value)


def test_an_act_without_what_it_needs_says_what_that_is(page: tuple[Client, Book]) -> None:
    branch = ask(page[0], "begin_run", task="sentiment", name="needs")["branch"]
    with pytest.raises(Exception, match="needs “name”: a text"):
        ask(page[0], "act", branch, "rename", {})
    with pytest.raises(Exception, match="There is no act “explode”"):
        ask(page[0], "act", branch, "explode")


def test_other_web_sites_can_ask_nothing(page: tuple[Client, Book]) -> None:
    address = page[0].src.rstrip("/") + "/gradio_api/call/list_runs"
    sent = httpx.post(address, json={"data": [""]}, headers={"Origin": "https://elsewhere.example"})
    assert sent.status_code == 403


def test_a_shared_page_can_be_asked_nothing_by_programs(tmp_path: Path) -> None:
    with opened(tmp_path, access=Access(is_shared=True)) as (url, _):
        assert Client(url, verbose=False).view_api(return_format="dict")["named_endpoints"] == {}


def test_mcp_is_refused_on_a_shared_page(tmp_path: Path) -> None:
    with (
        pytest.raises(MisuseError, match="A shared page offers no tools"),
        opened(tmp_path, mcp="read", access=Access(is_shared=True)),
    ):
        pass


async def listed_over_mcp(url: str, *called: str) -> tuple[set[str], list[Any]]:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async with (
        streamable_http_client(f"{url}gradio_api/mcp/") as (read, write, _),
        ClientSession(read, write) as mcp,
    ):
        await mcp.initialize()
        names = {one.name for one in (await mcp.list_tools()).tools}
        return names, [await mcp.call_tool(one, {}) for one in called]


def test_mcp_offers_what_reads_and_what_acts_only_when_that_is_asked_for(tmp_path: Path) -> None:
    pytest.importorskip("mcp")
    for mcp in ("read", "act"):
        (tmp_path / mcp).mkdir()
        with opened(tmp_path / mcp, mcp=mcp) as (url, book):
            meant = {one.name for one in tools(Session(book)) if mcp == "act" or not one.acts}
            names, (answer,) = asyncio.run(listed_over_mcp(url, "list_tasks"))
            assert names == meant
            assert "sentiment" in answer.content[0].text
