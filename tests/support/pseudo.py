"""A made-up language that brackets whatever is translated: what stands outside of brackets was not."""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser

from lab import i18n

OPEN, SHUT = "⟦", "⟧"
_INNERMOST = re.compile(f"{OPEN}[^{OPEN}{SHUT}]*{SHUT}")
_WORD = re.compile(r"[A-Za-z]{2,}")
_SHORT = re.compile(r"\b[PCS]\d+\b")  # the name of a prompt, a critique or a step
_SAID = ("title", "aria-label", "placeholder", "data-label", "alt", "label", "aria-valuetext")


class _Bracketed(gettext.NullTranslations):
    def gettext(self, message: str) -> str:
        return f"{OPEN}{message}{SHUT}" if _WORD.search(re.sub(r"{.*?}", "", message)) else message

    def ngettext(self, one: str, many: str, n: int) -> str:
        return f"{OPEN}{one if n == 1 else many}{SHUT}"


@contextmanager
def bracketed() -> Iterator[None]:
    with i18n.use("pseudo", _Bracketed()):
        yield


class _Texts(HTMLParser):
    """Texts and worded attributes, but for what is within an element of data."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._run = ""
        self._within = 0
        self._option = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = (dict(attrs).get("class") or "").split()
        if tag not in _VOID and (self._within or any(one in _DATA for one in classes)):
            self._within += 1
        self._option = tag == "option"
        if tag not in _INLINE:
            self._end()
        self.found.extend(value for name, value in attrs if name in _SAID and value)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            self._within = max(0, self._within - 1)
        self._option = False
        if tag not in _INLINE:
            self._end()

    def handle_data(self, data: str) -> None:
        if not self._within:
            self._run += f" {data} " if self._option else data

    def _end(self) -> None:
        self.found.append(self._run)
        self._run = ""

    def close(self) -> None:
        super().close()
        self._end()


_DATA = ("lab-diff", "lab-glance", "lab-prompt")
_VOID = ("br", "hr", "img", "input")
_INLINE = ("b", "i", "em", "strong", "small", "span", "abbr", "q", "code", "kbd", "mark", "del", "ins", "select",
           "option", "input", "label")  # fmt: skip


def untranslated(html: str, data: Iterable[str] = ()) -> list[str]:
    """The pieces of text with words in them that are in no brackets and in none of the texts of `data`."""
    known = " ".join(" ".join(one.split()) for one in data)
    texts = _Texts()
    texts.feed(html)
    texts.close()
    left = []
    for text in texts.found:
        rest = _SHORT.sub(" ", " ".join(text.split()))
        while (shorter := _INNERMOST.sub(" ", rest)) != rest:
            rest = shorter
        for piece in re.split(r"[…·:;,()“”]|\s{2,}", rest):
            if _WORD.search(piece) and piece.strip() not in known and not _is_named(piece.strip()):
                left.append(f"{piece.strip()!r} in {' '.join(text.split())[:120]!r}")
    return left


def _is_named(piece: str) -> bool:
    return all(word in _NAMES for word in _WORD.findall(piece))


_NAMES = (
    "APE",
    "ProTeGi",
    "OPRO",
    "PE2",
    "PE",
    "JSON",
    "CSV",
    "MODEL",
    "URL",
    "main",
    "svg",
    "log",
    "Prompt",
    "Lab",
)
