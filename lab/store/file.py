"""The open file of a lab book: connections to read with, transactions to write in, and all of it in one file.

What SQLite has written ahead, in the -wal beside the file, is brought over soon after each write, so that the file
alone can be copied, sent or backed up whenever nothing is being written to it.
"""

from __future__ import annotations

import asyncio
import atexit
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection

from lab.errors import BookError
from lab.i18n import gettext_lazy
from lab.store.schema import migrate, open_engine


@dataclass(frozen=True)
class _Open:
    """A transaction under way, the asyncio task that it belongs to, if any, and what waits for its end."""

    db: Connection
    task: asyncio.Task[object] | None
    afterwards: list[Callable[[], None]] = field(default_factory=list)


class BookFile:
    """One SQLite file, opened and brought up to date.

    A transaction belongs to the thread and the asyncio task that opened it. It must not span an `await`: the
    steps of other branches run between awaits, in the same thread, and would wait for a lock that never comes
    free. Whoever meets a transaction of another task in its thread is therefore refused at once.
    """

    def __init__(self, path: str | Path) -> None:
        """Open or make the file at `path`.

        Raises:
            BookError: when the file is not a lab book, or cannot be written.
        """
        self.path = Path(path)
        self._here = threading.local()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._engine = open_engine(self.path)
            self._writer = self._engine.execution_options(writes=True)
            with self._writer.begin() as db:
                migrate(db)
            self._checkpoints = Checkpoints(self.path)
            self.checkpoint = self._checkpoints.now
        except OSError as error:
            raise BookError(
                gettext_lazy(
                    "The lab book “{book}” cannot be opened: {problem}. Choose another with --book.",
                    book=self.path.name,
                    problem=error.strerror,
                )
            ) from None

    def close(self) -> None:
        """Let go of the file, which then holds all that was written."""
        self._checkpoints.close()
        self._engine.dispose()

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is under way here."""
        return self._joined() is not None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Read from the file; inside a transaction, from what it has written so far."""
        if (open_ := self._joined()) is not None:
            yield open_.db
        elif (seen := self._snapshot()) is not None:
            yield seen
        else:
            with self._engine.connect() as db:
                yield db

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read the file as it is now all along, whatever others write meanwhile; must not span an `await`."""
        if self._joined() is not None or self._snapshot() is not None:
            yield
            return
        with self._engine.connect() as db:
            self._here.seen = db
            try:
                yield
            finally:
                self._here.seen = None

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Write to the file all or nothing; a transaction inside another one is a part of it.

        The outermost commits when it ends. An exception that passes takes back all that was written inside the
        block it leaves.
        """
        if (outer := self._joined()) is not None:
            with outer.db.begin_nested():
                yield outer.db
            return
        with self._writer.begin() as db:
            self._here.open = mine = _Open(db, _task())
            try:
                yield db
            finally:
                self._here.open = None
        self._checkpoints.wrote()
        for act in mine.afterwards:
            act()

    def afterwards(self, act: Callable[[], None]) -> None:
        """Do something once the transaction under way here is committed, if it is; without one, at once."""
        if (open_ := self._joined()) is not None:
            open_.afterwards.append(act)
        else:
            act()

    def _snapshot(self) -> Connection | None:
        seen: Connection | None = getattr(self._here, "seen", None)
        return seen

    def _joined(self) -> _Open | None:
        """Return the transaction under way here."""
        there: _Open | None = getattr(self._here, "open", None)
        if there is None:
            return None
        if there.task is not _task():
            raise RuntimeError("A transaction of the lab book spans an await; end it before.")
        return there


def _task() -> asyncio.Task[object] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:  # no event loop runs in this thread
        return None


def chunks(keys: Sequence[str], size: int = 500) -> Iterator[list[str]]:
    """Cut keys into lists short enough for one query."""
    for i in range(0, len(keys), size):
        yield list(keys[i : i + size])


QUIET_S = 0.2  # how long nothing is written before what was is brought over
_WAIT_S = 0.05  # for whoever reads or writes meanwhile


class Checkpoints:
    """Brings what was written to a book into its one file: soon after a write, at once when asked, at exit."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._written_at = 0.0
        self._waiting: threading.Thread | None = None
        _OPEN.add(self)

    def wrote(self) -> None:
        """Take note of a write: once nothing was written for a moment, all is brought over by a thread."""
        with self._lock:
            self._written_at = time.monotonic()
            if self._waiting is None:
                self._waiting = threading.Thread(target=self._wait, name="lab-checkpoint", daemon=True)
                self._waiting.start()

    def now(self) -> bool:
        """Bring over what can be without waiting long for who reads or writes; return whether that is all."""
        with suppress(sqlite3.Error):  # no room, or locked for long: it stays beside the file, where it is safe
            if not self._path.exists():
                return True
            with closing(sqlite3.connect(self._path, timeout=_WAIT_S, isolation_level=None)) as db:
                busy, _, _ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                return not busy
        return False

    def close(self) -> None:
        """Bring over all, for the last time."""
        _OPEN.discard(self)
        self.now()

    def _wait(self) -> None:
        rest = threading.Event()
        while True:
            with self._lock:
                left = self._written_at + QUIET_S - time.monotonic()
            if left > 0:
                rest.wait(left)
                continue
            done = self.now()
            with self._lock:
                if done and time.monotonic() - self._written_at >= QUIET_S:
                    self._waiting = None
                    return
                if not done:
                    self._written_at = time.monotonic()


_OPEN = weakref.WeakSet[Checkpoints]()


@atexit.register
def _at_exit() -> None:
    """Bring over what is left in the books that nobody closed."""
    for one in list(_OPEN):
        one.now()
