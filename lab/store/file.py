"""The open file of a lab book: connections to read with, and transactions to write in."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from lab.errors import BookError
from lab.store.checkpoint import Checkpoints
from lab.store.schema import migrate, open_engine


@dataclass(frozen=True)
class _Open:
    """A transaction under way, and the asyncio task that it belongs to, if any."""

    db: Connection
    task: asyncio.Task[object] | None


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
        except OSError as error:
            raise BookError(
                f"The lab book “{self.path.name}” cannot be opened: {error.strerror}. Choose another with --book."
            ) from None

    def close(self) -> None:
        """Let go of the file, which then holds all that was written."""
        self._checkpoints.close()
        self._engine.dispose()

    def checkpoint(self) -> None:
        """Bring what was written into the one file now, lest a copy of it that is made at once lack something."""
        self._checkpoints.now()

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is under way here."""
        return self._joined() is not None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Read from the file; inside a transaction, from what it has written so far."""
        if (db := self._joined()) is not None:
            yield db
            return
        with self._engine.connect() as db:
            yield db

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Write to the file all or nothing; a transaction inside another one is a part of it.

        The outermost commits when it ends. An exception that passes takes back all that was written inside the
        block it leaves.
        """
        if (outer := self._joined()) is not None:
            with outer.begin_nested():
                yield outer
            return
        with self._writer.begin() as db:
            self._here.open = _Open(db, _task())
            try:
                yield db
            finally:
                self._here.open = None
        self._checkpoints.wrote()

    def _joined(self) -> Connection | None:
        """Return the connection of the transaction under way here."""
        there: _Open | None = getattr(self._here, "open", None)
        if there is None:
            return None
        if there.task is not _task():
            raise RuntimeError("A transaction of the lab book spans an await; end it before.")
        return there.db


def _task() -> asyncio.Task[object] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:  # no event loop runs in this thread
        return None


def chunks(keys: Sequence[str], size: int = 500) -> Iterator[list[str]]:
    """Cut keys into lists short enough for one query."""
    for i in range(0, len(keys), size):
        yield list(keys[i : i + size])
