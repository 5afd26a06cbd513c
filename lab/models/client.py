"""The one way to a model: the OpenAI protocol, through the SDK's async client over the network, or in process.

A line belongs to the event loop that opened it, so a `Client` opens one in each loop it is used in.
Requests are posted and replies read as plain JSON: what is sent is exactly what the cache knows the call
by, but for fields that the endpoint was seen to refuse, and servers that differ from OpenAI in a field are
read with care rather than refused.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Mapping, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from lab.errors import MisuseError
from lab.i18n import gettext_lazy
from lab.models.calls import Answer, rough_tokens
from lab.models.capabilities import UNKNOWN, Capabilities
from lab.models.endpoint import Endpoint
from lab.models.failures import FailedCall, Failure, of_body, of_choice, of_error, of_response, sentence
from lab.models.keys import Keys, checked
from lab.models.pace import Pace, Turn, deadline
from lab.models.roles import Limits
from lab.models.stream import assembled, is_stream
from lab.models.tries import Tries
from lab.models.wire import (
    CHAT,
    COMPLETIONS,
    Dialect,
    hidden,
    is_completion,
    is_finished,
    n_tokens_used,
    read_answer,
    route,
)

if TYPE_CHECKING:
    import httpx2
    from starlette.types import ASGIApp

    from lab.models.transport import Line

__all__ = ["Answer", "Client", "Dialects"]

Dialects = MutableMapping[tuple[str, str], Dialect]  # by path and model

NO_KEY = "none"  # what a server that wants no key is sent; the SDK insists on some word
MOST_SERVER_ERRORS = 256
# Where reasoning took all tokens: how many times as many are allowed, how many at least, and how many at most.
TIMES_REASONING, LEAST_REASONING, MOST_REASONING = 8, 4096, 65_536
NEVER_ENDED = 3  # replies without an end, and none with one: this server does not speak of it
NO_END = "the server never says that a reply is whole: each is taken as it came"


@dataclass(frozen=True)
class _Reply:
    body: Any
    latency_s: float
    notes: tuple[str, ...] = ()
    lost: tuple[Any, ...] = ()  # replies that broke off before this one


class Client:
    """Asks one endpoint, with a key or else the environment's; `app` answers in process instead of the network.

    Clients of one address and key may share a `pace`, and what it was learnt to refuse: `dialects`.
    `capabilities` may be set anew when more is found.

    Raises:
        MisuseError: when no key is given, the endpoint is on another machine and OPENAI_API_KEY is not set.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        key: str | None = None,
        limits: Limits | None = None,
        capabilities: Capabilities = UNKNOWN,
        app: ASGIApp | None = None,
        pace: Pace | None = None,
        dialects: Dialects | None = None,
        only_public: bool = False,
    ) -> None:
        self.endpoint = endpoint
        self._only_public = only_public
        self.limits = limits or Limits()
        self.capabilities = capabilities
        self.pace = pace or Pace(self.limits)
        self._key = (Keys().of(endpoint) if key is None else checked(key)) or NO_KEY
        self._app = app
        self._open: dict[asyncio.AbstractEventLoop, _Opened] = {}
        self._dialects: Dialects = {} if dialects is None else dialects
        self._server_errors: dict[str, str] = {}  # words of a 500 -> the one request that met it, or ""
        self._n_unended, self._ends = 0, False
        self._looking: MutableMapping[asyncio.AbstractEventLoop, asyncio.Task[_Reply | Failure]] = (
            WeakKeyDictionary()
        )

    def __repr__(self) -> str:
        return f"Client({self.endpoint!r})"

    def __reduce__(self) -> Any:
        """Leave the key out of every copy and pickle."""
        return partial(Client, self.endpoint, key="", limits=self.limits, capabilities=self.capabilities), ()

    @property
    def adaptations(self) -> tuple[str, ...]:
        """What is sent otherwise than asked, because the endpoint refused it; each in a few words."""
        return tuple(dict.fromkeys(said for one in self._dialects.values() for said in one.sentences))

    @property
    def refused(self) -> frozenset[str]:
        """The fields that the endpoint was seen to refuse."""
        return frozenset(one.field for dialect in self._dialects.values() for one in dialect.refusals.values())

    def reply_limit(self, request: Mapping[str, Any]) -> int:
        """Return how many tokens the reply to a request may have as it is sent now; 0 where it does not say."""
        return self._dialect(route(request), str(request.get("model", self.endpoint.model))).limit(request)

    def raise_limit(self, request: Mapping[str, Any]) -> int:
        """Allow longer replies from here on, once: a model that reasons took all tokens for that.

        Returns the limit of the request as it is sent now.
        """
        which = route(request), str(request.get("model", self.endpoint.model))
        dialect = self._dialect(*which)
        if not dialect.least_tokens and (limit := dialect.limit(request)):
            most = self.capabilities.context_length or MOST_REASONING
            least = max(limit, min(max(LEAST_REASONING, limit * TIMES_REASONING), most // 2))
            self._dialects[which] = replace(dialect, least_tokens=least)
        return self.reply_limit(request)

    async def answer(self, request: Mapping[str, Any], *, take_broken: bool = True) -> Answer:
        """Send a request, a chat or a completion, and read the reply.

        With `take_broken` a reply that broke off is taken when the tries are used up, and its flaw says so.

        Raises:
            FailedCall: when the endpoint refused, failed or could not be reached, after the retries.
            MisuseError: when the text cannot be written in UTF-8.
        """
        reply = await self._send(request, route(request), take_broken)
        found, *lost = (
            read_answer(body, request, reply.latency_s, reply.notes, self._secret)
            for body in (reply.body, *reply.lost)
        )
        assert found is not None  # `_send` gives completions alone on these routes
        return found.paying_for(answer for answer in lost if answer is not None)

    async def post(self, request: Mapping[str, Any], path: str | None = None) -> Mapping[str, Any]:
        """Send a request and return the reply's JSON as it came; `path` is under the endpoint's address.

        Raises:
            FailedCall: as `answer`; on paths other than the two of completions any JSON object is a reply.
            MisuseError: when the text cannot be written in UTF-8.
        """
        body: Mapping[str, Any] = (await self._send(request, path or route(request))).body
        return body

    async def look(self) -> None:
        """Ask for one token, so that the pace sees whether the endpoint answers anything at all.

        Whoever looks at the same time waits for the same reply. It is paid for as a probe is, by nobody's ceiling.
        """
        loop = asyncio.get_running_loop()
        if (looking := self._looking.get(loop)) is None or looking.done():
            asked = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1}
            request = {"model": self.endpoint.model, **asked}
            content = _written(self._dialect(CHAT, self.endpoint.model).spoken(request))
            looking = self._looking[loop] = loop.create_task(self._paced(CHAT, content, request))
        await asyncio.wait([looking])  # whoever is stopped here must not cancel it for the others

    async def aclose(self) -> None:
        """Close this loop's connections; `asyncio.run` also does it, at its end."""
        if opened := self._open.pop(asyncio.get_running_loop(), None):
            await opened[1].aclose()

    @property
    def _secret(self) -> str:
        return "" if self._key == NO_KEY else self._key

    async def _send(self, request: Mapping[str, Any], path: str, take_broken: bool = True) -> _Reply:
        """Try until there is a reply or no sense in another try."""
        model = str(request.get("model", self.endpoint.model))
        tries, lost = Tries(self.limits.tries, self.pace.n_well), list[Any]()
        while True:
            dialect = self._dialect(path, model)
            content = _written(dialect.spoken(request))
            got = await self._paced(path, content, request)
            if isinstance(got, _Reply):
                is_whole = path not in (CHAT, COMPLETIONS) or is_finished(got.body)
                if is_whole or (take_broken and tries.n_left <= 1):
                    return _Reply(got.body, got.latency_s, (*dialect.told(request), *got.notes), tuple(lost))
                lost.append(got.body)
                got = Failure("unfinished")
            if self._learns((path, model), dialect, got, request):
                continue
            tries.add(got, self.pace.n_well, self.pace.now())
            if self._is_final(tries, content):
                break
            if wait_s := tries.wait_s(self.endpoint.base_url, content):
                await self.pace.sleep(wait_s)
        url, n_tries = self.endpoint.base_url, len(tries.failed)
        failure = tries.failed[-1]
        said = sentence(failure, url=url, model=model, timeout_s=self.limits.timeout_s, n_tries=n_tries)
        is_own = failure.is_of_call or self._is_caused_by(content, tries.failed)
        raise FailedCall(said, failure, is_own=is_own, failed_at=tuple(tries.failed_at))

    async def _paced(self, path: str, content: bytes, request: Mapping[str, Any]) -> _Reply | Failure:
        turn = await self.pace.start(self._n_tokens(content, request))
        try:
            got = await self._try(path, content, turn)
            if isinstance(got, _Reply):
                self.pace.went_well(turn, n_tokens_used(got.body))
            elif got.is_crowded or got.kind == "time":
                self.pace.slow_down(turn, got.wait_s)
        finally:
            self.pace.end(turn)
        return got

    async def _try(self, path: str, content: bytes, turn: Turn) -> _Reply | Failure:
        """Send once. Failures are values: the SDK's error may quote the key, and must not hang on ours."""
        import httpx2

        line = await self._line()
        start = time.perf_counter()
        try:
            async with _in_time(turn, self.limits.timeout_s):
                response = await line.post(path, content)
        except MisuseError:  # a model's file is not what it was
            raise
        except Exception as error:
            # Odd servers bring the SDK and its transport to any error; one of an app in this process is a bug.
            if self._app and not isinstance(error, (httpx2.RequestError, TimeoutError)):
                raise
            return of_error(error, self._secret)
        if not response.is_success:
            return of_response(response, self._secret, time.time)
        latency_s = time.perf_counter() - start
        body = _json(response, self._secret)
        if path not in (CHAT, COMPLETIONS):
            return (
                _Reply(body, latency_s) if isinstance(body, dict) else of_body(body or response.text, self._secret)
            )
        if not is_completion(body):
            return of_body(body or response.text, self._secret)
        if failed := of_choice(body["choices"][0], self._secret):
            return failed
        return _Reply(body, latency_s, self._lenient(body))

    def _lenient(self, body: Any) -> tuple[str, ...]:
        """Take a reply for whole, and says so, where the server was seen to end none."""
        choice = body["choices"][0]
        if is_finished(body):
            self._ends = self._ends or "finish_reason" in choice
            return ()
        self._n_unended += 1
        if self._ends or self._n_unended < NEVER_ENDED:
            return ()
        del choice["finish_reason"]
        return (NO_END,)

    def _dialect(self, path: str, model: str) -> Dialect:
        """Start from the token limit that was found of chats; completions have but one name for it."""
        if (learnt := self._dialects.get((path, model))) is not None:
            return learnt
        known = self.capabilities.checked and model == self.endpoint.model and path == CHAT
        return Dialect.of(self.capabilities.token_limit) if known else Dialect()

    def _learns(
        self, which: tuple[str, str], dialect: Dialect, failure: Failure, request: Mapping[str, Any]
    ) -> bool:
        """Return whether a refusal of fields has taught this call, or another one meanwhile, how to ask instead."""
        if not failure.fields and not failure.most_tokens:
            return False
        if (known := self._dialects.get(which)) is not None and known is not dialect:
            return True
        learnt = dialect.bounded(failure.most_tokens, request) or dialect.without(failure.fields, request)
        if learnt:
            self._dialects[which] = learnt
        return learnt is not None

    def _is_final(self, tries: Tries, content: bytes) -> bool:
        failed, last = tries.failed, tries.failed[-1]
        if len(failed) == 1 and last.kind == "connection":  # it may have idled
            return False
        if last.status == 401 and self.pace.n_well and tries.n_left > 0:  # the key was taken before
            return False
        return not last.may_pass or self._is_caused_by(content, failed) or tries.n_left <= 0

    def _is_caused_by(self, content: bytes, failed: list[Failure]) -> bool:
        """Return whether a 500 is this request's own: twice in the same words, which no other request has met.

        Servers answer some requests that they cannot take so; where others meet it too, it may pass.
        """
        last = failed[-1]
        if last.status != 500:
            return False
        if len(self._server_errors) >= MOST_SERVER_ERRORS:
            self._server_errors.clear()
        mine = blake2b(content, digest_size=16).hexdigest()
        if self._server_errors.setdefault(last.said, mine) != mine:
            self._server_errors[last.said] = ""
        return self._server_errors[last.said] == mine and last in failed[:-1]

    def _n_tokens(self, content: bytes, request: Mapping[str, Any]) -> int:
        """Guess the tokens of a call, from above, where they are counted."""
        if not self.pace.limits.tokens_per_minute:
            return 0
        limit = request.get("max_tokens") or request.get("max_completion_tokens") or 0
        return rough_tokens(content.decode()) + (limit if isinstance(limit, int) else 0)

    async def _line(self) -> Line:
        loop = asyncio.get_running_loop()
        if loop not in self._open:
            for old in [loop for loop in list(self._open) if loop.is_closed()]:
                self._open.pop(old, None)
            lifeline = _closed_with_loop(self._connect())
            self._open[loop] = (await anext(lifeline), lifeline)
        return self._open[loop][0]

    def _connect(self) -> Line:
        is_environments = self._secret == self.endpoint.environments_key != ""
        if self._app is not None:
            from lab.models.transport import AppLine

            return AppLine(self._app, self.endpoint, self._key, is_environments=is_environments)
        from lab.models.network import SdkLine

        return SdkLine(
            self.endpoint, self._key, self.limits.timeout_s,
            is_environments=is_environments, only_public=self._only_public,
        )  # fmt: skip


@asynccontextmanager
async def _in_time(turn: Turn, timeout_s: float) -> AsyncGenerator[None, None]:
    """Bound what a call takes from when the server may be at work on it.

    Raises:
        TimeoutError: when it is out of time.
    """
    loop, began = asyncio.get_running_loop(), time.monotonic()

    def look() -> None:
        if (left_s := deadline(turn, began, timeout_s) - time.monotonic()) > 0:
            alarms.append(loop.call_later(left_s, look))
        else:
            timer.reschedule(loop.time())

    alarms = [loop.call_later(timeout_s, look)]
    try:
        async with asyncio.timeout(None) as timer:
            yield
    finally:
        alarms[-1].cancel()


_Opened = tuple["Line", AsyncGenerator["Line", None]]


async def _closed_with_loop(line: Line) -> AsyncGenerator[Line, None]:
    """Hold a line open until its loop ends: `asyncio.run` closes the generators that it finds."""
    try:
        yield line
    finally:
        await line.close()


def _written(request: Mapping[str, Any]) -> bytes:
    """Write a request: equal ones in equal bytes.

    Raises:
        MisuseError: for half a character.
    """
    try:
        return json.dumps(request, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    except UnicodeEncodeError as error:
        half = error.object[error.start]
    raise MisuseError(
        gettext_lazy(
            "The text holds half a character, {half!r}, and cannot be sent. "
            "Remove it from the prompt or the example.",
            half=half,
        )
    )


def _parsed(response: httpx2.Response) -> Any:
    """Parse JSON; a byte that is no UTF-8 costs its character alone."""
    try:
        return response.json()
    except UnicodeDecodeError:
        return json.loads(response.text)


def _json(response: httpx2.Response, key: str) -> Any:
    """Read a body, without the key; it is looked for only where it may be, as it is or written with escapes."""
    try:
        raw = response.content
        streamed = is_stream(response.headers.get("content-type", ""), raw[:64].decode("utf-8", "replace"))
        body = assembled(response.text) if streamed else _parsed(response)
        return hidden(body, key) if key and (key.encode() in raw or b"\\" in raw) else body
    except (ValueError, RecursionError):
        return None
