"""Keeping a lab book in its one file: what SQLite has written ahead, in the -wal beside it, is brought over.

The file alone can then be copied, sent or backed up whenever nothing is being written to it.
"""

from __future__ import annotations

import atexit
import sqlite3
import threading
import time
import weakref
from contextlib import closing, suppress
from pathlib import Path

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
