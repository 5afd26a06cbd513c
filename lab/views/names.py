"""How a model is named to a person."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lab.errors import LabError
from lab.i18n import gettext, gettext_lazy
from lab.models.endpoint import Endpoint


def model_name(spec: str) -> str:
    """Name a model; a simulated one says so."""
    try:
        endpoint = Endpoint.of(spec)
    except LabError:
        return spec
    if not endpoint.is_simulated:
        return str(endpoint.name)
    if endpoint.in_process:
        return gettext("{model} · simulated model", model=endpoint.model)
    return gettext("{model} at {host} · simulated model", model=endpoint.model, host=endpoint.host)


_ROLES: Mapping[str, str] = MappingProxyType(
    {
        "optimizer": gettext_lazy("the optimizer model"),
        "target": gettext_lazy("the target model"),
        "judge": gettext_lazy("the judge"),
    }
)


def role_name(role: str) -> str:
    """Name a role in a sentence."""
    return str(_ROLES[role])
