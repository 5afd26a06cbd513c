"""Notes on things of a run: written, found, taken away; and runs that are put away."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lab.errors import MisuseError
from lab.session import Session
from lab.store.notes import Note
from lab.tasks.bundled import load


def test_what_is_written_on_a_thing_is_found_and_an_empty_note_takes_it_away(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite")
    task = load("sentiment")
    branch = session.begin(replace(task, train=task.train[:24], dev=task.dev[:8], test=()))
    session.note(branch, "P0", note="Too short.", tags=["first", "first"])
    session.note(branch, "P0", starred=True)
    start = Note("prompt", task.start, tags=("first",), starred=True, note="Too short.")
    assert session.notes(branch) == (start,)
    session.note(branch, name="for the class")
    session.note(branch, session.branch(branch).node, note="here")
    session.note(branch, "main", note="the main line")
    assert [one.kind for one in session.notes(branch)] == ["branch", "node", "prompt", "run"]
    assert session.search("TOO SHORT") == ((branch, start),)
    session.note(branch, "P0", note="", tags=(), starred=False)
    assert start.subject not in {one.subject for one in session.notes(branch)}
    with pytest.raises(MisuseError, match="This run has no"):
        session.note(branch, "P99", note="x")
    with pytest.raises(MisuseError, match="at most"):
        session.note(branch, note="x" * 9_999)
    assert session.book.verify()[1] == ()


def test_a_run_that_is_put_away_is_in_no_list_and_comes_back(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite")
    branch = session.begin(load("sentiment"))
    session.archive(branch)
    assert session.branches() == ()
    assert session.state(branch).branch.archived
    session.archive(branch, False)
    assert [one.id for one in session.branches()] == [branch]
