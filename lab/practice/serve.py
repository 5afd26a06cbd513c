"""The practice model over HTTP, for other programs and for trying out clients: uvicorn around the app."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable

import uvicorn
from starlette.requests import ClientDisconnect

from lab.errors import MisuseError
from lab.practice.protocol.app import app
from lab.practice.protocol.faults import BrokenOff, Conditions, Under

_BACKLOG = 2048
_LAST_ANSWERS_S = 1


def serve(host: str, port: int, conditions: Conditions, ready: Callable[[str], None]) -> None:
    """Serve until it is interrupted; `ready` hears the base URL, with the port that was found where it is 0.

    Nothing of a request is written anywhere: no contents, no headers, no address.

    Raises:
        MisuseError: when the address cannot be listened at.
    """
    listening = _listen(host, port)
    config = uvicorn.Config(
        Under(app(), conditions),
        log_config=None,
        access_log=False,
        lifespan="off",
        backlog=_BACKLOG,
        timeout_graceful_shutdown=_LAST_ANSWERS_S,
    )
    logging.getLogger("uvicorn.error").addFilter(_is_own_fault)
    shown = f"[{host}]" if ":" in host else host
    ready(f"http://{shown}:{listening.getsockname()[1]}/v1")
    try:
        uvicorn.Server(config).run(sockets=[listening])
    except KeyboardInterrupt:
        return
    finally:
        listening.close()


def _listen(host: str, port: int) -> socket.socket:
    if not host.strip():
        raise MisuseError(
            "The practice server needs an address to listen at. Give 127.0.0.1 for this machine only."
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except (OSError, OverflowError) as error:
        said = str(error).rstrip(".")
        raise MisuseError(
            f"The practice server cannot listen at {host}, port {port}: {said}. Choose another port; 0 finds one."
        ) from None


def _is_own_fault(record: logging.LogRecord) -> bool:
    """Return whether a line of uvicorn's is about a fault of ours, not about a call that either side broke off."""
    cause = record.exc_info[1] if record.exc_info else None
    return not isinstance(cause, BrokenOff | ClientDisconnect | asyncio.CancelledError)
