"""Reads JSON and JSON Lines into a table; numbers keep the digits they were written with."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from lab.errors import DataError
from lab.i18n import gettext_lazy
from lab.tasks.formats import chat, promptfoo
from lab.tasks.formats.header import header_of
from lab.tasks.notes import Note
from lab.tasks.splits import part_of
from lab.tasks.table import ListColumn, Table, refuse_wide
from lab.text import whole

__all__ = ["looks_like", "of_columns", "of_rows", "of_tests", "read"]

_WRAPPERS = frozenset(("row", "item", "inputs", "outputs", "variables", "vars"))
_START = re.compile(r"""\s*(?:\{\s*["'}]|\[\s*[\[{\]])""")
_SCALARS = re.compile(r"\s*+\[[^\[\]{}]*+\]\s*+\Z")
_HOLDERS = ("examples", "data", "rows", "records", "instances", "items")

Record = dict[str, Any]


def looks_like(text: str) -> bool:
    """Return whether a text begins as JSON or JSON Lines do, whatever the file is called."""
    return _START.match(text) is not None or _SCALARS.match(text) is not None


def read(text: str, what: str, n_bytes: int) -> Table:
    """Make a table of JSON or JSON Lines, whichever the content is.

    Raises:
        DataError: when the JSON is malformed (with line and column) or holds no rows.
    """
    try:
        format, value = _parse(text, what)
    except RecursionError as error:
        raise DataError(
            gettext_lazy("The {what} is nested too deeply to be a table. Use flat rows.", what=what)
        ) from error
    tests = promptfoo.tests_of(value, what)
    if tests is not None:
        return of_tests(tests, what, format, n_bytes)
    rows, notes = _rows(value, what)
    chats = chat.flattened([_unwrapped(row) for row in rows])
    table = of_rows(chats.rows, what, format, n_bytes, (*notes, *chats.notes))
    return replace(table, inputs=chats.inputs, answer=chats.answer, start=chats.start)


def of_tests(tests: promptfoo.Tests, what: str, format: str, n_bytes: int) -> Table:
    """Make a table of tests of promptfoo."""
    table = of_rows(tests.rows, what, format, n_bytes, tests.notes)
    return replace(table, inputs=tests.inputs, answer=promptfoo.EXPECTED, start=tests.start, metric=tests.metric)


def _unwrapped(row: Record) -> Record:
    """Take the fields out of what the hub and stores of feedback keep them in."""
    if not any(key in _WRAPPERS and isinstance(held, dict) for key, held in row.items()):
        return row
    flat: Record = {}
    for key, held in row.items():
        for name, cell in held.items() if key in _WRAPPERS and isinstance(held, dict) else ((key, held),):
            flat[name if name not in flat else f"{key}.{name}"] = cell
    return flat


def _parse(text: str, what: str) -> tuple[str, Any]:
    first, _, rest = text.strip().partition("\n")
    try:
        many = rest.strip() != "" and isinstance(_loads(_bare(first), what), dict | list)
    except json.JSONDecodeError:
        many = False
    if not many:
        try:
            return "json", _loads(text, what)
        except json.JSONDecodeError as error:
            raise _malformed(error, what, error.lineno) from error
    return "jsonl", [_line(line, what, at) for at, line in enumerate(text.split("\n"), 1) if line.strip()]


def _line(line: str, what: str, at: int) -> Any:
    try:
        return _loads(_bare(line), what, at)
    except json.JSONDecodeError as error:
        raise _malformed(error, what, at) from error


def _bare(line: str) -> str:
    """Take the comma off the end of an object's line, as lists that were cut into lines leave it."""
    line = line.rstrip()
    return line[:-1] if line.endswith(("},", "],")) else line


def _malformed(error: json.JSONDecodeError, what: str, line: int) -> DataError:
    return DataError(
        gettext_lazy(
            "The {what} is not well-formed JSON: line {line}, column {column}: {problem}. Correct it there and "
            "load it again.",
            what=what, line=line, column=error.colno, problem=error.msg,
        )
    )  # fmt: skip


def _loads(text: str, what: str, line: int = 0) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> Record:
        record = dict(pairs)
        if len(record) < len(pairs):
            twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
            raise DataError(
                gettext_lazy(
                    "In the {what} line {line} names {column!r} twice. Rename one of them.",
                    what=what, line=line, column=twice[:60],
                )
                if line
                else gettext_lazy(
                    "In the {what} a row names {column!r} twice. Rename one of them.", what=what, column=twice[:60]
                )
            )  # fmt: skip
        return record

    return json.loads(text, object_pairs_hook=once, parse_int=str, parse_float=str, parse_constant=lambda _: None)


def _rows(value: Any, what: str) -> tuple[list[Record], tuple[Note, ...]]:
    """Find the rows: a list, or an object that holds them under one key, by number, or by column."""
    if isinstance(value, dict):
        if len(value) == 1 and isinstance(held := next(iter(value.values())), dict) and (parts := _parts(held)):
            return parts, ()
        names, cells = value.get("columns"), value.get("data")
        if (
            isinstance(names, list)
            and isinstance(cells, list)
            and cells
            and all(isinstance(row, list) for row in cells)
        ):
            return _listed_rows([names, *cells], what), ()  # as pandas splits a frame
        holder = next((key for key in _HOLDERS if _many(value.get(key))), None)
        if holder is None:
            holders = [key for key, held in value.items() if held and _many(held)]
            if len(holders) > 1 and (parts := _parts(value)):
                return parts, ()
            if len(holders) > 1:
                raise DataError(
                    gettext_lazy(
                        "The {what} holds several tables: {names}. Save the one to use as a file of its own.",
                        what=what, names=_listed(tuple(holders)),
                    )
                )  # fmt: skip
            holder = holders[0] if holders and len(value) > 1 else None
        if holder is not None:
            beside = tuple(key for key in value if key != holder)
            notes = (Note("beside_left_out", texts=beside),) if beside else ()
            return _listed_rows(value[holder], what), notes
    return _listed_rows(value, what), ()


def _parts(value: Record) -> list[Record]:
    """Put train, dev and test of one object together, each row with the name of its split; none of other parts."""
    places = [part_of(name) for name in value]
    if len(value) < 2 or None in places or len(set(places)) < len(places) or not all(map(_many, value.values())):
        return []
    held = {name: list(rows.values()) if isinstance(rows, dict) else rows for name, rows in value.items()}
    return [{**row, "split": name} for name, rows in held.items() for row in rows]


def _many(value: Any) -> bool:
    """Return whether a value is several rows: a list or a dict of objects."""
    held = list(value.values()) if isinstance(value, dict) else value
    return isinstance(held, list) and all(isinstance(row, dict) for row in held)


def _listed_rows(value: Any, what: str) -> list[Record]:
    if isinstance(value, dict) and value:
        value = _of_object(value)
    if isinstance(value, list) and value and all(isinstance(row, list) for row in value):
        value = _of_lists(value, what)
    if isinstance(value, list) and any(isinstance(row, dict) for row in value):
        for at, row in enumerate(value, 1):
            if not isinstance(row, dict):
                raise DataError(
                    gettext_lazy(
                        "In the {what} row {at} is {kind}, not an object with the columns as the others are. "
                        "Correct it there or take it out.",
                        what=what, at=at, kind=_kind(row),
                    )
                )  # fmt: skip
    if not isinstance(value, list) or not value or not all(isinstance(row, dict) for row in value):
        raise DataError(
            gettext_lazy(
                "The {what} is JSON but holds no rows. Use a list of objects such as {example}, or one object a "
                "line.",
                what=what, example='[{"input": "…", "answer": "…"}]',
            )
        )  # fmt: skip
    return value


def _of_lists(rows: list[list[Any]], what: str) -> list[Record]:
    """Read rows that are lists, with the names in the first where it holds names."""
    width = max(map(len, rows))
    refuse_wide(width, what)
    columns = [f"column {at}" for at in range(1, width + 1)]
    if all(isinstance(cell, str) for cell in rows[0]):
        named, _ = header_of([tuple(map(_flat, row)) for row in rows], width, usual=False)
        columns, rows = (rows[0], rows[1:]) if named else (columns, rows)
    return [dict(zip(columns, row, strict=False)) for row in rows]


def _kind(cell: Any) -> str:
    kinds = {
        str: gettext_lazy("a text or a number"), list: gettext_lazy("a list"), bool: gettext_lazy("true or false"),
        type(None): "null",
    }  # fmt: skip
    return kinds.get(type(cell), gettext_lazy("a value"))


def _flat(cell: Any) -> str:
    return cell if isinstance(cell, str) else json.dumps(cell)


def _of_object(value: Record) -> list[Any]:
    """Read rows by key, columns by name (as pandas writes them by default), or a single row."""
    held = list(value.values())
    if held and all(isinstance(cells, dict) for cells in held):
        keys = list(held[0])
        by_column = keys == [str(at) for at in range(len(keys))] and all(list(cells) == keys for cells in held)
        return [{name: cells[key] for name, cells in value.items()} for key in keys] if by_column else held
    if len(held) > 1 and all(isinstance(cells, list) for cells in held) and len({*map(len, held)}) == 1:
        return [dict(zip(value, row, strict=True)) for row in zip(*held, strict=True)]
    return [value]


def of_rows(
    rows: Sequence[Mapping[str, Any]], what: str, format: str, n_bytes: int = 0, notes: tuple[Note, ...] = ()
) -> Table:
    """Make a table of rows that name their columns."""
    names = dict.fromkeys(key for row in rows for key in row)
    refuse_wide(len(names), what)
    return of_columns({name: [row.get(name) for row in rows] for name in names}, what, format, n_bytes, notes)


def of_columns(
    columns: Mapping[str, Sequence[Any]], what: str, format: str, n_bytes: int = 0, notes: tuple[Note, ...] = ()
) -> Table:
    """Make a table of columns of cells: texts, numbers, lists of them, or what cannot be used."""
    refuse_wide(len(columns), what)
    lists: list[ListColumn] = []
    nested: list[str] = []
    texts: list[list[str]] = []
    for column, held in columns.items():
        cells = [_best(cell) for cell in held] if column == "target_scores" else held
        if any(_deep(cell) for cell in cells):
            nested.append(whole(column))
            texts.append(
                ["" if cell is None else json.dumps(cell, ensure_ascii=False, default=str) for cell in cells]
            )
            continue
        items = tuple(tuple(map(_plain, cell if isinstance(cell, list) else [cell])) for cell in cells)
        if any(isinstance(cell, list) for cell in cells):
            lists.append(ListColumn(whole(column), items))
        texts.append([", ".join(entries) for entries in items])
    table = tuple(tuple(map(whole, row)) for row in zip(*texts, strict=True))
    if any("\ufffd" in cell for row in table for cell in row):
        notes += (Note("unreadable_characters"),)
    return Table(tuple(map(whole, columns)), table, format, n_bytes, notes, tuple(lists), tuple(nested))


def _best(cell: Any) -> Any:
    """Read BIG-bench `target_scores`: the choices with the highest score are the answers."""
    try:
        scores = {choice: float(score) for choice, score in cell.items()}
    except (AttributeError, TypeError, ValueError):
        return cell
    highest = max(scores.values(), default=0.0)
    return [choice for choice, score in scores.items() if score == highest]


def _deep(cell: Any) -> bool:
    return isinstance(cell, dict) or (isinstance(cell, list) and any(isinstance(e, dict | list) for e in cell))


def _plain(cell: Any) -> str:
    if cell is None or cell != cell:
        return ""
    if isinstance(cell, str):
        return whole(cell)
    return str(cell).lower() if isinstance(cell, bool) else whole(str(cell))  # true and false as JSON writes them


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(repr(name[:40]) for name in names[:5])
    if (n_more := len(names) - 5) > 0:
        return gettext_lazy("{names} and {n_more} more", names=shown, n_more=n_more)
    return shown
