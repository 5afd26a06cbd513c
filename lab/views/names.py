"""How a model is named to a person."""

from __future__ import annotations

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
