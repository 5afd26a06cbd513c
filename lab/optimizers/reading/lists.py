"""Several texts in a reply without tags: a numbered or bulleted list, or parts under headings that are numbered."""

from __future__ import annotations

import re

MOST = 100  # texts; what has more is no list of texts
_HEADING = re.compile(
    r"^[ \t]{0,3}(?:#{1,6}[ \t]{1,3})?[*_]{0,3}"
    r"(?:version|option|variation|variant|alternative|instruction|prompt|reason|critique|problem|issue|rewrite"
    r"|candidate)s?"
    r"[ \t]{0,3}#?(?:\d{1,2}|[A-E])\b[*_]{0,3}[ \t]{0,3}[:.)–—-]?[*_]{0,3}[ \t]{0,3}",
    re.MULTILINE | re.IGNORECASE,
)
_NUMBER = re.compile(
    r"^(?:[*_]{2})?\(?\d{1,2}[.):](?:[*_]{2})?[ \t]{1,4}(?=\S)|^(?:[*_]{2})?\(\d{1,2}\)[ \t]{0,4}(?=\S)",
    re.MULTILINE,
)
_BULLET = re.compile(r"^[-*•–][ \t]{1,4}(?=\S)", re.MULTILINE)

_VERSION = re.compile(
    r"^[ \t]{0,3}(?:#{1,6}[ \t]{1,3})?[*_]{0,3}(?:version|option|variation|variant|alternative)[ \t]{0,3}#?"
    r"(?:\d{1,2}|[A-E])[*_]{0,3}[ \t]{0,3}[:.)–—-]?[*_]{0,3}[ \t]{0,3}(?:\n|(?<=[:*])(?=\S))",
    re.MULTILINE | re.IGNORECASE,
)


def versions(text: str) -> tuple[str, ...]:
    """Return the texts under headings such as “Version 1:”; nothing where there are not two."""
    return _between(list(_VERSION.finditer(text)), text)


def parts(text: str) -> tuple[str, ...]:
    r"""Take a list apart, without what stands before its first item; nothing where there are not two items.

    Example:
        `parts("Two reasons:\n1. Too vague.\n2. No labels.") == ("Too vague.", "No labels.")`
    """
    for mark in (_HEADING, _NUMBER, _BULLET):
        if texts := _between(list(mark.finditer(text)), text):
            return texts
    return ()


def _between(marks: list[re.Match[str]], text: str) -> tuple[str, ...]:
    ends = [*(one.start() for one in marks[1:]), len(text)]
    texts = tuple(text[one.end() : end].strip() for one, end in zip(marks, ends, strict=False))
    return texts if 1 < len(texts) <= MOST and all(texts) else ()
