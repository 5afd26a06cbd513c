"""How one model wants a request written: fields by other names, and fields that it takes none of. Pure.

An endpoint that refuses a field says so by `param` and `code`; that, never a model's name, is what is learnt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

__all__ = ["Dialect"]

_LIMITS = ("max_tokens", "max_completion_tokens")
# What may be left out without asking for something else; the rest of a request is what it asks.
_LEFT_OUT = {
    "temperature": "the endpoint uses its own",
    "top_p": "the endpoint uses its own",
    "seed": "equal requests may be answered otherwise each time",
    "stop": "replies are cut here",
    "frequency_penalty": "the endpoint uses its own",
    "presence_penalty": "the endpoint uses its own",
}


@dataclass(frozen=True)
class Dialect:
    """The `names` of fields where they differ from a request's own, "" for one that is left out.

    `notes` say of each field that was refused what became of it.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, token_limit: str) -> Dialect:
        """Start from the field that is known to bound a reply, "" where none does."""
        return cls(dict.fromkeys(_LIMITS, token_limit))

    def spoken(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Write a request so."""
        named = ((self.names.get(name, name), value) for name, value in request.items())
        return {name: value for name, value in named if name}

    def told(self, request: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the notes that concern a request."""
        return tuple(note for name, note in self.notes.items() if name in request)

    def without(self, refused: Sequence[str], request: Mapping[str, Any]) -> Dialect | None:
        """Learn from a refusal of fields; None when there is nothing to do about it, or it was done before."""
        for name in request:
            spoken = self.names.get(name, name)
            if spoken not in refused or name in self.notes:
                continue
            if spoken in _LIMITS:
                other = _LIMITS[1 - _LIMITS.index(spoken)]
                return self._with(name, other, f"{spoken} was refused; sent as {other}")
            if spoken in _LEFT_OUT:
                return self._with(name, "", f"{spoken} was refused: {_LEFT_OUT[spoken]}")
        return None

    def _with(self, name: str, spoken: str, note: str) -> Dialect:
        return replace(self, names={**self.names, name: spoken}, notes={**self.notes, name: note})
