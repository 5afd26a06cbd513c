"""The servers that a client is measured against, each in a process of its own.

Run as `python -m lab.bench.servers practice|plain|queue|faulty LATENCY_MS [PORT] [SEED]`; it prints its base URL.
The plain one gives every request the same completion after a fixed time, many thousand times a second: what is
measured is the client. The queue is such a one that answers one request after another. The faulty one is the
practice server on a bad day: a fifth of its calls fail, by the seed.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
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


@dataclass
class Line:
    """What waits at a server that answers one request after another: until when it is taken."""

    taken_until: float = 0.0

    def wait_s(self, now: float, latency_s: float) -> float:
        """Return how long a request takes that comes now, and let the next one wait for it."""
        self.taken_until = max(self.taken_until, now) + latency_s
        return self.taken_until - now


class Connection(asyncio.Protocol):
    """One connection: requests are read by their length, and answered in turn."""

    def __init__(self, latency_s: float, line: Line | None = None) -> None:
        self._latency_s = latency_s
        self._line = line
        self._unread = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._unread += data
        while (size := _size(self._unread)) and size <= len(self._unread):
            self._unread = self._unread[size:]
            loop = asyncio.get_running_loop()
            wait_s = self._line.wait_s(loop.time(), self._latency_s) if self._line else self._latency_s
            loop.call_later(wait_s, self._transport.write, _RESPONSE)


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


async def _plain(latency_ms: float, port: int, line: Line | None = None) -> None:
    made = partial(Connection, latency_ms / 1000, line)
    server = await asyncio.get_running_loop().create_server(made, "127.0.0.1", port, backlog=2048)
    _announce(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1")
    await server.serve_forever()


def _announce(url: str) -> None:
    sys.stdout.write(json.dumps({"base_url": url}) + "\n")
    sys.stdout.flush()


FAULT_RATE = 0.2


def main(kind: str, latency_ms: float, port: int = 0, seed: int = 0) -> None:
    """Serve on a port of this machine, a free one where none is given, until the process ends."""
    if kind in ("plain", "queue"):
        asyncio.run(_plain(latency_ms, port, Line() if kind == "queue" else None))
        return
    from lab.practice.protocol.faults import Conditions  # the plain server needs none of it
    from lab.practice.serve import serve

    fault_rate = FAULT_RATE if kind == "faulty" else 0.0
    serve("127.0.0.1", port, Conditions(fault_rate, latency_ms, seed=seed, slow_s=0.2), _announce)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), *map(int, sys.argv[3:]))
