"""Requests as one text to copy into a chat window, and the replies as one text pasted back. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from lab.i18n import Message, gettext_lazy
from lab.text import shortened

__all__ = ["OpenRequest", "Pasted", "Unmatched", "copied", "pasted", "unmatched"]

_LINE = re.compile(r"[\s>*_#`]*={3,}\s*(?P<kind>reply|requests?|end)\b(?P<key>[^=]*)={3,}[\s*_`]*", re.IGNORECASE)
_INTRO = (
    "Below are requests, each under a line that names it. Answer each as if it were the only one. Write each reply "
    "under a line of its own such as === reply NAME ===, with the NAME of its request, and nothing else. A request "
    "with several names wants as many replies, each another one."
)


@dataclass(frozen=True)
class OpenRequest:
    """A request to the optimizer model that waits for a person's reply; `key` names it, `text` is what is asked.

    Example:
        >>> lab.OpenRequest("1a2b3c4d", "Why were these answers wrong?").messages
        ({'role': 'user', 'content': 'Why were these answers wrong?'},)
    """

    key: str
    text: str

    @property
    def messages(self) -> tuple[dict[str, str], ...]:
        """The request as chat messages."""
        return ({"role": "user", "content": self.text},)


@dataclass(frozen=True)
class Unmatched:
    """What of a pasted text is no reply to an open request: its `key`, and the text of it.

    "unknown": no request that is open has the name. "twice": two replies have it. "empty": nothing stands under it.
    "unnamed": no line names a request, and several are open.
    """

    code: Literal["unknown", "twice", "empty", "unnamed"]
    key: str
    text: str


@dataclass(frozen=True)
class Pasted:
    """Replies by the keys of their requests, and what could not be matched."""

    replies: dict[str, str]
    unmatched: tuple[Unmatched, ...] = ()


def copied(requests: Sequence[OpenRequest]) -> str:
    """Write requests as one text; equal ones stand there once, with all their names."""
    names: dict[str, list[str]] = {}
    for one in requests:
        names.setdefault(one.text, []).append(one.key)
    blocks = (
        f"=== {'request' if len(keys) == 1 else 'requests'} {', '.join(keys)} ===\n{text}"
        for text, keys in names.items()
    )
    return "\n\n".join((_INTRO, *blocks, "=== end ==="))


def pasted(text: str, keys: Collection[str]) -> Pasted:
    """Read replies from one text, each under its line; copied requests and what stands before them are passed over.

    Args:
        text: what was pasted. Where one request is open and no line names any, all of it is the reply.
        keys: those of the open requests.
    """
    blocks = tuple(_blocks(text))
    named = [(key, said) for kind, key, said in blocks if kind == "reply"]
    if not named:
        said = "\n\n".join(said for kind, _, said in blocks if kind == "" and said)
        if said and len(keys) == 1:
            return Pasted({next(iter(keys)): said})
        return Pasted({}, (Unmatched("unnamed", "", shortened(said, 60)),))
    replies: dict[str, str] = {}
    unmatched: list[Unmatched] = []
    for key, said in named:
        if key not in keys:
            unmatched.append(Unmatched("unknown", shortened(key, 60), shortened(said, 60)))
        elif replies.get(key) and said and replies[key] != said:
            unmatched.append(Unmatched("twice", key, shortened(said, 60)))
        else:
            replies[key] = replies.get(key) or said
    unmatched += [Unmatched("empty", key, "") for key, said in replies.items() if not said]
    return Pasted({key: said for key, said in replies.items() if said}, tuple(unmatched))


def _blocks(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield (kind, key, text) of each stretch between the lines that name one; kind is "" before the first."""
    kind, key, lines = "", "", list[str]()
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if found := _LINE.fullmatch(line):
            yield kind, key, "\n".join(lines).strip()
            kind, key, lines = found["kind"].lower(), found["key"].strip().lower(), []
        else:
            lines.append(line)
    yield kind, key, "\n".join(lines).strip()


def unmatched(one: Unmatched) -> Message:
    """Say what could not be matched, and what to do."""
    match one.code:
        case "unknown":
            return gettext_lazy("No request “{key}” waits for a reply: “{text}”.", key=one.key, text=one.text)
        case "twice":
            return gettext_lazy(
                "The request {key} has two replies; leave one: “{text}”.", key=one.key, text=one.text
            )
        case "empty":
            return gettext_lazy("Nothing stands under the line of {key}.", key=one.key)
        case "unnamed":
            return gettext_lazy(
                "No line says which request is replied to: put one such as === reply NAME === above each reply."
            )
