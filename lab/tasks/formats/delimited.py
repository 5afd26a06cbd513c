"""Reads CSV and TSV into a table: the delimiter, the quoting and the header are found in the content."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from lab.errors import DataError
from lab.i18n import gettext_lazy
from lab.tasks.formats.header import header_of
from lab.tasks.names import known
from lab.tasks.notes import Note
from lab.tasks.table import Table, refuse_wide

__all__ = ["of_rows", "read"]

_DELIMITERS = ("\t", ",", ";", "|")
_SAMPLE = 100_000
MAX_FIELD = 1_000_000
_MOST_TITLES = 5
_NAMED = {";": gettext_lazy("semicolons"), "|": gettext_lazy("bars")}

_RULE = re.compile(r"\|?\s{0,20}:?-+:?\s{0,20}(?:\|\s{0,20}:?-+:?\s{0,20}){1,1000}\|?")
_BAR = re.compile(r"(?<!\\)\|")

Row = tuple[str, ...]


def read(text: str, what: str, n_bytes: int) -> Table:
    """Make a table of delimited text.

    Raises:
        DataError: when no delimiter makes two columns, or a field is larger than a field can be.
    """
    text = re.sub(r"\Asep=[,;|\t]\r?\n", "", text)  # a hint for spreadsheets, not a row
    if drawn := _drawn(text):
        return of_rows(drawn, what, "csv", n_bytes, (Note("separated_by", texts=(_NAMED["|"],)),))
    delimiter = _delimiter(text)
    rows, quoted = _parse(text, delimiter, what) if delimiter else ([], True)
    if delimiter is None or not _evenness(rows):
        rows = [(line,) for line in text.split("\n") if line.strip()]
        return Table(("column 1",), tuple(rows), "csv", n_bytes)
    notes: tuple[Note, ...] = () if quoted else (Note("quotes_kept"),)
    if delimiter not in "\t,":
        notes += (Note("separated_by", texts=(_NAMED[delimiter],)),)
    return of_rows(rows, what, "tsv" if delimiter == "\t" else "csv", n_bytes, notes)


def of_rows(rows: Sequence[Row], what: str, format: str, n_bytes: int, notes: tuple[Note, ...] = ()) -> Table:
    """Make a table of rows of cells, whose first may hold the names of the columns."""
    refuse_wide(max(map(len, rows)), what)
    width = _width(rows)
    titles = _titles(rows, width)
    notes = (*notes, Note("title_left_out", texts=titles)) if titles else notes
    rows = [_trimmed(row, width) for row in rows[len(titles) :]]
    header, said = header_of(rows, width, usual=format != "tsv")
    columns = rows[0] if header else tuple(f"column {at}" for at in range(1, width + 1))
    ragged = tuple(at for at, row in enumerate(rows[header:]) if len(row) != width)
    body = [(*row, *[""] * width)[:width] for row in rows[header:]]
    columns, body, more = _named(columns, body)
    return Table(columns, tuple(body), format, n_bytes, (*said, *more, *notes), ragged=ragged)


def _drawn(text: str) -> list[Row]:
    """Return the rows of a table as Markdown draws it, without its rule; nothing for any other text."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if len(lines) < 2 or not _RULE.fullmatch(lines[1]) or not all("|" in line for line in lines):
        return []
    cut = [_BAR.split(line.removeprefix("|").removesuffix("|")) for line in (lines[0], *lines[2:])]
    return [tuple(cell.strip().replace("\\|", "|") for cell in row) for row in cut]


def _rows(text: str, delimiter: str, *, quoted: bool, strict: bool) -> list[Row]:
    # newline="" ends lines at \n, \r\n and \r only: U+2028 and U+0085 are text.
    lines = io.StringIO(text, newline="")
    before = csv.field_size_limit(MAX_FIELD)
    try:
        return _read_rows(lines, delimiter, quoted=quoted, strict=strict)
    finally:
        csv.field_size_limit(before)


def _read_rows(lines: io.StringIO, delimiter: str, *, quoted: bool, strict: bool) -> list[Row]:
    if quoted:
        reader = csv.reader(lines, delimiter=delimiter, strict=strict)
    else:
        reader = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    return [tuple(row) for row in reader if any(map(str.strip, row))]


def _delimiter(text: str) -> str | None:
    """Find the delimiter that makes the most even rows, then the most columns with a known name."""
    sample = text if len(text) <= _SAMPLE else text[: text.rfind("\n", 0, _SAMPLE) + 1] or text[:_SAMPLE]
    scores = [(*max(_scores(sample, delimiter)), delimiter) for delimiter in _DELIMITERS]
    even, _, delimiter = max(scores, key=lambda score: score[:2])  # the first of equals
    return delimiter if even >= 0.5 else None


def _scores(sample: str, delimiter: str) -> Iterable[tuple[float, int]]:
    for quoted in (True, False):
        try:
            rows = _rows(sample, delimiter, quoted=quoted, strict=False)
        except csv.Error:
            rows = []
        yield _evenness(rows), sum(map(known, rows[0])) if rows else 0


def _evenness(rows: Sequence[Row]) -> float:
    widths = Counter(len(row) for row in rows if len(row) > 1)
    return max(widths.values(), default=0) / max(len(rows), 1)


def _width(rows: Sequence[Row]) -> int:
    return Counter(len(row) for row in rows if len(row) > 1).most_common(1)[0][0]


def _parse(text: str, delimiter: str, what: str) -> tuple[list[Row], bool]:
    """Parse with quotes where that is well-formed, else with quotes as text where that is even."""
    tries: dict[str, list[Row]] = {}
    for way, quoted, strict in (("strict", True, True), ("bare", False, False), ("loose", True, False)):
        try:
            tries[way] = _rows(text, delimiter, quoted=quoted, strict=strict)
        except csv.Error as error:
            if way == "loose" and not tries:
                raise DataError(
                    gettext_lazy(
                        "The {what} cannot be split into columns ({problem}). Look for a quotation mark that is "
                        "never closed, or a field of more than {most:,} characters.",
                        what=what, problem=str(error), most=MAX_FIELD,
                    )
                ) from error  # fmt: skip
    bare = tries.get("bare", [])
    if "strict" in tries:
        strict_rows = tries["strict"]
        # A tab and a line end inside one field: bare quotes of two rows were taken for one field (SemEval).
        swallowed = delimiter == "\t" and any("\t" in c and "\n" in c for row in strict_rows for c in row)
        if not (swallowed and _evenness(bare) == 1 and len(bare) > len(strict_rows)):
            return strict_rows, True
    if "loose" not in tries or _evenness(bare) >= _evenness(tries["loose"]):
        return bare, False
    return tries["loose"], True


def _titles(rows: Sequence[Row], width: int) -> tuple[str, ...]:
    """Return the lines of one text each that stand above a line of known column names, as reports have them."""
    filled = [[cell for cell in row if cell.strip()] for row in rows[: _MOST_TITLES + 1]]
    n = next((at for at, cells in enumerate(filled) if len(cells) != 1), 0)
    named = width > 1 and n and len(filled[n]) == width and any(map(known, filled[n]))
    return tuple(cells[0].strip() for cells in filled[:n]) if named else ()


def _trimmed(row: Row, width: int) -> Row:
    """Cut blank fields behind the last column, as a delimiter at the end of a line leaves them."""
    return row if any(map(str.strip, row[width:])) else row[:width]


def _named(columns: Row, body: list[Row]) -> tuple[Row, list[Row], tuple[Note, ...]]:
    """Name the columns without a name, and leaves out those that hold nothing or only count the rows."""
    body = [(*row, *("",) * (len(columns) - len(row))) for row in body]
    kept: list[int] = []
    counted = False
    for at, name in enumerate(columns):
        cells = [row[at].strip() for row in body]
        unnamed = not name.strip() or re.fullmatch(r"Unnamed: \d+(\.\d+)?", name) is not None
        index = unnamed and at == 0 and all(map(str.isdecimal, cells)) and len(set(cells)) == len(cells)
        counted = counted or index
        if not index and not (unnamed and not any(cells)):
            kept.append(at)
    names = tuple(columns[at].strip() or f"column {at + 1}" for at in kept)
    notes = (Note("index_left_out"),) if counted else ()
    return names, [tuple(row[at] for at in kept) for row in body], notes
