"""`prompt-lab blame`: says of each stretch of a prompt who wrote it, in which step, on which critique."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from lab.cli.branch import add_branch, open_branch
from lab.cli.texts import TEXT_OR_FILE, prompt_or_file
from lab.session.diff import place_called
from lab.session.lineage import Lineage
from lab.views.lineage import blame_lines


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    add_branch(parser)
    parser.add_argument(
        "--prompt",
        default="",
        metavar=f"NAME|{TEXT_OR_FILE}",
        help="a prompt of the run, such as P7; default: the best one",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Print where each stretch comes from, and return the exit status.

    Raises:
        LabError: when there is no such book, branch or prompt.
    """
    session, branch = open_branch(options.book, options.branch)
    try:
        state = session.state(branch)
        named = prompt_or_file(options.prompt) if options.prompt else ""
        prompt = place_called(state, session.book, named).prompt if named else state.result
        found = Lineage(state, session.book).blamed(prompt)
    finally:
        session.book.close()
    if options.json:
        print(json.dumps({"prompt": prompt, "stretches": [asdict(one) for one in found]}, ensure_ascii=False))
    else:
        print("\n".join(blame_lines(found)))
    return 0
