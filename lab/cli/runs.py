"""`prompt-lab runs`: lists the runs of a lab book, and finds them by what they are and what is written on them."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from lab.cli.branch import add_book, open_book
from lab.cli.output import print_json
from lab.session import Session
from lab.session.listing import Listed, listed
from lab.views.runs import about, scored


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument(
        "--search", default="", metavar="TEXT", help="only those whose name, task, model, prompts or notes hold it"
    )
    parser.add_argument("--archived", action="store_true", help="those that are put away")
    parser.add_argument("--most", type=int, default=60, metavar="N", help="the newest N; default: 60")
    add_book(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Print a branch a line, the starred ones first, and return the exit status.

    Raises:
        LabError: when there is no such book.
    """
    book = open_book(options.book)
    try:
        found = listed(Session(book), options.search, archived=options.archived, most=options.most)
    finally:
        book.close()
    if options.json:
        print_json({"runs": [asdict(one) for one in found]})
    else:
        print("\n".join(map(_line, found)) or "No runs.")
    return 0


def _line(one: Listed) -> str:
    star, tags = "★ " if one.starred else "", "".join(f" [{tag}]" for tag in one.tags)
    told = one.hindered or f"{one.task}, {about(one)}, {scored(one)}"
    return "\n".join((f"{star}{one.name} ({one.branch}){tags}: {told}", *(f"    {note}" for note in one.notes)))
