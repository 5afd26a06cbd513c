"""The log-probabilities that servers give with a text, in one shape."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Token", "tokens_of"]


@dataclass(frozen=True)
class Token:
    """A token with its log-probability in nats (None for the first of an echo), and the likeliest `others`."""

    text: str
    logprob: float | None
    others: tuple[tuple[str, float], ...] = ()


def tokens_of(stored: Iterable[Any]) -> tuple[Token, ...]:
    """Reads tokens from plain JSON, as a store gives them back."""
    return tuple(_token(one) for one in stored)


def _token(one: Any) -> Token:
    others: Sequence[Any] = one["others"]
    return Token(one["text"], one["logprob"], tuple((text, logprob) for text, logprob in others))
