"""Guesses which columns are the input and which the answer: from the start prompt, names, and content."""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lab.core.layout import INPUT, filled, placeholders
from lab.errors import DataError
from lab.i18n import gettext_lazy
from lab.tasks.labels import labels_of
from lab.tasks.metrics import is_number
from lab.tasks.names import (
    ACCEPTED,
    ANSWERS,
    BAD,
    CORRECTIONS,
    GOOD,
    IDS,
    INPUTS,
    MARKS,
    MAYBE_ACCEPTED,
    OUTPUTS,
    REMARKS,
    SPLITS,
    TOGETHER,
    VALUES,
    plain,
    words,
)
from lab.tasks.notes import Note
from lab.tasks.splits import part_of
from lab.tasks.table import Table

__all__ = ["Mapping", "accepted_columns", "entries", "existing", "guess_mapping", "notes_on_start"]

_FILE = gettext_lazy("file")
_LOOKED_AT = 200
_SURE = 5  # so many names at the head of the lists outweigh the rest, as `Best Answer` does `Category`


@dataclass(frozen=True)
class Mapping:
    """Which columns are the input and which is the answer; `why` says how that was decided.

    The others are "" where there is none: train, dev or test; the name of an example; what people wrote on an
    output, and how they marked it.
    """

    inputs: tuple[str, ...]
    answer: str
    why: Note
    split: str = ""
    id: str = ""
    remarks: str = ""
    mark: str = ""

    @property
    def input(self) -> str:
        """The first column of the input."""
        return self.inputs[0]


def guess_mapping(
    table: Table,
    what: str = _FILE,
    *,
    input: str | Sequence[str] | None = None,
    answer: str | None = None,
    split: str | None = None,
    id: str | None = None,
    start: str = "",
) -> Mapping:
    """Guess the columns that are not named; a name may differ in case from the column's.

    The inputs are those that are named, else those that the start prompt has slots for, else one that looks like an
    input, or several that go together by their names.

    Raises:
        DataError: when a named column does not exist, one is named as an input and as the answer, or none is
            left for the answer.
    """
    named = (input,) if isinstance(input, str) else tuple(input or ())
    inputs = tuple(dict.fromkeys(existing(table, name) for name in named))
    answer = None if answer is None else existing(table, answer)
    if answer in inputs:
        raise DataError(
            gettext_lazy(
                "The column {column!r} was named as the input and as the answer. Name two different columns.",
                column=answer[:60],
            )
        )
    known = not named and answer is None and bool(table.answer) and bool(table.inputs)
    answer = answer or table.answer or None
    slots = () if inputs else _in_slots(table, start, answer)
    inputs = inputs or slots or table.inputs
    split = existing(table, split) if split else _split_column(table)
    id = existing(table, id) if id else ""
    remarks = next((c for c in table.columns if plain(c) in REMARKS and c not in (*inputs, answer)), "")
    mark = _mark_column(table) if remarks else ""
    apart = (*inputs, answer, split, id, remarks, mark, *table.options)
    free = [name for name in table.columns if name not in apart]
    used = [name for name in free if any(map(str.strip, table.column(name)))]
    found = used if len(used) >= 2 - bool(inputs) - (answer is not None) else free
    text, value = ("", "") if inputs or answer else _text_and_value(found)
    left = inputs or ((text,) if text else _inputs_by_name(found, but=answer))
    but = left[0] if left else None
    right = (
        answer
        or value
        or (_by_name(found, CORRECTIONS, but=but) if remarks else None)
        or _by_name(found, ANSWERS, but=but)
    )
    content = (not left) + 2 * (not right)
    right = right or _answer_by_content(table, [name for name in found if name not in left], what)
    left = left or (_input_by_content(table, [name for name in found if name != right]),)
    beside = () if inputs else table.options[:1]
    left = (*(name for name in left if name not in (right, *beside)), *beside)
    why = _why((*left, right), content, known, bool(named) and bool(answer), bool(slots))
    return Mapping(left, right, why, split, id, remarks, mark if plain(right) in OUTPUTS else "")


def _text_and_value(columns: Sequence[str]) -> tuple[str, str]:
    """Return a text and what is asked of it, where the one beside it is called a date, a time or a link."""
    values = [column for column in columns if plain(column) in VALUES]
    texts = [column for column in columns if column not in values and plain(column) not in ANSWERS]
    return (texts[0], values[0]) if len(values) == len(texts) == 1 and len(columns) == 2 else ("", "")


def _split_column(table: Table) -> str:
    """Return the column that says of each row which split it is in; "" where there is none."""
    for column in table.columns:
        if plain(column) in SPLITS:
            parts = {part_of(cell) for cell in table.column(column)}
            if None not in parts and len(parts) > 1:
                return column
    return ""


def _mark_column(table: Table) -> str:
    """Return the column that marks outputs as good or bad; "" where there is none."""
    for column in table.columns:
        if plain(column) in MARKS:
            marks = {cell.strip().casefold() for cell in table.column(column)} - {""}
            if marks and marks <= GOOD | BAD:
                return column
    return ""


def _why(columns: tuple[str, ...], content: int, known: bool, named: bool, slots: bool) -> Note:
    if known:
        return Note("columns_of_format", texts=columns)
    if named:
        return Note("columns_named", texts=columns)
    if slots:
        return Note("columns_from_start", texts=columns)
    return Note("columns_guessed", content, columns)


def _in_slots(table: Table, start: str, answer: str | None) -> tuple[str, ...]:
    """Return the columns that the start prompt has slots for; one that looks like the answer is none of them."""
    slots = {slot.strip("{} \t\n") for slot in filled(start, table.columns)}
    found = [column for column in table.columns if column in slots and column != answer]
    right = answer or _by_name(table.columns, ANSWERS, but=None)
    return tuple(column for column in found if column != right)


def _inputs_by_name(columns: Sequence[str], *, but: str | None) -> tuple[str, ...]:
    """Return the columns that go together by their names, else the likeliest one."""
    for names in TOGETHER:
        pair = tuple(column for column in columns if plain(column) in names and column != but)
        if len(pair) == len(names):
            return pair
    one = _by_name(columns, INPUTS, but=but)
    return () if one is None else (one,)


def notes_on_start(table: Table, mapping: Mapping, start: str) -> tuple[Note, ...]:
    """Say which slots of a start prompt are not filled, and which texts do not reach the model."""
    slots = filled(start, (*mapping.inputs, *table.columns))
    names = {slot: slot.strip("{} \t\n") for slot in slots}
    strange = tuple(slot for slot, name in names.items() if name != INPUT and name not in mapping.inputs)
    notes = [Note("slot_not_input", texts=strange)] if strange else []
    unknown = tuple(slot for slot in placeholders(start) if slot not in slots)
    notes += [Note("slot_unknown", texts=unknown)] if unknown else []
    whole = INPUT in names.values() and INPUT not in mapping.inputs
    left = tuple(name for name in mapping.inputs if name not in names.values())
    if names.values() and not whole and 0 < len(left) < len(mapping.inputs):
        notes.append(Note("input_without_slot", texts=left))
    unused = tuple(name for name in _texts(table, mapping) if name not in names.values())
    return (*notes, Note("text_unused", texts=unused)) if unused else tuple(notes)


def _texts(table: Table, mapping: Mapping) -> tuple[str, ...]:
    """Return the columns that are not used and hold texts such as the input does: a quarter as long, of words."""
    taken = (*mapping.inputs, mapping.answer, mapping.split, mapping.id, mapping.remarks, mapping.mark)
    if not set(table.options[:1]).isdisjoint(mapping.inputs):
        taken += table.options
    others = [column for column in table.columns if column not in (*taken, *table.nested)]
    shown = table.rows[:_LOOKED_AT]
    place = {column: at for at, column in enumerate(table.columns)}

    def size(column: str) -> int:
        return sum(len(row[place[column]]) for row in shown)

    enough = sum(map(size, mapping.inputs)) / 4
    return tuple(
        column
        for column in others
        if not _is_id(column) and not _is_accepted(column) and size(column) >= enough > 0
        and sum(" " in row[place[column]].strip() for row in shown) * 2 > len(shown)
    )  # fmt: skip


def existing(table: Table, name: str) -> str:
    """Return the column of that name, or of the one that differs in case only.

    Raises:
        DataError: with the columns that there are.
    """
    if name in table.columns:
        return name
    close = [column for column in table.columns if column.strip().casefold() == name.strip().casefold()]
    if len(close) == 1:
        return close[0]
    shown = ", ".join(column[:60] for column in table.columns[:20])
    raise DataError(
        gettext_lazy("There is no column {column!r}. Choose one of: {columns}.", column=name[:60], columns=shown)
    )


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


def _answer_by_content(table: Table, columns: Sequence[str], what: str) -> str:
    """Prefer what looks like classes, then numbers behind the first column, then the last column."""
    free = [c for c in columns if not _is_id(c) and not _is_accepted(c) and not _counts_rows(table.column(c))]
    if not free:
        beside = ", ".join(repr(column[:60]) for column in columns[:5])
        raise DataError(
            gettext_lazy(
                "The {what} has no column for the answer: beside the input there is only {columns}. Add a column "
                "with the right answers, or name the one that holds them.",
                what=what, columns=beside,
            )
            if beside
            else gettext_lazy(
                "The {what} has no column for the answer: beside the input there is nothing. Add a column with the "
                "right answers, or name the one that holds them.",
                what=what,
            )
        )  # fmt: skip
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
        if column in (*mapping.inputs, mapping.answer) or column in table.nested or not _is_accepted(column):
            continue
        items, is_list = entries(table, column)
        holding = sum(bool(right) and right[0] in held for right, held in zip(answers, items, strict=True))
        if is_list and (words(column)[0] in ACCEPTED or 2 * holding >= len(items)):
            found.append(column)
    return tuple(found)
