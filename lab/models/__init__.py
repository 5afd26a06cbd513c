"""Models: where they answer, what they can do, and how asks become calls.

    from lab.models import connect, use

Names are imported when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lab.models.capabilities import Capabilities
    from lab.models.connecting import Connection, connect, use
    from lab.models.limits import Ceiling, Limits, Sampling
    from lab.models.roles import ModelConfig, Models

__all__ = ["Capabilities", "Ceiling", "Connection", "Limits", "ModelConfig", "Models", "Sampling", "connect", "use"]

_HOMES = {
    "Capabilities": "capabilities", "Connection": "connecting", "connect": "connecting", "use": "connecting",
    "Ceiling": "limits", "Limits": "limits", "Sampling": "limits",
    "ModelConfig": "roles", "Models": "roles",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'lab.models' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"lab.models.{_HOMES[name]}"), name)
