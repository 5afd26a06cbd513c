"""Finding what answers on this machine: a few well-known ports of 127.0.0.1, asked only when a person wants it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from lab.errors import MisuseError
from lab.i18n import gettext_lazy
from lab.models.endpoint import Endpoint

__all__ = ["PORTS", "Found", "find", "listed"]

# The ports that these programs listen at unless they are told otherwise.
PORTS: Mapping[int, str] = MappingProxyType({
    11434: "Ollama", 1234: "LM Studio", 8080: "llama.cpp", 8000: "vLLM",
})  # fmt: skip
WAIT_S = 0.5
LONGEST_BODY = 1 << 20  # bytes
LONGEST_NAME = 200
MOST_MODELS = 100


@dataclass(frozen=True)
class Found:
    """A model that a server on this machine lists.

    `spec` names it as `Endpoint.of` reads it; `about` says where it was found and whose port that is, which is
    a guess at the program.
    """

    spec: str
    about: str


async def find(ports: Iterable[int] = tuple(PORTS), *, wait_s: float = WAIT_S) -> tuple[Found, ...]:
    """Ask each port of 127.0.0.1 for its models; what does not answer as such a server in time is left out."""
    asked = tuple(dict.fromkeys(ports))
    urls = [f"http://127.0.0.1:{port}/v1" for port in asked]
    answers = await asyncio.gather(*(listed(url, wait_s=wait_s) for url in urls))
    return tuple(
        Found(spec, _about(port))
        for port, url, models in zip(asked, urls, answers, strict=True)
        for spec in _specs(url, models)
    )


async def listed(base_url: str, key: str = "", *, wait_s: float = WAIT_S) -> tuple[Mapping[str, Any], ...]:
    """Return what a server lists at /models, () where it lists nothing, or something else; never raises."""
    try:
        data = json.loads(await _got(base_url, key, wait_s))["data"]
    except Exception:  # whatever listens there may say anything
        return ()
    return tuple(one for one in data if isinstance(one, dict))[:MOST_MODELS] if isinstance(data, list) else ()


async def _got(base_url: str, key: str, wait_s: float) -> bytes:
    """Get a body, b"" where it is not given or is longer than any list of models."""
    from lab.models.network import http

    kept = b""
    async with (
        asyncio.timeout(wait_s),
        http(Endpoint("", base_url), key) as client,
        client.stream("GET", Endpoint("", base_url).address.of("/models"), timeout=wait_s) as response,
    ):
        async for chunk in response.aiter_bytes():
            kept += chunk
            if response.status_code != 200 or len(kept) > LONGEST_BODY:
                return b""
    return kept


def _specs(base_url: str, models: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Name the models that can be asked for by the name they have; any other name would mean another model."""
    names = (model.get("id") for model in models)
    named = ((name, f"{name}@{base_url}") for name in names if isinstance(name, str))
    return tuple(dict.fromkeys(spec for name, spec in named if _is_plain(name, spec, base_url)))


def _is_plain(name: str, spec: str, base_url: str) -> bool:
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        return False
    try:
        return Endpoint.of(spec) == Endpoint(name, base_url)
    except MisuseError:
        return False


def _about(port: int) -> str:
    program = PORTS.get(port)
    if program is None:
        return gettext_lazy("port {port}", port=port)
    return gettext_lazy("port {port}, as {program}'s", port=port, program=program)
