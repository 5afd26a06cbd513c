"""Texts between <START> and <END>, however a model writes the tags."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from lab.core.reasoning import is_closed, reasoning_spans

MOST = 100  # texts that are looked at
_READ = 2000  # characters of a text by which it is told whether it says anything

# Escaped, bracketed, bold, in backticks, numbered, with a slash before or after the name, in any case.
_OPENING = r"\\?(?:<{1,3}|&lt;|\[{1,2}|[＜【〈《≪])\|?[ \t]{0,3}"
_CLOSING = r"(?:[ _-]?\d{1,2})?[ \t]{0,3}/?[ \t]{0,3}\|?\\?(?:>{1,3}|&gt;|\]{1,2}|[＞】〉》≫])"
_BRACKETED = re.compile(
    rf"(?:(?P<bold>\*{{1,3}}|__|`{{1,3}})(?={_OPENING}/?[ \t]{{0,3}}(?:START|END){_CLOSING}(?P=bold)))?"
    rf"{_OPENING}(?P<slash>/?)[ \t]{{0,3}}(?P<name>START|END){_CLOSING}(?(bold)(?P=bold))",
    re.IGNORECASE,
)
# {START} and (END), in capitals: {start} and {end} may be slots; lines of dashes or the like around the name.
_BRACED = re.compile(
    r"(?:\{{1,2}|\()(?P<slash>/?)(?P<name>START|END)(?:\}{1,2}|\))"
    r"|^[ \t]{0,8}(?P<rule>[-=*_~]{2,20})[ \t]{0,3}(?P<ruled>START|END)(?:[ \t][^\n]{0,30}?)?[ \t]{0,3}(?P=rule)"
    r"[ \t]{0,8}$",
    re.MULTILINE,
)
# START: and END: at the beginning of a line, or alone on it; only where no tag is in brackets.
_BARE = re.compile(
    r"""
    ^ [ \t]{0,8} [*\#`_]{0,4} [ \t]{0,3} (?P<slash>/?) (?P<name>START|END) [ \t]{0,3}
    (?: [*`_]{0,3} : [*`_]{0,3} | [*`_]{0,3} [ \t]{0,8} $ )
    """,
    re.MULTILINE | re.VERBOSE,
)
_CUT_TAG = re.compile(r"(?:<|&lt;|\[)/?(?:E|EN|END)?\s*\Z", re.IGNORECASE)
# Words that stand between tags where the tags are only spoken of.
_CONNECTING = frozenset({
    "and", "or", "to", "with", "tag", "tags", "the", "then", "between", "as", "und", "y", "et", "e", "mark",
    "marks",
})  # fmt: skip
_PLACE = re.compile(
    r"\W*(?:your|insert|the|\.{3}) ?(?:(?:new|improved) )?"
    r"(?:instructions?|prompts?|texts?|critiques?|reasons?|versions?)(?: goes)?(?: here)?\W*",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+")
_VISIBLE, _TWO_LETTERS = re.compile(r"\S"), re.compile(r"\w.*?\w", re.DOTALL)
_FINISHED = re.compile(r"[.!?。！？:)\]}\"'”’»`*>]\s*\Z")


@dataclass(frozen=True)
class Text:
    """A text as it stands between tags, or beside the only one there is."""

    text: str
    closed: bool = True
    opened: bool = True

    @property
    def finished(self) -> bool:
        """Whether it reads as if it were whole, though its tag is not closed."""
        return self.closed or bool(_FINISHED.search(self.text))


def thinking_cut(reply: str) -> tuple[str, str, bool]:
    """Split a reply into what it says, what was thought aloud, and whether that came to an end.

    Thinking that a text between tags asks for is a part of that text.
    """
    marks = _marks(reply)
    starts = [one.start() for one in marks]
    last_end = max((one.start() for one in marks if not _opens(one)), default=-1)
    kept: list[str] = []
    thought: list[str] = []
    at, ended = 0, True
    for start, end in reasoning_spans(reply):
        before = bisect_left(starts, start) - 1
        if before >= 0 and starts[before] >= at:
            is_part_of_text = end <= last_end and _stands_in(reply, marks[before], start)
        else:
            is_part_of_text = not marks and _amid(reply, start, end, at)
        if is_part_of_text:
            continue
        kept.append(reply[at:start])
        thought.append(reply[start:end])
        at, ended = end, is_closed(reply[start:end])
    return "".join((*kept, reply[at:])), "\n\n".join(thought), ended


def _opens(mark: re.Match[str]) -> bool:
    return _is_start(mark) and not mark["slash"]


def _is_start(mark: re.Match[str]) -> bool:
    return (mark["name"] or mark["ruled"]).upper() == "START"


def _stands_in(reply: str, mark: re.Match[str], at: int) -> bool:
    """Return whether the text that a tag opens has begun before a place."""
    return _opens(mark) and _VISIBLE.search(reply, mark.end(), at) is not None


def _amid(reply: str, start: int, end: int, since: int) -> bool:
    """Return whether a text without tags goes on after a block that stands in its midst."""
    return _TWO_LETTERS.search(reply, since, start) is not None and substantial(reply[end : end + _READ + 1])


def texts_between_tags(reply: str) -> tuple[Text, ...]:
    """Find the texts between tags, in order; pairs that hold only connecting words or punctuation are none.

    A tag that opens where one is open begins anew: the first was spoken of, or was not closed before the next text.
    Where only a closing tag is, the text is what stands before it.
    """
    return tuple(islice(_texts(reply, _marks(reply)), MOST))


def without_tags(text: str) -> str:
    """Take out the tags, for a reply whose tags hold nothing."""
    return _BRACKETED.sub("", text)


def _marks(reply: str) -> list[re.Match[str]]:
    for pattern in (_BRACKETED, _BRACED, _BARE):
        if found := list(pattern.finditer(reply)):
            return found
    return []


def _texts(reply: str, marks: list[re.Match[str]]) -> Iterator[Text]:
    opened: re.Match[str] | None = None
    first = True
    for mark in marks:
        opens = _is_start(mark) and not (mark["slash"] and opened)
        # A second text may begin where the first was not closed; a tag that is spoken of begins none.
        used = opened and (not opens or (_stands_alone(reply, opened) and _stands_alone(reply, mark)))
        at = opened.end() if used and opened else 0
        if (used or (first and not opens and opened is None)) and substantial(text := reply[at : mark.start()]):
            yield Text(text.strip(), opened=bool(used))
        first, opened = False, mark if opens else None
    if opened is not None and substantial(rest := reply[opened.end() :]):
        part = _CUT_TAG.search(rest, max(0, len(rest) - 20))
        yield Text((rest[: part.start()] if part else rest).strip(), closed=part is not None)


def _stands_alone(reply: str, mark: re.Match[str]) -> bool:
    """Return whether a tag begins its line, so that it is used and not spoken of."""
    return not reply[max(0, mark.start() - 20) : mark.start()].rpartition("\n")[2].strip(" \t*#`>-0123456789.")


def substantial(text: str) -> bool:
    """Return whether a text says more than connecting words, punctuation, or that a text goes there."""
    start = text[:_READ]
    says = any(word.casefold() not in _CONNECTING for word in _WORD.findall(start)) or bool(set(start) & set("{}$"))
    return (says and not _PLACE.fullmatch(start)) or len(text) > len(start)
