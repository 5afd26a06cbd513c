"""A lab book is its one file: a copy of that file alone, made at a quiet moment or after any exit, has all the work."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from lab.session import Session
from lab.store import Book
from lab.store.file import QUIET_S
from lab.store.verify import verify
from lab.tasks.bundled import load


def copied(book: Path) -> Path:
    """Return a copy of the file without what may be beside it."""
    copy = book.parent / "elsewhere" / "copy.sqlite"
    copy.parent.mkdir(exist_ok=True)
    shutil.copyfile(book, copy)
    return copy


def rows(book: Path) -> list[str]:
    with closing(sqlite3.connect(book)) as db:
        return [line for line in db.iterdump() if '"steps"' not in line]


def beside(book: Path) -> list[str]:
    return [one.name for one in book.parent.iterdir() if one.is_file() and one != book]


async def test_a_copy_of_the_file_has_a_step_as_soon_as_it_has_ended(tmp_path: Path) -> None:
    session = Session(tmp_path / "b.sqlite")
    branch = session.begin(load("sentiment"))
    await session.advance(branch, stops=["Criticise"])
    copy = copied(session.book.path)
    assert rows(copy) == rows(session.book.path)
    assert verify(copy).wrong == ()
    assert Session(copy).state(branch).proposal == session.state(branch).proposal


async def test_a_copy_has_what_a_person_did_once_nothing_was_written_for_a_moment(tmp_path: Path) -> None:
    session = Session(tmp_path / "b.sqlite")
    branch = session.begin(load("sentiment"))
    session.rename(branch, "by hand")
    time.sleep(3 * QUIET_S)
    copy = copied(session.book.path)
    assert rows(copy) == rows(session.book.path)
    assert Session(copy).branch(branch).name == "by hand"


def test_somebody_who_reads_for_long_only_puts_it_off(tmp_path: Path) -> None:
    session = Session(tmp_path / "b.sqlite")
    with closing(sqlite3.connect(session.book.path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM branches").fetchall()
        branch = session.begin(load("sentiment"))
        time.sleep(2 * QUIET_S)
        reader.execute("COMMIT")
    time.sleep(3 * QUIET_S)
    assert Session(copied(session.book.path)).branch(branch).name == "main"


def test_a_closed_book_leaves_nothing_beside_it(tmp_path: Path) -> None:
    book = Book(tmp_path / "b.sqlite")
    Session(book).begin(load("sentiment"))
    book.close()
    assert beside(book.path) == []


PAGE = "import sys; from lab.cli.main import main; sys.exit(main(['page', '--port', sys.argv[1], '--book', sys.argv[2]]))"
SCRIPT = """
import sys, time
from lab import Session
from lab.tasks.bundled import load
session = Session(sys.argv[2])
session.begin(load("sentiment"), name="begun")
print("begun", flush=True)
if sys.argv[1] == "ends":
    sys.exit()
elif sys.argv[1] == "fails":
    raise RuntimeError
time.sleep(60)
"""
RUN = """
import sys
from lab.cli.main import main
sys.exit(main(["run", "--task", "sentiment", "--book", sys.argv[2], "--rounds", "50"]))
"""


@pytest.mark.long
@pytest.mark.parametrize("way", ["ends", "fails"])
def test_a_script_that_never_closes_its_book_leaves_one_file(way: str, tmp_path: Path) -> None:
    book = tmp_path / "b.sqlite"
    subprocess.run([sys.executable, "-c", SCRIPT, way, book], capture_output=True, check=False)
    assert Session(copied(book)).branches()[0].name == "begun"
    assert sum((book.parent / name).stat().st_size for name in beside(book) if name.endswith("-wal")) == 0


def test_a_killed_process_that_was_quiet_leaves_all_its_work_in_the_file(tmp_path: Path) -> None:
    book = tmp_path / "b.sqlite"
    with subprocess.Popen([sys.executable, "-c", SCRIPT, "waits", book], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(3 * QUIET_S)
        process.kill()
    assert Session(copied(book)).branches()[0].name == "begun"


@pytest.mark.long
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_interrupted_leaves_one_file_with_every_reply(how: signal.Signals, tmp_path: Path) -> None:
    book = tmp_path / "b.sqlite"
    with subprocess.Popen(
        [sys.executable, "-c", RUN, "", book], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        _wait_for(lambda: book.is_file() and _n_calls(book) > 100)
        process.send_signal(how)
        process.communicate(timeout=30)
        assert process.returncode not in (0, -how)
    there = _n_calls(copied(book))
    assert there > 100
    assert beside(book) == []
    assert verify(book).counts["calls"] == there
    assert verify(book).wrong == ()


def _n_calls(book: Path) -> int:
    try:
        with closing(sqlite3.connect(book)) as db:
            n: int = db.execute("SELECT count(*) FROM calls").fetchone()[0]
            return n
    except sqlite3.Error:
        return 0


def _wait_for(true: object, seconds: float = 60) -> None:
    assert callable(true)
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)
