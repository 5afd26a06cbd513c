"""The practice model on a bad day whose faults come in given shares: `python rough.py`, until its input ends.

It prints its base URL. The command `practice-server` draws all faults alike, so the shares are drawn here.
"""

from __future__ import annotations

import logging
import socket
import sys
import threading
from hashlib import blake2b

import uvicorn

from lab.practice.chance import unit
from lab.practice.protocol.app import app
from lab.practice.protocol.faults import BrokenOff, Conditions, Under

SHARES = (("429", 0.20), ("500", 0.10), ("broken", 0.05))
LATENCY_MS = 5


class Rough(Under):
    """Draws a fault from the contents of a request and from how often it was asked before."""

    def _fault(self, contents: bytes) -> str:
        digest = blake2b(contents, digest_size=16).hexdigest()
        drawn = unit("fault", digest, self._met[digest])
        self._met[digest] += 1
        for fault, share in SHARES:
            drawn -= share
            if drawn < 0:
                return fault
        return ""


def main() -> None:
    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    print(f"http://127.0.0.1:{listening.getsockname()[1]}/v1", flush=True)
    news = logging.getLogger("uvicorn.error")
    news.addFilter(lambda record: not (record.exc_info and isinstance(record.exc_info[1], BrokenOff)))
    served = Rough(app(), Conditions(latency_ms=LATENCY_MS))
    server = uvicorn.Server(uvicorn.Config(served, log_config=None, access_log=False, lifespan="off"))
    threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
