"""`prompt-lab diff`: says what changed between two prompts or places of a run."""

from __future__ import annotations

import argparse
import json

from lab.cli.branch import add_branch, open_branch
from lab.session.diff import node_diff, places
from lab.views.lineage import diff_lines, record


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    add_branch(parser)
    what = "a prompt, such as P7, or a node of the run"
    parser.add_argument("before", nargs="?", default="", help=f"{what}; default: the start prompt")
    parser.add_argument("after", nargs="?", default="", help=f"{what}; default: the best prompt")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Print what changed, and return the exit status.

    Raises:
        LabError: when there is no such book, branch, prompt or node.
    """
    session, branch = open_branch(options.book, options.branch)
    try:
        state, book = session.state(branch), session.book
        before, after = places(state, book, options.before, options.after)
        got = {one: session.got(branch, one) for one in (before.prompt, after.prompt)}
        found = node_diff(state, book, before, after, got)
    finally:
        session.book.close()
    if options.json:
        print(json.dumps(record(found), ensure_ascii=False, default=str))
    else:
        print("\n".join(diff_lines(found)))
    return 0
