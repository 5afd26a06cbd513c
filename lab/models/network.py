"""Calls over the network: the SDK's client, the connections under it, and where a name may lead.

The SDK and aiohttp take a third of a second to import, so whoever asks only the practice model never imports this.
"""

from __future__ import annotations

import socket
from ipaddress import ip_address
from ssl import SSLContext
from typing import Any

import aiohttp
import httpx2
import openai
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from lab.models import gguf
from lab.models.access import is_link_local, refusal
from lab.models.endpoint import Endpoint
from lab.models.transport import bounds

__all__ = ["SdkLine", "http"]

CONNECT_S = 10.0


class SdkLine:
    """Posts through the SDK's client; it tries once, and never redirects."""

    def __init__(
        self, endpoint: Endpoint, key: str, timeout_s: float, *, is_environments: bool, only_public: bool
    ) -> None:
        self._sdk = openai.AsyncOpenAI(
            base_url=endpoint.address.url,
            default_query=endpoint.address.query,
            api_key=key,
            max_retries=0,
            # What a reply may take is counted by the client; the SDK's would be for each piece of it.
            timeout=openai.Timeout(None, connect=min(CONNECT_S, timeout_s)),
            http_client=http(endpoint, key, is_environments=is_environments, only_public=only_public),
        )

    async def post(self, path: str, content: bytes) -> httpx2.Response:
        """Send a request and return the response, whatever its status.

        Raises:
            openai.OpenAIError: when there is none.
        """
        try:
            return await self._sdk.post(path, cast_to=httpx2.Response, content=content)
        except openai.APIStatusError as error:
            return error.response

    async def close(self) -> None:
        """Close the connections."""
        await self._sdk.close()


def http(
    endpoint: Endpoint, key: str, *, is_environments: bool = False, only_public: bool = False
) -> httpx2.AsyncClient:
    """Open a client for one address: over the network, or to a file's own server.

    It passes no proxy on the way to this machine. No name leads to a link-local address, and with `only_public` to
    none but public ones.

    Raises:
        MisuseError: for a GGUF file that cannot be served.
    """
    how = bounds(endpoint, key, is_environments)
    if endpoint.file:
        served = gguf.server(gguf.checked(endpoint.file), "plain" if endpoint.is_plain else "chat")
        return httpx2.AsyncClient(transport=gguf.FileTransport(served), **how)
    # A proxy of the environment is for other machines: asked for this one, it would look at its own.
    # Nor may it look up a name, and call what it finds, where only public addresses may be called.
    own_ways = dict.fromkeys(("all://", "http://", "https://")) if endpoint.is_local or only_public else {}
    client = openai.DefaultAioHttpClient(mounts=own_ways, **how)
    transport: Any = client._transport  # the SDK has no other way to say how names are resolved
    transport.client = lambda: aiohttp.ClientSession(
        connector=_connector(ssl=transport.ssl_context, only_public=only_public)
    )
    return client


def _connector(*, ssl: SSLContext, only_public: bool) -> aiohttp.TCPConnector:
    """Make what opens connections; names that lead where nobody may go are refused once they are resolved."""
    return aiohttp.TCPConnector(resolver=_Guarded(only_public), ssl=ssl, limit=1000, keepalive_timeout=5.0)


class _Guarded(AbstractResolver):
    """Resolves a name as the machine does, and gives out no address that must not be called."""

    def __init__(self, only_public: bool) -> None:
        self._resolver = ThreadedResolver()
        self._only_public = only_public

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        if any(_is_barred(one["host"], only_public=self._only_public) for one in found):
            raise OSError(refusal(host))
        return found

    async def close(self) -> None:
        await self._resolver.close()


def _is_barred(address: str, *, only_public: bool) -> bool:
    found = ip_address(address.partition("%")[0])
    told = getattr(found, "ipv4_mapped", None) or found
    return is_link_local(told) or (only_public and not told.is_global)
