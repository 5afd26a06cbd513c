"""Steps under way in a lab book, in whatever process: who does one, how far it is, and who asked it to stop.

A row is a lease. Its holder gives a sign of life while the step runs; a row whose holder has been silent for
`LOST_AFTER_S`, or whose process is gone, belongs to nobody, and whoever comes next takes it over.
"""

from __future__ import annotations

import os
import secrets
import socket
import time
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Row, bindparam, select, update

from lab.store.file import BookFile
from lab.store.schema import steps

LOST_AFTER_S = 6.0

StepState = Literal["running", "done", "asks", "stopped", "failed", "awaited", "recorded"]


@dataclass(frozen=True)
class Progress:
    """How a step stands: `what` it does now, calls done of those expected, `cached` of them known already.

    One that is "awaited" goes on once a person has replied; one of a recording that holds no reply is "recorded".
    """

    state: StepState = "running"
    what: str = ""
    done: int = 0
    expected: int = 0
    cached: int = 0
    error: str = ""


_OF_BRANCH = select(steps).where(steps.c.branch == bindparam("branch"))  # asked for by each page, all the time


class Steps:
    """The steps of a book, one a branch."""

    def __init__(self, file: BookFile) -> None:
        self._file = file

    def claim(self, branch: str, holder: str) -> bool:
        """Take the step of a branch, and return whether it could be had: another's that is alive cannot."""
        with self._file.transaction() as db:
            there = db.execute(select(steps).where(steps.c.branch == branch)).first()
            if there is not None and _alive(there):
                return False
            db.execute(steps.delete().where(steps.c.branch == branch))
            row = {"branch": branch, "holder": holder, "stopping": 0, "beat": time.time(), **vars(Progress())}
            db.execute(steps.insert().values(row))
        return True

    def beat(self, branch: str, holder: str, progress: Progress) -> Literal["held", "stopping", "lost"]:
        """Give a sign of life with how far the step is, unless it has ended; return whether it is to go on."""
        mine = (steps.c.branch == branch, steps.c.holder == holder, steps.c.state == "running")
        with self._file.transaction() as db:
            db.execute(update(steps).where(*mine).values(beat=time.time(), **vars(progress)))
            stopping = db.scalar(select(steps.c.stopping).where(*mine))
        return "lost" if stopping is None else "stopping" if stopping else "held"

    def end(self, branch: str, holder: str, progress: Progress | None) -> None:
        """Let the step go, with how it ended; with None, without a trace."""
        mine = (steps.c.branch == branch, steps.c.holder == holder)
        with self._file.transaction() as db:
            if progress is None:
                db.execute(steps.delete().where(*mine))
            else:
                db.execute(update(steps).where(*mine).values(beat=time.time(), **vars(progress)))

    def ask_to_stop(self, branch: str) -> bool:
        """Ask whoever does the step of a branch to stop it, and return whether there is one."""
        with self._file.transaction() as db:
            there = db.execute(select(steps).where(steps.c.branch == branch)).first()
            if there is None or not _alive(there):
                return False
            db.execute(update(steps).where(steps.c.branch == branch).values(stopping=1))
        return True

    def progress(self, branch: str) -> Progress | None:
        """Return how the last step of a branch stands; a step whose process is gone has stopped."""
        with self._file.reading() as db:
            row = db.execute(_OF_BRANCH, {"branch": branch}).first()
        if row is None:
            return None
        state: StepState = "stopped" if row.state == "running" and not _alive(row) else row.state
        return Progress(state, row.what, row.done, row.expected, row.cached, row.error)

    def forget(self, branch: str) -> None:
        """Drop how a step ended, once it was shown."""
        with self._file.transaction() as db:
            row = db.execute(select(steps).where(steps.c.branch == branch)).first()
            if row is not None and not _alive(row):
                db.execute(steps.delete().where(steps.c.branch == branch))


def new_holder() -> str:
    """Name who holds a lease: a process of this machine, and a part of its own."""
    return f"{socket.gethostname()} {os.getpid()} {secrets.token_urlsafe(6)}"


def _alive(row: Row[tuple[object, ...]]) -> bool:
    fresh = row.state == "running" and abs(time.time() - row.beat) < LOST_AFTER_S
    return fresh and not _ended(row.holder)


def _ended(holder: str) -> bool:
    """Return whether the process of a holder is known to be gone, where one can look."""
    host, pid, _ = holder.rsplit(" ", 2)
    if os.name != "posix" or host != socket.gethostname():
        return False
    try:
        os.kill(int(pid), 0)  # signal 0 only asks
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
