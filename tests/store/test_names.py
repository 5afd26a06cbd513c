"""Names of prompts, critiques and steps: given in the order they come, kept for good, also in books of before."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from lab.core.review import Mark, Verdict
from lab.session import Session
from lab.store import Book
from lab.tasks import bundled


async def reviewed(session: Session) -> tuple[str, list[str]]:
    """A ProTeGi round with a rejected, an edited and a set-aside step; return the branch and its proposals."""
    branch = session.begin(bundled.load("sentiment"))
    seen = []
    for verdict in ("accept", "accept", "reject", "edit", "again", "accept"):
        seen.append(await session.propose(branch))
        if verdict == "again":
            session.again(branch, seen[-1])
        else:
            marks = (Mark(0, text="The answer has to be one word."),) if verdict == "edit" else ()
            session.decide(branch, seen[-1], Verdict(verdict, marks))  # type: ignore[arg-type]
    return branch, seen


async def test_a_number_once_given_never_changes(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite")
    branch, seen = await reviewed(session)
    run = session.branch(branch).run
    before = dict(session.book.names(run).by_subject)
    names = session.book.names(run)
    assert [names.step(one) for one in seen] == [f"S{n}" for n in range(1, len(seen) + 1)]
    assert names.prompt(bundled.load("sentiment").start) == "P0"
    edited = names.critique("The answer has to be one word.")
    assert edited.startswith("C")
    session.undo(branch)
    other = session.fork(branch, session.branch(branch).node, "beside")
    await session.autopilot(other, 1)
    await session.autopilot(branch, 1)
    after = Session(tmp_path / "lab.sqlite").book.names(run).by_subject
    assert before.items() <= after.items()
    assert len(set(after.values())) == len(after)


async def test_what_a_rejected_step_made_keeps_its_names_and_the_next_go_on_counting(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite")
    branch, seen = await reviewed(session)
    book, names = session.book, session.book.names(session.branch(branch).run)
    rejected, edited = (book.proposal(seen[i]).items for i in (2, 3))
    numbers = [int(names.critique(item.text)[1:]) for item in (*rejected, *edited)]
    assert sorted(set(numbers)) == list(range(1, len(set(numbers)) + 1))


async def test_names_read_in_a_transaction_that_is_taken_back_are_not_kept(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite")
    branch = session.begin(bundled.load("sentiment"))
    run = session.branch(branch).run

    def taken_back() -> None:
        with session.book.transaction():
            session.book._names.add_start(run, "another beginning")
            assert session.book.names(run).prompt("another beginning") == "P0"
            raise RuntimeError

    with pytest.raises(RuntimeError):
        taken_back()
    assert session.book.names(run).prompt("another beginning") == ""


async def test_a_book_from_before_names_gets_those_that_it_would_have_now(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite")
    branch, _ = await reviewed(session)
    run = session.branch(branch).run
    named = dict(session.book.names(run).by_subject)
    session.book.close()
    with closing(sqlite3.connect(tmp_path / "lab.sqlite")) as db, db:
        db.execute("DROP TABLE names")
        db.execute("DELETE FROM migrations WHERE name = 'm009_names'")
    assert dict(Book(tmp_path / "lab.sqlite").names(run).by_subject) == named
