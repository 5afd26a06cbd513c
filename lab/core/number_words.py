"""English words for whole numbers below a hundred."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["NUMBER_WORDS"]

_TO_NINETEEN = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")

NUMBER_WORDS: Mapping[str, int] = MappingProxyType(
    {word: n for n, word in enumerate(_TO_NINETEEN)} | {word: 10 * n for n, word in enumerate(_TENS, 2)}
)
