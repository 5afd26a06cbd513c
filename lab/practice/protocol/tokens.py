"""A rough tokenizer: up to six letters or digits are a token, and any other mark, with the space before it."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\s*(?:\w{1,6}|[^\w\s])|\s+")


def tokens(text: str) -> list[str]:
    """Split a text into tokens; joined, they are the text again."""
    return _TOKEN.findall(text)


def space_before(text: str) -> str:
    """Return the white space that a text begins with: it belongs to its first token."""
    return text[: len(text) - len(text.lstrip())]
