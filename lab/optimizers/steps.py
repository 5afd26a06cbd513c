"""What the phases share: how one behaves that says nothing else, groups of items, and how prompts are ranked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Protocol, TypeVar

from lab.core.asks import Context, Demonstration, ErrorSample

__all__ = ["Plain", "best_first", "grouped"]


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
G = TypeVar("G", ErrorSample, Demonstration)


def best_first(items: Iterable[S]) -> tuple[S, ...]:
    """Rank by score, ties in order; what was not measured is behind what was, however low that is."""
    return tuple(sorted(items, key=lambda item: (item.score is None, -(item.score or 0.0))))


def grouped(kept: Sequence[G], joins: Callable[[G], Sequence[int]] | None = None) -> tuple[tuple[G, ...], ...]:
    """Return the drawn groups that are left, in order; what was picked by hand joins the smallest one.

    `joins` says of an item which groups it may join, any where it is not given. Where none of them is left, it
    begins the first of them anew.
    """
    groups: dict[int, list[G]] = {}
    for one in sorted(kept, key=lambda one: one.group is None):
        group = one.group
        if group is None:
            may = joins(one) if joins else tuple(groups) or (0,)
            group = min([g for g in may if g in groups] or may[:1], key=lambda g: (len(groups.get(g, ())), g))
        groups.setdefault(group, []).append(replace(one, group=group))
    return tuple(tuple(groups[g]) for g in sorted(groups))
