"""`prompt-lab backup`: copies a lab book to a new file, whoever writes to it meanwhile."""

from __future__ import annotations

import argparse
from pathlib import Path

from lab.cli.branch import add_book
from lab.session import default_book
from lab.store.repair import backup


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("to", type=Path, metavar="FILE", help="the new file")
    add_book(parser)


def run(options: argparse.Namespace) -> int:
    """Copy the book, and return the exit status.

    Raises:
        LabError: when there is no such book, or the new file is there already.
    """
    backup(options.book or default_book(), options.to)
    print(options.to)
    return 0
