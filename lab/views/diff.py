"""What changed between two texts, word by word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from lab.views.markup import esc

_WORDS = re.compile(r"\s*\w+|\s*[^\w\s]|\s+")  # a word with the space before it: a space alone is no likeness
_LONGEST = 6000  # words; the matcher takes quadratic time


@dataclass(frozen=True)
class Span:
    """A stretch of text that was kept, put in or taken out."""

    kind: Literal["kept", "inserted", "deleted"]
    text: str


def spans(old: str, new: str) -> tuple[Span, ...]:
    """Return the stretches that lead from old to new: kept + inserted is new, kept + deleted is old."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    if len(before) + len(after) > _LONGEST:
        return _not_empty((Span("deleted", old), Span("inserted", new)))
    out, put = "", ""
    found: list[Span] = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [Span("deleted", out), Span("inserted", put), Span("kept", "".join(before[i:j]))]
            out, put = "", ""
        else:
            out, put = out + "".join(before[i:j]), put + "".join(after[k:m])
    return _not_empty((*found, Span("deleted", out), Span("inserted", put)))


def diff(old: str, new: str) -> str:
    """Draw the change as HTML; colour is never the only sign."""
    drawn = "".join(_DRAWN[span.kind].format(esc(span.text)) for span in spans(old, new))
    return f'<div class="lab-diff">{drawn}</div>'


_DRAWN = {"kept": "<span>{}</span>", "inserted": "<ins>{}</ins>", "deleted": "<del>{}</del>"}


def _not_empty(found: tuple[Span, ...]) -> tuple[Span, ...]:
    return tuple(span for span in found if span.text)
