"""Reading what an optimizer model wrote: tags, and the flaws that keep an item from being used as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from lab.core.asks import Flaw, Item, Reply
from lab.core.layout import placeholders

EMPTY, TOO_MANY = Flaw("empty_reply"), Flaw("more_than_asked")
TAGS = ("<START>", "<END>")
UNREADABLE, UNCLOSED = Flaw("untagged", texts=TAGS), Flaw("unclosed_tag", texts=TAGS)

_START, _END = (re.compile(tag, re.IGNORECASE) for tag in TAGS)

I = TypeVar("I", bound=Item)  # noqa: E741


def tagged(reply: Reply, asked: int) -> tuple[tuple[str, Flaw | None], ...]:
    """Return each text between <START> and <END> with its flaw or None; a reply without tags is one flawed text.

    A text that was filled into a gap needs no tags.

    Example:
        `tagged(Reply("Sure! <START> too vague <END>"), 1) == (("too vague", None),)`
    """
    if reply.infilled:
        return (whole(reply),)
    texts: list[tuple[str, Flaw | None]] = []
    at = 0
    while start := _START.search(reply.text, at):
        end = _END.search(reply.text, start.end())
        text = reply.text[start.end() : end.start() if end else None].strip()
        if end is None:
            texts.append((text, UNCLOSED))
            break
        texts.append((text, EMPTY if not text else TOO_MANY if len(texts) >= asked else None))
        at = end.end()
    if not texts:
        text = reply.text.strip()
        texts.append((text, reply.flaw or (UNREADABLE if text else EMPTY)))
    return tuple(texts)


def whole(reply: Reply) -> tuple[str, Flaw | None]:
    """Return a reply that is asked for without tags, with its flaw or None."""
    text = reply.text.strip()
    return text, reply.flaw or (None if text else EMPTY)


def candidate_flaw(
    text: str, parent: str, seen: Iterable[str], longest: int, inputs: tuple[str, ...] = ()
) -> Flaw | None:
    """Describe why a prompt cannot be a candidate: empty, a duplicate, too long, or a lost placeholder; or None."""
    if not text.strip():
        return Flaw("empty")
    if text in seen:
        return Flaw("duplicate")
    if len(text) > longest:
        return Flaw("too_many_characters", len(text), longest)
    lost = tuple(slot for slot in placeholders(parent, inputs) if slot not in text)
    return Flaw("lost_placeholders", texts=lost) if lost else None


def flawed(item: I, flaw: Flaw | None) -> I:
    """Return the item with this flaw, or as it is when that is its flaw already."""
    return item if item.flaw == flaw else replace(item, flaw=flaw)
