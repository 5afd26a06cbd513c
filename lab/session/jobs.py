"""Steps as jobs: one at a time per branch, started, watched and stopped apart from any page, cell or process.

A job outlives the request that began it; a reloaded page attaches to it again. The lab book says which steps are
under way, so that a step begun in a notebook runs, and can be stopped, in the page as well, and nobody begins it
twice. What it did is in the book too: a job lost with its process costs only the calls in flight.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from asyncio import AbstractEventLoop
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import TypeVar

from lab.errors import (
    AskedError,
    AwaitedError,
    BookError,
    BudgetError,
    LabError,
    MisuseError,
    RecordedError,
    unexpected,
)
from lab.i18n import gettext_lazy
from lab.store import Book, Progress
from lab.store.steps import new_holder

__all__ = ["Jobs", "Progress", "Report"]

_LOG = logging.getLogger(__name__)
_BEAT_S = 0.25  # how often other processes hear how far a step is
_QUIET_BEATS = 4  # of these without news, one sign of life

T = TypeVar("T")
Report = Callable[[str, int, int, int], None]

_INSIDE: ContextVar[frozenset[str]] = ContextVar("branches whose step this task is a part of", default=frozenset())


@dataclass(eq=False)
class _Step:
    """A step that this process does."""

    branch: str
    progress: Progress = field(default_factory=Progress)
    holder: str = field(default_factory=new_holder)
    task: asyncio.Task[object] | None = None
    is_stopped: bool = False  # perhaps before it has begun

    def cancel(self) -> None:
        """Stop the step, from any thread."""
        self.is_stopped = True
        if self.task is not None:
            with suppress(RuntimeError):  # its loop is closed, and the step with it
                self.task.get_loop().call_soon_threadsafe(self.task.cancel)

    @property
    def gone(self) -> bool:
        """Whether the loop that it ran in was closed over it."""
        return self.task is not None and self.task.get_loop().is_closed()


class Jobs:
    """The steps under way in a lab book."""

    def __init__(self, book: Book, loop: Callable[[], AbstractEventLoop] = asyncio.get_running_loop) -> None:
        """Keep the steps of a book; those that are started run in `loop`, which may be on a thread of its own."""
        self._book = book
        self._loop = loop
        self._steps: dict[str, _Step] = {}
        self._ends: dict[str, Progress] = {}  # as the book has them, in words that every language has
        self._pulse: threading.Thread | None = None
        self._lock = threading.Lock()

    def start(self, branch: str, step: Callable[[Report], Awaitable[object]]) -> None:
        """Start a step on a branch; where one is under way already, that one goes on.

        It begins once the transaction is committed that it is started in, and not at all where that is taken back.
        """
        if (mine := self._claimed(branch)) is None:
            return
        loop = self._loop()

        def begin() -> None:
            mine.task = loop.create_task(self._job(mine, step))

        def send() -> None:
            loop.call_soon_threadsafe(begin)

        self._book.afterwards(begin if _runs(loop) else send)

    async def attend(
        self, branch: str, step: Callable[[Report | None], Awaitable[T]], report: Report | None = None
    ) -> T:
        """Do a step on a branch and wait for it; a part of a step of the same branch belongs to that one.

        Raises:
            MisuseError: when another step is under way there.
            LabError: what the step raises, or that somebody else stopped it.
        """
        if branch in _INSIDE.get():
            return await step(report)
        if (mine := self._claimed(branch)) is None:
            raise MisuseError(gettext_lazy("A step is running on this branch. Stop it, or wait until it ends."))

        async def work() -> T:
            return await self._done(mine, step, report)

        mine.task = task = asyncio.get_running_loop().create_task(work())
        try:
            return await task
        except asyncio.CancelledError:
            if (here := asyncio.current_task()) is not None and here.cancelling():
                raise
            raise LabError(gettext_lazy("The step was stopped from elsewhere. What had arrived is kept.")) from None
        finally:
            self._release(mine, None)

    def running(self, branch: str) -> bool:
        """Return whether a step is under way on a branch, in this process or another."""
        progress = self.progress(branch)
        return progress is not None and progress.state == "running"

    def stop(self, branch: str) -> bool:
        """Stop the step on a branch; what had arrived is kept. Says whether there was one."""
        if (mine := self._steps.get(branch)) is not None:
            mine.cancel()
            return True
        return self._book.steps.ask_to_stop(branch)

    def progress(self, branch: str) -> Progress | None:
        """How the last step on a branch stands; None where none was begun, or its end was forgotten."""
        if (mine := self._steps.get(branch)) is not None:
            return mine.progress
        kept, here = self._book.steps.progress(branch), self._ends.get(branch)
        return here if here == kept else kept

    def forget(self, branch: str) -> None:
        """Drop the outcome of a step that has ended, once it was shown."""
        if branch not in self._steps:
            self._ends.pop(branch, None)
            self._book.steps.forget(branch)

    async def watch(self, branch: str, pause_s: float = 0.1) -> AsyncIterator[Progress]:
        """Yield the progress at once, at each change (looked for every `pause_s`), and the end last."""
        last = None
        while (progress := self.progress(branch)) is not None:
            if progress != last:
                last = progress
                yield progress
            if progress.state != "running":
                return
            await asyncio.sleep(pause_s)

    async def ended(self, branch: str) -> None:
        """Wait until no step is under way on a branch."""
        mine = self._steps.get(branch)
        if mine is not None and mine.task is not None and mine.task.get_loop() is asyncio.get_running_loop():
            await asyncio.wait({mine.task})
        while self.running(branch):
            await asyncio.sleep(_BEAT_S)

    # Within

    def _claimed(self, branch: str) -> _Step | None:
        """Take the step of a branch for this process; None where one is under way."""
        mine = _Step(branch)
        if branch in self._steps or not self._book.steps.claim(branch, mine.holder):
            return None
        self._ends.pop(branch, None)
        with self._lock:
            self._steps[branch] = mine
            if self._pulse is None:
                self._pulse = threading.Thread(target=self._beat, name="lab-steps", daemon=True)
                self._pulse.start()
        return mine

    async def _job(self, mine: _Step, step: Callable[[Report], Awaitable[object]]) -> None:
        end = Progress()
        try:
            if mine.is_stopped:
                raise asyncio.CancelledError
            await self._done(mine, step)
            end = replace(mine.progress, state="done")
        except (AwaitedError, RecordedError) as missing:
            end = replace(mine.progress, state="awaited" if isinstance(missing, AwaitedError) else "recorded")
        except AskedError as reason:
            end = replace(mine.progress, state="asks", error=reason.told)
        except BudgetError as problem:
            end = replace(mine.progress, state="stopped", error=problem.told)
        except LabError as problem:
            end = replace(mine.progress, state="failed", error=problem.told)
        except asyncio.CancelledError:
            end = replace(mine.progress, state="stopped")
        except Exception as problem:
            _LOG.exception("A step on the branch %s failed.", mine.branch)
            end = replace(mine.progress, state="failed", error=unexpected(problem))
        finally:
            self._release(mine, end)

    async def _done(self, mine: _Step, step: Callable[[Report], Awaitable[T]], also: Report | None = None) -> T:
        def report(what: str, done: int, expected: int, cached: int) -> None:
            mine.progress = Progress("running", what, done, expected, cached)
            if also is not None:
                also(what, done, expected, cached)

        _INSIDE.set(_INSIDE.get() | {mine.branch})
        return await step(report)

    def _release(self, mine: _Step, end: Progress | None) -> None:
        try:
            self._book.steps.end(mine.branch, mine.holder, end)
            if end is not None:
                self._ends[mine.branch] = end
        finally:
            with self._lock:
                self._steps.pop(mine.branch, None)
        self._book.checkpoint()

    def _beat(self) -> None:
        """Tell the book how far the steps of this process are; in a thread, which no blocked cell holds up."""
        reported: dict[str, Progress] = {}
        silent = 0
        rest = threading.Event()
        while True:
            rest.wait(_BEAT_S)
            with self._lock:
                if not (steps := list(self._steps.values())):
                    self._pulse = None
                    return
            silent = (silent + 1) % _QUIET_BEATS
            for mine in steps:
                if reported.get(mine.holder) == mine.progress and silent:
                    continue
                reported[mine.holder] = mine.progress
                with suppress(BookError):  # full or locked for long: the step itself will say so
                    if mine.gone:
                        self._release(mine, replace(mine.progress, state="stopped"))
                    elif (lease := self._book.steps.beat(mine.branch, mine.holder, mine.progress)) != "held":
                        mine.cancel()
                        if lease == "lost" and mine.task is None:  # taken back with what it was started in
                            self._release(mine, None)


def _runs(loop: AbstractEventLoop) -> bool:
    """Return whether a loop is the one that runs in this thread."""
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False
