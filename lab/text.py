"""Text as it may arrive, made fit to be kept or shown on one line."""

from __future__ import annotations

import html


def whole(text: str) -> str:
    """Replace half characters, which JSON can escape but no file, database or browser can hold."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def shortened(text: str, longest: int) -> str:
    """Return the text on one line, cut to at most `longest` characters."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def as_code(value: object) -> str:
    """Return how a value reads in Python, as HTML: the `_repr_html_` of values that are one line."""
    return f"<code>{html.escape(repr(value))}</code>"
