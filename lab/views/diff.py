"""What changed between two texts, word by word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from lab.views.markup import esc

_WORDS = re.compile(r"\s*\w+|\s*[^\w\s]|\s+")  # a word with the space before it: a space alone is no likeness
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


def diff(old: str, new: str) -> str:
    """Draw the change as HTML; colour is never the only sign."""
    drawn = "".join(_DRAWN[span.kind].format(esc(span.text)) for span in spans(old, new))
    return f'<div class="lab-diff">{drawn}</div>'


_DRAWN = {"kept": "<span>{}</span>", "inserted": "<ins>{}</ins>", "deleted": "<del>{}</del>"}


def _joined(found: Iterable[Span]) -> tuple[Span, ...]:
    """Join stretches of a kind that follow each other, and leave out empty ones."""
    joined: list[Span] = []
    for span in found:
        if joined and span.text and joined[-1].kind == span.kind:
            joined[-1] = Span(span.kind, joined[-1].text + span.text)
        elif span.text:
            joined.append(span)
    return tuple(joined)
