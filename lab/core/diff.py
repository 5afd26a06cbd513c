"""What changed between two texts, word by word, and which sentences were moved."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

_WORDS = re.compile(r"\s*\w+|\s*[^\w\s]|\s+")  # a word with the space before it: a space alone is no likeness
_SENTENCE = re.compile(r"[^\s.!?](?:[^.!?\n]|[.!?](?=\S))*")  # without the mark that ends it
_LEAST_MOVED = 3  # words of a sentence: shorter ones are met by chance
_MOST_PAIRS = 200_000  # of equal words in both texts, over each of which the matcher goes several times


@dataclass(frozen=True)
class Span:
    """A stretch of text that was kept, put in or taken out."""

    kind: Literal["kept", "inserted", "deleted"]
    text: str


def spans(old: str, new: str) -> tuple[Span, ...]:
    """Return the stretches that lead from old to new: kept + inserted is new, kept + deleted is old."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    start = _n_equal(before, after)
    end = _n_equal(before[: start - 1 if start else None : -1], after[: start - 1 if start else None : -1])
    head, tail = Span("kept", "".join(before[:start])), Span("kept", "".join(before[len(before) - end :]))
    before, after = before[start : len(before) - end], after[start : len(after) - end]
    return _joined((head, *_middle(before, after), tail))


@dataclass(frozen=True)
class Hunk:
    """A place where two texts differ: the words of the old one, and those of the new one in their place."""

    old: str
    new: str


def hunks(old: str, new: str) -> tuple[str | Hunk, ...]:
    """Return what both texts have, as plain text, and between it where they differ."""
    found: list[str | Hunk] = []
    for span in spans(old, new):
        if span.kind == "kept":
            found.append(span.text)
            continue
        before = found.pop() if found and isinstance(found[-1], Hunk) else Hunk("", "")
        assert isinstance(before, Hunk)
        deleted = span.kind == "deleted"
        found.append(Hunk(before.old + span.text * deleted, before.new + span.text * (not deleted)))
    return tuple(found)


def with_hunks(old: str, new: str, taken: Collection[int]) -> str:
    """Return the old text with the hunks of these numbers, from 0, as the new one has them."""
    number = itertools.count()
    parts = (
        one if isinstance(one, str) else one.new if next(number) in taken else one.old for one in hunks(old, new)
    )
    return "".join(parts)


@dataclass(frozen=True)
class Match:
    """A stretch of `n` characters that both texts have: at `old` in the one, at `new` in the other."""

    old: int
    new: int
    n: int


def matches(found: Iterable[Span]) -> tuple[Match, ...]:
    """Return where the new text has what the old one has: what was kept, then sentences that were moved.

    A sentence that was taken out in one place and put in as it is in another was moved, from its first place there.
    """
    old = new = 0
    kept: list[Match] = []
    out: list[tuple[int, str]] = []
    put: list[tuple[int, str]] = []
    for span in found:
        n = len(span.text)
        if span.kind == "kept":
            kept.append(Match(old, new, n))
        elif span.kind == "deleted":
            out.append((old, span.text))
        else:
            put.append((new, span.text))
        old += n if span.kind != "inserted" else 0
        new += n if span.kind != "deleted" else 0
    return (*kept, *_moved(out, put))


def _moved(out: Iterable[tuple[int, str]], put: Iterable[tuple[int, str]]) -> Iterator[Match]:
    gone: dict[str, list[int]] = {}
    for at, text in out:
        for sentence in _sentences(text):
            gone.setdefault(sentence.group(), []).append(at + sentence.start())
    for at, text in put:
        for sentence in _sentences(text):
            if places := gone.get(sentence.group()):
                yield Match(places.pop(0), at + sentence.start(), len(sentence.group()))


def _sentences(text: str) -> Iterator[re.Match[str]]:
    return (one for one in _SENTENCE.finditer(text) if len(one.group().split()) >= _LEAST_MOVED)


def _n_equal(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many words are the same from the start on."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _middle(before: Sequence[str], after: Sequence[str]) -> tuple[Span, ...]:
    there = Counter(before)
    if sum(n * there[word] for word, n in Counter(after).items()) > _MOST_PAIRS:
        return Span("deleted", "".join(before)), Span("inserted", "".join(after))
    out, put = "", ""
    found: list[Span] = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [Span("deleted", out), Span("inserted", put), Span("kept", "".join(before[i:j]))]
            out, put = "", ""
        else:
            out, put = out + "".join(before[i:j]), put + "".join(after[k:m])
    return (*found, Span("deleted", out), Span("inserted", put))


def _joined(found: Iterable[Span]) -> tuple[Span, ...]:
    """Join stretches of a kind that follow each other, and leave out empty ones."""
    joined: list[Span] = []
    for span in found:
        if joined and span.text and joined[-1].kind == span.kind:
            joined[-1] = Span(span.kind, joined[-1].text + span.text)
        elif span.text:
            joined.append(span)
    return tuple(joined)
