"""Reads a file of examples into a table of texts; what the file is, its content says, not its extension."""

from __future__ import annotations

import codecs
import json
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from lab.errors import DataError
from lab.tasks.formats import choices, delimited, fasttext, frames, promptfoo, records
from lab.tasks.table import Table
from lab.text import shortened

__all__ = ["MAX_BYTES", "is_hub", "named", "read_table", "safe_name", "table_of", "too_large"]

MAX_BYTES = 50_000_000
# What begins as these do is no table, whatever it is called.
_FOREIGN = (
    (b"\xd0\xcf\x11\xe0", "a workbook of an old Excel. Save it as .xlsx or as CSV (UTF-8)."),
    (b"\x1f\x8b", "compressed (gzip). Unpack it and load the file in it."),
    (b"BZh", "compressed (bzip2). Unpack it and load the file in it."),
    (b"\xfd7zXZ", "compressed (xz). Unpack it and load the file in it."),
    (b"7z\xbc\xaf", "a 7z archive. Unpack it and load the file in it."),
    (b"%PDF-", "a PDF. Save its table as CSV (UTF-8)."),
    (b"SQLite format 3", "an SQLite database. Export the table as CSV (UTF-8)."),
    (b"ARROW1", "an Arrow file. Save it as Parquet or CSV (UTF-8)."),
)
_FOREIGN_TEXTS = (
    ("<!doctype html", "a web page. Download the file of examples itself."),
    ("<html", "a web page. Download the file of examples itself."),
    ("<?xml", "XML. Save the table as CSV (UTF-8)."),
    ("version https://git-lfs", "a pointer of Git LFS, not the data. Fetch the file with `git lfs pull`."),
)
_PARQUET, _ZIP = b"PAR1", b"PK\x03\x04"

# The longer marks first: that of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def read_table(path: str | Path) -> Table:
    """Read CSV, TSV, JSON, JSON Lines, Parquet, Excel, fastText, tests of promptfoo, or `hf:NAME` of the hub.

    Raises:
        DataError: when the file cannot be read as a table of at least two columns and one row.
    """
    what = named(path)
    if is_hub(path):
        return _checked(frames.of_hub(str(path), what), what)
    data = _bytes(path, what)
    if data.startswith(_PARQUET):
        return _checked(frames.parquet(data, what), what)
    if data.startswith(_ZIP):
        if frames.is_workbook(data):
            return _checked(frames.workbook(data, what), what)
        raise DataError(f"The {what} is an archive, whatever its name says. Unpack it and load the file in it.")
    text = _text(data, what)
    if promptfoo.looks_like(text):
        tests = promptfoo.tests_of(promptfoo.parsed(text, what), what)
        if tests is None:
            raise DataError(
                f"The {what} is YAML but holds no tests. Give a list of them, each with vars and assert."
            )
        return _checked(records.of_tests(tests, what, "yaml", len(data)), what)
    return _checked(promptfoo.with_expected(_reader(text)(text, what, len(data))), what)


def _reader(text: str) -> Callable[[str, str, int], Table]:
    if records.looks_like(text):
        return records.read
    return fasttext.read if fasttext.looks_like(text) else delimited.read


def table_of(rows: Sequence[Mapping[str, object]], what: str) -> Table:
    """Make a table of records, which are read as if they stood in a JSON file.

    Raises:
        DataError: when they do not make a table of at least two columns and one row.
    """
    if not rows:
        raise DataError(f"The {what} holds no rows. Give at least eight.")
    if len({str(key) for row in rows for key in row}) < 2:
        raise DataError(f"The {what} has only one column. An input and an answer are needed.")
    try:
        text = json.dumps([{str(key): value for key, value in row.items()} for row in rows], default=_written)
    except (ValueError, RecursionError) as problem:
        raise DataError(f"The records cannot be used: {problem}. Use texts, numbers and flat lists.") from None
    return _checked(records.read(text, what, len(text)), what)


def _written(value: object) -> object:
    """Write a value that JSON does not know: a number of numpy, a date, a value that pandas misses."""
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    plain = getattr(value, "item", None)
    return plain() if callable(plain) else str(value)


def is_hub(path: str | Path) -> bool:
    """Return whether a path is the name of a data set of the Hugging Face hub, as `hf:OWNER/NAME`."""
    return isinstance(path, str) and path.startswith(frames.HUB)


def named(path: str | Path) -> str:
    """Return what messages call the source of a task: `file 'reviews.csv'`."""
    if is_hub(path):
        return f"data set {shortened(str(path), 80)!r}"
    return f"file {safe_name(path)!r}"


def safe_name(path: str | Path) -> str:
    """Return the base name of a path without control characters and not too long, for messages."""
    kept = "".join(c if unicodedata.category(c)[0] != "C" else "?" for c in Path(path).name)
    return kept if len(kept) <= 80 else kept[:60] + "…" + kept[-19:]


def _bytes(path: str | Path, what: str) -> bytes:
    try:
        path = Path(path)
        if path.is_dir():
            raise DataError(f"The {what} is a folder. Give the path of one CSV, TSV, JSON or JSONL file.")
        if not path.exists():
            raise DataError(f"There is no {what}. Check the path.")
        if not path.is_file():
            raise DataError(f"The {what} is not an ordinary file. Give the path of a CSV, TSV, JSON or JSONL file.")
        n_bytes = path.stat().st_size
        if n_bytes <= MAX_BYTES:
            with path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
            n_bytes = len(data)
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        raise DataError(f"The {what} cannot be read ({type(error).__name__}). Check its path.") from error
    if n_bytes > MAX_BYTES:
        raise DataError(too_large(what, f"{n_bytes / 1e6:,.0f}"))
    return data


def too_large(what: str, megabytes: str) -> str:
    """Say that a file is too large to be read."""
    return f"The {what} has {megabytes} MB; at most {MAX_BYTES / 1e6:,.0f} MB are read. Keep a sample of its rows."


def _text(data: bytes, what: str) -> str:
    mark, encoding = next((known for known in _MARKS if data.startswith(known[0])), (b"", "utf-8"))
    _refuse_binary(data, what, encoding)
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        at = error.start + len(mark)
        line = data[: error.start].count(b"\n") + 1
        raise DataError(
            f"The {what} is not {encoding.upper()} text: byte {at:,} (0x{data[at]:02x}), line {line:,}, is wrong. "
            "Save it as UTF-8 and load it again. In Excel: Save as, CSV UTF-8."
        ) from error
    if "\0" in text:
        raise DataError(f"The {what} holds null characters, so it is not text. Save it as UTF-8 CSV.")
    for start, kind in _FOREIGN_TEXTS:
        if text[:200].lstrip().casefold().startswith(start):
            raise DataError(f"The {what} is {kind}")
    if not text.strip():
        raise DataError(f"The {what} is empty. Give a file with at least eight rows.")
    return text


def _refuse_binary(data: bytes, what: str, encoding: str) -> None:
    for mark, kind in _FOREIGN:
        if data.startswith(mark):
            raise DataError(f"The {what} is {kind}")
    if encoding == "utf-8" and _is_wide(data[:100]):
        raise DataError(
            f"The {what} is UTF-16 text without its mark, as it seems. Save it as UTF-8 and load it again."
        )
    if encoding == "utf-8" and b"\0" in data:
        raise DataError(
            f"The {what} is binary: byte {data.index(0):,} is null. "
            "Save the table as CSV, TSV, JSON or JSONL in UTF-8."
        )


def _is_wide(data: bytes) -> bool:
    """Return whether bytes look like letters of two bytes each: one of every two is null, and the same one."""
    return len(data) > 3 and 0 in (sum(data[::2]), sum(data[1::2])) and sum(data) > 0


def _checked(table: Table, what: str) -> Table:
    twice = [column for column, n in Counter(table.columns).items() if n > 1]
    if twice:
        raise DataError(f"The {what} has two columns named {twice[0][:60]!r}. Rename one of them.")
    if len(table.columns) < 2:
        raise DataError(
            f"The {what} has only one column. An input and an answer are needed: separate them by a "
            "comma, semicolon or tab, or use JSON."
        )
    if not table.rows:
        raise DataError(f"The {what} has column names but no rows. Add at least eight rows.")
    return choices.with_options(table)
