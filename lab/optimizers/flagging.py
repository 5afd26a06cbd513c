"""Taking an example out of what an optimizer holds, because a person flagged its label as wrong."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

from lab.asks import Demonstration, ErrorSample, Phase

__all__ = ["without"]


def without(phase: Phase, example: str) -> Phase:
    """Gives the phase without the error samples and demonstrations of an example, and without groups left empty.

    Estimates that the example had a part in stay: they are sums, and cannot be taken apart.
    """
    kept: Phase = _without(phase, example)
    return kept


def _without(value: Any, example: str) -> Any:
    if isinstance(value, tuple):
        left = ((item, _without(item, example)) for item in value if not _is_of(item, example))
        return tuple(new for old, new in left if new != () or old == ())
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{field.name: _without(getattr(value, field.name), example) for field in fields(value)}
        )
    return value


def _is_of(item: Any, example: str) -> bool:
    return isinstance(item, (ErrorSample, Demonstration)) and item.example == example
