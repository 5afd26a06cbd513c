"""Which branch of which lab book a command is about."""

from __future__ import annotations

import argparse
from pathlib import Path

from lab.errors import MisuseError
from lab.session import Session, default_book
from lab.store import Book


def add_book(parser: argparse.ArgumentParser) -> None:
    """Declare the argument that names a lab book."""
    parser.add_argument(
        "--book", type=Path, metavar="PATH", help="the lab book; default: LAB_BOOK, or that of your user"
    )


def add_branch(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments that name a branch."""
    add_book(parser)
    parser.add_argument(
        "--branch", "--run", required=True, metavar="NAME|ID",
        help="the branch, by its name or as `run --json` names it",
    )  # fmt: skip


def add_run(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments that name a run by one of its branches, put away or not."""
    parser.add_argument("run_or_branch", metavar="RUN", help="the name or the id of a run or a branch of it")
    add_book(parser)


def open_book(path: Path | None) -> Book:
    """Open a lab book that is there; without a path the default one.

    Raises:
        MisuseError: when there is none.
    """
    path = path or default_book()
    if not path.is_file():
        raise MisuseError(f"There is no lab book at “{path}”.")
    return Book(path)


def open_branch(path: Path | None, named: str, *, archived: bool = False) -> tuple[Session, str]:
    """Return the branch of a name or an id, and the session of its owner, who may have made it in the page.

    Without a path it is in the default book. Of branches of one name, those made here come before those of the
    page. With `archived`, those that are put away are looked through too.

    Raises:
        MisuseError: when there is no such book or branch, or several branches have the name.
    """
    book = open_book(path)
    mine, branches = Session(book).owner, book.all_branches()
    if archived:
        branches += book.archived_branches()
    called = [branch for branch in branches if named in (branch.id, branch.name)]
    found = [branch for branch in called if branch.owner == mine] or called
    if len(found) == 1:
        return Session(book, found[0].owner), found[0].id
    book.close()
    if found:
        ids = ", ".join(branch.id for branch in found)
        raise MisuseError(f"{len(found)} branches are called “{named}”. Give one of their ids: {ids}.")
    known = ", ".join(f"{branch.name} ({branch.id})" for branch in branches) or "none yet"
    raise MisuseError(f"There is no branch “{named}” in this book. Choose one of: {known}.")
