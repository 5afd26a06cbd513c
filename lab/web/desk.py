"""What the page asks of the lab: open, begin, act, and follow a running step."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator

import gradio as gr

from lab.core.asks import Done
from lab.errors import LabError, unexpected
from lab.models.connections import Connections
from lab.optimizers import optimizer
from lab.session import Session
from lab.session.acts import act
from lab.session.jobs import Jobs, Progress
from lab.store import Book
from lab.views.markup import esc
from lab.views.notices import failure
from lab.views.page import board_part, page, progress_part
from lab.views.runs import Row, runs_list
from lab.web.connection import Entry, keyed, take_keys
from lab.web.events import Updates, Values
from lab.web.layout import Layout
from lab.web.setup import read

_LOG = logging.getLogger(__name__)
_LIVE_S = 1.0  # how often the tree and the numbers follow a running step
_LISTED = 30
_MARKING = ("mark", "unmark")  # change the board and nothing else


class Desk:
    """The handlers of one page over one lab book; each call is told whose it is and on which branch."""

    def __init__(self, book: Book, layout: Layout) -> None:
        self._book = book
        self._layout = layout
        self._jobs = Jobs()
        self._shown_on: dict[str, str] = {}  # open tab -> the branch it shows now
        self._connections: dict[str, Connections] = {}  # owner -> the keys they entered, while this process lives

    def session(self, owner: str) -> Session:
        """Open the session of an owner, with the keys of that owner alone."""
        known = self._connections.setdefault(owner, Connections(known=self._book))
        return Session(self._book, owner, self._jobs, known)

    async def opened(self, values: Values, request: gr.Request) -> AsyncIterator[Updates]:
        """Open the page where its address says, and attach to a step that is running there."""
        owner = values[self._layout.owner] or secrets.token_urlsafe(16)
        branch = dict(request.query_params).get("branch", "")
        tab = str(request.session_hash)
        ready: Updates = {self._layout.owner: owner, self._layout.form.begin: gr.update(interactive=True)}
        try:
            self.session(owner).state(branch)
        except LabError as problem:
            yield {**ready, **self._set_up(tab, owner, str(problem) if branch else "")}
            return
        async for updates in self._shown(tab, owner, branch):
            yield {**ready, **updates}

    def closed(self, request: gr.Request) -> None:
        """Forget a page that was closed; a running step goes on."""
        self._shown_on.pop(str(request.session_hash), None)

    async def began(self, values: Values, request: gr.Request) -> Updates:
        """Begin a run, or say in its place what hinders it; take the keys first."""
        form = self._layout.form
        session = self.session(values[self._layout.owner])
        held = keyed(session, form.models, values)
        try:
            branch = await asyncio.to_thread(lambda: session.begin(read(form, values)))
        except Exception as problem:
            return {**held, form.problem: failure(_sentence(problem, "begin"))}
        return {**held, **await self._entered(str(request.session_hash), session, branch)}

    async def keyed(self, values: Values) -> Updates:
        """Take keys that were entered in the lab view, for the optimizer model and the target model."""
        room, session = self._layout.room, self.session(values[self._layout.owner])
        state = session.state(values[self._layout.branch])
        boxes = room.key_of_optimizer, room.key_of_target
        specs = (one.endpoint.spec for one in state.model_status)
        updates = take_keys(
            session, *(Entry(spec, values[box], box) for spec, box in zip(specs, boxes, strict=True))
        )
        return {**updates, room.models: page(session.state(state.branch.id)).models}

    def keyed_other(self, values: Values) -> Updates:
        """Take the key of a further model, which prompts are to be scored on."""
        room, session = self._layout.room, self.session(values[self._layout.owner])
        key = values[room.key_of_other]
        return (
            take_keys(session, Entry(values[room.other], key, room.key_of_other, room.other_status)) if key else {}
        )

    def left(self, values: Values, request: gr.Request) -> Updates:
        """Go back to the set-up; a running step goes on."""
        return self._set_up(str(request.session_hash), values[self._layout.owner])

    async def listed(self, values: Values, request: gr.Request, event: gr.EventData) -> AsyncIterator[Updates]:
        """Open a branch of the list."""
        branch = str(event.event.get("branch"))
        async for updates in self._shown(str(request.session_hash), values[self._layout.owner], branch):
            yield updates

    async def acted(self, values: Values, request: gr.Request, event: gr.EventData) -> AsyncIterator[Updates]:
        """Do what a person did in the lab view, and follow the step that it began."""
        session, branch = self.session(values[self._layout.owner]), values[self._layout.branch]
        tab = str(request.session_hash)
        said = dict(event.event)
        marks = said.get("act") in _MARKING
        try:
            if not marks:
                self._jobs.forget(branch)  # a person who acts has seen how the last step ended
            branch = await act(session, branch, said)
        except Exception as problem:
            gr.Warning(esc(_sentence(problem, said.get("act"))))
            if branch and not marks:  # what is shown may be out of date
                yield await self._page(session, branch)
            return
        self._shown_on[tab] = branch
        if marks:
            yield {self._layout.room.board: board_part(session.state(branch), self._jobs.running(branch))}
        elif said["act"] != "stop":  # whoever watches the step shows how it ends
            async for updates in self._followed(tab, session, branch):
                yield updates

    # Within

    async def _page(self, session: Session, branch: str) -> Updates:
        # Read in the loop, where no step can move the branch meanwhile; drawn in a thread, which takes longer.
        room, state = self._layout.room, session.state(branch)
        drawn = await asyncio.to_thread(page, state, self._jobs.progress(branch))
        needs_keys = any(not one.endpoint.in_process for one in state.model_status)
        return {**room.redrawn(drawn), room.keys: gr.update(elem_classes=[] if needs_keys else ["lab-off"])}

    async def _shown(self, tab: str, owner: str, branch: str) -> AsyncIterator[Updates]:
        session = self.session(owner)
        yield await self._entered(tab, session, branch)
        if self._jobs.running(branch):
            async for updates in self._followed(tab, session, branch):
                yield updates

    async def _followed(self, tab: str, session: Session, branch: str) -> AsyncIterator[Updates]:
        """Yield progress alone while a step runs, the whole page at its end; ends when the page shows another."""
        drawn_at, place = time.monotonic(), ""
        async for progress in self._jobs.watch(branch, 0.2):
            if progress.state != "running" or self._shown_on.get(tab) != branch:
                break
            updates: Updates = {self._layout.room.progress: progress_part(progress)}
            if time.monotonic() - drawn_at > _LIVE_S:
                moved = await self._moved(session, branch, progress, place)
                if moved is not None:
                    place, updates = moved
                drawn_at = time.monotonic()
            yield updates
        if self._shown_on.get(tab) == branch:
            yield {self._layout.branch: branch, **await self._page(session, branch)}
        else:
            yield {}  # Gradio sends what was yielded last once more at the end; that must change nothing

    async def _moved(
        self, session: Session, branch: str, progress: Progress, place: str
    ) -> tuple[str, Updates] | None:
        """Draw all but the board when a running step has moved on, so that autopilot can be watched."""
        if session.branch(branch).node == place:
            return None
        state = session.state(branch)
        drawn = await asyncio.to_thread(page, state, progress)
        return state.branch.node, self._layout.room.followed(drawn)

    async def _entered(self, tab: str, session: Session, branch: str) -> Updates:
        """Show the lab view."""
        drawn = await self._page(session, branch)
        self._shown_on[tab] = branch
        return {
            **drawn,
            self._layout.branch: branch,
            self._layout.begin_view: gr.update(visible=False),
            self._layout.lab_view: gr.update(visible=True),
            self._layout.leave: gr.update(visible=True),
            self._layout.form.problem: "",
        }

    def _set_up(self, tab: str, owner: str, problem: str = "") -> Updates:
        """Show the set-up."""
        self._shown_on.pop(tab, None)
        return {
            self._layout.branch: "",
            self._layout.begin_view: gr.update(visible=True),
            self._layout.lab_view: gr.update(visible=False),
            self._layout.leave: gr.update(visible=False),
            self._layout.runs: runs_list(self._runs(owner)),
            self._layout.form.problem: failure(problem),
        }

    def _runs(self, owner: str) -> list[Row]:
        """Return the newest branches of an owner."""
        found = []
        for branch in reversed(self.session(owner).branches()[-_LISTED:]):
            target = branch.models["target"].spec
            try:
                node = self._book.node(branch.node)
                name, _, context = self._book.context(node.context)
                at = (target, node.phase.round, isinstance(node.phase.ask(context), Done))
                found.append(Row(branch.id, branch.name, context.task.name, optimizer(name).title, *at))
            except LabError as problem:  # made with an optimizer that this lab was not started with
                found.append(Row(branch.id, branch.name, "", "", target, 0, hindered=str(problem)))
        return found


def _sentence(problem: Exception, act: object) -> str:
    """Describe what went wrong; what nobody foresaw goes to the log as well."""
    if isinstance(problem, LabError):
        return str(problem)
    _LOG.error("The act “%s” failed.", act, exc_info=problem)
    return unexpected(problem)
