"""`prompt-lab diff`: says what changed between two prompts or places of a run."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from lab.cli.branch import add_branch, open_branch
from lab.session.diff import Place, node_diff, place_called
from lab.views.evidence import comparison
from lab.views.lineage import diff_lines


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
        before = Place(state.context.task.start, state.path[0])
        after = Place(state.result, state.branch.node)
        before = place_called(state, book, options.before) if options.before else before
        after = place_called(state, book, options.after) if options.after else after
        got = {one: session.got(branch, one) for one in (before.prompt, after.prompt)}
        found = node_diff(state, book, before, after, got)
    finally:
        session.book.close()
    if options.json:
        sentence = "" if found.paired is None else comparison(found.paired)
        print(json.dumps({**asdict(found), "sentence": sentence}, ensure_ascii=False, default=str))
    else:
        print("\n".join(diff_lines(found)))
    return 0
