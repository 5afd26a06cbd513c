"""How a model is named to a person."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lab.errors import LabError
from lab.models.endpoint import Endpoint


def model_name(spec: str) -> str:
    """Name a model; a simulated one says so."""
    try:
        endpoint = Endpoint.of(spec)
    except LabError:
        return spec
    if not endpoint.is_simulated:
        return endpoint.name
    return f"{endpoint.model}{'' if endpoint.in_process else f' at {endpoint.host}'} · simulated model"


_ROLES: Mapping[str, str] = MappingProxyType(
    {"optimizer": "the optimizer model", "target": "the target model", "judge": "the judge"}
)


def role_name(role: str) -> str:
    """Name a role in a sentence."""
    return _ROLES[role]
