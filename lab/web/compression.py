"""What the page is sent goes compressed over the wire, each answer of a stream as soon as it is there.

Gradio compresses the files of its front end alone, neither the page nor what a step changes in it.
"""

from __future__ import annotations

import zlib

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Compression"]

_KINDS = ("text/html", "application/json", "text/event-stream")
_LEVEL = (
    3  # half a millisecond for what a step sends; a higher one saves a tenth more and takes three times as long
)
_GZIP = 16 + zlib.MAX_WBITS
_LEAST = 1000  # bytes of an answer that is in one piece


class Compression:
    """Middleware that compresses HTML, JSON and streams of events for who takes gzip."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        is_taken = scope["type"] == "http" and "gzip" in Headers(scope=scope).get("accept-encoding", "")
        await self._app(scope, receive, _Compressed(send) if is_taken else send)


class _Compressed:
    """Sends one answer, compressed where that is of use."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None  # kept until it is known how large the answer is
        self._packer: zlib._Compress | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_text(Headers(raw=message["headers"])):
            self._start = message
            if _is_stream(Headers(raw=message["headers"])):  # who listens learns at once that there is one
                await self._begin(True)
            return
        if message["type"] == "http.response.body":
            body, goes_on = message.get("body", b""), message.get("more_body", False)
            await self._begin(goes_on or len(body) >= _LEAST)
            if self._packer is not None:
                packed = self._packer.compress(body)
                packed += self._packer.flush(zlib.Z_SYNC_FLUSH if goes_on else zlib.Z_FINISH)
                message = {**message, "body": packed}
        await self._send(message)

    async def _begin(self, packs: bool) -> None:
        """Send the head, once."""
        if self._start is None:
            return
        start, self._start = self._start, None
        if packs:
            self._packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
            headers = MutableHeaders(raw=list(start["headers"]))
            headers["Content-Encoding"] = "gzip"
            headers.add_vary_header("Accept-Encoding")
            del headers["Content-Length"]
            start = {**start, "headers": headers.raw}
        await self._send(start)


def _is_text(headers: Headers) -> bool:
    return headers.get("content-type", "").startswith(_KINDS) and "content-encoding" not in headers


def _is_stream(headers: Headers) -> bool:
    return headers.get("content-type", "").startswith("text/event-stream")
