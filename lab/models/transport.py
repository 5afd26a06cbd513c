"""The HTTP client under every call: what of a request goes out, where to, and how much of a reply comes in.

A server may be anyone's. It is sent to nobody else, told nothing that was not meant for it, and read no
further than a reply may be long.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, Protocol

import httpx2

from lab.i18n import gettext_lazy
from lab.models.endpoint import Endpoint

if TYPE_CHECKING:
    from starlette.types import ASGIApp

__all__ = ["LONGEST_BODY", "AppLine", "Line", "UnreadError", "bounds"]

LONGEST_BODY = 16 << 20  # bytes; a long reply with twenty alternatives at each of its tokens has half of it

# What a server must be told. The SDK adds the account, the project and the headers that the environment names,
# which are for one address, and a description of this machine, which is for none.
_SENT = frozenset({"host", "accept", "accept-encoding", "authorization", "connection", "content-length",
                   "content-type", "user-agent"})  # fmt: skip


class UnreadError(Exception):
    """A reply that was not read: it is longer than any, or compressed though that was not asked for."""


class Line(Protocol):
    """What carries the requests of one event loop to one endpoint."""

    async def post(self, path: str, content: bytes) -> httpx2.Response:
        """Send a request and return the response, whatever its status."""

    async def close(self) -> None:
        """Close the connections."""


class AppLine:
    """Posts to an app in this process."""

    def __init__(self, app: ASGIApp, endpoint: Endpoint, key: str, *, is_environments: bool) -> None:
        self._http = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app),
            base_url=endpoint.address.url,
            params=endpoint.address.query,
            headers={"authorization": f"Bearer {key}", "content-type": "application/json"},
            timeout=None,
            **bounds(endpoint, key, is_environments),
        )

    async def post(self, path: str, content: bytes) -> httpx2.Response:
        """Send a request and return the response, whatever its status."""
        return await self._http.post(path, content=content)

    async def close(self) -> None:
        """Close the client; the app stays."""
        await self._http.aclose()


def bounds(endpoint: Endpoint, key: str, is_environments: bool) -> dict[str, Any]:
    """Say what any HTTP client for one address keeps to: no redirects, no cookies, and what goes out and comes in.

    With `is_environments` the address and the key are the environment's, and so are its other headers.
    """
    return {
        "follow_redirects": False,
        "cookies": CookieJar(DefaultCookiePolicy(allowed_domains=())),
        "event_hooks": {"request": [_filter(endpoint, key, is_environments)], "response": [_bound]},
    }


def _filter(endpoint: Endpoint, key: str, is_environments: bool) -> Callable[[httpx2.Request], Awaitable[None]]:
    async def keep_sent(request: httpx2.Request) -> None:
        told = [(name, value) for name, value in request.headers.items() if is_environments or name in _SENT]
        request.headers = httpx2.Headers(told)
        request.headers["accept-encoding"] = "identity"
        if (
            key and endpoint.address.is_azure
        ):  # which takes a key as a bearer for one of its sign-in, and refuses it
            request.headers.pop("authorization", None)
            request.headers["api-key"] = key
        elif key and not is_environments:
            request.headers["authorization"] = f"Bearer {key}"

    return keep_sent


async def _bound(response: httpx2.Response) -> None:
    """See to it that a reply is read as far as a reply may go, and as the text it should be."""
    encoding = response.headers.get("content-encoding", "identity")
    if encoding.strip().lower() not in ("", "identity"):
        raise UnreadError(gettext_lazy("compressed, which it was not asked to be"))
    response.headers.pop("x-request-id", None)  # the SDK logs it, whatever it says
    response.encoding = "utf-8"  # a server's own word may name a codec that is no charset
    assert isinstance(response.stream, httpx2.AsyncByteStream)
    response.stream = _Bounded(response.stream)


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        n_bytes = 0
        async for chunk in self._stream:
            n_bytes += len(chunk)
            if n_bytes > LONGEST_BODY:
                raise UnreadError(
                    gettext_lazy("more than {n_mb} MB, which is longer than any reply", n_mb=LONGEST_BODY >> 20)
                )
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
