"""The log-probabilities that servers give with a text, in one shape."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from lab.text import whole

__all__ = ["Shape", "Token", "read", "shape", "tokens_of"]

Shape = str  # "chat", "legacy" or "", as a server words them
_LOWEST, _HIGHEST = -1e9, 1e-3  # what is beyond, or no number at all, is no log-probability; rounding is


@dataclass(frozen=True)
class Token:
    """A token with its log-probability in nats (None for the first of an echo), and the likeliest `others`."""

    text: str
    logprob: float | None
    others: tuple[tuple[str, float], ...] = ()


def read(choice: Any) -> tuple[Token, ...]:
    """Read the tokens of one choice of a reply, chat or completion; () where there are none, or odd ones.

    Three shapes are about: chat's `content`, the lists of completions, and chat's shape inside completions.
    """
    given = _mapping(_mapping(choice).get("logprobs"))
    rows = list(_chat(given["content"]) if shape(choice) == "chat" else _legacy(given))
    return tuple(row for row in rows if row is not None) if None not in rows else ()


def shape(choice: Any) -> Shape:
    """Describe how a choice words its log-probabilities: "chat", "legacy", or "" where it has none."""
    given = _mapping(_mapping(choice).get("logprobs"))
    if isinstance(given.get("content"), list):
        return "chat"
    return "legacy" if isinstance(given.get("tokens"), list) else ""


def tokens_of(stored: Iterable[Any]) -> tuple[Token, ...]:
    """Read tokens from plain JSON, as a store gives them back."""
    return tuple(_stored(one) for one in stored)


def _stored(one: Any) -> Token:
    others: Sequence[Any] = one["others"]
    return Token(one["text"], one["logprob"], tuple((text, logprob) for text, logprob in others))


def _chat(content: Sequence[Any]) -> Iterator[Token | None]:
    for one in map(_mapping, content):
        top = one.get("top_logprobs")
        named = [_mapping(other) for other in top] if isinstance(top, list) else []
        yield _token(one.get("token"), one.get("logprob"), ((n.get("token"), n.get("logprob")) for n in named))


def _legacy(given: Mapping[str, Any]) -> Iterator[Token | None]:
    texts, logprobs, tops = (given.get(name) for name in ("tokens", "token_logprobs", "top_logprobs"))
    if not isinstance(texts, list) or not isinstance(logprobs, list) or len(texts) != len(logprobs):
        return
    tops = tops if isinstance(tops, list) and len(tops) == len(texts) else repeat(None)
    for text, logprob, top in zip(texts, logprobs, tops, strict=False):
        yield _token(text, logprob, _mapping(top).items())


def _token(text: Any, logprob: Any, others: Iterable[tuple[Any, Any]]) -> Token | None:
    if not isinstance(text, str):
        return None
    known = ((other, _number(value)) for other, value in others if isinstance(other, str))
    named = tuple((whole(other), value) for other, value in known if value is not None)
    return Token(whole(text), _number(logprob), named)


def _number(value: Any) -> float | None:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and _LOWEST < value < _HIGHEST
    return float(value) if fits else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
