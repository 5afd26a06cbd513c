"""`prompt-lab repair`: puts what can be read of a damaged lab book in a new one; the old one is only read."""

from __future__ import annotations

import argparse
from pathlib import Path

from lab.store.repair import repair
from lab.views.numbers import count


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("book", type=Path, metavar="BOOK", help="the file of the damaged lab book")
    parser.add_argument("to", type=Path, metavar="FILE", help="the new file")


def run(options: argparse.Namespace) -> int:
    """Write the new book and print what is in it, and return the exit status.

    Raises:
        LabError: when nothing can be read, or the new file is there already.
    """
    for table, (n_read, n_kept) in repair(options.book, options.to).items():
        if n_read:
            print(f"{table}: {count(n_kept)} of {count(n_read)}")
    return 0
