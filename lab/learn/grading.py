"""Grading: what is in a hand-in, worked out anew and without any model.

A hand-in comes from somebody else. Nothing of it is written to a path that it names, no more is read than it may
have, and its book is a copy in a folder of its own, which `verify` works out anew: every id, answer and score.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from lab.api import frames
from lab.learn.checks.questions import answered
from lab.learn.lesson import LESSONS, lesson
from lab.learn.parts import ABOUT, BOOK, PROGRESS, read_about
from lab.learn.progress import Done, parse
from lab.session import Session
from lab.session.human import human_report
from lab.store import Book
from lab.store.verify import verify
from lab.tasks.statistics import is_mean
from lab.text import shortened

__all__ = ["COLUMNS", "Graded", "grade"]

_MOST_BYTES = {BOOK: 300_000_000, PROGRESS: 1_000_000, ABOUT: 10_000}


@dataclass(frozen=True)
class Graded:
    """A row about a hand-in; `problem` says why there is nothing else.

    Attributes:
        wrong: how many things in the book are not what they follow from; 0 for a book that is as it was made.
        change: of the best prompt from the start prompt on dev, with the ends of its 95 % interval.
        calls: what was paid for, of both models.
        edits: how many items a person put into other words, added or dropped.
        tests: how often the sealed test was opened.
        tasks: how many tasks of the course are done, by the author's own file.
        questions: how many of the questions at the ends of lessons were answered right, checked anew.
    """

    file: str
    student: str = ""
    problem: str = ""
    wrong: int | None = None
    task: str = ""
    optimizer: str = ""
    model: str = ""
    seed: int | None = None
    rounds: int | None = None
    start: float | None = None
    best: float | None = None
    change: float | None = None
    change_low: float | None = None
    change_high: float | None = None
    calls: int | None = None
    edits: int | None = None
    tests: int | None = None
    tasks: int | None = None
    questions: int | None = None


COLUMNS: tuple[str, ...] = tuple(one.name for one in fields(Graded))


def grade(path: Path) -> Graded:
    """Read a hand-in; what is wrong with it, whatever it is, is said in its row, and raises nothing."""
    try:
        if not path.is_file():
            raise ValueError("this is not a file")
        with TemporaryDirectory(ignore_cleanup_errors=True) as folder, zipfile.ZipFile(path) as file:
            book = Path(folder) / BOOK
            book.write_bytes(_content(file, BOOK))
            told = read_about(_content(file, ABOUT).decode("utf-8"))
            known = parse(_content(file, PROGRESS).decode("utf-8")) if PROGRESS in file.namelist() else {}
            n_wrong = len(verify(book).wrong)
            session = _session(book, told.branch)
            try:
                return _row(path.name, told.student, n_wrong, session, told.branch, known)
            finally:
                session.book.close()
    except Exception as problem:  # a file of somebody else's: encrypted, cut, nested without end, made to fail
        return Graded(path.name, problem=shortened(f"{type(problem).__name__}: {problem}", 200))


def _content(file: zipfile.ZipFile, name: str) -> bytes:
    with file.open(name) as part:
        content = part.read(_MOST_BYTES[name] + 1)
    if len(content) > _MOST_BYTES[name]:
        raise ValueError(f"{name} is larger than {_MOST_BYTES[name]:,} bytes")
    return content


def _session(path: Path, branch: str) -> Session:
    """Return the session of whoever made a branch."""
    book = Book(path)
    owners = [one.owner for one in book.all_branches() if one.id == branch]
    if not owners:
        book.close()
        raise ValueError(f"there is no branch {branch}")
    return Session(book, owners[0])


def _row(name: str, student: str, n_wrong: int, session: Session, branch: str, known: Mapping[str, Done]) -> Graded:
    state, book = session.state(branch), session.book
    whole = is_mean(state.context.task.metric)
    got = {one.prompt: None if whole else session.got(branch, one.prompt) for one in state.on_the_way}
    scores = frames.scores(state, book, got)
    best = scores[scores["is_best"]].iloc[0] if len(scores) else None
    return Graded(
        name,
        student,
        wrong=n_wrong,
        task=state.context.task.name,
        optimizer=state.optimizer.name,
        model=state.branch.models["target"].endpoint.name,
        seed=state.context.seed,
        rounds=state.node.phase.round,
        start=None if state.baseline is None else state.baseline.score,
        best=None if state.best is None else state.best.score,
        change=_number(best, "change"),
        change_low=_number(best, "change_low"),
        change_high=_number(best, "change_high"),
        calls=int(frames.calls(state, book)["calls"].sum()),
        edits=len(human_report(state, book)),
        tests=len(state.sealed.openings),
        tasks=sum(done.passed for done in known.values()),
        questions=sum(_n_right(one, known) for one in LESSONS),
    )


def _number(row: pd.Series[Any] | None, column: str) -> float | None:
    found = None if row is None else row[column]
    return float(found) if isinstance(found, float | int) and found == found else None


def _n_right(name: str, known: Mapping[str, Done]) -> int:
    asked = lesson(name).tasks[f"{name}.questions"].questions
    given = known.get(f"{name}.questions", Done()).given or {}
    return sum(answered([one], {1: given.get(str(n), "")}).state == "right" for n, one in enumerate(asked, 1))
