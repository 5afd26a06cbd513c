"""`prompt-lab test`: opens the sealed test split for prompts of a branch, on record and counted."""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

from lab.cli.branch import add_branch, open_branch
from lab.cli.output import print_json
from lab.cli.texts import TEXT_OR_FILE, prompt_or_file
from lab.session.sealed import Known, Tested
from lab.session.state import State
from lab.views.numbers import counted
from lab.views.sealed import known, opened, sentences


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    add_branch(parser)
    parser.add_argument(
        "--prompt", action="append", default=[], metavar=TEXT_OR_FILE,
        help="a prompt to measure; repeatable; default: the start prompt and the best one",
    )  # fmt: skip
    parser.add_argument("--reason", default="", metavar="TEXT", help="why it is opened now; it is kept")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Open the test split, print the scores on all splits, and return the exit status.

    Raises:
        LabError: when there is no such book or branch, or the test cannot be opened.
    """
    session, branch = open_branch(options.book, options.branch)
    try:
        prompts = tuple(map(prompt_or_file, options.prompt)) or session.to_test(branch)
        asyncio.run(session.open_test(branch, prompts, reason=options.reason))
        state = session.state(branch)
    finally:
        session.book.close()
    print_json(as_data(state, prompts)) if options.json else print(_as_text(state, prompts))
    return 0


def as_data(state: State, prompts: tuple[str, ...]) -> dict[str, Any]:
    """Return the scores and the openings as plain JSON; scores are in [0, 1]."""
    return {
        "task": state.context.task.name,
        "branch": state.branch.id,
        "target_model": state.branch.models["target"].spec,
        "n_test": state.sealed.n_examples,
        "n_openings": len(state.sealed.openings),
        "openings": [
            {"made": one.made, "reason": one.reason, "prompts": list(one.prompts)} for one in state.sealed.openings
        ],
        "prompts": [
            {"prompt": one.prompt, **{name: _data(on) for name, on in _splits(one)}}
            for one in state.sealed.tested
            if one.prompt in prompts
        ],
    }


def _splits(one: Tested) -> tuple[tuple[str, Known | None], ...]:
    return ("train", one.train), ("dev", one.dev), ("test", one.test)


def _data(on: Known | None) -> dict[str, Any] | None:
    return None if on is None else {"score": on.score, "interval": on.interval, "n": on.n, "n_all": on.n_all}


def _as_text(state: State, prompts: tuple[str, ...]) -> str:
    found = state.sealed
    lines = [f"{state.context.task.name}, {counted(found.n_examples, 'test example')}"]
    for one in found.tested:
        if one.prompt in prompts:
            lines += ["", *(f"   {line}" for line in one.prompt.splitlines())]
            lines += [f"   {name:5}  {known(on)}" for name, on in _splits(one)]
    looks = [f"   {opened(one)}  {one.reason or 'no reason was given'}" for one in found.openings]
    return "\n".join([*lines, "", *sentences(found, state.context.task.start), *looks])
