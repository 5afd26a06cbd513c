"""A server on a bad day: an ASGI app around another that waits, refuses, breaks off and counts.

Which call meets which fault is drawn from the seed, its contents and how often in a row the same contents have met
one: in whatever order calls arrive the same ones fail, and a retry may succeed. Contents are kept as digests only.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import httpx2
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lab.errors import MisuseError
from lab.practice.chance import pick, unit
from lab.practice.protocol.app import read_body, refusal, to_json
from lab.practice.protocol.checks import Refused

LEDGER = "/practice/ledger"
FAULTS = ("429", "500", "503", "broken", "slow")
_MINUTE_S = 60.0
_SOON_S = 0.05
_LONGEST_S = 3600.0
_SAID = {
    "limit": ("Too many calls in this minute. Ask again after the time in Retry-After.", 429, "requests"),
    "429": ("Too many calls, says the practice server by design. Ask again soon.", 429, "requests"),
    "500": ("The practice server fails by design. Ask again.", 500, "server_error"),
    "503": ("The practice server is overloaded by design. Ask again soon.", 503, "server_error"),
}


class BrokenOff(httpx2.RemoteProtocolError):
    """Ends an answer in the middle: a server closes the connection, and in process it is the client's own error."""


@dataclass(frozen=True)
class Conditions:
    """How a server behaves.

    Attributes:
        fault_rate: share of the calls that meet a fault, in [0, 1].
        latency_ms: how long every call waits; many wait at once.
        rpm: calls served in any minute; None where there is no limit.
        seed: another seed, other faults.
        slow_s: how much longer a slow answer takes.

    Raises:
        MisuseError: when a value is out of bounds.
    """

    fault_rate: float = 0.0
    latency_ms: float = 0.0
    rpm: int | None = None
    seed: int = 0
    slow_s: float = 2.0

    def __post_init__(self) -> None:
        if not 0 <= self.fault_rate <= 1:
            raise MisuseError(f"{self.fault_rate:g} is not a fault rate. Give a share from 0 to 1.")
        if not (0 <= self.latency_ms <= 1000 * _LONGEST_S and 0 <= self.slow_s <= _LONGEST_S):
            raise MisuseError("A call cannot wait that long. Give a time from 0 to one hour.")
        if self.rpm is not None and self.rpm < 1:
            raise MisuseError(f"{self.rpm} calls per minute cannot be a limit. Give a whole number, 1 or more.")


@dataclass
class Ledger:
    """What was asked of a server so far, and what became of it."""

    asked: int = 0
    answered: int = 0
    in_flight: int = 0
    most_in_flight: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def call(self) -> Iterator[None]:
        """Count a call for as long as it lasts."""
        self.asked += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            yield
        finally:
            self.in_flight -= 1

    def read(self) -> dict[str, Any]:
        """Return the counts: whole answers, refusals by status, and faults, a reached limit among them."""
        return {
            "asked": self.asked,
            "answered": self.answered,
            "refused": dict(sorted(self.refused.items())),
            "faults": dict(sorted(self.faults.items())),
            "in_flight": self.in_flight,
            "most_in_flight": self.most_in_flight,
        }


def fault_of(conditions: Conditions, digest: str, met: int) -> str:
    """Draw the fault that a call meets, given how often in a row its like has met one; empty for no fault."""
    at = (conditions.seed, digest, met)
    return pick(FAULTS, "which fault", *at) if unit("fault", *at) < conditions.fault_rate else ""


class Under:
    """An app under conditions, itself an ASGI app; it adds GET /practice/ledger.

    It counts, so that it belongs to one event loop at a time. `clock` gives seconds.
    """

    def __init__(self, app: ASGIApp, conditions: Conditions, clock: Callable[[], float] = time.monotonic) -> None:
        self._app, self._conditions, self._clock = app, conditions, clock
        self._met, self._served = Counter[str](), deque[float]()
        self.ledger = Ledger()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] == "http" and scope["path"] == LEDGER:
            await Response(to_json(self.ledger.read()), media_type="application/json")(scope, receive, send)
        elif scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
        else:
            with self.ledger.call():
                await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = self._limit(self._conditions.rpm)
        tell = _recording(send, headers, self.ledger)
        try:
            if "retry-after" in headers:
                raise _refused("limit")
            body = await read_body(Request(scope, receive))
            fault = self._fault(scope["path"].encode() + b"\n" + body)
            headers |= _fault_headers(fault)
            slow_s = self._conditions.slow_s if fault == "slow" else 0.0
            if wait_s := self._conditions.latency_ms / 1000 + slow_s:
                await asyncio.sleep(wait_s)
            if fault in _SAID:
                raise _refused(fault)
            await (_broken(self._app) if fault == "broken" else self._app)(scope, _again(body, receive), tell)
        except Refused as refused:
            await refusal(refused)(scope, receive, tell)

    def _fault(self, contents: bytes) -> str:
        digest = blake2b(contents, digest_size=16).hexdigest()
        fault = fault_of(self._conditions, digest, self._met[digest])
        self._met[digest] += 1
        if not fault:
            del self._met[digest]
        return fault

    def _limit(self, rpm: int | None) -> dict[str, str]:
        """Write a call down if there is room in this minute, and return the headers that say so."""
        if rpm is None:
            return {}
        now, served = self._clock(), self._served
        while served and now - served[0] >= _MINUTE_S:
            served.popleft()
        room = len(served) < rpm
        if room:
            served.append(now)
        reset_s = _MINUTE_S - (now - served[0])
        told = {
            "x-ratelimit-limit-requests": str(rpm),
            "x-ratelimit-remaining-requests": str(rpm - len(served)),
            "x-ratelimit-reset-requests": f"{reset_s:.3f}s",
        }
        return told if room else {**told, "x-practice-fault": "limit", **_retry_after(reset_s)}


def _retry_after(wait_s: float) -> dict[str, str]:
    # The standard header knows whole seconds only; OpenAI's clients prefer the finer one.
    return {"retry-after": str(math.ceil(wait_s)), "retry-after-ms": str(math.ceil(wait_s * 1000))}


def _fault_headers(fault: str) -> dict[str, str]:
    soon = _retry_after(_SOON_S) if fault in ("429", "503") else {}
    return {"x-practice-fault": fault, **soon} if fault else {}


def _refused(fault: str) -> Refused:
    message, status, kind = _SAID[fault]
    return Refused(message, code="rate_limit_exceeded" if status == 429 else None, status=status, kind=kind)


def _broken(app: ASGIApp) -> ASGIApp:
    """Let an app answer, but sends only the first half of it."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        said = list[Message]()

        async def keep(message: Message) -> None:
            said.append(message)

        await app(scope, receive, keep)
        whole = b"".join(message.get("body", b"") for message in said)
        await send(said[0])
        await send({"type": "http.response.body", "body": whole[: len(whole) // 2], "more_body": True})
        raise BrokenOff("The practice server broke off its answer by design.")

    return answer


def _again(body: bytes, receive: Receive) -> Receive:
    """Hand on a body that has been read already; what comes after it is up to the client."""
    left = [body]

    async def replay_body() -> Message:
        return {"type": "http.request", "body": left.pop(), "more_body": False} if left else await receive()

    return replay_body


def _recording(send: Send, headers: Mapping[str, str], ledger: Ledger) -> Send:
    """Add headers to the answer, as they are when it begins, and writes down what becomes of it."""
    refused = False

    async def tell(message: Message) -> None:
        nonlocal refused
        if message["type"] == "http.response.start":
            refused = message["status"] >= 400
            MutableHeaders(scope=message).update(headers)
            if fault := headers.get("x-practice-fault"):
                ledger.faults[fault] += 1
            if refused:
                ledger.refused[str(message["status"])] += 1
        await send(message)
        if message["type"] == "http.response.body" and not (refused or message.get("more_body")):
            ledger.answered += 1

    return tell
