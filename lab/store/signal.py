"""The one change signal of a lab book: a cheap look says whether anything was written, by whatever process."""

from __future__ import annotations

import hashlib
import sqlite3
import threading

from sqlalchemy import Connection, func, select

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
    """Tells the states of a branch apart, as a person sees them, without reading them."""

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
            if (version := self._look()) != self._version:
                self._version, self._known = version, {}
            known = self._known.get(branch)
        if known is None:
            with self._file.reading() as db:
                known = _stamp(db, branch) if branch else _list_stamp(db)
            with self._lock:
                if version == self._version:
                    self._known[branch] = known
        return known

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._watching is not None:
                self._watching.close()
                self._watching = None

    def _look(self) -> int:
        """Return the version of the file, which SQLite changes with each commit of another connection."""
        if self._watching is None:  # one that never writes, and so sees all commits
            self._watching = sqlite3.connect(self._file.path, check_same_thread=False, isolation_level=None)
        found: tuple[int] = self._watching.execute("PRAGMA data_version").fetchone()
        return found[0]


def _list_stamp(db: Connection) -> str:
    b = branches.c
    found: list[object] = [
        tuple(row) for row in db.execute(select(b.id, b.owner, b.name, b.archived).order_by(b.id))
    ]
    written = select(notes).order_by(notes.c.run, notes.c.kind, notes.c.subject)
    found += [tuple(row) for row in db.execute(written)]
    return hashlib.sha256(repr(found).encode()).hexdigest()[:16]


def _stamp(db: Connection, branch: str) -> str:
    b, m = branches.c, moves.c
    run = select(b.run).where(b.id == branch).scalar_subquery()
    here = (m.branch == b.id) & (m.seq == b.cursor)
    shown = select(b.id, b.name, b.stops, b.cursor, b.models, b.archived, m.node, m.pending, m.sample).join(
        moves, here
    )
    found: list[object] = [tuple(row) for row in db.execute(shown.where(b.run == run).order_by(b.id))]
    for table in (drafts, wordings, carried_marks):
        found.append([tuple(row) for row in db.execute(select(table).where(table.c.branch == branch))])
    found.extend(db.scalar(select(func.max(table.c.made))) for table in (prices, findings, ratings))
    found.append(
        [tuple(row) for row in db.execute(select(steps.c.holder, steps.c.state).where(steps.c.branch == branch))]
    )
    written = select(notes).where(notes.c.run == run).order_by(notes.c.kind, notes.c.subject)
    found.append([tuple(row) for row in db.execute(written)])
    mine = select(b.id).where(b.run == run)
    found.append(db.scalar(select(func.count()).select_from(openings).where(openings.c.branch.in_(mine))))
    typed = select(spends.c.id).where(spends.c.branch == branch, spends.c.model == BY_HAND)
    found.append(db.scalar(select(func.count()).select_from(payments).where(payments.c.spend.in_(typed))))
    return hashlib.sha256(repr(found).encode()).hexdigest()[:16]
