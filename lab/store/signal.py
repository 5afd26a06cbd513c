"""The one change signal of a lab book: a cheap look says whether anything was written, by whatever process."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Iterator
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, func, select
from sqlalchemy.dialects import sqlite

from lab.models.endpoint import BY_HAND
from lab.store.file import BookFile
from lab.store.schema import (
    branches,
    carried_marks,
    drafts,
    findings,
    moves,
    notes,
    openings,
    payments,
    prices,
    ratings,
    spends,
    steps,
    wordings,
)


class Signal:
    """Tells the states of a branch apart, as a person sees them, without reading them.

    Every page that is open asks several times a second: what is asked for is written as SQL once.
    """

    def __init__(self, file: BookFile) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._watching: sqlite3.Connection | None = None
        self._known: dict[str, str] = {}  # as of the version of the file
        self._version = -1

    def stamp(self, branch: str) -> str:
        """Return a text that is another one whenever what is shown of a branch, or with "" of all runs, may be so.

        How far a step under way is does not count; that it began or ended does.
        """
        with self._lock:
            db = self._watched()
            # SQLite changes it with each commit of another connection; what is read below is of then or later.
            ((version,),) = db.execute("PRAGMA data_version")
            if version != self._version:
                self._version, self._known = version, {}
            if branch not in self._known:
                asked = _asked(bool(branch))
                found = [db.execute(sql, {**given, "branch": branch}).fetchall() for sql, given in asked]
                self._known[branch] = hashlib.sha256(repr(found).encode("utf-8", "replace")).hexdigest()[:16]
            return self._known[branch]

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._watching is not None:
                self._watching.close()
                self._watching = None

    def _watched(self) -> sqlite3.Connection:
        """Return a connection that never writes, and so sees all commits."""
        if self._watching is None:
            self._watching = sqlite3.connect(self._file.path, check_same_thread=False, isolation_level=None)
        return self._watching


@cache
def _asked(of_branch: bool) -> tuple[tuple[str, dict[str, object]], ...]:
    """Write down what tells the states of a branch apart, or those of the list of all runs, with what is fixed."""
    dialect = sqlite.dialect(paramstyle="named")
    written = [one.compile(dialect=dialect) for one in (_of_branch() if of_branch else _of_list())]
    return tuple((str(one), one.params) for one in written)


def _of_list() -> Iterator[Select[Any]]:
    b = branches.c
    yield select(b.id, b.owner, b.name, b.archived).order_by(b.id)
    yield select(notes).order_by(notes.c.run, notes.c.kind, notes.c.subject)


def _of_branch() -> Iterator[Select[Any]]:
    b, m = branches.c, moves.c
    branch: BindParameter[str] = bindparam("branch")
    run = select(b.run).where(b.id == branch).scalar_subquery()
    here = (m.branch == b.id) & (m.seq == b.cursor)
    shown = select(b.id, b.name, b.stops, b.cursor, b.models, b.archived, m.node, m.pending, m.sample)
    yield shown.join(moves, here).where(b.run == run).order_by(b.id)
    for table in (drafts, wordings, carried_marks):
        yield select(table).where(table.c.branch == branch)
    for table in (prices, findings, ratings):
        yield select(func.max(table.c.made))
    yield select(steps.c.holder, steps.c.state).where(steps.c.branch == branch)
    yield select(notes).where(notes.c.run == run).order_by(notes.c.kind, notes.c.subject)
    mine = select(b.id).where(b.run == run)
    yield select(func.count()).select_from(openings).where(openings.c.branch.in_(mine))
    typed = select(spends.c.id).where(spends.c.branch == branch, spends.c.model == BY_HAND)
    yield select(func.count()).select_from(payments).where(payments.c.spend.in_(typed))
