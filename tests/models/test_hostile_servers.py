"""Servers that break the protocol, or want more than they should get: each is an error in a sentence, or harmless.

Spoken in bytes over a socket, since no server library would say such things.
"""

from __future__ import annotations

import asyncio
import gzip
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from lab.errors import MisuseError, ModelError
from lab.models.calls import Answer
from lab.models.client import Client
from lab.models.discovery import listed
from lab.models.endpoint import Endpoint
from lab.models.roles import Limits
from lab.models.transport import LONGEST_BODY

KEY = "sk-planted-0123456789"
REPLY = b'{"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]}'
ENVIRONMENT = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_ADMIN_KEY",
               "OPENAI_CUSTOM_HEADERS", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")  # fmt: skip


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)


class Spoken:
    """A server that says the same bytes to every request; `asked` are the heads of the requests, in lower case."""

    def __init__(self, said: bytes, n_times: int = 1) -> None:
        self.asked: list[str] = []
        self.n_sent = 0
        self.url = ""
        self._said, self._n_times = said, n_times

    async def _speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = next((line for line in head.splitlines() if line.startswith("content-length:")), ":0")
            await reader.readexactly(int(length.partition(":")[2]))
            self.asked.append(head)
            for _ in range(self._n_times):
                writer.write(self._said)
                await writer.drain()
                self.n_sent += len(self._said)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Spoken]:
        async with await asyncio.start_server(self._speak, "127.0.0.1", 0) as server:
            self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
            yield self


def http(body: bytes = REPLY, status: str = "200 OK", *headers: str) -> bytes:
    head = "".join(f"{line}\r\n" for line in (*headers, f"content-length: {len(body)}", "connection: close"))
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


async def ask(server: Spoken, key: str = KEY, n: int = 1) -> Answer:
    async def run() -> Answer:
        async with server.listening():
            client = Client(Endpoint("m", server.url), key=key, limits=Limits(tries=1, timeout_s=5))
            try:
                for _ in range(n):
                    answer = await client.answer({"messages": [{"role": "user", "content": "4"}]})
            finally:
                await client.aclose()
            return answer

    return await run()


# Where a request goes


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
async def test_no_prompt_and_no_key_follows_a_redirect(status: str) -> None:
    other = Spoken(http())

    async with other.listening():
        server = Spoken(http(b"", status, f"location: {other.url}/chat/completions?{KEY}"))
        async with server.listening():
            client = Client(Endpoint("m", server.url), key=KEY, limits=Limits(tries=3))
            with pytest.raises(
                ModelError, match=rf"redirects to another address \({status[:3]}\).*said: {other.url}\S+\[key\]$"
            ):
                await client.answer({"messages": []})
            assert len(server.asked) == 1
    assert other.asked == []


async def test_a_proxy_of_the_environment_sees_nothing_that_is_meant_for_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    proxy, server = Spoken(http()), Spoken(http())
    async with proxy.listening(), server.listening():
        for name in ("http_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url.removesuffix("/v1"))
        for url in (server.url, server.url.replace("127.0.0.1", "localhost")):
            await Client(Endpoint("m", url), key=KEY).answer({"messages": []})
            await listed(url, KEY)
        assert proxy.asked == []
        assert len(server.asked) == 4
        await Client(Endpoint("m", "http://models.example/v1"), key=KEY).answer({"messages": []})
        assert len(proxy.asked) == 1  # that way the environment's own


def _of_the_environment(monkeypatch: pytest.MonkeyPatch, base_url: str = "") -> None:
    for name, value in (
        ("OPENAI_API_KEY", KEY), ("OPENAI_BASE_URL", base_url), ("OPENAI_ORG_ID", "org-mine"),
        ("OPENAI_PROJECT_ID", "proj-mine"), ("OPENAI_ADMIN_KEY", "sk-admin-mine"),
        ("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer gateway-mine\nX-Gateway: mine"),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("key", ["", "sk-of-somebody-else"])
async def test_what_the_environment_says_of_an_account_goes_to_no_other_address(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _of_the_environment(monkeypatch)
    server = Spoken(http(REPLY, "200 OK", "set-cookie: seen=once"))
    await ask(server, key, n=2)
    assert len(server.asked) == 2
    for head in server.asked:
        assert f"authorization: bearer {key or 'none'}\r\n" in head
        for mine in ("mine", KEY, "cookie", "stainless"):
            assert mine not in head


async def test_what_the_environment_says_of_an_account_goes_with_its_key_to_its_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = Spoken(http())
    async with server.listening():
        _of_the_environment(monkeypatch, server.url)
        await Client(Endpoint("m", server.url)).answer({"messages": []})
        await Client(Endpoint("m", server.url), key="sk-of-somebody-else").answer({"messages": []})
    own, other = server.asked
    assert "x-gateway: mine" in own
    assert "openai-organization: org-mine" in own
    assert "mine" not in other


@pytest.mark.parametrize("key", ["sk-\r\nx-evil: 1", "sk-\x00", "sk-\u2019"])
def test_a_key_that_would_write_a_header_of_its_own_is_refused(key: str) -> None:
    with pytest.raises(MisuseError, match="no key has"):
        Client(Endpoint("m", "http://127.0.0.1:9/v1"), key=key)


# What comes back


BROKEN: dict[str, bytes] = {
    "not http": b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n" + REPLY,
    "no chunk": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n" + REPLY,
    "a chunk cut off": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n500\r\n" + REPLY,
    "a header of zeros": http(REPLY, "200 OK", "x: a\x00b"),
    "a long header": http(REPLY, "200 OK", f"x: {'y' * 100_000}"),
    "many headers": http(REPLY, "200 OK", *(f"x{i}: y" for i in range(5000))),
    "compressed": http(gzip.compress(b" " * 10**6), "200 OK", "content-encoding: gzip"),
    "no content": http(b"", "204 No Content"),
    "huge numbers": http(b'{"choices": [{"message": {"content": ' + b"9" * 5000 + b"}}]}"),
    "deep": http(b'{"a":' * 100_000),
    "deep error": http(b'{"error":' * 100_000, "400 Bad"),
    **{
        f"{status} in {codec}": http(b"what?", status, f"content-type: text/plain; charset={codec}")
        for codec in ("rot13", "zlib", "idna", "undefined")
        for status in ("200 OK", "500 Bad")
    },
}


@pytest.mark.parametrize("said", BROKEN.values(), ids=BROKEN)
async def test_what_is_no_http_or_no_reply_is_an_error_in_a_sentence(said: bytes) -> None:
    server = Spoken(said)
    with pytest.raises(ModelError, match=r"^\S*(Nothing answers at )?http://127\.0\.0\.1:\d+/v1 .*\.") as caught:
        await ask(server)
    assert caught.value.__context__ is None
    assert len(str(caught.value)) < 700
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("status", ["200 OK", "500 Bad"])
async def test_a_body_without_an_end_is_read_no_further_than_a_reply_goes(status: str) -> None:
    server = Spoken(b" " * (1 << 20), n_times=200)
    server._said = f"HTTP/1.1 {status}\r\n\r\n".encode() + server._said
    with pytest.raises(ModelError, match=r"cannot be read.*more than 16 MB.*Look at the server"):
        await ask(server)
    assert server.n_sent < 3 * LONGEST_BODY


async def test_replies_in_an_older_http_are_read() -> None:
    assert (await ask(Spoken(b"HTTP/1.0 200 OK\r\n\r\n" + REPLY))).text == "yes"


async def test_parts_within_parts_are_no_text() -> None:
    nested = b'{"choices": [{"message": {"content": ' + b'[{"text":' * 400 + b'"x"' + b"}]" * 400 + b"}}]}"
    assert (await ask(Spoken(http(nested)))).text == ""


# The key


@pytest.mark.parametrize(
    "page",
    [f"<h1>No: {KEY}</h1>", f"<h1>No: {'&#115;' + KEY[1:]}</h1>"],
    ids=["as it is", "written as HTML does"],
)
async def test_a_page_that_quotes_the_key_is_quoted_without_it(page: str) -> None:
    with pytest.raises(ModelError, match=r"said: No: \[key\]$"):
        await ask(Spoken(http(page.encode(), "401 No")))


async def test_a_key_that_is_echoed_in_headers_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    echo = [f"{name}: {KEY}" for name in ("x-request-id", "x-key", "set-cookie", "etag", "location")]
    caplog.set_level(logging.DEBUG)
    assert (await ask(Spoken(http(REPLY, "200 OK", *echo)))).text == "yes"

    async with Spoken(http(b'{"data": [{"id": "m"}]}', "200 OK", *echo)).listening() as server:
        assert await listed(server.url, KEY) == ({"id": "m"},)
    assert "HTTP Response: POST 200" in caplog.text
    assert KEY not in caplog.text
