"""Texts in a reply without tags: a numbered or bulleted list, parts under headings, blocks set apart.

Headings are known in the languages that models answer in; what a list is made of is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

MOST = 100  # texts; what has more is no list of texts
_LONGEST = 200_000  # characters that are looked at for a label
_HEADING = re.compile(
    r"^[ \t]{0,3}(?:#{1,6}[ \t]{1,3})?[*_]{0,3}"
    r"(?:version|option|variation|variant|alternative|instruction|prompt|reason|critique|problem|issue|rewrite"
    r"|candidate|paraphrase|rephrasing|weakness|flaw|variante|versi[oó]n|vers[aã]o|versione|alternativ[ea]"
    r"|grund|kritik|fassung|anweisung|raz[oó]n|motivo|raison|ragione|problema?|problème|причина|вариант|версия"
    r"|原因|理由|版本|方案|指令|プロンプト|バージョン|이유|버전)(?:e?s)?"
    r"(?:[ \t]{0,3}#?\d{1,2}|[ \t]{1,3}#?[A-E])\b(?:[ \t]\([^()\n]{1,40}\))?"
    r"[*_]{0,3}[ \t]{0,3}[:.)–—-]?[*_]{0,3}[ \t]{0,3}",
    re.MULTILINE | re.IGNORECASE,
)
# The heading of a version, which may say more on its line: "### Option 1: concise".
_TITLED = re.compile(
    r"^[ \t]{0,3}#{1,6}[ \t]{1,3}[*_]{0,3}(?:version|option|variation|variant|alternative|variante|versi[oó]n"
    r"|vers[aã]o|versione|fassung|вариант|版本|方案)(?:e?s)?[ \t]{0,3}#?(?:\d{1,2}|[A-E])\b[^\n]{0,80}\n",
    re.MULTILINE | re.IGNORECASE,
)
_NUMBER = re.compile(
    r"^(?:#{1,6}[ \t]{1,3})?(?:[*_]{2})?\(?\d{1,2}[.):](?:[*_]{2})?[ \t]{1,4}(?=\S)"
    r"|^(?:[*_]{2})?\(\d{1,2}\)[ \t]{0,4}(?=\S)|^(?:\d{1,2}[、．）]|[①-⑳]|\d\ufe0f?\u20e3)[ \t]{0,4}(?=\S)",
    re.MULTILINE,
)
_LETTER = re.compile(
    r"^(?:[*_]{2})?\(?(?P<sign>[a-hA-H]|[ivxIVX]{1,4})[.)](?:[*_]{2})?[ \t]{1,4}(?=\S)", re.MULTILINE
)
_LETTERS, _ROMAN = tuple("abcdefgh"), ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
_ORDINAL = re.compile(
    r"^(?:first|second|third|fourth|fifth|sixth|finally|lastly)(?:ly)?[,:][ \t]{1,4}(?=\S)", re.M | re.I
)
_BULLET = re.compile(r"^[-*•–][ \t]{1,4}(?=\S)", re.MULTILINE)

# What an item of a list is called: in bold, which may have begun with the item's number, or in brackets.
_TITLE = r"(?P<title>[^\n*_.!?]{1,60}?)"
_TITLES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\A[*_]{{2,3}}{_TITLE}(?:[:：.]?[*_]{{2,3}}[:：]?|[*_]{{2,3}})\s+(?=\S)",
        rf"\A{_TITLE}[*_]{{2,3}}[:：]?[ \t]{{0,4}}\n\s*(?=\S)",
        rf"\A\({_TITLE}\)[:：]?[ \t]{{0,4}}\n\s*(?=\S)",
    )
)

_CLOSED_TITLE = re.compile(r"\A(?P<title>[^\n*_]{1,80})(?:\*\*|__)(?=[:：]?[ \t]{0,4}(?:\n|\Z))")

_SINGLE = re.compile(r"\A(?:[-*•–]|\(?1[.)])[ \t]{1,4}(?P<item>\S.*)\Z", re.DOTALL)
_APART = re.compile(r"\n[ \t]{0,4}(?:-{3,}|\*{3,}|_{3,}|={3,})[ \t]{0,4}\n|\n[ \t]{0,4}\n")
_FENCE = re.compile(r"^(?P<fence>`{3,}|~{3,})(?P<info>[^\n`]{0,30})$", re.MULTILINE)
# A part of a longer reply that its label names as the new text, with what else is called by a label before it.
_NEW = re.compile(
    r"^[ \t]{0,3}(?:#{1,6}[ \t]{1,3})?[*_]{0,3}(?:the[ \t])?"
    r"(?:new|improved|revised|updated|final|better|optimi[sz]ed|rewritten|refined|modified)[ \t]"
    r"(?:task[ \t])?(?:prompt|instruction|version)s?[*_]{0,3}[ \t]{0,3}"
    r"(?:[:：][*_]{0,3}\s*|[*_]{0,3}[ \t]{0,4}\n\s*)(?=\S)",
    re.MULTILINE | re.IGNORECASE,
)

_VERSION = re.compile(
    r"^[ \t]{0,3}(?:#{1,6}[ \t]{1,3})?[*_]{0,3}(?:version|option|variation|variant|alternative)[ \t]{0,3}#?"
    r"(?:\d{1,2}|[A-E])(?:[ \t]\([^()\n]{1,40}\))?"
    r"[*_]{0,3}[ \t]{0,3}[:.)–—-]?[*_]{0,3}[ \t]{0,3}(?:\n|(?<=[:*])(?=\S))",
    re.MULTILINE | re.IGNORECASE,
)


def versions(text: str) -> tuple[str, ...]:
    """Return the texts under headings such as “Version 1:”; nothing where there are not two."""
    return _between(list(_TITLED.finditer(text)), text) or _between(list(_VERSION.finditer(text)), text)


def parts(text: str) -> tuple[str, ...]:
    r"""Take a list apart, without what stands before its first item; nothing where there are not two items.

    Example:
        `parts("Two reasons:\n1. Too vague.\n2. No labels.") == ("Too vague.", "No labels.")`
    """
    for mark in (_TITLED, _HEADING, _NUMBER, _LETTER, _BULLET, _ORDINAL):
        marks = list(mark.finditer(text))
        if (mark is not _LETTER or _in_order(marks)) and (texts := _between(marks, text)):
            return texts
    return ()


def _in_order(marks: list[re.Match[str]]) -> bool:
    """Return whether letters count from the first: a, b, c; or i, ii, iii."""
    signs = tuple(mark["sign"].lower() for mark in marks)
    return signs in (_LETTERS[: len(signs)], _ROMAN[: len(signs)])


def blocks(text: str) -> tuple[str, ...]:
    """Return the texts that fences hold, or that rules or blank lines part; an announcement before them is none."""
    fenced = tuple(islice(_fenced(text), MOST))
    if len(fenced) > 1:
        return fenced
    apart = tuple(one.strip() for one in _APART.split(text) if one.strip(" \t\n-*_="))
    if apart and apart[0].endswith((":", "：")):
        apart = apart[1:]
    return apart if 1 < len(apart) <= MOST else ()


def _fenced(text: str) -> Iterator[str]:
    """Yield what closed fences hold, but for empty ones: line by line, so that no fence is looked for twice."""
    opening: re.Match[str] | None = None
    for line in _FENCE.finditer(text):
        if opening is None:
            opening = line
        elif line["fence"].startswith(opening["fence"]) and not line["info"].strip():
            if inside := text[opening.end() : line.start()].strip():
                yield inside
            opening = None


def only_item(text: str) -> str:
    """Return the only item of a list of one; nothing for any other text."""
    found = _SINGLE.match(text.strip())
    item = found["item"] if found else ""
    return "" if "\n" in item else item


def labelled(text: str) -> str:
    """Return what stands behind the last label that names it as the new text, where something stands before it."""
    marks = list(_NEW.finditer(text[:_LONGEST]))
    return text[marks[-1].end() :] if marks and text[: marks[-1].start()].strip() else ""


def untitled(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Return the texts of a list without titles of their own, such as "**Concise:**", where all differ."""
    for pattern in _TITLES:
        found = [pattern.match(text) for text in texts]
        titles = {one["title"] for one in found if one}
        if len(titles) == len(texts) > 1:
            return tuple(text[one.end() :].strip() for text, one in zip(texts, found, strict=True) if one)
    return texts


def unbolded(text: str) -> str:
    """Return a text without the mark that closes a bold title, where that was opened with the item's number."""
    return _CLOSED_TITLE.sub(r"\g<title>", text, count=1)


def _between(marks: list[re.Match[str]], text: str) -> tuple[str, ...]:
    ends = [*(one.start() for one in marks[1:]), len(text)]
    texts = tuple(text[one.end() : end].strip() for one, end in zip(marks, ends, strict=False))
    return texts if 1 < len(texts) <= MOST and all(texts) else ()
