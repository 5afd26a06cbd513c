"""`prompt-lab delete`: deletes a run with what only it holds, after saying how much that is."""

from __future__ import annotations

import argparse
import sys

from lab.cli.branch import add_run, open_branch
from lab.errors import MisuseError
from lab.views.runs import at_stake


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    add_run(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(options: argparse.Namespace) -> int:
    """Say what goes and what stays, ask, delete the run, and return the exit status.

    Raises:
        LabError: when there is no such book or run, a step is under way in it, or nobody can be asked.
    """
    session, branch = open_branch(options.book, options.run_or_branch, archived=True)
    try:
        stake = session.at_stake(branch)
        print(at_stake(stake))
        if not options.yes and not _agreed():
            print("Nothing was deleted.")
            return 1
        session.delete(branch, stake)
    finally:
        session.book.close()
    print("Deleted.")
    return 0


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise MisuseError("Nothing was deleted: nobody can be asked here. Say it with --yes.")
    return input("Delete it? Write yes: ").strip().lower() == "yes"
