"""The models of a branch as a person may see them: what they can do and cost, and whether a key is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lab.models.calls import Price
from lab.models.capabilities import Capabilities
from lab.models.connections import Connections
from lab.models.endpoint import Endpoint
from lab.models.roles import Limits, Models, Role

__all__ = ["ModelStatus", "model_status"]


@dataclass(frozen=True)
class ModelStatus:
    """A model in its role, with all that a person may see of it; whose key is there is said, no key is here."""

    role: Role
    endpoint: Endpoint
    limits: Limits
    price: Price | None
    found: Capabilities
    held: bool  # a key of this person
    environment: bool  # the environment's key


def model_status(
    models: Models, connections: Connections, price: Callable[[str], Price | None]
) -> tuple[ModelStatus, ...]:
    """Return the status of each role's model; `price` is looked up by the model's spec."""
    return tuple(
        ModelStatus(
            role, config.endpoint, config.limits, price(config.spec),
            connections.capabilities(config.endpoint), *connections.keys.there(config.endpoint),
        )
        for role, config in models.items()
    )  # fmt: skip
