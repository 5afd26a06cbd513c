"""Who may talk to the page: requests that came to this host by its own name, from its own pages.

A web site that leads its name to this machine (DNS rebinding) shows in `Host`; one that sends forms or scripts here
shows in `Sec-Fetch-Site` or `Origin`, which a page cannot set.
"""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lab.i18n import gettext

_READING = ("GET", "HEAD", "OPTIONS")


_LARGEST = 50_000_000  # bytes of what is no upload; a text that is shorter is refused in a sentence


class _TooLargeError(Exception):
    """A body is longer than anything that the page sends."""


class Guard:
    """Middleware that refuses other hosts' names and other sites' requests.

    `hosts` are names by which the page is reached beside an address and localhost; `is_shared` takes any address,
    and not only those of this machine.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str] = (), is_shared: bool = False) -> None:
        self._app = app
        self._hosts = frozenset(host.casefold() for host in hosts)
        self._is_shared = is_shared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not self.knows(headers.get("host", "")):
            refused = PlainTextResponse(
                gettext(
                    "This host name is not one of the lab's. Name it with --allow-host when you start the lab."
                ),
                400,
            )
        elif self._is_foreign(headers, scope.get("method", "GET")):
            refused = PlainTextResponse(gettext("This request came from another site and was not followed."), 403)
        else:
            try:
                await self._app(scope, _bounded(scope, headers, receive), send)
                return
            except _TooLargeError:
                refused = PlainTextResponse(
                    gettext("This is longer than anything that the page sends, and was not read."), 413
                )
        await refused(scope, receive, send)

    def knows(self, host: str) -> bool:
        """Return whether a host, with or without a port, is one of this page's."""
        try:
            name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
        except ValueError:
            return False
        if name == "localhost" or name.endswith(".localhost") or name in self._hosts:
            return True
        try:
            address = ip_address(name)
        except ValueError:
            return False
        return self._is_shared or address.is_loopback

    def _is_foreign(self, headers: Headers, method: str) -> bool:
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site in ("same-origin", "none"):
            return False
        if origin is not None and origin != "null":
            came_from = urlsplit(origin).netloc.casefold()
            own = (headers.get("host", ""), headers.get("x-forwarded-host", ""))
            is_own = came_from in (one.casefold() for one in own) or urlsplit(origin).hostname in self._hosts
            return not is_own
        return method not in _READING and (origin == "null" or site is not None)


def _bounded(scope: Scope, headers: Headers, receive: Receive) -> Receive:
    """Return what receives a body as long as it may be taken apart in the loop that all visitors share.

    An upload goes to a file piece by piece, and has a limit of its own. A proxy may send a body in chunks, of which
    nobody knows beforehand how many come.

    Raises:
        _TooLargeError: at once where a body says that it is too long, else when it has become so.
    """
    if scope.get("path", "").endswith("/upload"):
        return receive
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > _LARGEST:
        raise _TooLargeError
    n_received = 0

    async def counted() -> Message:
        nonlocal n_received
        message = await receive()
        n_received += len(message.get("body", b""))
        if n_received > _LARGEST:
            raise _TooLargeError
        return message

    return counted
