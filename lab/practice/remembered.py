"""Remembering what was worked out, without growing: short texts many, long ones only the last few."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_SHORT = 2000  # characters, of all texts of a call together
_LONG_ONES = 4


def remembered(most: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Make a pure function remember its last `most` calls with short texts, and a few with long ones."""

    def of(function: Callable[P, T]) -> Callable[P, T]:
        short: Callable[..., T] = lru_cache(most)(function)
        long: Callable[..., T] = lru_cache(_LONG_ONES)(function)

        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> T:
            size = sum(len(arg) for arg in (*args, *kwargs.values()) if isinstance(arg, str))
            return (short if size <= _SHORT else long)(*args, **kwargs)

        return call

    return of
