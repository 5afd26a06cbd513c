"""Several processes and faces on one book: one step at a time, and each hears what the others do."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from weakref import WeakSet

import pytest

from lab.errors import BudgetError, LabError, MisuseError
from lab.i18n import use
from lab.optimizers import optimizer
from lab.session import Session, background
from lab.session.acts import act
from lab.session.jobs import Jobs, Report
from lab.store import Book
from lab.tasks.bundled import load

QUICK = optimizer("protegi").configure(
    rounds=2, beam=2, minibatch=16, groups=2, group_size=3, paraphrases=1,
    selection_rounds=2, selection_prompts=4, selection_rows=8,
)  # fmt: skip


class Answers:
    """Much that a step has in hand."""


# Holds a step on a branch for as long as it may, and says how it ended.
HOLDING = """
import asyncio, sys
from lab.session import Session, background

async def go():
    session = Session(sys.argv[1])

    async def step(report):
        report("Try the prompts", 3, 10, 0)
        print("begun", flush=True)
        await asyncio.sleep(60)

    session.jobs.start(sys.argv[2], step)
    await session.jobs.ended(sys.argv[2])
    print(session.jobs.progress(sys.argv[2]).state, flush=True)

asyncio.run(go())
"""


@pytest.fixture
def here(tmp_path: Path) -> Session:
    return Session(tmp_path / "book.sqlite")


@pytest.fixture
def there(here: Session) -> Session:
    """The same book as a second process opens it."""
    return Session(here.book.path)


@pytest.fixture
def branch(here: Session) -> str:
    return here.begin(load("sentiment"), settings=QUICK)


def holding(session: Session, branch: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLDING, str(session.book.path), branch]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    return process


async def until(what: object, seconds: float = 2.0) -> float:
    """Waits until something holds, and gives how long that took."""
    began = time.monotonic()
    while not what():  # type: ignore[operator]
        assert time.monotonic() - began < seconds
        await asyncio.sleep(0.02)
    return time.monotonic() - began


async def test_what_is_done_in_one_place_changes_the_version_in_the_other_at_once(
    here: Session, there: Session, branch: str
) -> None:
    versions = [there.version(branch)]
    assert there.version(branch) == versions[0]
    proposal = await here.advance(branch)
    versions.append(there.version(branch))
    here.mark(branch, proposal, 0, None)
    here.rename(branch, "by hand")
    versions.append(there.version(branch))
    await act(here, branch, {"act": "mark", "proposal": proposal, "place": 0, "keep": False})
    versions.append(there.version(branch))
    here.undo(branch)
    here.fork(branch, here.branch(branch).node)
    versions.append(there.version(branch))
    for changes in ({"note": "look here"}, {"tags": ("try",)}, {"starred": True}):
        here.note(branch, "P0", **changes)  # type: ignore[arg-type]
        versions.append(there.version(branch))
    here.archive(branch)
    versions.append(there.version(branch))
    assert len(set(versions)) == len(versions)
    assert versions[-1] == here.version(branch)


async def test_what_happens_on_another_run_does_not_change_the_version(
    here: Session, there: Session, branch: str
) -> None:
    before = there.version(branch)
    await here.advance(here.begin(load("sentiment"), settings=QUICK, seed=3))
    assert there.version(branch) == before


async def test_a_step_of_another_process_shows_and_is_not_begun_twice(here: Session, branch: str) -> None:
    process = holding(here, branch)
    try:
        await until(lambda: here.jobs.progress(branch).done == 3)  # type: ignore[union-attr]
        assert here.jobs.running(branch)
        here.start(branch)
        assert here.book.n_calls() == 0
        for again in (here.advance, here.propose):
            with pytest.raises(MisuseError, match="A step is running"):
                await again(branch)
        with pytest.raises(MisuseError, match="A step is running"):
            here.undo(branch)
        assert here.stop(branch)
        await until(lambda: not here.jobs.running(branch))
        assert process.communicate(timeout=10)[0] == "stopped\n"
        assert here.jobs.progress(branch).state == "stopped"  # type: ignore[union-attr]
    finally:
        process.kill()
        process.wait()


@pytest.mark.skipif(os.name != "posix", reason="elsewhere a lost process is known by its silence")
async def test_the_step_of_a_killed_process_has_stopped_and_can_be_begun_again(here: Session, branch: str) -> None:
    process = holding(here, branch)
    seen = here.version(branch)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert here.version(branch) != seen
    assert not here.jobs.running(branch)
    assert await here.advance(branch)


async def test_a_silent_holder_loses_its_step_and_stops_when_it_wakes(
    here: Session, there: Session, branch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.store.steps.LOST_AFTER_S", -1.0)

    async def waits(report: Report) -> None:
        await asyncio.sleep(30)

    here.jobs.start(branch, waits)
    assert await there.advance(branch)
    monkeypatch.undo()
    await asyncio.wait_for(here.jobs.ended(branch), 5)


async def test_a_blocked_cell_does_not_lose_its_step(
    here: Session, there: Session, branch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.store.steps.LOST_AFTER_S", 1.6)

    async def waits(report: Report) -> None:
        time.sleep(3)
        assert there.jobs.running(branch)

    here.jobs.start(branch, waits)
    await here.jobs.ended(branch)
    assert there.jobs.progress(branch).state == "done"  # type: ignore[union-attr]


async def test_who_waits_for_a_step_is_told_that_it_was_stopped_elsewhere(
    here: Session, there: Session, branch: str
) -> None:
    async def waits(report: Report | None) -> None:
        await asyncio.sleep(30)

    waiting = asyncio.create_task(here.jobs.attend(branch, waits))
    await asyncio.sleep(0)
    assert there.stop(branch)
    with pytest.raises(LabError, match="stopped from elsewhere"):
        await asyncio.wait_for(waiting, 5)
    assert there.jobs.progress(branch) is None


async def test_who_does_not_wait_any_more_ends_the_step(here: Session, branch: str) -> None:
    async def waits(report: Report | None) -> None:
        await asyncio.sleep(30)

    waiting = asyncio.create_task(here.jobs.attend(branch, waits))
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not here.jobs.running(branch)


def test_a_step_begins_once_the_transaction_is_committed_that_it_was_started_in(tmp_path: Path) -> None:
    book = Book(tmp_path / "book.sqlite")
    jobs, begun = Jobs(book, background.loop), threading.Event()

    async def step(report: Report) -> None:
        begun.set()

    with book.transaction():
        jobs.start("b", step)
        assert not begun.wait(0.3)
    assert begun.wait(10)


def test_how_a_step_failed_holds_nothing_of_what_the_step_worked_with(tmp_path: Path) -> None:
    jobs, worked_with = Jobs(Book(tmp_path / "book.sqlite"), background.loop), WeakSet[Answers]()

    async def step(report: Report) -> None:
        answers = Answers()
        worked_with.add(answers)
        raise BudgetError("calls", 1, 1)

    jobs.start("b", step)
    background.run(asyncio.wait_for(jobs.ended("b"), 20))
    ended = jobs.progress("b")
    assert ended is not None
    with use("zh"):
        assert str(ended.error) == str(BudgetError("calls", 1, 1)) != ended.error
    gc.collect()
    assert not worked_with


def test_a_step_does_not_begin_where_what_it_was_started_in_is_taken_back(tmp_path: Path) -> None:
    book = Book(tmp_path / "book.sqlite")
    jobs, begun = Jobs(book, background.loop), threading.Event()

    async def step(report: Report) -> None:
        begun.set()

    with suppress(ValueError), book.transaction():
        jobs.start("b", step)
        raise ValueError
    assert not begun.wait(0.5)
    background.run(asyncio.wait_for(jobs.ended("b"), 20))
    assert jobs.progress("b") is None


def test_a_step_that_is_stopped_before_it_begins_does_nothing(tmp_path: Path) -> None:
    book = Book(tmp_path / "book.sqlite")
    jobs, begun, free = Jobs(book, background.loop), threading.Event(), threading.Event()

    async def step(report: Report) -> None:
        begun.set()

    background.loop().call_soon_threadsafe(free.wait, 10)
    jobs.start("b", step)
    assert jobs.stop("b")
    free.set()
    background.run(asyncio.wait_for(jobs.ended("b"), 20))
    assert not begun.is_set()
    progress = jobs.progress("b")
    assert progress is not None
    assert progress.state == "stopped"


def test_a_snapshot_is_of_one_moment_whatever_is_written_meanwhile(tmp_path: Path) -> None:
    here = Session(Book(tmp_path / "book.sqlite"))
    branch = here.begin(load("sentiment"), name="before")
    with here.book.snapshot():
        assert here.branch(branch).name == "before"
        thread = threading.Thread(target=here.rename, args=(branch, "after"))
        thread.start()
        thread.join()
        assert here.branch(branch).name == "before"
    assert here.branch(branch).name == "after"
