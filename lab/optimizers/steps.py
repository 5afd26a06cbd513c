"""What the phases share: replies paired with what was asked, groups, flaws, and how prompts are ranked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import replace
from typing import Any, ClassVar, Protocol, TypeVar

from lab.core.asks import Context, Demonstration, ErrorSample, Flaw, Item, Reply
from lab.optimizers.replies import EMPTY, alike, flawed

__all__ = ["Plain", "best_first", "checked", "each", "grouped", "not_empty", "unflawed"]


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
T = TypeVar("T")
G = TypeVar("G", ErrorSample, Demonstration)


def best_first(items: Iterable[S]) -> tuple[S, ...]:
    """Rank by score, ties in order; what was not measured is behind what was, however low that is."""
    return tuple(sorted(items, key=lambda item: (item.score is None, -(item.score or 0.0))))


def each(asked_for: Iterable[T], replies: Iterable[Iterable[Reply]]) -> Iterator[tuple[T, int, Reply]]:
    """Pair each reply, and its number, with what it was asked for."""
    pairs = ((one, reply) for one, texts in zip(asked_for, replies, strict=True) for reply in texts)
    return ((one, i, reply) for i, (one, reply) in enumerate(pairs))


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


def checked(
    items: Iterable[I],
    find: Callable[[I, Set[str]], Flaw | None],
    taken: Iterable[str] = (),
    core: Callable[[str], str] = str,
) -> tuple[I, ...]:
    """Mark what cannot be used; the first of two equal ones is the one that stays.

    `find` looks for a flaw in an item that has none yet, given the texts that are there before it: those `taken`,
    and those of the items that stayed, each also in the form that near-equal ones share. Of a text it is given the
    `core`, by which two are equal. What a person may keep all the same counts as one that stays.
    """
    seen, told = set[str](), list[I]()
    for text in taken:
        seen.update((text, alike(text)))
    for item in items:
        flaw = item.flaw or find(item, seen)
        if flaw is None or (item.flaw is None and flaw.may_be_overruled):
            text = core(item.text)
            seen.update((text, alike(text)))
        told.append(flawed(item, flaw))
    return tuple(told)


def not_empty(items: Iterable[I]) -> tuple[I, ...]:
    """Find no flaw but that a text is empty."""
    return tuple(flawed(item, None if item.text.strip() else EMPTY) for item in items)


def unflawed(items: Iterable[I]) -> tuple[I, ...]:
    """Take the flaws away, to look for them anew."""
    return tuple(flawed(item, None) for item in items)
