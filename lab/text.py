"""Text as it may arrive, made fit to be kept or shown on one line."""

from __future__ import annotations

import html
import re
from functools import reduce

from lab.i18n import gettext_lazy

# Controls that a terminal obeys (one of the C1 set begins an escape sequence by itself), and marks that turn the
# direction of what follows. A line end and a tab are what they are.
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def whole(text: str) -> str:
    """Replace half characters, which JSON can escape but no file, database or browser can hold."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def shortened(text: str, longest: int) -> str:
    """Return the text on one line, cut to at most `longest` characters."""
    line = " ".join(str(text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def paragraph(*sentences: str) -> str:
    """Return sentences one behind the other, as whoever will read them puts one behind another.

    Example:
        `paragraph("It is empty.", "Add rows.") == "It is empty. Add rows."`
    """
    return reduce(lambda said, more: gettext_lazy("{said} {more}", said=said, more=more), sentences)


def visible(text: str) -> str:
    r"""Write what a terminal would obey as an escape that also JSON knows, such as \u001b."""
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def as_code(value: object) -> str:
    """Return how a value reads in Python, as HTML: the `_repr_html_` of values that are one line."""
    return f"<code>{html.escape(repr(value))}</code>"


_EMPTY_BLOCK = re.compile(
    r"^[ \t]{0,3}(?P<fence>`{3,9}|~{3,9})(?:[^\n`~]{0,30}\n)?\s*(?P=fence)(?=\s|\Z)", re.MULTILINE
)


def is_blank(text: str) -> bool:
    """Return whether a text says nothing: there is none, or nothing but empty code blocks."""
    if "```" in text or "~~~" in text:
        return not _EMPTY_BLOCK.sub("", text).strip("`~ \t\r\n")
    return not text.strip()


def without_empty_block(text: str) -> str:
    """Return a text without an empty code block that it begins with."""
    text = text.strip()
    found = _EMPTY_BLOCK.match(text)
    return text[found.end() :].strip() if found else text
