"""On a shared page another person's branch is nobody's: no act reaches it, and how its step ended is not forgotten."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from support.layout import bare_layout

from lab.models.access import Access
from lab.session.acts import ACTS
from lab.session.jobs import Report
from lab.store import Book
from lab.tasks.bundled import load
from lab.web.desk import Desk

WHOLE = {
    "place": 0, "keep": False, "text": "mine now", "node": "", "branch": "", "proposal": "", "marks": [], "rounds": 1,
    "name": "mine", "prompt": "Is it?", "why": "no", "optimizer": "ape", "model": "practice", "example": "",
}  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(Book(tmp_path / "lab.sqlite"), bare_layout(), Access(is_shared=True))


def everything(book: Book) -> list[str]:
    """Each row of the book, as SQLite writes it."""
    with closing(sqlite3.connect(f"file:{book.path}?mode=ro", uri=True)) as connection:
        return list(connection.iterdump())


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", sorted(ACTS))
async def test_no_act_reaches_another_persons_branch(desk: Desk, name: str) -> None:
    ann = desk.session("ann")
    branch = ann.begin(load("sentiment"))
    proposal = await ann.propose(branch)
    book = ann.book
    before = everything(book)
    here = {desk._layout.owner: "ben", desk._layout.branch: branch}
    said = {**WHOLE, "act": name, "proposal": proposal, "branch": branch, "node": ann.branch(branch).node}
    await desk.acted(here, cast("Any", SimpleNamespace(event=said)))
    assert everything(book) == before
    assert desk.session("ben").branches() == ()


@pytest.mark.filterwarnings("ignore::UserWarning")
async def test_how_another_persons_step_ended_is_not_forgotten(desk: Desk) -> None:
    ann = desk.session("ann")
    branch = ann.begin(load("sentiment"))

    async def breaks(report: Report) -> None:
        raise RuntimeError("the step broke")

    ann.jobs.start(branch, breaks)
    await ann.jobs.ended(branch)
    before = ann.version(branch).progress
    assert before is not None
    here = {desk._layout.owner: "ben", desk._layout.branch: branch}
    await desk.acted(here, cast("Any", SimpleNamespace(event={"act": "undo"})))
    assert ann.version(branch).progress == before
