"""`python -m lab grade`: reads a folder of hand-ins, each verified and worked out anew without a model."""

from __future__ import annotations

import argparse
import csv
import sys
from dataclasses import astuple
from pathlib import Path
from typing import TextIO

from lab.errors import MisuseError
from lab.learn.grading import COLUMNS, Graded, grade
from lab.text import shortened, visible

_LONGEST = 200  # characters of a cell


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="of the files that lab.learn.hand_in wrote")
    parser.add_argument(
        "--csv", type=Path, metavar="FILE", help="write the rows there; else they are printed as CSV"
    )


def run(options: argparse.Namespace) -> int:
    """Write a row for each hand-in; return 1 where one could not be read or is not what it follows from.

    Raises:
        MisuseError: when there is no such folder, or no hand-in in it.
    """
    files = sorted(options.folder.glob("*.zip")) if options.folder.is_dir() else []
    if not files:
        raise MisuseError(f"There is no hand-in (*.zip) in “{options.folder}”.")
    rows = [grade(path) for path in files]
    if options.csv is None:
        _write(rows, sys.stdout)
    else:
        with options.csv.open("w", encoding="utf-8", newline="") as file:
            _write(rows, file)
    for row in rows:
        if row.problem or row.wrong:
            print(f"lab: {visible(row.file)}: {visible(row.problem) or f'{row.wrong} wrong'}", file=sys.stderr)
    return 1 if any(row.problem or row.wrong for row in rows) else 0


def _write(rows: list[Graded], file: TextIO) -> None:
    sheet = csv.writer(file, lineterminator="\n")
    sheet.writerow(COLUMNS)
    sheet.writerows([_inert(cell) for cell in astuple(row)] for row in rows)


def _inert(cell: object) -> object:
    """Keep a text of a student on one line, and a spreadsheet from taking it for a formula."""
    if not isinstance(cell, str):
        return cell
    line = visible(shortened(cell, _LONGEST))
    return f"'{line}" if line[:1] in ("=", "+", "-", "@") else line
