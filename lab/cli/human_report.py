"""`prompt-lab human-report`: what a person did in a run, and what each step changed, where that was tried."""

from __future__ import annotations

import argparse
import asyncio
import json

from lab.cli.branch import add_branch, open_branch
from lab.session.human import human_report
from lab.views.human import lines, records


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    add_branch(parser)
    parser.add_argument(
        "--without", action="append", default=[], metavar="STEP",
        help="first try this step, such as S31, on a branch of its own without what was done; may be repeated",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print one JSON list")


def run(options: argparse.Namespace) -> int:
    """Print what was done and what it changed, and return the exit status.

    Raises:
        LabError: when there is no such book, branch or step, or a model call fails for good.
    """
    session, branch = open_branch(options.book, options.branch)
    try:
        for step in options.without:
            asyncio.run(session.counterfactual(branch, step))
        deeds = human_report(session.state(branch), session.book)
    finally:
        session.book.close()
    if options.json:
        print(json.dumps(records(deeds), ensure_ascii=False))
    else:
        print("\n".join(lines(deeds)) if deeds else "Nobody changed anything in this run.")
    return 0
