"""Reads questions with options: the options become part of the input, the answer the letter of the right one.

Files write them as a list (`choices`), as texts beside their letters (ARC, CommonsenseQA), by letter (MedQA), or
in a column each (`A` to `D`, `ending0` to `ending3`, `sol1`); and the answer as a letter, a number from 0 or 1, or
a text. A letter that an option comes with stays with it, in whatever order the options stand.
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
Offer = tuple[
    Options, Options
]  # the options of a row, and what they are called there: letters or numbers, or nothing

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
    for sources, offered in (*_listed(table), *_families(table)):
        for key in _key_columns(table, sources):
            right = _right(table.column(key), offered)
            if right is not None:
                return _rewritten(table, sources, offered, key, right)
    return table


def _listed(table: Table) -> list[tuple[Options, list[Offer]]]:
    """Find a column of lists of options: the column, and the options of each row."""
    found: list[tuple[Options, list[Offer]]] = []
    for column in (column for name in _LISTS for column in table.columns if plain(column) == name):
        if column in table.nested:
            offered = [_of_nested(cell) for cell in table.column(column)]
        elif any(held.name == column for held in table.lists):
            offered = [(options, ()) for options in table.answers(column)]
        else:
            continue
        if all(2 <= len(options) <= _MOST for options, _ in offered):
            found.append(((column,), [one if one[1] else _unlettered(one[0]) for one in offered]))
    return found


def _of_nested(cell: str) -> Offer:
    """Read texts beside their letters, objects with a text each, or texts by letter."""
    held = json.loads(cell) if cell else None
    names: list[object] = []
    if isinstance(held, dict):
        beside = isinstance(held.get("text"), list)
        texts = held["text"] if beside else list(held.values())
        names = _as_list(held.get("label")) if beside else list(held)
    elif isinstance(held, list) and _all_objects(held):
        texts, names = [one.get("text") for one in held], [one.get("label") for one in held]
    else:
        texts = []
    if not texts or not all(isinstance(text, str) for text in texts):
        return (), ()
    return tuple(texts), _names(names, len(texts))


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _names(given: list[object], n: int) -> Options:
    """Return what options are called, where each has a letter or a number of its own."""
    names = tuple(str(one).strip().upper() for one in given)
    fit = len(names) == n == len(set(names))
    letters = all(re.fullmatch("[A-Z]", name) for name in names)
    return names if fit and (letters or all(re.fullmatch(r"\d{1,2}", name) for name in names)) else ()


def _all_objects(held: list[object]) -> bool:
    return all(isinstance(one, dict) for one in held)


def _unlettered(options: Options) -> Offer:
    """Take letters off options that bring their own, a row of letters in any order: `A) 21`, `B) 22`."""
    found = [match for option in options if (match := _LETTERED.match(option))]
    letters = tuple(match[1].upper() for match in found)
    first = ord(min(letters, default="A"))
    if len(found) < len(options) or {ord(one) - first for one in letters} != set(range(len(options))):
        return options, ()
    return tuple(option[match.end() :] for option, match in zip(options, found, strict=True)), letters


def _families(table: Table) -> list[tuple[Options, list[Offer]]]:
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
                found.append((columns, [(tuple(row), names) for row in zip(*cells, strict=True)]))
                break
    return found


def _key_columns(table: Table, sources: Options) -> list[str]:
    free = [column for column in table.columns if column not in (*sources, *table.nested)]
    return [column for name in _KEYS for column in free if plain(column) == name]


def _right(cells: Sequence[str], offered: Sequence[Offer]) -> list[int | None] | None:
    """Return the place of each row's right option, counted from 0; None where the column does not say it."""
    given = [cell.strip() for cell in cells]
    known = [cell for cell in given if cell]
    numbers = [int(cell) for cell in known if cell.isascii() and cell.isdecimal() and len(cell) < 3]
    by_name = all(cell in names for cell, (_, names) in zip(given, offered, strict=True) if cell)
    counted = bool(known) and len(numbers) == len(known) and not by_name
    n_most = max((len(options) for options, _ in offered), default=0)
    base = int(counted and min(numbers) > 0 and max(numbers) == n_most)
    places = [
        int(cell) - base if counted and cell else _place(cell, names, options)
        for cell, (options, names) in zip(given, offered, strict=True)
    ]
    right = [
        place if place is not None and 0 <= place < len(options) and options[place].strip() else None
        for place, (options, _) in zip(places, offered, strict=True)
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
    if names and (names[0].isdecimal() or match[1].isalpha()):
        return names.index(match[1].upper()) if match[1].upper() in names else None
    return ord(match[1].upper()) - ord("A") if match[1].isalpha() else int(match[1]) - 1


def _rewritten(
    table: Table, sources: Options, offered: Sequence[Offer], key: str, right: Sequence[int | None]
) -> Table:
    if len({tuple(option.strip() for option in options) for options, _ in offered}) == 1:
        texts = ["" if at is None else offered[0][0][at].strip() for at in right]
        return replace(table, rows=_with(table, key, texts), answer=table.answer or key)
    letters = ["" if at is None else _letters(one)[at] for at, one in zip(right, offered, strict=True)]
    written = ["\n".join(_lines(one)) for one in offered]
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


def _lines(offer: Offer) -> list[str]:
    """Write the options under each other, by their letters; a blank one keeps its letter and is left out."""
    lettered = sorted(zip(_letters(offer), offer[0], strict=True))
    return [f"{letter}) {option.strip()}" for letter, option in lettered if option.strip()]


def _letters(offer: Offer) -> Options:
    """Return the letters of options: those they come with, else one each from A on."""
    options, names = offer
    return names if names and names[0].isalpha() else tuple(ascii_uppercase[: len(options)])


def _with(table: Table, column: str, cells: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    at = table.columns.index(column)
    return tuple((*row[:at], cell, *row[at + 1 :]) for row, cell in zip(table.rows, cells, strict=True))
