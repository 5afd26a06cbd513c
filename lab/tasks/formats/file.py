"""Reads a file of examples into a table of texts; what the file is, its content says, not its extension."""

from __future__ import annotations

import codecs
import json
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from lab.errors import DataError
from lab.i18n import Message, gettext_lazy
from lab.tasks.formats import choices, delimited, fasttext, frames, promptfoo, records
from lab.tasks.table import Table
from lab.text import shortened

__all__ = ["MAX_BYTES", "is_hub", "named", "read_table", "safe_name", "table_of", "too_large"]

MAX_BYTES = 50_000_000
# What begins as these do is no table, whatever it is called.
_FOREIGN = (
    (b"\xd0\xcf\x11\xe0", gettext_lazy("a workbook of an old Excel. Save it as .xlsx or as CSV (UTF-8).")),
    (b"\x1f\x8b", gettext_lazy("compressed (gzip). Unpack it and load the file in it.")),
    (b"BZh", gettext_lazy("compressed (bzip2). Unpack it and load the file in it.")),
    (b"\xfd7zXZ", gettext_lazy("compressed (xz). Unpack it and load the file in it.")),
    (b"7z\xbc\xaf", gettext_lazy("a 7z archive. Unpack it and load the file in it.")),
    (b"%PDF-", gettext_lazy("a PDF. Save its table as CSV (UTF-8).")),
    (b"SQLite format 3", gettext_lazy("an SQLite database. Export the table as CSV (UTF-8).")),
    (b"ARROW1", gettext_lazy("an Arrow file. Save it as Parquet or CSV (UTF-8).")),
)
_WEB_PAGE = gettext_lazy("a web page. Download the file of examples itself.")
_FOREIGN_TEXTS = (
    ("<!doctype html", _WEB_PAGE),
    ("<html", _WEB_PAGE),
    ("<?xml", gettext_lazy("XML. Save the table as CSV (UTF-8).")),
    (
        "version https://git-lfs",
        gettext_lazy("a pointer of Git LFS, not the data. Fetch the file with `git lfs pull`."),
    ),
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
        raise DataError(
            gettext_lazy(
                "The {what} is an archive, whatever its name says. Unpack it and load the file in it.", what=what
            )
        )
    text = _text(data, what)
    if promptfoo.looks_like(text):
        tests = promptfoo.tests_of(promptfoo.parsed(text, what), what)
        if tests is None:
            raise DataError(
                gettext_lazy(
                    "The {what} is YAML but holds no tests. Give a list of them, each with vars and assert.",
                    what=what,
                )
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
        raise DataError(gettext_lazy("The {what} holds no rows. Give at least eight.", what=what))
    if len({str(key) for row in rows for key in row}) < 2:
        raise DataError(
            gettext_lazy("The {what} has only one column. An input and an answer are needed.", what=what)
        )
    try:
        text = json.dumps([{str(key): value for key, value in row.items()} for row in rows], default=_written)
    except (ValueError, RecursionError) as problem:
        raise DataError(
            gettext_lazy(
                "The records cannot be used: {problem}. Use texts, numbers and flat lists.", problem=str(problem)
            )
        ) from None
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


def named(path: str | Path) -> Message:
    """Return what messages call the source of a task: `file 'reviews.csv'`."""
    if is_hub(path):
        return gettext_lazy("data set {name!r}", name=shortened(str(path), 80))
    return gettext_lazy("file {name!r}", name=safe_name(path))


def safe_name(path: str | Path) -> str:
    """Return the base name of a path without control characters and not too long, for messages."""
    kept = "".join(c if unicodedata.category(c)[0] != "C" else "?" for c in Path(path).name)
    return kept if len(kept) <= 80 else kept[:60] + "…" + kept[-19:]


def _bytes(path: str | Path, what: str) -> bytes:
    try:
        path = Path(path)
        if path.is_dir():
            raise DataError(
                gettext_lazy(
                    "The {what} is a folder. Give the path of one CSV, TSV, JSON or JSONL file.", what=what
                )
            )
        if not path.exists():
            raise DataError(gettext_lazy("There is no {what}. Check the path.", what=what))
        if not path.is_file():
            raise DataError(
                gettext_lazy(
                    "The {what} is not an ordinary file. Give the path of a CSV, TSV, JSON or JSONL file.",
                    what=what,
                )
            )
        n_bytes = path.stat().st_size
        if n_bytes <= MAX_BYTES:
            with path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
            n_bytes = len(data)
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        raise DataError(
            gettext_lazy(
                "The {what} cannot be read ({problem}). Check its path.", what=what, problem=type(error).__name__
            )
        ) from error
    if n_bytes > MAX_BYTES:
        raise DataError(too_large(what, f"{n_bytes / 1e6:,.0f}"))
    return data


def too_large(what: str, megabytes: str) -> Message:
    """Say that a file is too large to be read."""
    return gettext_lazy(
        "The {what} has {megabytes} MB; at most {most:,.0f} MB are read. Keep a sample of its rows.",
        what=what, megabytes=megabytes, most=MAX_BYTES / 1e6,
    )  # fmt: skip


def _text(data: bytes, what: str) -> str:
    mark, encoding = next((known for known in _MARKS if data.startswith(known[0])), (b"", "utf-8"))
    _refuse_binary(data, what, encoding)
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        at = error.start + len(mark)
        line = data[: error.start].count(b"\n") + 1
        raise DataError(
            gettext_lazy(
                "The {what} is not {encoding} text: byte {at:,} (0x{byte:02x}), line {line:,}, is wrong. Save it "
                "as UTF-8 and load it again. In Excel: Save as, CSV UTF-8.",
                what=what, encoding=encoding.upper(), at=at, byte=data[at], line=line,
            )
        ) from error  # fmt: skip
    if "\0" in text:
        raise DataError(
            gettext_lazy("The {what} holds null characters, so it is not text. Save it as UTF-8 CSV.", what=what)
        )
    for start, kind in _FOREIGN_TEXTS:
        if text[:200].lstrip().casefold().startswith(start):
            raise _foreign(what, kind)
    if not text.strip():
        raise DataError(gettext_lazy("The {what} is empty. Give a file with at least eight rows.", what=what))
    return text


def _foreign(what: str, kind: str) -> DataError:
    return DataError(gettext_lazy("The {what} is {kind}", what=what, kind=kind))


def _refuse_binary(data: bytes, what: str, encoding: str) -> None:
    for mark, kind in _FOREIGN:
        if data.startswith(mark):
            raise _foreign(what, kind)
    if encoding == "utf-8" and _is_wide(data[:100]):
        raise DataError(
            gettext_lazy(
                "The {what} is UTF-16 text without its mark, as it seems. Save it as UTF-8 and load it again.",
                what=what,
            )
        )
    if encoding == "utf-8" and b"\0" in data:
        raise DataError(
            gettext_lazy(
                "The {what} is binary: byte {at:,} is null. Save the table as CSV, TSV, JSON or JSONL in UTF-8.",
                what=what, at=data.index(0),
            )
        )  # fmt: skip


def _is_wide(data: bytes) -> bool:
    """Return whether bytes look like letters of two bytes each: one of every two is null, and the same one."""
    return len(data) > 3 and 0 in (sum(data[::2]), sum(data[1::2])) and sum(data) > 0


def _checked(table: Table, what: str) -> Table:
    twice = [column for column, n in Counter(table.columns).items() if n > 1]
    if twice:
        raise DataError(
            gettext_lazy(
                "The {what} has two columns named {column!r}. Rename one of them.", what=what, column=twice[0][:60]
            )
        )
    if len(table.columns) < 2:
        raise DataError(
            gettext_lazy(
                "The {what} has only one column. An input and an answer are needed: separate them by a comma, "
                "semicolon or tab, or use JSON.",
                what=what,
            )
        )
    if not table.rows:
        raise DataError(
            gettext_lazy("The {what} has column names but no rows. Add at least eight rows.", what=what)
        )
    return choices.with_options(table)
