"""Reads a file of examples into a table of texts; what the file is, its content says, not its extension."""

from __future__ import annotations

import codecs
import json
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from lab.errors import DataError
from lab.tasks.formats import delimited, records
from lab.tasks.table import Table

__all__ = ["MAX_BYTES", "read_table", "safe_name", "table_of"]

MAX_BYTES = 50_000_000

# The longer marks first: that of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def read_table(path: str | Path) -> Table:
    """Read CSV, TSV, JSON or JSON Lines.

    Raises:
        DataError: when the file cannot be read as a table of at least two columns and one row.
    """
    name = safe_name(path)
    data = _bytes(path, name)
    text = _text(data, name)
    reader = records.read if records.looks_like(text) else delimited.read
    return _checked(reader(text, name, len(data)), name)


def table_of(rows: Sequence[Mapping[str, object]], name: str) -> Table:
    """Make a table of records, which are read as if they stood in a JSON file.

    Raises:
        DataError: when they do not make a table of at least two columns and one row.
    """
    try:
        text = json.dumps([{str(key): value for key, value in row.items()} for row in rows], default=_written)
    except (ValueError, RecursionError) as problem:
        raise DataError(f"The records cannot be used: {problem}. Use texts, numbers and flat lists.") from None
    return _checked(records.read(text, name, len(text)), name)


def _written(value: object) -> object:
    """Write a value that JSON does not know: a number of numpy, a date, a value that pandas misses."""
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    plain = getattr(value, "item", None)
    return plain() if callable(plain) else str(value)


def safe_name(path: str | Path) -> str:
    """Return the base name of a path without control characters and not too long, for messages."""
    kept = "".join(c if unicodedata.category(c)[0] != "C" else "?" for c in Path(path).name)
    return kept if len(kept) <= 80 else kept[:60] + "…" + kept[-19:]


def _bytes(path: str | Path, name: str) -> bytes:
    try:
        path = Path(path)
        if path.is_dir():
            raise DataError(f"{name!r} is a folder. Give the path of one CSV, TSV, JSON or JSONL file.")
        if not path.exists():
            raise DataError(f"There is no file {name!r}. Check the path.")
        if not path.is_file():
            raise DataError(f"{name!r} is not an ordinary file. Give the path of a CSV, TSV, JSON or JSONL file.")
        n_bytes = path.stat().st_size
        if n_bytes <= MAX_BYTES:
            with path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
            n_bytes = len(data)
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        raise DataError(f"The file {name!r} cannot be read ({type(error).__name__}). Check its path.") from error
    if n_bytes > MAX_BYTES:
        raise DataError(
            f"The file {name!r} has {n_bytes / 1e6:,.0f} MB; at most {MAX_BYTES / 1e6:,.0f} MB are read. "
            "Keep a sample of its rows."
        )
    return data


def _text(data: bytes, name: str) -> str:
    mark, encoding = next((known for known in _MARKS if data.startswith(known[0])), (b"", "utf-8"))
    _refuse_binary(data, name, encoding)
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        at = error.start + len(mark)
        raise DataError(
            f"The file {name!r} is not {encoding.upper()} text: byte {at:,} (0x{data[at]:02x}) is wrong. "
            "Save it as UTF-8 and load it again. In Excel: Save as, CSV UTF-8."
        ) from error
    if "\0" in text:
        raise DataError(f"The file {name!r} holds null characters, so it is not text. Save it as UTF-8 CSV.")
    if not text.strip():
        raise DataError(f"The file {name!r} is empty. Give a file with at least eight rows.")
    return text


def _refuse_binary(data: bytes, name: str, encoding: str) -> None:
    if data.startswith(b"PK\x03\x04"):
        raise DataError(f"The file {name!r} is a workbook or an archive. Export the sheet as CSV (UTF-8) first.")
    if encoding == "utf-8" and b"\0" in data:
        raise DataError(
            f"The file {name!r} is binary: byte {data.index(0):,} is null. "
            "Save the table as CSV, TSV, JSON or JSONL in UTF-8."
        )


def _checked(table: Table, name: str) -> Table:
    twice = [column for column, n in Counter(table.columns).items() if n > 1]
    if twice:
        raise DataError(f"The file {name!r} has two columns named {twice[0][:60]!r}. Rename one of them.")
    if len(table.columns) < 2:
        raise DataError(
            f"The file {name!r} has only one column. An input and an answer are needed: separate them by a "
            "comma, semicolon or tab, or use JSON."
        )
    if not table.rows:
        raise DataError(f"The file {name!r} has column names but no rows. Add at least eight rows.")
    return table
