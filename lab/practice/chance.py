"""Chance that is the same in every process: numbers drawn from the text they are about."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


def unit(*parts: object) -> float:
    """Draw a number in [0, 1) from the parts."""
    text = "\x1f".join(map(str, parts)).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=6).digest(), "big") / (1 << 48)


def pick(options: Sequence[T], *parts: object) -> T:
    """Pick one of the options."""
    return options[int(unit(*parts) * len(options))]


def shuffled(options: Sequence[T], *parts: object) -> tuple[T, ...]:
    """Return the options in another order."""
    return tuple(options[i] for i in sorted(range(len(options)), key=lambda i: unit(i, *parts)))
