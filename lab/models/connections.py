"""What a process knows of the endpoints it talks to: keys, and what each endpoint can do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from lab.models.capabilities import UNKNOWN, Capabilities
from lab.models.client import Client
from lab.models.endpoint import Endpoint
from lab.models.keys import Keys
from lab.models.limits import Limits

__all__ = ["CapabilityStore", "Connections"]


class CapabilityStore(Protocol):
    """Where findings outlive the process; a lab book is one."""

    def capabilities(self, base_url: str, model: str) -> Capabilities | None:
        """Gives what was found of a model at an address; None where nothing was."""

    def keep_capabilities(self, base_url: str, model: str, found: Capabilities) -> None:
        """Keeps what was found in place of what was known before."""


class Connections:
    """Opens clients for one person, with that person's keys."""

    def __init__(
        self,
        keys: Keys | None = None,
        known: CapabilityStore | None = None,
        open_client: Callable[..., Client] = Client,
    ) -> None:
        self.keys = keys or Keys()
        self._known = known
        self._found: dict[Endpoint, Capabilities] = {}
        self._open_client = open_client

    def client(self, endpoint: Endpoint, limits: Limits | None = None) -> Client:
        """Opens a client; nothing is sent.

        Raises:
            MisuseError: when the endpoint needs a key that is not there.
        """
        return self._open_client(
            endpoint,
            key=self.keys.of(endpoint),
            limits=limits or Limits(),
            capabilities=self.capabilities(endpoint),
        )

    def capabilities(self, endpoint: Endpoint) -> Capabilities:
        """Gives what is known of an endpoint; UNKNOWN where it was never checked."""
        if endpoint not in self._found and self._known is not None:
            found = self._known.capabilities(endpoint.base_url, endpoint.model)
            if found is not None:
                self._found[endpoint] = found
        return self._found.get(endpoint, UNKNOWN)

    def learn(self, endpoint: Endpoint, found: Capabilities) -> None:
        """Keeps what was found of an endpoint."""
        self._found[endpoint] = found
        if self._known is not None:
            self._known.keep_capabilities(endpoint.base_url, endpoint.model, found)
