"""`python -m lab transfer`: scores the prompts of a branch on other target models."""

from __future__ import annotations

import argparse
import asyncio
import json
from dataclasses import replace
from pathlib import Path

from lab.errors import MisuseError
from lab.session import Session
from lab.session.comparison import default_prompts, standing
from lab.store import Book
from lab.views.transfer import as_data, as_text


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("--book", type=Path, required=True, metavar="PATH", help="the lab book of the branch")
    parser.add_argument("--branch", required=True, metavar="NAME|ID", help="the branch, as `run --json` names it")
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
    if not options.book.is_file():
        raise MisuseError(f"There is no lab book at “{options.book}”.")
    session, branch = _found(options.book, options.branch)
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
        print(json.dumps({**as_data(state, rows), **calls}, ensure_ascii=False))
    else:
        print(as_text(state, rows))
    return 0


def _found(path: Path, named: str) -> tuple[Session, str]:
    """Return the branch of a name or an id, and the session of its owner, who may have made it in the page.

    Of branches of one name, those that were made here come before those of the page.
    """
    book = Book(path)
    mine, branches = Session(book).owner, book.all_branches()
    called = [branch for branch in branches if named in (branch.id, branch.name)]
    found = [branch for branch in called if branch.owner == mine] or called
    if len(found) == 1:
        return Session(book, found[0].owner), found[0].id
    book.close()
    if found:
        ids = ", ".join(branch.id for branch in found)
        raise MisuseError(f"{len(found)} branches are called “{named}”. Give one of their ids: {ids}.")
    known = ", ".join(f"{branch.name} ({branch.id})" for branch in branches) or "none yet"
    raise MisuseError(f"There is no branch “{named}” in this book. There is: {known}.")
