"""The one way to a model: the OpenAI protocol through the SDK's async client, over the network or in process.

An HTTP client belongs to the event loop that opened it, so a `Client` opens one in each loop it is used in.
Requests are posted and replies read as plain JSON: what is sent is exactly what the cache knows the call
by, and servers that differ from OpenAI in a field are read with care rather than refused.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from typing import TYPE_CHECKING, Any

from lab.errors import LabError, MisuseError, ModelError
from lab.models.calls import Answer
from lab.models.capabilities import UNKNOWN, Capabilities
from lab.models.endpoint import Endpoint
from lab.models.keys import Keys
from lab.models.limits import Limits
from lab.models.wire import failure, not_a_chat_model, read_answer

if TYPE_CHECKING:
    import httpx2
    import openai
    from starlette.types import ASGIApp

__all__ = ["Answer", "Client"]

KEYLESS = "none"  # what a server that wants no key is sent; the SDK insists on some word


class Client:
    """Asks one endpoint, with a key or else the environment's; `app` answers in process instead of the network.

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
    ) -> None:
        self.endpoint = endpoint
        self.limits = limits or Limits()
        self.capabilities = capabilities
        self._key = (Keys().of(endpoint) if key is None else key) or KEYLESS
        self._app = app
        self._open: dict[asyncio.AbstractEventLoop, _Opened] = {}

    def __repr__(self) -> str:
        return f"Client({self.endpoint!r})"

    async def answer(self, request: Mapping[str, Any]) -> Answer:
        """Sends one request as it is and reads the reply.

        Raises:
            ModelError: when the endpoint refused, failed or could not be reached, after the retries.
            MisuseError: when the text cannot be written in UTF-8.
        """
        import httpx2
        import openai

        sdk = await self._sdk()
        start = time.perf_counter()
        # Raised outside the `except`: the SDK's error may quote the key, and must not hang on ours.
        try:
            response = await sdk.post("/chat/completions", cast_to=httpx2.Response, body=dict(request))
        except openai.OpenAIError as error:
            failed: LabError = self._failure(error, request)
        except UnicodeEncodeError as error:
            failed = MisuseError(
                f"The text holds half a character, {error.object[error.start]!r}, and cannot be sent. "
                "Remove it from the prompt or the example."
            )
        else:
            body = _json(response)
            if found := read_answer(body, request, time.perf_counter() - start):
                return found
            failed = not_a_chat_model(self.endpoint, body or response.text, self._secret)
        raise failed

    async def aclose(self) -> None:
        """Closes this loop's connections; `asyncio.run` also does it, at its end."""
        if opened := self._open.pop(asyncio.get_running_loop(), None):
            await opened[1].aclose()

    @property
    def _secret(self) -> str:
        return "" if self._key == KEYLESS else self._key

    def _failure(self, error: openai.OpenAIError, request: Mapping[str, Any]) -> ModelError:
        return failure(
            error,
            endpoint=self.endpoint,
            model=str(request.get("model", self.endpoint.model)),
            key=self._secret,
            timeout_s=self.limits.timeout_s,
            n_tries=self.limits.tries,
        )

    async def _sdk(self) -> openai.AsyncOpenAI:
        loop = asyncio.get_running_loop()
        if loop not in self._open:
            for old in [loop for loop in list(self._open) if loop.is_closed()]:
                self._open.pop(old, None)
            lifeline = _lifeline(self._connect())
            self._open[loop] = (await anext(lifeline), lifeline)
        return self._open[loop][0]

    def _connect(self) -> openai.AsyncOpenAI:
        import openai

        return openai.AsyncOpenAI(
            base_url=self.endpoint.base_url,
            api_key=self._key,
            max_retries=self.limits.tries - 1,
            timeout=openai.Timeout(self.limits.timeout_s, connect=min(10.0, self.limits.timeout_s)),
            http_client=self._http(),
        )

    def _http(self) -> httpx2.AsyncClient:
        import httpx2
        import openai

        app = self._app
        if app is None and self.endpoint.in_process:
            from lab.practice.app import app as practice

            app = practice()
        if app is None:
            return openai.DefaultAioHttpClient()
        return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app))


_Opened = tuple["openai.AsyncOpenAI", AsyncGenerator["openai.AsyncOpenAI", None]]


async def _lifeline(sdk: openai.AsyncOpenAI) -> AsyncGenerator[openai.AsyncOpenAI, None]:
    """Holds a client open until its loop ends: `asyncio.run` closes the generators that it finds."""
    try:
        yield sdk
    finally:
        await sdk.close()


def _json(response: httpx2.Response) -> Any:
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None
