"""`python -m lab transfer`: scores the prompts of a branch on other target models."""

from __future__ import annotations

import argparse
import asyncio
import json
from dataclasses import replace

from lab.cli.branch import add_branch, open_branch
from lab.errors import MisuseError
from lab.session.comparison import default_prompts, standing
from lab.views.transfer import as_data, as_text


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    add_branch(parser)
    parser.add_argument(
        "--to",
        action="append",
        required=True,
        metavar="M",
        help="practice, NAME, NAME@URL, gguf:PATH; repeatable",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Print which prompts keep their score and which lose, and return the exit status.

    Raises:
        LabError: when there is no such book or branch, or a model cannot be used.
    """
    session, branch = open_branch(options.book, options.branch)
    try:
        state = session.state(branch)
        prompts = default_prompts(state)
        others = list(dict.fromkeys(state.branch.models.using("target", target) for target in options.to))
        if state.branch.models in others:
            raise MisuseError("That is the target model of this branch already. Name another one with --to.")

        async def score() -> None:
            for models in others:
                await session.score_on(branch, prompts, models)

        asyncio.run(score())
        after = session.state(branch)
        specs = [models["target"].spec for models in others]
        asked = {spec: after.elsewhere[spec] for spec in specs}
        rows = standing(replace(after, elsewhere=asked))
        spends = [spend for _, spend in after.spends[len(state.spends) :]]
    finally:
        session.book.close()
    if options.json:
        calls = {"calls": sum(one.calls for one in spends), "cached": sum(one.cached for one in spends)}
        print(json.dumps({**as_data(after, rows), **calls}, ensure_ascii=False))
    else:
        print(as_text(after, rows))
    return 0
