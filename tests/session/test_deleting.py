"""A run is deleted with what only it holds: what others hold stays, what was paid is told, and nothing goes by half."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from support.drawn import SMALL

import lab
from lab.core.review import Mark
from lab.core.task import Task
from lab.errors import MisuseError
from lab.session import Session
from lab.store import OWNER
from lab.store.lab_file import take_in, write_lab
from lab.store.verify import verify
from lab.tasks.bundled import load
from lab.views.runs import at_stake

CONTENT = ("tasks", "runs", "nodes", "proposals", "calls", "measures", "branches", "moves", "names", "payments")


def small(n_dev: int = 8) -> Task:
    task = load("sentiment")
    return replace(task, train=task.train[:24], dev=task.dev[:n_dev], test=task.test[:4])


async def begun(session: Session, name: str, rounds: int = 1, seed: int = 0) -> str:
    branch = session.begin(small(), settings=SMALL, name=name, seed=seed, stops=())
    await session.autopilot(branch, rounds)
    return branch


def rows(path: Path) -> dict[str, int]:
    with closing(sqlite3.connect(path)) as db:
        return {table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in CONTENT}


def deleted(session: Session, branch: str) -> None:
    session.delete(branch, session.at_stake(branch))


@pytest.mark.long
async def test_a_book_of_one_run_is_empty_after_it_and_knows_what_was_paid(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite")
    branch = await begun(session, "a try")
    other = session.fork(branch, session.state(branch).path[2], "beside")
    waiting = await session.propose(other)
    session.mark(other, waiting, 0, Mark(0, keep=False))
    session.note(branch, "P0", note="short")
    await session.open_test(branch, [small().start], reason="a look")
    before, stake = session.book.spent(), session.at_stake(branch)
    assert (stake.n_branches, stake.n_nodes, stake.n_shared, stake.n_notes, stake.n_openings) == (
        2, len(session.state(branch).nodes), 0, 1, 1,
    )  # fmt: skip
    assert stake.n_replies == session.book.n_calls() == before.n_paid == stake.n_paid
    told = at_stake(stake)
    for part in ("“a try”", "2 branches", "1 note", "1 opening of the test split", "which no other run holds"):
        assert part in told
    session.delete(branch, stake)
    assert rows(session.book.path) == dict.fromkeys(CONTENT, 0)
    assert session.book.spent() == before
    assert session.branches() == ()
    assert verify(session.book.path).wrong == ()
    with pytest.raises(MisuseError, match="no such branch"):
        session.state(branch)


@pytest.mark.long
async def test_what_another_run_holds_stays_and_it_goes_on_as_if_nothing_had_been(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite")
    first = await begun(session, "first")
    second = await begun(session, "second", rounds=0)
    waiting = await session.advance(second, stops=("Criticise",))
    session.accept(second, waiting or "", ((0, Mark(0, text="Sarcasm is not named.")),))
    await session.advance(second, until_round=1, stops=())
    third = session.begin(load("triage"), name="another task")
    before = session.state(second)
    paid = session.book.spent()
    stake = session.at_stake(first)
    assert stake.n_shared > 0
    assert stake.n_replies > 0
    assert stake.n_nodes < len(session.state(first).nodes)
    deleted(session, first)
    assert verify(session.book.path).wrong == ()
    assert session.book.spent() == paid
    for reopened in (session, Session(session.book.path)):
        after = reopened.state(second)
        assert (after.nodes, after.measured, after.names, after.outcomes, after.spends) == (
            before.nodes, before.measured, before.names, before.outcomes, before.spends,
        )  # fmt: skip
    assert session.state(third).branch.name == "another task"
    again = session.begin(small(), settings=SMALL, name="again", stops=())
    await session.autopilot(again, 1)
    assert verify(session.book.path).wrong == ()
    deleted(session, second)
    deleted(session, again)
    deleted(session, third)
    assert {name: n for name, n in rows(session.book.path).items() if n} == {}


async def test_the_replies_that_a_step_under_way_has_reused_stay(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite")
    first = await begun(session, "first", rounds=0)
    await session.propose(first)
    second = session.begin(small(), settings=SMALL, name="second", stops=())
    n_known = session.book.n_calls()
    assert session.at_stake(first).n_shared == n_known, "the second run is about to ask the same"
    deleted(session, first)
    await session.propose(second)
    assert session.book.n_calls() == n_known
    assert session.book.verify()[1] == ()


async def test_numbers_of_payments_only_rise_and_what_an_owner_paid_stays_counted(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite", owner="ann")
    kept = await begun(session, "kept")
    gone = await begun(session, "gone", seed=1)
    with closing(sqlite3.connect(session.book.path)) as db:
        (last,) = db.execute("SELECT max(id) FROM payments").fetchone()
    paid = session.book.n_paid_by("ann", ("practice",))
    deleted(session, gone)
    assert session.book.n_paid_by("ann", ("practice",)) == paid
    session.more_rounds(kept, 1)
    await session.autopilot(kept, 1)
    with closing(sqlite3.connect(session.book.path)) as db:
        assert db.execute("SELECT max(id) FROM payments").fetchone()[0] > last
        assert db.execute("SELECT count(*) FROM payments WHERE id > ?", (last,)).fetchone()[0] > 0


async def test_a_run_that_changed_meanwhile_or_takes_a_step_is_not_deleted(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite")
    branch = await begun(session, "a try", rounds=0)
    stake = session.at_stake(branch)
    await session.propose(branch)
    with pytest.raises(MisuseError, match="has changed since"):
        session.delete(branch, stake)
    other = session.fork(branch, session.branch(branch).node)
    session.undo(other)
    assert session.book.steps.claim(other, "another process 1 2")
    with pytest.raises(MisuseError, match="A step is running"):
        deleted(session, branch)
    assert session.state(branch).branch.pending


@pytest.mark.long
async def test_a_deleted_run_comes_back_whole_from_a_file(tmp_path: Path) -> None:
    session, other = Session(tmp_path / "lab.sqlite"), Session(tmp_path / "lab.sqlite")
    branch = await begun(session, "a try")
    before = other.state(branch)
    write_lab(session.book, tmp_path / "run.lab", before.branch.run)
    deleted(session, branch)
    take_in(session.book, tmp_path / "run.lab", OWNER)
    await session.advance(branch)
    assert other.state(branch).names == session.state(branch).names != before.names
    assert session.book.verify()[1] == ()


async def test_python_says_what_would_go_and_deletes_what_it_was_told(tmp_path: Path) -> None:
    run = lab.begin("sentiment", "protegi", preset="thrifty", name="a try", book=tmp_path / "lab.sqlite")
    await run.anext()
    with pytest.raises(MisuseError, match=r"“a try” goes for good: .* Nothing was deleted; .*run\.stake"):
        run.delete()
    run.delete(run.stake())
    with pytest.raises(MisuseError, match="There is no run"):
        lab.open(tmp_path / "lab.sqlite")


DELETING = """
import sys
from lab.session import Session
session = Session(sys.argv[1])
stake = session.at_stake(sys.argv[2])
print("begun", flush=True)
session.delete(sys.argv[2], stake)
"""


@pytest.mark.long
async def test_a_deletion_that_is_killed_has_taken_all_or_nothing(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite")
    branch = await begun(session, "a try", rounds=2)
    whole, spent = rows(session.book.path), session.book.spent()
    session.book.close()
    content = session.book.path.read_bytes()
    seen = set()
    for wait in range(12):
        path = tmp_path / f"{wait}.sqlite"
        path.write_bytes(content)
        command = [sys.executable, "-c", DELETING, str(path), branch]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ}) as victim:
            assert victim.stdout is not None
            assert victim.stdout.readline() == "begun\n"
            try:
                victim.wait(wait * 0.05)
            except subprocess.TimeoutExpired:
                victim.send_signal(signal.SIGKILL)
        left = Session(path)
        now = rows(path)
        assert now in (whole, dict.fromkeys(CONTENT, 0))
        assert left.book.spent() == spent
        assert verify(path).wrong == ()
        seen.add(now == whole)
    assert seen == {True, False}, "some were killed before the end, and some came to it"
