"""`prompt-lab import`: merges a run or a book from a `.lab` file into a lab book, after checking all of it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from lab.cli.branch import add_book
from lab.session import Session, default_book
from lab.store import Book
from lab.store.lab_file import take_in
from lab.views.numbers import counted


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the .lab file, as `export --format lab` writes it")
    add_book(parser)
    parser.add_argument(
        "--recording", action="store_true", help="replay it: its models are not asked, and it stays as it was"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Merge the file and print which branches it brought, and return the exit status.

    Raises:
        LabError: when it cannot be taken in; then nothing was changed.
    """
    book = Book(options.book or default_book())
    try:
        session = Session(book)
        found = take_in(book, options.file, session.owner, recording=options.recording)
        named = {id: book.branch(id, None).name for id in found.branches}
    finally:
        book.close()
    if options.json:
        print(json.dumps({"branches": named, "new": found.n_new, "left_out": found.n_left_out}, ensure_ascii=False))
    else:
        for id, name in named.items():
            print(f"{name} ({id})")
        print(f"{counted(found.n_new, 'row')} that were not here yet")
        if found.n_left_out:
            print(f"{counted(found.n_left_out, 'score')} left out: their replies are not in the file")
    return 0
