"""Reads the lines of fastText into a table: labels, then a text (`__label__spam Win a prize`)."""

from __future__ import annotations

import re

from lab.tasks.table import ListColumn, Table

__all__ = ["looks_like", "read"]

_LABEL = re.compile(r"\s*__label__(\S+)")


def looks_like(text: str) -> bool:
    """Return whether a text begins as a file of fastText does."""
    return _LABEL.match(text) is not None


def read(text: str, what: str, n_bytes: int) -> Table:
    """Make a table of labelled lines; a line without a label or a text keeps a blank cell."""
    labels: list[tuple[str, ...]] = []
    texts: list[str] = []
    for line in filter(str.strip, text.split("\n")):
        found: list[str] = []
        at = 0
        while match := _LABEL.match(line, at):
            found.append(match[1])
            at = match.end()
        labels.append(tuple(found))
        texts.append(line[at:].strip())
    rows = tuple(zip(texts, map(", ".join, labels), strict=True))
    lists = (ListColumn("label", tuple(labels)),) if any(len(found) > 1 for found in labels) else ()
    return Table(("text", "label"), rows, "fasttext", n_bytes, lists=lists, inputs=("text",), answer="label")
