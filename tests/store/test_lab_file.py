"""A file that travels: what goes out comes in, once, beside what is here; and what is wrong with it changes nothing."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lab.core.review import Mark
from lab.errors import BookError
from lab.models.client import Client
from lab.session import Session
from lab.store import OWNER, Book
from lab.store.lab_file import MANIFEST, take_in, write_lab
from lab.store.repair import backup, repair
from lab.store.verify import verify
from lab.tasks.bundled import load

MINE = "Sarcasm is not named."


async def made(path: Path, rounds: int = 1) -> tuple[Session, str]:
    """A book with a run of two branches, one of them a person's, and another run beside it."""
    session = Session(path)
    task = load("sentiment")
    small = replace(task, train=task.train[:24], dev=task.dev[:8], test=task.test[:4])
    branch = session.begin(small, name="main")
    waiting = await session.advance(branch, stops=("Criticise",))
    at = session.branch(branch).node
    session.accept(branch, waiting or "", ((0, Mark(0, text=MINE)),))
    await session.autopilot(branch, rounds)
    other = session.fork(branch, at, "beside")
    session.mark(other, session.branch(other).pending or "", 1, Mark(1, keep=False))
    session.begin(small, optimizer_name="opro", name="another run")
    return session, branch


def rows(path: Path) -> dict[str, list[str]]:
    with zipfile.ZipFile(path) as packed:
        return {name: packed.read(name).decode().splitlines() for name in packed.namelist()}


@pytest.mark.long
async def test_what_goes_out_comes_in_and_goes_out_the_same(tmp_path: Path) -> None:
    session, branch = await made(tmp_path / "one.sqlite")
    run = session.branch(branch).run
    file = tmp_path / "run.lab"
    write_lab(session.book, file, run)
    other = Session(tmp_path / "two.sqlite")
    taken = take_in(other.book, file, OWNER)
    assert set(taken.branches) == {one.id for one in session.branches() if one.run == run}
    write_lab(other.book, tmp_path / "again.lab", run)
    assert rows(tmp_path / "again.lab") == rows(file)
    assert verify(other.book.path).wrong == ()
    for id in taken.branches:
        there, here = session.state(id), other.state(id)
        assert (here.path, here.measured, here.names, here.draft) == (
            there.path,
            there.measured,
            there.names,
            there.draft,
        )
    assert take_in(other.book, file, OWNER).n_new == 0, "a second time nothing is new"
    write_lab(session.book, tmp_path / "book.lab")
    assert len(take_in(other.book, tmp_path / "book.lab", OWNER).branches) == 3


@pytest.mark.long
async def test_a_run_that_was_taken_in_replays_without_a_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, branch = await made(tmp_path / "one.sqlite")
    write_lab(session.book, tmp_path / "run.lab", session.branch(branch).run)
    other = Session(tmp_path / "two.sqlite")
    take_in(other.book, tmp_path / "run.lab", OWNER)

    async def nobody(*_: Any, **__: Any) -> Any:
        raise AssertionError("a model was asked")

    monkeypatch.setattr(Client, "answer", nobody)
    again = other.begin(other.state(branch).context.task, name="again")
    waiting = await other.advance(again, stops=("Criticise",))
    other.accept(again, waiting or "", ((0, Mark(0, text=MINE)),))
    await other.advance(again, until_round=1, stops=())
    assert other.state(again).node.phase == other.state(branch).node.phase
    assert other.state(again).measured == other.state(branch).measured


@pytest.mark.long
async def test_a_branch_that_went_on_in_both_places_comes_in_beside_the_other(tmp_path: Path) -> None:
    session, branch = await made(tmp_path / "one.sqlite")
    run = session.branch(branch).run
    write_lab(session.book, tmp_path / "run.lab", run)
    other = Session(tmp_path / "two.sqlite")
    take_in(other.book, tmp_path / "run.lab", OWNER)
    session.more_rounds(branch, 1)
    other.more_rounds(branch, 2)
    write_lab(session.book, tmp_path / "on.lab", run)
    taken = take_in(other.book, tmp_path / "on.lab", OWNER)
    new = next(one for one in taken.branches if one not in {branch, *(b.id for b in session.branches())})
    assert other.branch(new).name == "main (taken in)"
    assert other.branch(new).node == session.branch(branch).node
    assert other.branch(branch).node != session.branch(branch).node
    assert verify(other.book.path).wrong == ()


@pytest.mark.long
async def test_what_is_wrong_with_a_file_is_said_and_changes_nothing(tmp_path: Path) -> None:
    session, branch = await made(tmp_path / "one.sqlite")
    good = tmp_path / "run.lab"
    write_lab(session.book, good, session.branch(branch).run)
    held = rows(good)
    target = Book(tmp_path / "two.sqlite")

    def refused(changed: dict[str, list[str]]) -> str:
        bad = tmp_path / "bad.lab"
        with zipfile.ZipFile(bad, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, lines in changed.items():
                packed.writestr(name, "".join(f"{line}\n" for line in lines))
        with pytest.raises(BookError) as error:
            take_in(target, bad, OWNER)
        assert "Nothing was changed" in str(error.value)
        assert target.all_branches() == ()
        return str(error.value)

    def first(table: str, **changes: object) -> dict[str, list[str]]:
        row, *rest = held[f"{table}.jsonl"]
        return {**held, f"{table}.jsonl": [json.dumps({**json.loads(row), **changes}), *rest]}

    assert "nothing else" in refused({**held, "../../etc/passwd": ["x"]})
    assert "nothing else" in refused({name: lines for name, lines in held.items() if name != "calls.jsonl"})
    newer = json.dumps({"format": "prompt-lab", "version": 99})
    assert "version 99" in refused({**held, MANIFEST: [newer]})
    assert "not written by a prompt lab" in refused({**held, MANIFEST: ["{}"]})
    assert "JSON object" in refused({**held, "nodes.jsonl": ["[" * 100_000]})
    assert "columns" in refused(first("branches", owner=7))
    assert "columns" in refused(first("branches", api_key="x"))
    assert "does not match its content" in refused(first("nodes", content="{}"))
    assert "not the one that was stored" in refused(first("calls", answer='{"text": "positive"}'))
    assert "belong together" in refused(first("moves", node="n2-b2-nowhere"))
    assert "stands at a move" in refused(first("branches", cursor=9_999))
    assert "of a node" not in refused(first("branches", models="{"))
    (tmp_path / "none.lab").write_text("no zip")
    with pytest.raises(BookError, match="not a whole"):
        take_in(target, tmp_path / "none.lab", OWNER)
    with pytest.raises(BookError, match="cannot be taken in"):
        take_in(target, tmp_path / "missing.lab", OWNER)


async def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.store.lab_file.MOST_UNPACKED", 10_000)
    session, branch = await made(tmp_path / "one.sqlite")
    write_lab(session.book, tmp_path / "run.lab", session.branch(branch).run)
    with pytest.raises(BookError, match="unpacked it is larger"):
        take_in(Book(tmp_path / "two.sqlite"), tmp_path / "run.lab", OWNER)
    monkeypatch.setattr("lab.store.lab_file.MOST_BYTES", 10)
    with pytest.raises(BookError, match="larger than"):
        take_in(Book(tmp_path / "two.sqlite"), tmp_path / "run.lab", OWNER)


async def test_a_backup_is_the_book_and_what_can_be_read_of_a_damaged_one_is_a_whole_book(tmp_path: Path) -> None:
    session, branch = await made(tmp_path / "one.sqlite")
    backup(session.book.path, tmp_path / "copy.sqlite")
    assert Session(tmp_path / "copy.sqlite").state(branch).path == session.state(branch).path
    with pytest.raises(BookError, match="already"):
        backup(session.book.path, tmp_path / "copy.sqlite")
    session.book.close()
    with closing(sqlite3.connect(tmp_path / "one.sqlite")) as db, db:
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("DELETE FROM proposals WHERE rowid = (SELECT max(rowid) FROM proposals)")
        db.execute("UPDATE calls SET answer = '{}' WHERE rowid = 1")
    assert verify(tmp_path / "one.sqlite").wrong
    found = repair(tmp_path / "one.sqlite", tmp_path / "new.sqlite")
    assert verify(tmp_path / "new.sqlite").wrong == ()
    n_read, n_kept = found["calls"]
    assert n_kept == n_read - 1
    assert Session(tmp_path / "new.sqlite").branches()
    (tmp_path / "none.sqlite").write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    with pytest.raises(BookError, match="Nothing can be read"):
        repair(tmp_path / "none.sqlite", tmp_path / "empty.sqlite")
    assert not (tmp_path / "empty.sqlite").exists()
