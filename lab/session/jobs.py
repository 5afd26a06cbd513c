"""Steps as jobs: one at a time per branch, started, watched and stopped apart from any page or cell.

A job outlives the request that began it; a reloaded page attaches to it again. What it did is in the book,
so a job lost with its process costs only the calls in flight.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Literal

from lab.errors import BudgetError, LabError, unexpected

_LOG = logging.getLogger(__name__)

State = Literal["running", "done", "stopped", "failed"]
Report = Callable[[str, int, int, int], None]


@dataclass(frozen=True)
class Progress:
    """How a step stands: `what` it does now, calls done of those expected, `cached` of them known already."""

    state: State = "running"
    what: str = ""
    done: int = 0
    expected: int = 0
    cached: int = 0
    error: str = ""


class Jobs:
    """The jobs of one process, by branch."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._progress: dict[str, Progress] = {}
        self._changed: dict[str, asyncio.Event] = {}

    def start(self, branch: str, step: Callable[[Report], Awaitable[object]]) -> None:
        """Start a step on a branch in the running loop; where one is running already, that one goes on."""
        if self.running(branch):
            return
        self._tell(branch, Progress())

        def report(what: str, done: int, expected: int, cached: int) -> None:
            self._tell(branch, Progress("running", what, done, expected, cached))

        async def run() -> None:
            end: State = "stopped"
            error = ""
            try:
                await step(report)
                end = "done"
            except BudgetError as problem:
                error = str(problem)
            except LabError as problem:
                end, error = "failed", str(problem)
            except asyncio.CancelledError:
                pass
            except Exception as problem:
                _LOG.exception("A step on the branch %s failed.", branch)
                end, error = "failed", unexpected(problem)
            finally:
                self._tell(branch, replace(self._progress[branch], state=end, error=error))

        self._tasks[branch] = asyncio.get_running_loop().create_task(run())

    def running(self, branch: str) -> bool:
        """Return whether a step is under way on a branch."""
        task = self._tasks.get(branch)
        return task is not None and not task.done()

    def stop(self, branch: str) -> bool:
        """Stop the step on a branch; what had arrived is kept. Says whether there was one."""
        task = self._tasks.get(branch)
        if task is None or task.done():
            return False
        task.get_loop().call_soon_threadsafe(task.cancel)
        return True

    def progress(self, branch: str) -> Progress | None:
        """How the last step on a branch stands; None where none was begun in this process."""
        return self._progress.get(branch)

    def forget(self, branch: str) -> None:
        """Drop the outcome of a step that has ended, once it was shown."""
        if not self.running(branch):
            self._progress.pop(branch, None)

    async def watch(self, branch: str, pause_s: float = 0.1) -> AsyncIterator[Progress]:
        """Yield the progress at once, at each change (at most every `pause_s`), and the end last."""
        while (progress := self._progress.get(branch)) is not None:
            changed = self._changed[branch]  # taken before the yield: the step may end while a watcher is away
            yield progress
            if progress.state != "running":
                return
            await changed.wait()
            await asyncio.sleep(pause_s)

    async def ended(self, branch: str) -> None:
        """Wait until no step is under way on a branch."""
        task = self._tasks.get(branch)
        if task is not None:
            await asyncio.wait({task})

    def _tell(self, branch: str, progress: Progress) -> None:
        self._progress[branch] = progress
        before, self._changed[branch] = self._changed.get(branch), asyncio.Event()
        if before is not None:
            before.set()
