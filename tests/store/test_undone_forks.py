"""A book from before forks could be told from what was put away: what was undone in it stays undone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from lab.session import Session
from lab.tasks.bundled import load


def test_a_fork_that_was_undone_in_an_older_book_stays_away_when_its_run_is_taken_out(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite")
    branch = session.begin(load("sentiment"))
    session.undo(session.fork(branch, session.branch(branch).node))
    away = session.begin(load("sentiment"), name="put away")
    session.fork(away, session.branch(away).node)
    session.archive(away)
    session.book.close()
    with closing(sqlite3.connect(tmp_path / "lab.sqlite")) as db, db:
        db.execute("UPDATE branches SET archived = 1 WHERE archived > 0")
        db.execute("DELETE FROM migrations WHERE name = 'm012_undone_forks'")
    reopened = Session(tmp_path / "lab.sqlite")
    reopened.archive(branch)
    reopened.archive(branch, False)
    assert [one.id for one in reopened.branches()] == [branch]
    reopened.archive(away, False)
    assert len(reopened.branches()) == 3
