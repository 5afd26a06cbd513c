"""Tells a line of column names from a first row."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lab.tasks.labels import labels_of
from lab.tasks.metrics import is_number
from lab.tasks.names import known
from lab.tasks.notes import Note

__all__ = ["header_of"]

_NAMED, _NUMBERED = Note("header_taken"), Note("columns_numbered")

_IDENTIFIER = re.compile(r"[^\W\d][\w .#/()-]{0,39}")


def header_of(rows: Sequence[tuple[str, ...]], width: int, *, usual: bool) -> tuple[bool, tuple[Note, ...]]:
    """Return whether the first row holds names, and in a note how it was read where that is not certain.

    Known names are names. Otherwise a first row of words is one when it differs in kind from what is below;
    where all are words alike, it is a header if one is `usual` in the format.
    """
    first, below = rows[0], [row for row in rows[1:] if len(row) == width]
    if all(map(known, first)):
        return True, ()
    if len(first) != width or not below:
        return False, (_NUMBERED,)
    names = [name.strip() for name in first]
    columns = [[cell.strip() for cell in column] for column in zip(*below, strict=True)]
    fresh = [name not in column for name, column in zip(names, columns, strict=True)]
    if any(new and known(name) for name, new in zip(names, fresh, strict=True)):
        return True, ()
    if not all(_IDENTIFIER.fullmatch(name) or (not name and at == 0) for at, name in enumerate(names)):
        return False, (_NUMBERED,)
    if not all(new or not name for name, new in zip(names, fresh, strict=True)):
        return False, (_NUMBERED,)
    if usual or any(_other_kind(name, column) for name, column in zip(names, columns, strict=True)):
        return True, (_NAMED,)
    return False, (_NUMBERED,)


def _other_kind(name: str, column: Sequence[str]) -> bool:
    """Return whether a word stands above numbers, classes it is not one of, or much longer texts."""
    long = sum(map(len, column)) >= 3 * len(name) * len(column)
    return long or all(map(is_number, column)) or bool(labels_of(column))
