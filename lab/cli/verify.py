"""`python -m lab verify`: recomputes every id in a lab book."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from lab.errors import MisuseError
from lab.store import Book


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("book", type=Path, metavar="BOOK", help="the file of the lab book")


def run(options: argparse.Namespace) -> int:
    """Print what does not match its id, and return the exit status.

    Raises:
        LabError: when there is no such book, or it cannot be opened.
    """
    if not options.book.is_file():
        raise MisuseError(f"There is no lab book at “{options.book}”.")
    n, wrong = Book(options.book).verify()
    for sentence in wrong:
        print(f"lab: {sentence}", file=sys.stderr)
    print(f"{n} ids recomputed, {len(wrong)} wrong")
    return 1 if wrong else 0
