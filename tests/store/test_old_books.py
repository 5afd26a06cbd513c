"""Books of earlier versions open, verify, show what they showed, and go on; the fixtures are kept byte for byte.

`golden/books/VERSION.sqlite.gz` was made by that version: every optimizer, edits, refusals, drafts and words of a
person that wait, constraints, flags, other models, prices, another owner. `VERSION.json` is what that version read.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from support.paths import GOLDEN

from lab.core.flaws import sentence
from lab.session import Session
from lab.store import Book
from lab.views.page import page

BOOKS = GOLDEN / "books"
VERSIONS = sorted(path.name.removesuffix(".sqlite.gz") for path in BOOKS.glob("*.sqlite.gz"))


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def book(version: str, tmp_path: Path) -> Book:
    path = tmp_path / "old.sqlite"
    path.write_bytes(gzip.decompress((BOOKS / f"{version}.sqlite.gz").read_bytes()))
    return Book(path)


@pytest.fixture
def known(version: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((BOOKS / f"{version}.json").read_text("utf-8"))
    return found


def read(book: Book, owner: str, branch: str) -> dict[str, Any]:
    """What this version reads of a branch, as the fixture has it of the version that made the book."""
    session = Session(book, owner)
    state = session.state(branch)
    here, held = state.branch, state.constraints
    return {
        "owner": owner, "name": here.name, "optimizer": state.optimizer.name,
        "phase": type(state.node.phase).__name__, "round": state.node.phase.round, "path": list(state.path),
        "n_nodes": len(state.nodes), "best": state.best.prompt if state.best else None,
        "best_score": state.best.score if state.best else None,
        "baseline": state.baseline.score if state.baseline else None, "pending": here.pending,
        "draft": [[place, mark.text, mark.keep, mark.why] for place, mark in state.draft],
        "words": {str(place): text for place, text in session.words(branch).items()},
        "flaws": [item.flaw and sentence(item.flaw) for item in (state.proposal.items if state.proposal else ())],
        "constraints": {
            "pinned": list(held.pinned), "hidden": list(held.hidden), "frozen": list(held.frozen),
            "longest_words": held.longest_words, "unbreakable": list(held.protected), "veto": held.veto,
        },
        "can_undo": here.can_undo, "can_redo": here.can_redo, "stops": list(here.stops),
        "target": here.models["target"].spec, "answering": here.models.answering,
        "calls": sum(spend.calls for _, spend in state.spends),
        "cached": sum(spend.cached for _, spend in state.spends), "done": state.done,
    }  # fmt: skip


def test_there_is_a_book_of_every_version() -> None:
    assert {"0.1", "0.2"} <= set(VERSIONS)


def test_every_id_of_an_old_book_verifies(book: Book, known: dict[str, Any]) -> None:
    assert book.verify() == (known["n_ids"], ())


def test_every_branch_of_an_old_book_shows_what_it_showed(book: Book, known: dict[str, Any]) -> None:
    for branch, told in known["branches"].items():
        assert read(book, told["owner"], branch) == told


def test_every_branch_of_an_old_book_can_be_drawn(book: Book, known: dict[str, Any]) -> None:
    for branch, told in known["branches"].items():
        assert told["name"] in page(Session(book, told["owner"]).state(branch)).header


async def test_every_branch_of_an_old_book_goes_on_from_what_was_drafted(book: Book, known: dict[str, Any]) -> None:
    for branch, told in known["branches"].items():
        session = Session(book, told["owner"])
        if told["pending"]:
            session.decide(branch, told["pending"], session.drafted(branch))
            assert session.state(branch).path[:-1] == tuple(told["path"])
        await session.autopilot(branch, 1)
        assert set(told["path"]) <= set(session.state(branch).nodes)
    assert book.verify()[1] == ()


async def test_words_and_marks_that_waited_in_an_old_book_are_used(book: Book, known: dict[str, Any]) -> None:
    for branch, told in known["branches"].items():
        session = Session(book, told["owner"])
        if told["name"] == "words waiting":
            await session.propose(branch)
            proposal = session.state(branch).proposal
            assert proposal is not None
            assert proposal.reworded == (0,)
        if told["name"] == "marks waiting":
            await session.propose(branch)
            assert [mark.text for _, mark in session.state(branch).draft] == [
                "Say positive or negative, and mind irony."
            ]


def test_whose_book_it_is_finds_the_runs_that_browsers_began_in_an_old_one(
    book: Book, known: dict[str, Any]
) -> None:
    session = Session(book)
    assert {branch.id for branch in session.branches()} == set(known["branches"])
    for branch, told in known["branches"].items():
        assert session.state(branch).node.phase.round == told["round"]
