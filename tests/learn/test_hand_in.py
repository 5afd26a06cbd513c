"""Assignments, hand-ins, and a folder of them graded: verified anew, without a model, whatever is in them."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

import lab
from lab import learn
from lab.cli.main import main
from lab.errors import DataError, MisuseError
from lab.learn.grading import COLUMNS, grade
from lab.learn.lesson import find
from lab.learn.parts import BOOK


@pytest.fixture
def run() -> lab.Run:
    run = lab.begin("sentiment", "protegi", preset="quick", rounds=1, seed=6, name="assignment")
    run.next(until="critiques")[0].edit(
        "Say that the answer is one lower-case word and nothing else.", why="the form"
    )
    run.accept()
    run.autopilot(rounds=1)
    return run


def repacked(path: Path, target: Path, **parts: bytes) -> Path:
    """Writes a hand-in anew with other parts."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, parts.get(name.partition(".")[0].replace("-", "_"), old.read(name)))
    return target


def test_a_hand_in_is_graded_by_what_its_own_book_proves(run: lab.Run, tmp_path: Path) -> None:
    letters = {n: one.answer for n, one in enumerate(find("start.questions").questions, 1)}
    learn.check("start.questions", {**letters, 1: "a"})
    run.test([run.task.start, run.best.prompt], reason="the end")
    row = grade(learn.hand_in(run, tmp_path / "ada.zip", "Ada"))
    assert (row.student, row.problem, row.wrong) == ("Ada", "", 0)
    assert (row.task, row.optimizer, row.model, row.seed) == ("sentiment", "protegi", "practice (simulated)", 6)
    assert (row.rounds, row.edits, row.tests, row.questions, row.tasks) == (1, 1, 1, 4, 0)
    assert row.best == float(run.best.score or 0)
    assert row.start == float(run.baseline.score or 0)
    assert row.calls == int(run.calls()["calls"].sum())
    assert row.change is not None
    assert row.change_low is not None
    assert row.change_low < row.change < (row.change_high or 0)


def test_a_score_that_was_changed_is_found(run: lab.Run, tmp_path: Path) -> None:
    path = learn.hand_in(run, tmp_path / "eve.zip", "Eve")
    book = tmp_path / BOOK
    with zipfile.ZipFile(path) as file:
        book.write_bytes(file.read(BOOK))
    with closing(sqlite3.connect(book)) as there:
        there.execute("UPDATE measures SET score = 0.99")
        there.commit()
    assert (grade(repacked(path, tmp_path / "forged.zip", book=book.read_bytes())).wrong or 0) > 0


@pytest.mark.parametrize(
    "parts",
    [
        {"book": b"not a book"}, {"book": b""}, {"hand_in": b"[1]"}, {"hand_in": b'{"student": 1, "branch": "x"}'},
        {"hand_in": b'{"student": "x", "branch": "nowhere"}'}, {"hand_in": b"x" * 20_000}, {"hand_in": b"\xff"},
    ],
    ids=str,
)  # fmt: skip
def test_whatever_is_in_a_hand_in_it_gives_a_row(run: lab.Run, tmp_path: Path, parts: dict[str, bytes]) -> None:
    path = learn.hand_in(run, tmp_path / "ada.zip", "Ada")
    assert grade(repacked(path, tmp_path / "other.zip", **parts)).problem


HOSTILE: dict[str, dict[str, bytes]] = {
    "nested without end": {"hand-in.json": b"[" * 9_000},
    "a number as name": {"hand-in.json": b'{"student": {"a": 1}, "branch": "x"}'},
    "more than a hand-in says": {"hand-in.json": b'{"student": "a", "branch": "b", "grade": 1}'},
    "progress nested without end": {"progress.json": b"[" * 90_000},
    "progress of a list": {"progress.json": b"[1, 2]"},
    "tasks that are a number of times done": {"progress.json": b'{"x": {"passed": 1000000}}'},
    "tries of a text": {"progress.json": b'{"x": {"tries": "many"}}'},
    "answers of a list": {"progress.json": b'{"x": {"given": [1]}}'},
    "no book": {"book.sqlite": b""},
    "a path": {"../../out.txt": b"x", "book.sqlite": b"SQLite format 3\0" + b"\0" * 84},
    "zeros without end": {"hand-in.json": b"\0" * 50_000_000},
}


@pytest.mark.parametrize("parts", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_hand_in_is_one_row_with_a_reason(run: lab.Run, tmp_path: Path, parts: dict[str, bytes]) -> None:
    with zipfile.ZipFile(learn.hand_in(run, tmp_path / "ada.zip", "Ada")) as good:
        whole = {name: good.read(name) for name in good.namelist()}
    path = tmp_path / "other.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in {**whole, **parts}.items():
            file.writestr(name, content)
    row = grade(path)
    assert row.problem
    assert "\n" not in row.problem
    assert not (tmp_path.parent / "out.txt").exists()


def test_what_cannot_be_opened_at_all_is_a_row_too(run: lab.Run, tmp_path: Path) -> None:
    (tmp_path / "folder.zip").mkdir()
    content = bytearray(learn.hand_in(run, tmp_path / "ada.zip", "Ada").read_bytes())
    for at in (content.find(b"PK\x01\x02") + 8, 6):  # that it is encrypted
        content[at] |= 1
    (tmp_path / "locked.zip").write_bytes(content)
    (tmp_path / "cut.zip").write_bytes(content[: len(content) // 2])
    assert all(grade(tmp_path / f"{name}.zip").problem for name in ("folder", "locked", "cut", "missing"))


def test_a_name_with_line_ends_and_commands_for_a_terminal_stays_one_cell_on_one_line(
    run: lab.Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    learn.hand_in(run, tmp_path / "eve.zip", "Eve\rAda,1\n\x1b[2J")
    assert main(["grade", str(tmp_path)]) == 0
    head, line = capsys.readouterr().out.splitlines()
    (row,) = csv.DictReader(io.StringIO(f"{head}\n{line}"))
    assert row["student"] == "Eve Ada,1 \\u001b[2J"


def test_progress_that_is_none_or_missing_is_no_fault_of_the_book(run: lab.Run, tmp_path: Path) -> None:
    row = grade(learn.hand_in(run, tmp_path / "ada.zip", "Ada"))
    assert (row.tasks, row.questions, row.problem) == (0, 0, "")
    (tmp_path / "no.zip").write_bytes(b"PK")
    assert grade(tmp_path / "no.zip").problem


@pytest.mark.long
def test_a_folder_is_graded_into_a_sheet_that_runs_no_formula(run: lab.Run, tmp_path: Path) -> None:
    folder = tmp_path / "hand-ins"
    folder.mkdir()
    learn.hand_in(run, folder / "ada.zip", "=HYPERLINK(1)")

    def command(*more: str) -> subprocess.CompletedProcess[str]:
        call = [sys.executable, "-m", "lab", "grade", str(folder), *more]
        return subprocess.run(call, capture_output=True, text=True, check=False)

    ran = command()
    assert ran.returncode == 0, ran.stderr
    (row,) = csv.DictReader(io.StringIO(ran.stdout))
    assert tuple(row) == COLUMNS
    assert row["student"] == "'=HYPERLINK(1)"
    (folder / "bad.zip").write_bytes(b"nothing")
    ran = command("--csv", str(tmp_path / "rows.csv"))
    assert ran.returncode == 1
    assert "bad.zip" in ran.stderr
    assert len((tmp_path / "rows.csv").read_text().splitlines()) == 3


@pytest.mark.long
def test_a_folder_without_hand_ins_is_said_to_be_one(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "lab", "grade", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1
    assert "There is no hand-in" in ran.stderr


def test_an_assignment_follows_from_its_seed_and_begins_as_it_says(tmp_path: Path) -> None:
    given = [learn.assignment(n) for n in range(30)]
    assert len({(one.task, one.optimizer, one.model) for one in given}) > 15
    assert all(one.task != other.task for one, other in pairwise(given))
    names: dict[str, object] = {"lab": lab}
    exec(repr(given[3]).splitlines()[1], names)
    run = names["run"]
    assert isinstance(run, lab.Run)
    assert run.task.name == given[3].task
    for wrong in (-1, "me", None):
        with pytest.raises(MisuseError):
            learn.assignment(wrong)  # type: ignore[arg-type]
    with pytest.raises(MisuseError):
        learn.hand_in("run", tmp_path / "x.zip", "Ada")  # type: ignore[arg-type]
    with pytest.raises(DataError):
        learn.hand_in(run, tmp_path / "no" / "x.zip", "Ada")


def test_a_hand_in_holds_no_more_than_it_says(run: lab.Run, tmp_path: Path) -> None:
    with zipfile.ZipFile(learn.hand_in(run, tmp_path / "ada.zip", "Ada")) as file:
        assert set(file.namelist()) <= {"book.sqlite", "hand-in.json", "progress.json"}
        assert json.loads(file.read("hand-in.json")) == {"student": "Ada", "branch": run.id, "version": 1}
