"""The panel of a notebook: one branch of a session, with the same cards and the same acts as the page.

It holds nothing but which branch it shows. All else is in the lab book, and the panel follows that: what a cell, a
second panel, another notebook or the page does stands in it a moment later. Acts and steps are done in the lab's
own event loop, so that a cell that waits holds none of them up.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any

from ipywidgets import VBox

from lab import i18n
from lab.errors import LabError, MisuseError, unexpected
from lab.export.menu import ACT, download, page_with_exports
from lab.i18n import gettext
from lab.session import Session
from lab.session.acts import Event, act, looked_at
from lab.session.background import loop
from lab.session.following import Version
from lab.session.looking import look
from lab.views.markup import details
from lab.views.notices import failure
from lab.views.page import Page, progress_part
from lab.widgets.drawing import picture
from lab.widgets.face import Face
from lab.widgets.saved import Saved, saved

_LOG = logging.getLogger(__name__)

LOOK_S = 0.2  # how often a panel looks whether anything has changed
BEAT_S = 2.0  # how often it tells the browser that its kernel lives
_MARKING = ("mark", "unmark")  # change the board and nothing else
_SEEN = {"shown": 1, "hidden": -1}  # what the browser tells of its views
LIVE_S = 1.0  # how often the whole panel is drawn anew while a step goes on


class Panel(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Shows a branch of a session and lets a person act on it; without `branch`, the newest one.

    It speaks the language of the moment in which it was made.

    Raises:
        MisuseError: when the session has no such branch, or none at all.

    Example:
        `Panel(session, session.begin(task))` as the last line of a cell.
    """

    _follower: Future[None] | None = None

    def __init__(self, session: Session, branch: str | None = None) -> None:
        self.session = session
        self.branch = session.branch(branch).id if branch is not None else _newest(session)
        self.face = Face(saved_as=secrets.token_hex(6))
        self._name = ""
        self._looked = ""  # the node that a person looks at
        self._page: Page | None = None
        self._chart: dict[str, Any] | None = None
        self._shown: Version | None = None
        self._tasks: set[Future[None]] = set()
        self._drawing = threading.RLock()
        self._saved = Saved()
        self._views = self._viewed = 0
        super().__init__([self.face])
        self.face.on_msg(lambda face, event, buffers: self._handle_event(event))
        self.refresh()
        self._follower = asyncio.run_coroutine_threadsafe(self._follow(), loop())

    def send(self, event: Event) -> None:
        """Do what a click does: the event goes to the session, and the panel shows what came of it.

        It returns at once; a step goes on by itself. What goes wrong is shown in the panel.
        """
        self._go(self._act(event))

    async def idle(self) -> None:
        """Wait until all that was sent is done, with the step that it began, and the panel shows it.

        For scripts and tests. A cell that waits here keeps the cells below it waiting.
        """
        while True:
            while self._tasks:
                await asyncio.gather(*map(asyncio.wrap_future, tuple(self._tasks)))
            if not self.session.jobs.running(self.branch):
                break
            await asyncio.sleep(LOOK_S / 4)
        self.refresh()

    def refresh(self) -> None:
        """Draw what the lab book says now; a panel does so by itself a moment after a change."""
        with self._drawing, i18n.use(self.face.language):
            branch = self.branch
            now, state = self.session.version(branch), self.session.state(branch)
            self._name = state.branch.name
            seen = look(state, self.session.book, self._looked) if self._looked in state.nodes else None
            self._draw(page_with_exports(state, now.progress, seen), now)

    def close(self) -> None:
        """Take the panel off the page; the run stays as it is."""
        if self._follower is not None:
            self._follower.cancel()
        super().close()

    def __repr__(self) -> str:
        return f"Panel({self._name!r})"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """Show the widget where there is a kernel, and the last state where there is none."""
        view = super()._repr_mimebundle_()
        return {**view, "text/plain": repr(self), "text/html": self._last_state()}

    def _ipython_display_(self) -> None:
        """Show the widget, and beside it the last state, which is seen once the widget is gone.

        The state is an output of its own, because one that is written again would take its fields from under a
        person's hands.
        """
        from IPython.display import display

        bundle = {**self._repr_mimebundle_(), "text/html": ""}
        display(bundle, raw=True)  # type: ignore[no-untyped-call]
        self._saved.show(repr(self), self._last_state())

    def _last_state(self) -> str:
        assert self._page is not None
        with i18n.use(self.face.language):
            return saved(self._page, self.face.chart, self.face.saved_as)

    # Acts

    def _handle_event(self, event: Event) -> None:
        self.face.heard += 1  # the browser waits for it, and says when none comes
        if event.get("act") == ACT:
            self._go(self._save(event))
        elif event.get("act") in _SEEN:
            self._views = max(0, self._views + _SEEN[str(event["act"])])
        else:
            self.send(event)

    async def _save(self, event: Event) -> None:
        """Hand an export to the browser."""
        try:
            found = await asyncio.to_thread(download, self.session, self.branch, event)
        except LabError as problem:
            self.face.notice = failure(str(problem))
        else:
            self.face.send({"save": dict(found.message)})

    async def _act(self, event: Event) -> None:
        self.face.notice = ""
        if event.get("act") not in _MARKING:
            self._looked = looked_at(event)
        try:
            if event.get("act") == "look":
                return
            self.session.jobs.forget(self.branch)  # a person who acts has seen how the last step ended
            self.branch = await act(self.session, self.branch, event)
        except LabError as problem:
            self.face.notice = failure(str(problem))
        except Exception as problem:
            _LOG.exception("The act “%s” failed.", event.get("act"))
            self.face.notice = failure(unexpected(problem))
        finally:
            await asyncio.to_thread(self.refresh)

    # Following

    async def _follow(self) -> None:
        """Draw whatever changes, until the panel is closed."""
        clock = asyncio.get_running_loop().time
        drawn = beaten = clock()
        failed = ""
        while True:
            await asyncio.sleep(LOOK_S)
            self._viewed = max(self._viewed, self._views)
            if self._viewed and not self._views:  # its cell was run again, or its output cleared
                continue
            try:
                if clock() - beaten >= BEAT_S:
                    self.face.beat, beaten = self.face.beat + 1, clock()
                now, shown = self.session.version(self.branch), self._shown
                if shown is None or now == shown:
                    continue
                live = now.running and shown.running
                if live and (now.place == shown.place or clock() - drawn < LIVE_S):
                    self._draw_progress(now)
                else:
                    await asyncio.to_thread(self.refresh)
                    drawn = clock()
                failed = ""
            except Exception as problem:  # the book may be locked or away for a while
                if failed != (failed := repr(problem)):
                    _LOG.warning("The panel cannot follow its run: %s", failed)

    def _draw_progress(self, now: Version) -> None:
        """Draw how far the step is, alone."""
        with self._drawing:
            assert now.progress is not None
            self.face.progress = progress_part(now.progress)
            self._shown = Version(self._shown.place if self._shown else "", now.progress)

    def _draw(self, now: Page, version: Version) -> None:
        self._page, self._shown = now, version
        with self.face.hold_sync():
            for name in ("header", "best", "track", "progress", "board", "drawer"):
                setattr(self.face, name, getattr(now, name))
            self.face.tree = now.tree + now.place
            self.face.models = details("models", gettext("Models, limits and spending"), now.models)
            if now.chart != self._chart:
                self.face.chart, self._chart = picture(now.chart), now.chart
        if not version.running:
            self._saved.update(repr(self), self._last_state)

    def _go(self, work: Coroutine[Any, Any, None]) -> None:
        """Do work in the lab's loop; the reference keeps it from being collected half done."""
        task = asyncio.run_coroutine_threadsafe(self._worded(work), loop())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _worded(self, work: Coroutine[Any, Any, None]) -> None:
        """Do work in the language of the panel; an event of the browser arrives in that of no cell."""
        with i18n.use(self.face.language):
            await work


def _newest(session: Session) -> str:
    branches = session.branches()
    if not branches:
        raise MisuseError("There is no run in this lab book yet. Begin with session.begin(task).")
    return branches[-1].id
