"""What an optimizer takes from replies: each with what it was asked for, its texts, and the flaws of these."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import replace
from typing import TypeVar

from lab.core.asks import Candidate, Critique, Flaw, Item, Reply
from lab.core.layout import filled, placeholders
from lab.optimizers.reading import TAGS, Reading, critiques, prompts, prose
from lab.optimizers.reading.reader import EMPTY

__all__ = [
    "EMPTY", "TAGS", "Reading", "alike", "candidate_flaw", "checked", "critiques", "each", "flawed", "has_room",
    "not_empty", "prompts", "prose", "read_from", "tagged", "unflawed", "whole",
]  # fmt: skip

TOLERANCE = 0.2  # of a limit: what is asked of a model is rarely met to the word
_ENDS = " .!?:;,…。！？：；，"

I = TypeVar("I", bound=Item)  # noqa: E741
T = TypeVar("T")
Made = TypeVar("Made", Candidate, Critique)


def each(asked_for: Iterable[T], replies: Iterable[Iterable[Reply]]) -> Iterator[tuple[T, int, Reply]]:
    """Pair each reply, and its number, with what it was asked for."""
    pairs = ((one, reply) for one, texts in zip(asked_for, replies, strict=True) for reply in texts)
    return ((one, i, reply) for i, (one, reply) in enumerate(pairs))


def read_from(item: Made, reading: Reading, reply: int) -> Made:
    """Return the item as it was read from a reply, with what was removed around its text."""
    return replace(item, flaw=reading.flaw, reply=reply, removed=reading.removed, recovered=reading.recovered)


def tagged(reply: Reply, asked: int) -> tuple[tuple[str, Flaw | None], ...]:
    """Return the prompts between <START> and <END>, each with its flaw or None and no more.

    Example:
        `tagged(Reply("Sure! <START> Say yes. <END>"), 1) == (("Say yes.", None),)`
    """
    return tuple((one.text, one.flaw) for one in prompts(reply, asked))


def whole(reply: Reply) -> tuple[str, Flaw | None]:
    """Return the prompt of a reply that is asked for without tags, with its flaw or None."""
    *_, last = prompts(reply, tags=False)
    return last.text, last.flaw


def candidate_flaw(
    text: str, parent: str, seen: Iterable[str], longest: int, inputs: tuple[str, ...] = (), start: str = ""
) -> Flaw | None:
    """Describe why a prompt cannot be a candidate; or None.

    It may be empty, a duplicate of one that was `seen`, or one but for case, spaces and end punctuation; too long;
    without a slot of its parent; or with one that neither the parent nor the `start` prompt has, and no
    input is put into; `inputs` names its columns.
    """
    if not text.strip():
        return Flaw("empty")
    known = frozenset(seen)
    if text in known:
        return Flaw("duplicate")
    if alike(text) in known:
        return Flaw("near_duplicate")
    if not has_room(len(text), longest):
        return Flaw("too_many_characters", len(text), longest)
    return _slots_flaw(text, parent, inputs, start)


def _slots_flaw(text: str, parent: str, inputs: tuple[str, ...], start: str) -> Flaw | None:
    had = placeholders(parent, inputs)
    if lost := tuple(slot for slot in had if slot not in text):
        return Flaw("lost_placeholders", texts=lost)
    known = {*had, *placeholders(start, inputs), *filled(text, inputs)}
    new = tuple(slot for slot in placeholders(text, inputs) if slot not in known)
    return Flaw("unknown_placeholders", texts=new) if new else None


def has_room(n: int, most: int) -> bool:
    """Return whether a length is within a limit, give or take a fifth."""
    return n <= most * (1 + TOLERANCE)


def alike(text: str) -> str:
    """Return a mark that near-equal texts share, and no text is: case, spaces and end punctuation do not matter."""
    return "\0" + " ".join(text.casefold().split()).rstrip(_ENDS)


def flawed(item: I, flaw: Flaw | None) -> I:
    """Return the item with this flaw, or as it is when that is its flaw already."""
    return item if item.flaw == flaw else replace(item, flaw=flaw)


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
