"""Reads tables that other libraries hold: Parquet, Excel workbooks, data sets of the Hugging Face hub."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from importlib import import_module
from types import ModuleType
from typing import Any

from lab.errors import DataError
from lab.i18n import gettext_lazy
from lab.tasks.formats import delimited, records
from lab.tasks.notes import Note
from lab.tasks.table import Table

__all__ = ["HUB", "is_workbook", "of_hub", "parquet", "workbook"]

HUB = "hf:"
_MAX_ROWS = 100_000
_MAX_UNPACKED_BYTES = 500_000_000
_SPLITS = ("train", "validation", "dev", "test")


def is_workbook(data: bytes) -> bool:
    """Return whether an archive is an Excel workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return "xl/workbook.xml" in packed.namelist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return False


def parquet(data: bytes, what: str) -> Table:
    """Make a table of a Parquet file; classes of a Hugging Face data set are read by their names.

    Raises:
        DataError: when pyarrow is not installed, or the file is damaged.
    """
    _needed("pyarrow", "Parquet", "data")
    import pyarrow
    from pyarrow import parquet as reader

    try:
        held = reader.read_table(io.BytesIO(data))
        columns = {name: held.column(name).to_pylist() for name in dict.fromkeys(held.column_names)}
    except (pyarrow.ArrowException, ValueError, KeyError) as error:
        raise DataError(
            gettext_lazy("The {what} is a damaged Parquet file. Save it again, or as CSV.", what=what)
        ) from error
    for name, names in _classes((held.schema.metadata or {}).get(b"huggingface", b"")).items():
        if name in columns:
            columns[name] = [_class_name(cell, names) for cell in columns[name]]
    return records.of_columns(columns, what, "parquet", len(data))


def workbook(data: bytes, what: str) -> Table:
    """Make a table of the first sheet of an Excel workbook that has two columns.

    Raises:
        DataError: when openpyxl is not installed, the workbook is damaged, or no sheet holds a table.
    """
    _needed("openpyxl", "Excel", "data")
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > _MAX_UNPACKED_BYTES:
                raise DataError(
                    gettext_lazy("The {what} is too large when unpacked. Keep a sample of its rows.", what=what)
                )
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = {sheet.title: _sheet(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise DataError(
            gettext_lazy("The {what} is a damaged workbook. Save it again, or as CSV (UTF-8).", what=what)
        ) from error
    used = next((title for title, rows in sheets.items() if rows and max(map(len, rows)) > 1), None)
    if used is None:
        raise DataError(
            gettext_lazy(
                "No sheet of the {what} has two columns. Put an input and an answer beside each other.", what=what
            )
        )
    others = tuple(title for title, rows in sheets.items() if rows and title != used)
    notes = (Note("sheets_left_out", texts=(used, *others)),) if others else ()
    return delimited.of_rows(sheets[used], what, "excel", len(data), notes)


def of_hub(name: str, what: str) -> Table:
    """Make a table of a data set of the Hugging Face hub: `hf:OWNER/NAME`, with `:CONFIG` or `@SPLIT` behind it.

    Raises:
        DataError: when datasets is not installed, or it cannot load the data set.
    """
    datasets = _needed("datasets", gettext_lazy("a data set by name"), "hub")
    found = re.fullmatch(r"hf:(?P<path>[^:@]+)(?::(?P<config>[^@]+))?(?:@(?P<split>.+))?", name)
    if found is None:
        raise DataError(
            gettext_lazy(
                "The {what} is not named as hf:OWNER/NAME, hf:OWNER/NAME:CONFIG or one of them with @SPLIT.",
                what=what,
            )
        )
    try:
        held = datasets.load_dataset(found["path"], found["config"], split=found["split"])
    except Exception as error:  # whatever its loaders and the network raise
        why = " ".join(str(error).split())[:200]
        raise DataError(
            gettext_lazy(
                "The {what} cannot be loaded ({kind}: {problem}). Check its name and the network, or load a file "
                "of it.",
                what=what, kind=type(error).__name__, problem=why,
            )
        ) from error  # fmt: skip
    parts = held if isinstance(held, Mapping) else {"": held}
    parts = {key: parts[key] for key in _SPLITS if key in parts} or {key: parts[key] for key in list(parts)[:1]}
    columns: dict[str, list[Any]] = {}
    notes: tuple[Note, ...] = ()
    for split, part in parts.items():
        if len(part) > _MAX_ROWS:
            notes += (Note("rows_capped", _MAX_ROWS, (split or name,)),)
            part = part.select(range(_MAX_ROWS))
        for column, feature in part.features.items():
            names = getattr(feature, "names", None)
            cells = part[column][:]
            columns.setdefault(column, []).extend(_class_name(cell, names) for cell in cells)
        if len(parts) > 1:
            columns.setdefault("split", []).extend([split] * len(part))
    return records.of_columns(columns, what, "hub", notes=notes)


def _needed(module: str, what: str, extra: str) -> ModuleType:
    try:
        return import_module(module)
    except ImportError as error:
        raise DataError(
            gettext_lazy(
                "Reading {what} needs the package {package}, which is not installed: {command}.",
                what=what, package=module, command=f"pip install 'prompt-lab[{extra}]'",
            )
        ) from error  # fmt: skip


def _sheet(rows: Iterable[Sequence[object]]) -> list[tuple[str, ...]]:
    texts = (tuple(map(_cell, row)) for row in rows)
    return [row for row in texts if any(map(str.strip, row))]


def _cell(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == cell.time().min else cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _classes(metadata: bytes) -> Mapping[str, Sequence[str]]:
    """Return the names of the classes by column, as the hub writes them into a Parquet file."""
    try:
        features = json.loads(metadata)["info"]["features"]
        return {name: one["names"] for name, one in features.items() if one.get("_type") == "ClassLabel"}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def _class_name(cell: Any, names: Sequence[str] | None) -> Any:
    return names[cell] if names and isinstance(cell, int) and 0 <= cell < len(names) else cell
