"""What `prompt-lab sensitivity` and `prompt-lab ablate` share: a prompt of a branch, measured in its variants."""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

from lab.cli.branch import add_branch, open_branch
from lab.cli.output import print_json
from lab.cli.texts import TEXT_OR_FILE, prompt_or_file
from lab.session.diff import place_called
from lab.session.variations import Kind, TriedVariant, Varied
from lab.views.numbers import percent
from lab.views.variations import changed, sentences

__all__ = ["add", "run"]


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


def run(options: argparse.Namespace, kind: Kind) -> int:
    """Measure the variants, print what they show, and return the exit status.

    Raises:
        LabError: when there is no such book, branch or prompt, or a model call failed for good.
    """
    session, branch = open_branch(options.book, options.branch)
    try:
        state = session.state(branch)
        named = prompt_or_file(options.prompt) if options.prompt else ""
        prompt = place_called(state, session.book, named).prompt if named else state.result
        asyncio.run(session.vary(branch, kind, prompt))
        found = session.varied(branch, kind, prompt)
    finally:
        session.book.close()
    print_json(_as_data(found)) if options.json else print(_as_text(found))
    return 0


def _as_data(found: Varied) -> dict[str, Any]:
    return {
        "prompt": found.prompt, "score": found.score, "spread": found.spread, "gain": found.gain,
        "n_dev": found.n_examples, "variants": [_row(one) for one in found.tried],
        "sentences": list(sentences(found)),
    }  # fmt: skip


def _row(one: TriedVariant) -> dict[str, Any]:
    return {
        "what": one.variant.what, "prompt": one.variant.text, "score": one.measure.score,
        "change": one.paired.change, "interval": one.paired.interval, "p_value": one.paired.p_value,
    }  # fmt: skip


def _as_text(found: Varied) -> str:
    rows = (f"{percent(one.measure.score):>6}  {changed(one):<26}  {one.variant.what}" for one in found.tried)
    return "\n".join((*sentences(found), "", *rows))
