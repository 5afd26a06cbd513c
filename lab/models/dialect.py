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
class Refusal:
    """A field that an endpoint refused, and the name by which it is sent instead; "" where it is left out."""

    field: str
    sent_as: str = ""

    @property
    def sentence(self) -> str:
        """What became of the field, in a few words."""
        if self.sent_as:
            return f"{self.field} was refused; sent as {self.sent_as}"
        return f"{self.field} was refused: {_LEFT_OUT[self.field]}"


@dataclass(frozen=True)
class Dialect:
    """The `names` of fields where they differ from a request's own, "" for one that is left out.

    `refusals` are by the request's own name of the field.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    refusals: Mapping[str, Refusal] = field(default_factory=dict)

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
        return tuple(refusal.sentence for name, refusal in self.refusals.items() if name in request)

    def without(self, refused: Sequence[str], request: Mapping[str, Any]) -> Dialect | None:
        """Learn from a refusal of fields; None when there is nothing to do about it, or it was done before."""
        for name in request:
            spoken = self.names.get(name, name)
            if spoken not in refused or name in self.refusals:
                continue
            if spoken in _LIMITS:
                other = _LIMITS[1 - _LIMITS.index(spoken)]
                return self._with(name, Refusal(spoken, other))
            if spoken in _LEFT_OUT:
                return self._with(name, Refusal(spoken))
        return None

    def _with(self, name: str, refusal: Refusal) -> Dialect:
        names = {**self.names, name: refusal.sent_as}
        return replace(self, names=names, refusals={**self.refusals, name: refusal})
