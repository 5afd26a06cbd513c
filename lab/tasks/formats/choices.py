"""Reads questions with options: the options become part of the input, the answer the letter of the right one.

Files write them as a list (`choices`), as texts beside their letters (ARC, CommonsenseQA), by letter (MedQA), or
in a column each (`A` to `D`, `ending0` to `ending3`, `sol1`); and the answer as a letter, a number from 0 or 1, or
a text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from string import ascii_uppercase

from lab.tasks.names import plain
from lab.tasks.notes import Note
from lab.tasks.table import Table

__all__ = ["with_options"]

Options = tuple[str, ...]

_LISTS = ("options", "choices", "answer_choices", "candidates", "endings", "answer_options")
_STEMS = frozenset(
    ("", "option", "opt", "op", "choice", "ending", "sol", "solution", "answer", "alternative", "candidate")
)
_KEYS = (
    "answer_key", "answer_idx", "answer_index", "answer_id", "correct_option", "correct_choice", "correct_answer",
    "correct", "cop", "label", "answer", "gold", "target", "solution", "output",
)  # fmt: skip
_SUFFIXED = re.compile(r"(.*?)[ _.-]?([A-Za-z]|\d{1,2})")
_LETTERED = re.compile(r"\s*\(?([A-Za-z])\s*[).:]\s*(?=\S)")
_KNOWN = 0.95  # of the answers must be one of their options
_MOST = len(ascii_uppercase)


def with_options(table: Table) -> Table:
    """Write the options of each row into one column and its answer as a letter; the table itself if it has none.

    Where every row has the same options they are the labels: a number that stands for one becomes its text.
    """
    for names, sources, offered in (*_listed(table), *_families(table)):
        for key in _key_columns(table, sources):
            right = _right(table.column(key), names, offered)
            if right is not None:
                return _rewritten(table, sources, offered, key, right)
    return table


def _listed(table: Table) -> list[tuple[Options, Options, list[Options]]]:
    """Find a column of lists of options: the names of options in order, the column, the options of each row."""
    found: list[tuple[Options, Options, list[Options]]] = []
    for column in (column for name in _LISTS for column in table.columns if plain(column) == name):
        if column in table.nested:
            offered = [_of_nested(cell) for cell in table.column(column)]
        elif any(held.name == column for held in table.lists):
            offered = list(table.answers(column))
        else:
            continue
        if all(2 <= len(options) <= _MOST for options in offered):
            found.append(((), (column,), list(map(_unlettered, offered))))
    return found


def _of_nested(cell: str) -> Options:
    """Read texts beside their letters, objects with a text each, or texts by letter."""
    held = json.loads(cell) if cell else None
    if isinstance(held, dict):
        texts = held.get("text") if isinstance(held.get("text"), list) else list(held.values())
    else:
        texts = [one.get("text") for one in held] if isinstance(held, list) and _all_objects(held) else None
    return tuple(map(str, texts)) if texts and all(isinstance(text, str) for text in texts) else ()


def _all_objects(held: list[object]) -> bool:
    return all(isinstance(one, dict) for one in held)


def _unlettered(options: Options) -> Options:
    """Take letters off options that bring their own: `A) 21`, `B) 22`."""
    letters = [_LETTERED.match(option) for option in options]
    if all(found and found[1].upper() == ascii_uppercase[at] for at, found in enumerate(letters)):
        return tuple(option[found.end() :] for option, found in zip(options, letters, strict=True) if found)
    return options


def _families(table: Table) -> list[tuple[Options, Options, list[Options]]]:
    """Find columns that hold an option each: one stem, with letters from A or numbers from 0 or 1 behind it."""
    stems: dict[str, dict[str, str]] = {}
    for column in table.columns:
        match = _SUFFIXED.fullmatch(column.strip())
        if match and plain(match[1]) in _STEMS and (match[1] or match[2].isalpha()):
            stems.setdefault(plain(match[1]), {}).setdefault(match[2].upper(), column)
    found = []
    for held in stems.values():
        for first in ("A", "0", "1"):
            names = tuple(chr(ord(first) + at) for at in range(_MOST if first == "A" else 10))
            names = names[: next((at for at, name in enumerate(names) if name not in held), len(names))]
            if len(names) >= 2:
                columns = tuple(held[name] for name in names)
                cells = [table.column(column) for column in columns]
                found.append((names, columns, [tuple(row) for row in zip(*cells, strict=True)]))
                break
    return found


def _key_columns(table: Table, sources: Options) -> list[str]:
    free = [column for column in table.columns if column not in (*sources, *table.nested)]
    return [column for name in _KEYS for column in free if plain(column) == name]


def _right(cells: Sequence[str], names: Options, offered: Sequence[Options]) -> list[int | None] | None:
    """Return the place of each row's right option, counted from 0; None where the column does not say it."""
    given = [cell.strip() for cell in cells]
    known = [cell for cell in given if cell]
    numbers = [int(cell) for cell in known if cell.isascii() and cell.isdecimal() and len(cell) < 3]
    counted = bool(known) and len(numbers) == len(known) and not (names and set(known) <= set(names))
    n_most = max(map(len, offered), default=0)
    base = int(counted and min(numbers) > 0 and max(numbers) == n_most)
    places = [
        int(cell) - base if counted and cell else _place(cell, names, options)
        for cell, options in zip(given, offered, strict=True)
    ]
    right = [
        place if place is not None and 0 <= place < len(options) and options[place].strip() else None
        for place, options in zip(places, offered, strict=True)
    ]
    said = [place for place in right if place is not None]
    # Where the first is always right, the others are further answers or wrong ones, not options to choose from.
    return right if len(set(said)) > 1 and len(said) >= _KNOWN * len(known) else None


def _place(cell: str, names: Options, options: Options) -> int | None:
    """Find the option that is named by its letter or number, or by its text."""
    if cell.upper() in names:
        return names.index(cell.upper())
    texts = [option.strip().casefold() for option in options]
    if cell and cell.casefold() in texts:
        return texts.index(cell.casefold())
    match = re.fullmatch(r"(?:[A-Za-z]+[ _.-]?)?\(?([A-Za-z]|\d)\)?[.:]?", cell)
    if match is None:
        return None
    if names and names[0].isdecimal():
        return names.index(match[1]) if match[1] in names else None
    return ord(match[1].upper()) - ord("A") if match[1].isalpha() else int(match[1]) - 1


def _rewritten(
    table: Table, sources: Options, offered: Sequence[Options], key: str, right: Sequence[int | None]
) -> Table:
    if len({tuple(option.strip() for option in options) for options in offered}) == 1:
        texts = ["" if at is None else offered[0][at].strip() for at in right]
        return replace(table, rows=_with(table, key, texts), answer=table.answer or key)
    letters = ["" if at is None else ascii_uppercase[at] for at in right]
    written = ["\n".join(_lines(options)) for options in offered]
    column = next((name for name in sources if plain(name) in _LISTS), "options")
    table = replace(
        table, rows=_with(table, key, letters), lists=tuple(one for one in table.lists if one.name != key)
    )
    if column in table.columns and column not in sources:
        return table
    if column in table.columns:
        table = replace(
            table,
            rows=_with(table, column, written),
            lists=tuple(held for held in table.lists if held.name != column),
            nested=tuple(name for name in table.nested if name != column),
        )
    else:
        rows = tuple((*row, text) for row, text in zip(table.rows, written, strict=True))
        table = replace(table, columns=(*table.columns, column), rows=rows)
    return replace(
        table,
        answer=table.answer or key,
        options=(column, *sources),
        notes=(*table.notes, Note("options_joined", texts=sources)),
        start=table.start or "Answer the question with the letter of the right option.",
    )


def _lines(options: Options) -> list[str]:
    """Write the options under each other; a blank one keeps its letter and is left out."""
    return [f"{ascii_uppercase[at]}) {option.strip()}" for at, option in enumerate(options) if option.strip()]


def _with(table: Table, column: str, cells: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    at = table.columns.index(column)
    return tuple((*row[:at], cell, *row[at + 1 :]) for row, cell in zip(table.rows, cells, strict=True))
