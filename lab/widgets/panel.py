"""The panel of a notebook: one branch of a session, with the same cards and the same acts as the page.

It holds nothing but which branch it shows. All else is in the lab book, so that a cell that is run again, a
second panel or the page shows the same place.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from ipywidgets import VBox

from lab.errors import LabError, MisuseError, unexpected
from lab.session import Session
from lab.session.acts import Event, act
from lab.session.jobs import Progress
from lab.views.markup import details
from lab.views.notices import failure
from lab.views.page import page, progress_part
from lab.widgets.drawing import picture
from lab.widgets.face import Face

_LOG = logging.getLogger(__name__)

LIVE_S = 1.0  # how often the whole panel is drawn anew while a step is under way


class Panel(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Shows a branch of a session and lets a person act on it; without `branch`, the newest one.

    Raises:
        MisuseError: when the session has no such branch, or none at all.

    Example:
        `Panel(session, session.begin(task))` as the last line of a cell.
    """

    def __init__(self, session: Session, branch: str | None = None) -> None:
        self.session = session
        self.branch = session.branch(branch).id if branch is not None else _newest(session)
        self.face = Face()
        self._chart: dict[str, Any] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._followed: str | None = None
        super().__init__([self.face])
        self.face.on_msg(lambda face, event, buffers: self.send(event))
        self.refresh()

    def send(self, event: Event) -> None:
        """Do what a click does: the event goes to the session, and the panel shows what came of it.

        It returns at once; a step goes on in the running event loop. What goes wrong is shown in the panel.
        """
        self._go(self._act(event))

    async def idle(self) -> None:
        """Wait until all that was sent is done, with the step that it began, and the panel shows it.

        For scripts and tests. A cell that waits here keeps the cells below it waiting.
        """
        while self._tasks:
            await asyncio.gather(*self._tasks)

    def refresh(self) -> None:
        """Draw what the lab book says now, also of acts done elsewhere; follow a step under way."""
        self._draw()
        if self.session.jobs.running(self.branch) and self._followed != self.branch and _in_loop():
            self._followed = self.branch
            self._go(self._follow(self.branch))

    async def _act(self, event: Event) -> None:
        self.face.notice = ""
        try:
            self.session.jobs.forget(self.branch)  # a person who acts has seen how the last step ended
            self.branch = await act(self.session, self.branch, event)
        except LabError as problem:
            self.face.notice = failure(str(problem))
        except Exception as problem:
            _LOG.exception("The act “%s” failed.", event.get("act"))
            self.face.notice = failure(unexpected(problem))
        finally:
            self.refresh()

    async def _follow(self, branch: str) -> None:
        """Draw the step under way on a branch until it ends or the panel shows another branch."""
        clock = asyncio.get_running_loop().time
        drawn = clock()
        try:
            async for progress in self.session.jobs.watch(branch):
                if self.branch != branch:
                    return
                if progress.state == "running" and clock() - drawn < LIVE_S:
                    self.face.progress = progress_part(progress)
                else:
                    self._draw(progress)
                    drawn = clock()
        finally:
            if self._followed == branch:
                self._followed = None
        await self.session.jobs.ended(branch)
        self.refresh()

    def _draw(self, progress: Progress | None = None) -> None:
        now = page(self.session.state(self.branch), progress or self.session.jobs.progress(self.branch))
        with self.face.hold_sync():
            for name in ("header", "track", "progress", "board", "drawer", "tree"):
                setattr(self.face, name, getattr(now, name))
            self.face.models = details("models", "Models, limits and spending", now.models)
            if now.chart != self._chart:
                self.face.chart, self._chart = picture(now.chart), now.chart

    def _go(self, work: Coroutine[Any, Any, None]) -> None:
        """Start work in the running loop; the reference keeps it from being collected half done."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _newest(session: Session) -> str:
    branches = session.branches()
    if not branches:
        raise MisuseError("There is no run in this lab book yet. Begin with session.begin(task).")
    return branches[-1].id


def _in_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
