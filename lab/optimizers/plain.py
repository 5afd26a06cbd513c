"""What a phase is where its own box of the algorithm says nothing else, and how prompts are ranked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Protocol, TypeVar

from lab.core.asks import Context, Item
from lab.optimizers.replies import flawed

__all__ = ["Plain", "best_first", "unflawed"]


class Plain:
    """A phase that waits for a person, writes no prompts, reads replies as they are and finds no flaw."""

    passes: ClassVar[bool] = False
    writes_prompts: ClassVar[bool] = False

    def read(self, context: Context, replies: Any) -> Any:
        """Take scores as they are; phases that generate read texts."""
        return replies

    def check(self, context: Context, items: Any) -> Any:
        """Find no flaw; phases whose items can have one say so."""
        return items


class _Scored(Protocol):
    @property
    def score(self) -> float | None: ...


S = TypeVar("S", bound=_Scored)
I = TypeVar("I", bound=Item)  # noqa: E741


def best_first(items: Iterable[S]) -> tuple[S, ...]:
    """Rank by score, ties in order; what was not measured is behind what was, however low that is."""
    return tuple(sorted(items, key=lambda item: (item.score is None, -(item.score or 0.0))))


def unflawed(items: Iterable[I]) -> tuple[I, ...]:
    """Take the flaws away, to look for them anew."""
    return tuple(flawed(item, None) for item in items)
