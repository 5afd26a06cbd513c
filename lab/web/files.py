"""Reading files of examples for the page: on a shared one in a process of its own, so that nobody else waits.

Python computes in one thread at a time, and some of what reads a large file never lets another one in between.
"""

from __future__ import annotations

import asyncio
import logging
import pickle
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakValueDictionary

from lab import i18n
from lab.core.task import Task
from lab.errors import DataError, LabError
from lab.i18n import gettext_lazy
from lab.practice import knows
from lab.tasks.loaders import Chosen, guess_mapping, load_task, read_table
from lab.text import visible
from lab.views.preview import preview

__all__ = ["FileRead", "Files", "read_file"]

MOST_SHARED = 20_000  # examples of a file on a shared page: each is kept, and looked through again and again
_MOST_S = 60
_AT_ONCE = 2
_KILLED = getattr(signal, "SIGKILL", 9)
_LOGGED = 2000  # bytes of what a process said at last
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class FileRead:
    """What was made of a file: a task, or why there is none; and which columns there are, where it is a table.

    `practised` says whether the practice model has rules for the task, `report` is how it was read, as HTML.
    """

    columns: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    answer: str | None = None
    task: Task | None = None
    practised: bool = False
    report: str = ""
    problem: LabError | None = None

    def taken(self) -> Task:
        """Return the task.

        Raises:
            LabError: why there is none.
        """
        if self.task is None:
            raise self.problem or DataError(gettext_lazy("This file could not be read."))
        return self.task


NO_FILE = FileRead(
    problem=DataError(gettext_lazy("No file is chosen yet. Choose one with your examples, or take a bundled task."))
)


def read_file(file: str, chosen: Chosen) -> FileRead:
    """Read a file, or say why it cannot be used."""
    try:
        read = load_task(file, **chosen)
    except LabError as problem:
        return _columns(file, chosen, problem)
    return FileRead(
        read.table.columns, read.mapping.inputs, read.mapping.answer, read.task, knows(read.task), preview(read)
    )


def _columns(file: str, chosen: Chosen, problem: LabError) -> FileRead:
    """Return the columns of a table that cannot be used, and those to begin choosing from."""
    given = chosen.get("input") or ()
    inputs, right = (given,) if isinstance(given, str) else tuple(given), chosen.get("answer")
    try:
        table = read_table(file)
    except DataError:
        return FileRead(problem=problem)
    try:
        guess = guess_mapping(table)
    except DataError:
        return FileRead(table.columns, inputs, right, problem=problem)
    return FileRead(table.columns, inputs or guess.inputs, right or guess.answer, problem=problem)


class Files:
    """Reads files for all visitors; where the page is shared, apart from it, and for each of them one at a time."""

    def __init__(self, is_shared: bool) -> None:
        self._is_shared = is_shared
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()  # by owner
        self._at_once = asyncio.Semaphore(_AT_ONCE)

    async def read(self, owner: str, file: str | None, chosen: Chosen) -> FileRead:
        """Read the file of an owner, if there is one."""
        if not file:
            return NO_FILE
        if not self._is_shared:
            return await asyncio.to_thread(read_file, file, chosen)
        async with self._turns.setdefault(owner, asyncio.Lock()), self._at_once:
            return await asyncio.to_thread(_read_apart, file, chosen)


def _read_apart(file: str, chosen: Chosen) -> FileRead:
    command = [sys.executable, "-m", "lab.web.files"]
    try:
        done = subprocess.run(  # noqa: S603, this module
            command,
            input=pickle.dumps((file, chosen, i18n.current())),
            capture_output=True,
            timeout=_MOST_S,
            check=True,
            cwd=Path(__file__).parents[2],
        )
    except subprocess.TimeoutExpired:
        return _unread(gettext_lazy("This file took too long to read. Keep a sample of its rows."))
    except subprocess.CalledProcessError as ended:
        _LOG.warning("Reading a file ended with %d: %s", ended.returncode, visible(_log_tail(ended.stderr)))
        return _unread(_why(ended))
    read: FileRead = pickle.loads(done.stdout)  # noqa: S301, written by this module
    return read


def _unread(why: str) -> FileRead:
    return FileRead(problem=DataError(why))


def _why(ended: subprocess.CalledProcessError) -> str:
    """Say why a process that read a file has ended."""
    if "MemoryError" in _log_tail(ended.stderr):
        return gettext_lazy(
            "This file could not be read: it takes more memory than there is. Keep a sample of its rows."
        )
    if ended.returncode == -_KILLED:
        return gettext_lazy(
            "This file could not be read: what reads it was killed, most likely for the memory that it took. "
            "Keep a sample of its rows."
        )
    return gettext_lazy(
        "This file could not be read: what reads it stopped with an error, which the log of the server tells. "
        "Try another file."
    )


def _log_tail(stderr: bytes) -> str:
    return stderr[-_LOGGED:].decode("utf-8", "replace").strip()


def _within_limit(read: FileRead) -> FileRead:
    if read.task is None:
        return read
    n = sum(map(len, (read.task.train, read.task.dev, read.task.test)))
    if n <= MOST_SHARED:
        return read
    said = gettext_lazy(
        "This file has {n_examples:,} examples; at most {most:,} are taken on a shared page. "
        "Keep a sample of its rows.",
        n_examples=n, most=MOST_SHARED,
    )  # fmt: skip
    return FileRead(read.columns, read.inputs, read.answer, problem=DataError(said))


def _main() -> None:
    """Read one file, as it is asked for, and write what was made of it, in the language of who asks."""
    file, chosen, language = pickle.load(sys.stdin.buffer)  # noqa: S301, written by this module
    with i18n.use(language):
        pickle.dump(_within_limit(read_file(file, chosen)), sys.stdout.buffer)


if __name__ == "__main__":
    import os

    if hasattr(os, "nice"):
        os.nice(10)  # the page goes first
    from lab.web import files  # what is written is of this name, not of `__main__`

    files._main()
