"""The models of a branch as a person may see them: what they can do and cost, and whether a key is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lab.models.calls import Role
from lab.models.capabilities import Capabilities
from lab.models.connections import Connections
from lab.models.endpoint import Endpoint
from lab.models.limits import Limits, Models
from lab.models.prices import Price

__all__ = ["ROLES", "Used", "used"]

ROLES: tuple[Role, Role] = ("optimizer", "target")


@dataclass(frozen=True)
class Used:
    """A model in its role, with all that a person may see of it; whose key is there is said, no key is here."""

    role: Role
    endpoint: Endpoint
    limits: Limits
    price: Price | None
    found: Capabilities
    held: bool  # a key of this person
    environment: bool  # the environment's key


def used(models: Models, connections: Connections, price: Callable[[str], Price | None]) -> tuple[Used, ...]:
    """Return both models of a branch, the one that optimizes first; `price` is looked up by the model's spec."""
    return tuple(
        Used(
            role, use.endpoint, use.limits, price(use.endpoint.spec), connections.capabilities(use.endpoint),
            *connections.keys.there(use.endpoint),
        )
        for role, use in zip(ROLES, models.uses, strict=True)
    )  # fmt: skip
