"""Reading what an optimizer model wrote: tags, and the flaws that keep an item from being used as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from lab.asks import Item, Reply
from lab.tasks.layout import placeholders

EMPTY = "empty reply"
UNREADABLE = "unreadable: no text between <START> and <END>"
UNCLOSED = "unreadable: <START> without <END>, the reply may be cut off"
TOO_MANY = "more than was asked for"

_TAGGED = re.compile(r"<START>(.*?)<END>", re.DOTALL | re.IGNORECASE)
_OPENED = re.compile(r"<START>(.*)\Z", re.DOTALL | re.IGNORECASE)

I = TypeVar("I", bound=Item)  # noqa: E741


def tagged(reply: Reply, asked: int) -> tuple[tuple[str, str | None], ...]:
    """Gives each text between <START> and <END> with its flaw or None; a reply without tags is one flawed text.

    Example:
        `tagged(Reply("Sure! <START> too vague <END>"), 1) == (("too vague", None),)`
    """
    found = [text.strip() for text in _TAGGED.findall(reply.text)]
    rest = _OPENED.search(_TAGGED.sub("", reply.text))
    texts: list[tuple[str, str | None]] = [
        (text, EMPTY if not text else TOO_MANY if i >= asked else None) for i, text in enumerate(found)
    ]
    if rest:
        texts.append((rest[1].strip(), UNCLOSED))
    elif not found:
        texts.append((reply.text.strip(), reply.flaw or (UNREADABLE if reply.text.strip() else EMPTY)))
    return tuple(texts)


def whole(reply: Reply) -> tuple[str, str | None]:
    """Gives a reply that is asked for without tags, with its flaw or None."""
    text = reply.text.strip()
    return text, reply.flaw or (None if text else EMPTY)


def candidate_flaw(text: str, parent: str, seen: Iterable[str], longest: int) -> str | None:
    """Says why a prompt cannot be a candidate: empty, a duplicate, too long, or a lost placeholder; or None."""
    if not text.strip():
        return "empty"
    if text in seen:
        return "duplicate: this prompt is already there"
    if len(text) > longest:
        return f"too long: {len(text)} characters, the limit is {longest}"
    lost = [slot for slot in placeholders(parent) if slot not in text]
    return f"lost the placeholder {', '.join(lost)}" if lost else None


def flawed(item: I, flaw: str | None) -> I:
    """Gives the item with this flaw, or as it is when that is its flaw already."""
    return item if item.flaw == flaw else replace(item, flaw=flaw)
