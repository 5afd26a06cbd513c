"""Other sites cannot talk to the page, and visitors of a shared page get nothing of its host's."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import httpx2
import pytest
from starlette.types import Message, Receive, Scope, Send

from lab.errors import MisuseError, ModelError
from lab.i18n import use
from lab.models.access import Access
from lab.models.connections import Connections
from lab.models.endpoint import Endpoint
from lab.models.roles import Limits, Models
from lab.session import Session
from lab.store import Book
from lab.tasks.bundled import load
from lab.web import guard
from lab.web.build import launch
from lab.web.guard import Guard

ASK = {"model": "m", "messages": [{"role": "user", "content": "x"}], "max_tokens": 3}
OFFERED = Endpoint.of("gpt@https://api.example.com/v1")


async def _status(headers: dict[str, str], method: str = "GET", path: str = "/", **how: object) -> int:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    given = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "headers": given}
    await Guard(app, **how)(scope, receive, send)  # type: ignore[arg-type]
    return int(sent[0]["status"])


@pytest.mark.parametrize(
    ("named", "value"),
    [("content-length", "500000000"), ("content-length", "-1")],
)
async def test_a_body_too_large_to_be_taken_apart_is_refused_before_it_is_read(named: str, value: str) -> None:
    asked = {"host": "localhost", named: value}
    assert await _status(asked, "POST") == 413
    assert await _status(asked, "POST", path="/gradio_api/upload") == 200
    assert await _status({"host": "localhost", "content-length": "40000000"}, "POST") == 200


async def test_who_is_refused_is_told_so_in_their_language() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "headers": [(b"host", b"x"), (b"accept-language", b"zh")],
    }
    await Guard(Guard)(scope, None, send)  # type: ignore[arg-type]
    with use("zh"):
        assert sent[1]["body"].decode() == str(guard._STRANGE)


@pytest.mark.parametrize(("n_chunks", "status"), [(3, 200), (100, 413)])
async def test_a_body_in_chunks_as_a_proxy_sends_it_is_read_as_far_as_it_may_be(n_chunks: int, status: int) -> None:
    sent, received = list[Message](), 0

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        nonlocal received
        received += 1
        return {"type": "http.request", "body": b"x" * 1_000_000, "more_body": received < n_chunks}

    headers = [(b"host", b"localhost"), (b"transfer-encoding", b"chunked")]
    await Guard(app)({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive, send)
    assert sent[0]["status"] == status
    assert received == min(n_chunks, 51)


@pytest.mark.parametrize(
    "host", ["127.0.0.1:7860", "localhost", "localhost:9999", "[::1]:7860", "lab.localhost", "localhost."]
)
async def test_this_machine_is_let_in_by_each_of_its_names(host: str) -> None:
    assert await _status({"host": host}) == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "192.168.1.5:7860",
        "",
        "localhost.evil.example",
        "[",
        "169.254.1.1",
    ],
)
async def test_a_name_that_was_led_to_this_machine_is_refused(host: str) -> None:
    assert await _status({"host": host}) == 400


async def test_a_name_that_the_host_gave_is_let_in_and_a_shared_page_takes_any_address() -> None:
    assert await _status({"host": "Lab.Example"}, hosts=["lab.example"]) == 200
    assert await _status({"host": "192.168.1.5:7860"}, is_shared=True) == 200
    assert await _status({"host": "evil.example"}, is_shared=True) == 400


@pytest.mark.parametrize(
    ("headers", "method", "status"),
    [
        ({"origin": "http://evil.example"}, "POST", 403),
        ({"origin": "http://evil.example"}, "GET", 403),
        ({"origin": "null"}, "POST", 403),
        ({"origin": "http://localhost:8888"}, "POST", 403),
        ({"sec-fetch-site": "cross-site"}, "POST", 403),
        ({"sec-fetch-site": "same-site", "origin": "http://127.0.0.1:1"}, "POST", 403),
        ({"origin": "http://localhost:7860"}, "POST", 200),
        ({"sec-fetch-site": "same-origin", "origin": "https://lab.example"}, "POST", 200),
        ({"sec-fetch-site": "cross-site"}, "GET", 200),
        ({"origin": "https://lab.example", "x-forwarded-host": "lab.example"}, "POST", 200),
        ({}, "POST", 200),
    ],
)
async def test_what_another_site_sends_is_refused(headers: dict[str, str], method: str, status: int) -> None:
    assert await _status({"host": "localhost:7860", **headers}, method) == status


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    demo, url = launch(Book(tmp_path_factory.mktemp("page") / "b.sqlite"), port=port)
    yield url
    demo.close(verbose=False)


def test_the_served_page_refuses_other_names_and_other_sites(page: str) -> None:
    assert httpx2.get(page).status_code == 200
    assert httpx2.get(page, headers={"host": "evil.example"}).status_code == 400
    join = f"{page}gradio_api/queue/join"
    assert httpx2.post(join, json={}, headers={"origin": "http://evil.example"}).status_code == 403


def test_an_upload_that_is_larger_than_what_is_accepted_is_refused(page: str) -> None:
    upload = f"{page}gradio_api/upload"
    large = {"files": ("a.csv", b"x" * 64_000_000)}
    assert httpx2.post(upload, files=large, timeout=60).status_code in (400, 413)


LINK_LOCAL = [
    "169.254.169.254", "[fe80::1]", "2852039166", "0xa9fea9fe", "169.254.43518", "[::ffff:169.254.169.254]",
    "[fd00:ec2::254]", "metadata.google.internal",
]  # fmt: skip


@pytest.mark.parametrize("host", LINK_LOCAL)
def test_link_local_addresses_are_refused_on_every_page(host: str) -> None:
    with pytest.raises(MisuseError, match="does not call"):
        Connections().client(Endpoint.of(f"m@http://{host}/v1"))


async def test_a_name_that_leads_to_a_link_local_address_is_refused_once_it_is_resolved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _lead(monkeypatch, "169.254.169.254")
    client = Connections().client(Endpoint.of("m@http://innocent.example/v1"), Limits(tries=1))
    with pytest.raises(ModelError):
        await client.answer(ASK)


def _lead(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    asked = socket.getaddrinfo

    def lead(host: object, port: object, *how: object, **more: object) -> object:
        to = address if host == "innocent.example" else host
        return asked(to, port, *how, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", lead)


def shared(**how: object) -> Connections:
    return Connections(access=Access(is_shared=True, **how))  # type: ignore[arg-type]


def test_a_visitor_of_a_shared_page_calls_what_is_offered_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "the-hosts-secret")
    monkeypatch.setenv("OPENAI_BASE_URL", OFFERED.base_url)
    there = shared(offered=(OFFERED,))
    assert there.keys.of(OFFERED) == "the-hosts-secret"
    assert there.client(Endpoint.of("practice"))
    for other in ("gpt-9", "m@http://127.0.0.1:11434/v1", "m@https://api.openai.com/v1", "gguf:/etc/passwd"):
        with pytest.raises(MisuseError, match=r"not offered|does not call"):
            there.client(Endpoint.of(other))
    assert there.keys.there(Endpoint.of("gpt-9")) == (False, False)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "10.0.0.1",
        "192.168.1.1",
        "[::1]",
        "[fd00::1]",
        "0.0.0.0",
        "2130706433",
        "100.64.0.1",
    ],
)
def test_an_endpoint_of_a_visitors_own_is_never_at_a_private_address(host: str) -> None:
    with pytest.raises(MisuseError, match="does not call"):
        shared(own_endpoints=True).client(Endpoint.of(f"m@http://{host}:1/v1"))


async def test_a_visitors_name_that_leads_to_this_machine_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    _lead(monkeypatch, "127.0.0.1")
    heard: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.5)
        port = server.getsockname()[1]
        client = shared(own_endpoints=True).client(
            Endpoint.of(f"m@http://innocent.example:{port}/v1"), Limits(tries=1)
        )
        with pytest.raises(ModelError):
            await client.answer(ASK)
        with pytest.raises(TimeoutError):
            heard.append(server.accept())
    assert heard == []


def test_a_visitor_begins_no_run_on_what_is_not_offered(tmp_path: Path) -> None:
    session = Session(Book(tmp_path / "b.sqlite"), "ann", connections=shared())
    with pytest.raises(MisuseError, match="not call"):
        session.begin(load("sentiment"), models=Models(target="m@http://127.0.0.1:9/v1"))
    assert session.branches() == ()


def test_gradio_is_told_to_delete_what_was_uploaded(tmp_path: Path) -> None:
    from lab.web.build import build

    demo, _ = build(Book(tmp_path / "b.sqlite"))
    assert isinstance(demo, gr.Blocks)
    assert demo.delete_cache is not None


async def test_a_proxy_of_the_environment_carries_no_visitor_past_the_check_of_addresses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _lead(monkeypatch, "127.0.0.1")
    heard: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.settimeout(0.5)
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.getsockname()[1]}")
        for url in ("http://innocent.example:8/v1", "https://innocent.example/v1", "http://8.8.8.8:1/v1"):
            client = shared(own_endpoints=True).client(Endpoint.of(f"m@{url}"), Limits(tries=1, timeout_s=1))
            with pytest.raises(ModelError):
                await client.answer(ASK)
        with pytest.raises(TimeoutError):
            heard.append(proxy.accept())
    assert heard == []
