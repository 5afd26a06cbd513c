"""`prompt-lab archive`: puts a run away, so that no list shows it, or takes it out again."""

from __future__ import annotations

import argparse

from lab.cli.branch import add_run, open_branch


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    add_run(parser)
    parser.add_argument("--back", action="store_true", help="take it out again")


def run(options: argparse.Namespace) -> int:
    """Put the run away or take it out, say so, and return the exit status.

    Raises:
        LabError: when there is no such book or run, or a step is under way in it.
    """
    session, branch = open_branch(options.book, options.run_or_branch, archived=True)
    try:
        name = session.branch(branch).name
        session.archive(branch, not options.back)
    finally:
        session.book.close()
    print(f"“{name}” is in the lists again." if options.back else f"“{name}” is put away; --back takes it out.")
    return 0
