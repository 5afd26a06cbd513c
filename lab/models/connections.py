"""What a process knows of the endpoints it talks to: keys, how fast they may be asked, and what each can do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, MutableMapping
from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakKeyDictionary

from lab import practice
from lab.models import gguf
from lab.models.access import ANYTHING, Access
from lab.models.capabilities import UNKNOWN, Capabilities, first_at_once
from lab.models.client import Client, Dialects
from lab.models.endpoint import Endpoint
from lab.models.keys import Keys
from lab.models.pace import Minute, Pace
from lab.models.roles import Limits, ModelConfig

if TYPE_CHECKING:
    from lab.models.calls import Answer

__all__ = ["CapabilityStore", "Connections"]

_Sent = dict[str, "asyncio.Future[Answer]"]


class CapabilityStore(Protocol):
    """Where findings outlive the process; a lab book is one."""

    def capabilities(self, base_url: str, model: str) -> Capabilities | None:
        """Return what was found of a model at an address; None where nothing was."""

    def keep_capabilities(self, base_url: str, model: str, found: Capabilities) -> None:
        """Keep what was found in place of what was known before."""


class Connections:
    """Opens clients for one person, with that person's keys."""

    def __init__(
        self,
        keys: Keys | None = None,
        known: CapabilityStore | None = None,
        open_client: Callable[..., Client] | None = None,
        access: Access = ANYTHING,
    ) -> None:
        self.keys = keys or Keys(access)
        self._known = known
        self._found: dict[Endpoint, Capabilities] = {}
        self._open_client = open_client or _open_client
        self._clients: dict[tuple[object, ...], Client] = {}
        self._paces: dict[tuple[object, ...], Pace] = {}
        self._dialects: dict[tuple[object, ...], Dialects] = {}
        self._minutes: dict[tuple[object, ...], Minute] = {}
        self.spending_share: set[str] = set()  # branches that ask what a host offers, of this person
        self._sent: MutableMapping[asyncio.AbstractEventLoop, _Sent] = WeakKeyDictionary()

    def __reduce__(self) -> Any:
        """Make every copy and pickle a new one: keys, and the clients that hold them, stay here."""
        return Connections, ()

    @property
    def sent(self) -> _Sent:
        """The calls under way on the running event loop, by key: who asks the same waits for their answers."""
        return self._sent.setdefault(asyncio.get_running_loop(), {})

    def client(self, endpoint: Endpoint, limits: Limits | None = None) -> Client:
        """Open a client; nothing is sent.

        Raises:
            MisuseError: when the endpoint needs a key that is not there.
        """
        limits, can = limits or Limits(), self.capabilities(endpoint)
        at = (endpoint, limits, can, _digest(self.keys.of(endpoint)))
        if at not in self._clients:
            # Whatever else is asked of a model, its address refuses the same fields. That is learnt anew by each
            # process, from calls that cost nothing: a book would go on leaving out what a newer server takes.
            dialects = self._dialects.setdefault((endpoint, can, at[-1]), {})
            self._clients[at] = self.new_client(endpoint, limits, can, dialects)
        return self._clients[at]

    def new_client(
        self,
        endpoint: Endpoint,
        limits: Limits,
        capabilities: Capabilities = UNKNOWN,
        dialects: Dialects | None = None,
    ) -> Client:
        """Open a client that nobody else uses: whoever asks for it closes it.

        Raises:
            MisuseError: when the endpoint needs a key that is not there, or a file that cannot be served.
        """
        if endpoint.file:
            gguf.checked(endpoint.file)
        public: dict[str, bool] = {"only_public": True} if self.keys.access.only_public(endpoint) else {}
        return self._open_client(
            endpoint, **public, key=self.keys.of(endpoint), limits=limits, capabilities=capabilities,
            pace=self.pace(endpoint, limits), dialects={} if dialects is None else dialects,
        )  # fmt: skip

    def adaptations(self, endpoint: Endpoint) -> tuple[str, ...]:
        """Return what a model was asked otherwise than the lab asks by itself, and why; each in a few words."""
        learnt = (dialects.values() for at, dialects in self._dialects.items() if at[0] == endpoint)
        return tuple(dict.fromkeys(said for some in learnt for one in some for said in one.sentences))

    def pace(self, endpoint: Endpoint, limits: Limits) -> Pace:
        """Return the one pace of all clients of an address with the same key and the same limits.

        Those that differ in the calls at once alone count the calls and tokens of a minute together.

        Raises:
            MisuseError: when the endpoint needs a key that is not there.
        """
        key = _digest(self.keys.of(endpoint))
        at = (endpoint.base_url, key, limits.requests_per_minute, limits.tokens_per_minute)
        minute = self._minutes.setdefault(at, Minute(limits))
        if (at_once := (*at, limits.concurrency)) not in self._paces:
            first = first_at_once(self.capabilities(endpoint))
            self._paces[at_once] = Pace(limits, minute=minute, first=first)
        return self._paces[at_once]

    def capabilities(self, endpoint: Endpoint) -> Capabilities:
        """Return what is known of an endpoint; UNKNOWN where it was never checked."""
        if endpoint not in self._found and self._known is not None:
            found = self._known.capabilities(endpoint.base_url, endpoint.model)
            if found is not None:
                self._found[endpoint] = found
        return self._found.get(endpoint, UNKNOWN)

    def learn(self, endpoint: Endpoint, found: Capabilities) -> None:
        """Keep what was found of an endpoint; where few slots were, few calls go at once until more prove well."""
        if found.slots != self.capabilities(endpoint).slots and (first := first_at_once(found)):
            for pace in (pace for at, pace in self._paces.items() if at[0] == endpoint.base_url):
                pace.at_once = min(pace.at_once, first)
        self._found[endpoint] = found
        if self._known is not None:
            self._known.keep_capabilities(endpoint.base_url, endpoint.model, found)

    async def check(self, config: ModelConfig) -> Capabilities:
        """Find out by a few cheap calls what a model can do, and keep it.

        Raises:
            ModelError: when nothing answers there.
            MisuseError: when the endpoint needs a key that is not there.
        """
        from lab.models.probe import context_length, probe

        endpoint, limits = config.endpoint, config.limits
        if endpoint.by_hand:
            return UNKNOWN  # nothing is asked of a person but what an optimizer asks
        client = self.new_client(endpoint, limits)
        try:
            found = await probe(client)
        finally:
            await client.aclose()
        if not self.keys.access.only_public(endpoint):
            length = await context_length(endpoint, self.keys.of(endpoint), limits.timeout_s)
            found = replace(found, context_length=length)
        self.learn(endpoint, found)
        return found


def _open_client(endpoint: Endpoint, **how: Any) -> Client:
    return Client(endpoint, app=practice.asgi_app() if endpoint.in_process else None, **how)


def _digest(key: str) -> bytes:
    """Stand for a key, so that none is where a traceback or a debugger shows it."""
    return blake2b(key.encode(), digest_size=16).digest()
