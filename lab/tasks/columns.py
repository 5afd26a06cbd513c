"""Guesses which column is the input and which the answer, from names first and content second."""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lab.errors import DataError
from lab.tasks.labels import labels_of
from lab.tasks.metrics import is_number
from lab.tasks.names import ACCEPTED, ANSWERS, IDS, INPUTS, MAYBE_ACCEPTED, plain, words
from lab.tasks.table import Table

__all__ = ["Mapping", "accepted_columns", "entries", "guess_mapping"]

_SURE = 5  # so many names at the head of the lists outweigh the rest, as `Best Answer` does `Category`


@dataclass(frozen=True)
class Mapping:
    """Which column is the input and which the answer; `why` says how that was decided, in a sentence."""

    input: str
    answer: str
    why: str


def guess_mapping(table: Table, *, input: str | None = None, answer: str | None = None) -> Mapping:
    """Guess the columns that are not named; a name may differ in case from the column's.

    Raises:
        DataError: when a named column does not exist, or input and answer are the same column.
    """
    named = tuple(name for name in (input, answer) if name is not None)
    input = None if input is None else _existing(table, input)
    answer = None if answer is None else _existing(table, answer)
    if input is not None and input == answer:
        raise DataError(
            f"The column {input[:60]!r} was named as the input and as the answer. Name two different columns."
        )
    free = [name for name in table.columns if name not in (input, answer)]
    filled = [name for name in free if any(map(str.strip, table.column(name)))]
    found = filled if len(filled) >= 2 - len(named) else free
    by_name = (
        input or _by_name(found, INPUTS, but=answer),
        answer or _by_name(found, ANSWERS, but=input),
    )
    right = by_name[1] or _answer_by_content(table, [name for name in found if name != by_name[0]])
    left = by_name[0] or _input_by_content(table, [name for name in found if name != right])
    return Mapping(left, right, _why(left, right, by_name, len(named)))


def _why(left: str, right: str, by_name: tuple[str | None, str | None], n_named: int) -> str:
    said = f"The input is column {left[:60]!r}, the answer is column {right[:60]!r}"
    if n_named == 2:
        return f"{said}, as you named them."
    content = [part for part, name in zip(("input", "answer"), by_name, strict=True) if name is None]
    how = "from their names" if not content else f"the {' and the '.join(content)} from what the column holds"
    return f"{said}: guessed {how}."


def _existing(table: Table, name: str) -> str:
    if name in table.columns:
        return name
    close = [column for column in table.columns if column.strip().casefold() == name.strip().casefold()]
    if len(close) == 1:
        return close[0]
    shown = ", ".join(column[:60] for column in table.columns[:20])
    raise DataError(f"There is no column {name[:60]!r}. Choose one of: {shown}.")


def _by_name(columns: Iterable[str], names: Sequence[str], *, but: str | None) -> str | None:
    """Find the likeliest name, in full or else as one of the words of a column that is not an id."""
    free = [column for column in columns if column != but]
    loose = [c for c in free if not (_is_id(c) or _is_accepted(c) or plain(c) in INPUTS + ANSWERS)]
    found = (
        *(column for name in names[:_SURE] for column in free if plain(column) == name),
        *(column for name in names[:_SURE] for column in loose if words(column)[-1:] == (name,)),
        *(column for name in names for column in free if plain(column) == name),
        *(column for name in names if len(name) > 1 for column in loose if name in words(column)),
    )
    return found[0] if found else None


def _is_id(column: str) -> bool:
    return not IDS.isdisjoint(words(column))


def _is_accepted(column: str) -> bool:
    return not (ACCEPTED | MAYBE_ACCEPTED).isdisjoint(words(column)[:1])


def _counts_rows(cells: Sequence[str]) -> bool:
    """Return whether a column only numbers the rows."""
    if not all(cell.isascii() and cell.isdecimal() and len(cell) < 12 for cell in cells):
        return False
    numbers = list(map(int, cells))
    return len(numbers) > 1 and all(b - a == 1 for a, b in pairwise(numbers))


def _answer_by_content(table: Table, columns: Sequence[str]) -> str:
    """Prefer what looks like classes, then numbers behind the first column, then the last column."""
    free = [c for c in columns if not _is_id(c) and not _is_accepted(c) and not _counts_rows(table.column(c))]
    free = free or list(columns)
    classes = [column for column in free if labels_of(_first(table.answers(column)))]
    numbers = [c for c in free if c != table.columns[0] and all(map(is_number, filter(str.strip, table.column(c))))]
    return (classes or numbers or free)[-1]


def _input_by_content(table: Table, columns: Sequence[str]) -> str:
    """Take the first column with long texts: at least half as long on average as the longest."""
    free = [c for c in columns if not _is_id(c) and not _counts_rows(table.column(c))] or list(columns)
    usual = [column for column in free if not _is_bytes(table.column(column))] or free
    length = {column: sum(map(len, table.column(column))) for column in usual}
    return next(column for column in usual if 2 * length[column] >= max(length.values()))


def _is_bytes(cells: Sequence[str]) -> bool:
    return all(cell.startswith(("b'", 'b"')) for cell in cells if cell)


def _first(answers: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(entries[0] for entries in answers if entries)


def entries(table: Table, column: str) -> tuple[tuple[tuple[str, ...], ...], bool]:
    """Return each row's entries of a column, and whether it holds lists (in a CSV: lists written as text)."""
    if any(held.name == column for held in table.lists):
        return table.answers(column), True
    written = [_written_list(cell) for cell in table.column(column)] if table.format in ("csv", "tsv") else [None]
    if all(items is not None for items in written):
        return tuple(items or () for items in written), True
    return table.answers(column), False


def _written_list(cell: str) -> tuple[str, ...] | None:
    """Read `['phone', 'alone']` or `["phone", "alone"]`; None when a cell is anything else."""
    if not cell.strip():
        return ()
    if not cell.strip().startswith(("['", '["')) or len(cell) > 10_000:
        return None
    try:
        items = literal_eval(cell.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return tuple(items) if isinstance(items, list) and all(isinstance(item, str) for item in items) else None


def accepted_columns(table: Table, answers: Sequence[tuple[str, ...]], mapping: Mapping) -> tuple[str, ...]:
    """Find the columns whose lists are further accepted answers (such as `possible_outputs`).

    Names such as `other_categories` are not enough: at least half of their lists must hold the answer.
    """
    found = []
    for column in table.columns:
        if column in (mapping.input, mapping.answer) or column in table.nested or not _is_accepted(column):
            continue
        items, is_list = entries(table, column)
        holding = sum(bool(right) and right[0] in held for right, held in zip(answers, items, strict=True))
        if is_list and (words(column)[0] in ACCEPTED or 2 * holding >= len(items)):
            found.append(column)
    return tuple(found)
