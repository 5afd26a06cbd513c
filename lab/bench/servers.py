"""The servers that a client is measured against, each in a process of its own.

Run as `python -m lab.bench.servers practice|plain LATENCY_MS`; it prints its base URL. The plain one gives every
request the same completion after a fixed time, many thousand times a second: what is measured is the client.
"""

from __future__ import annotations

import asyncio
import json
import sys
from functools import partial

_COMPLETION = {
    "id": "1", "object": "chat.completion", "created": 0, "model": "plain", "system_fingerprint": "fp",
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "positive"}, "finish_reason": "stop"}
    ],
    "usage": {"prompt_tokens": 60, "completion_tokens": 1, "total_tokens": 61},
}  # fmt: skip
_BODY = json.dumps(_COMPLETION).encode()
_RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(_BODY) + _BODY


class Connection(asyncio.Protocol):
    """One connection: requests are read by their length, and answered in turn."""

    def __init__(self, latency_s: float) -> None:
        self._latency_s = latency_s
        self._unread = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._unread += data
        while (size := _size(self._unread)) and size <= len(self._unread):
            self._unread = self._unread[size:]
            asyncio.get_running_loop().call_later(self._latency_s, self._transport.write, _RESPONSE)


def _size(unread: bytes) -> int:
    """Return the bytes of the first request, head and body; 0 while its head is not whole."""
    head, end, _ = unread.partition(b"\r\n\r\n")
    if not end:
        return 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return len(head) + len(end) + int(value)
    return len(head) + len(end)


async def _plain(latency_ms: float) -> None:
    made = partial(Connection, latency_ms / 1000)
    server = await asyncio.get_running_loop().create_server(made, "127.0.0.1", 0, backlog=2048)
    _announce(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1")
    await server.serve_forever()


def _announce(url: str) -> None:
    sys.stdout.write(json.dumps({"base_url": url}) + "\n")
    sys.stdout.flush()


def main(kind: str, latency_ms: float) -> None:
    """Serve on a free port of this machine until the process ends."""
    if kind == "plain":
        asyncio.run(_plain(latency_ms))
        return
    from lab.practice.protocol.faults import Conditions  # the plain server needs none of it
    from lab.practice.serve import serve

    serve("127.0.0.1", 0, Conditions(latency_ms=latency_ms), _announce)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
