"""What the page asks of the lab: open, begin, act, and follow a running step."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator
from typing import Any

import gradio as gr

from lab.core.asks import Done
from lab.errors import LabError, unexpected
from lab.models.connections import Connections
from lab.optimizers import optimizer
from lab.session import Session
from lab.session.acts import act
from lab.session.jobs import Jobs, Progress
from lab.session.state import State
from lab.store import Book
from lab.views.page import board_part, page, progress_part
from lab.views.work import Work, failure, work_list
from lab.web.connection import N_TYPED, keyed
from lab.web.room import PARTS, filled, only
from lab.web.setup import begun

_LOG = logging.getLogger(__name__)
_LIVE_S = 1.0  # how often the tree and the numbers follow a running step
_LISTED = 30
_STILL = ("board", "drawer", "models", "keys")  # not drawn anew while a step runs
_MARKING = ("mark", "unmark")  # change the board and nothing else


class Desk:
    """The handlers of one page over one lab book; each call is told whose it is and on which branch.

    Their values stand for: the branch, the two views, the way back, the list of work, the problem, the parts.
    """

    def __init__(self, book: Book) -> None:
        self._book = book
        self._jobs = Jobs()
        self._shown_on: dict[str, str] = {}  # open tab -> the branch it shows now
        self._connections: dict[str, Connections] = {}  # owner -> the keys they entered, while this process lives

    def session(self, owner: str) -> Session:
        """Open the session of an owner, with the keys of that owner alone."""
        known = self._connections.setdefault(owner, Connections(known=self._book))
        return Session(self._book, owner, self._jobs, known)

    async def opened(self, owner: str | None, request: gr.Request) -> AsyncIterator[list[Any]]:
        """Open the page where its address says, and attaches to a step that is running there."""
        owner = owner or secrets.token_urlsafe(16)
        branch = dict(request.query_params).get("branch", "")
        tab = str(request.session_hash)
        ready = [owner, gr.update(interactive=True)]
        try:
            self.session(owner).state(branch)
        except LabError as problem:
            yield [*ready, *self._set_up(tab, owner, str(problem) if branch else "")]
            return
        async for values in self._shown(tab, owner, branch):
            yield [*ready, *values]

    def closed(self, request: gr.Request) -> None:
        """Forget a page that was closed; a running step goes on."""
        self._shown_on.pop(str(request.session_hash), None)

    async def began(self, request: gr.Request, owner: str, *asked: Any) -> list[Any]:
        """Begin a run, or say in its place what hinders it; take the keys first, the values after the others."""
        session = self.session(owner)
        held = keyed(session, *asked[:N_TYPED])
        try:
            branch = await asyncio.to_thread(begun, session, asked[N_TYPED:])
        except Exception as problem:
            return [*_values(problem=failure(_sentence(problem, "begin"))), *held]
        return [*self._entered(str(request.session_hash), branch, await self._page(session, branch)), *held]

    async def held(self, owner: str, branch: str, *typed: str) -> list[Any]:
        """Take keys that were entered in the lab view, for the optimizer model and the target model."""
        session = self.session(owner)
        specs = [config.spec for config in session.branch(branch).models.values()]
        taken = keyed(session, *(one for pair in zip(specs, typed, strict=True) for one in pair))
        return [*taken[::2], page(session.state(branch)).models]

    def entrusted(self, owner: str, spec: str, key: str) -> list[Any]:
        """Take the key of a further model, which prompts are to be scored on."""
        return keyed(self.session(owner), spec, key) if key else [gr.skip(), gr.skip()]

    def left(self, request: gr.Request, owner: str) -> list[Any]:
        """Go back to the set-up; a running step goes on."""
        return self._set_up(str(request.session_hash), owner)

    async def listed(self, request: gr.Request, owner: str, event: gr.EventData) -> AsyncIterator[list[Any]]:
        """Open a branch of the list."""
        async for values in self._shown(str(request.session_hash), owner, str(event.event.get("branch"))):
            yield values

    async def acted(
        self, request: gr.Request, owner: str, branch: str, event: gr.EventData
    ) -> AsyncIterator[list[Any]]:
        """Do what a person did in the lab view, and follow the step that it began."""
        session = self.session(owner)
        tab = str(request.session_hash)
        said = dict(event.event)
        try:
            if said.get("act") not in _MARKING:
                self._jobs.forget(branch)  # a person who acts has seen how the last step ended
            branch = await act(session, branch, said)
        except Exception as problem:
            gr.Warning(_sentence(problem, said.get("act")))
            if branch and said.get("act") not in _MARKING:  # what is shown may be out of date
                yield _values(parts=await self._page(session, branch))
            return
        self._shown_on[tab] = branch
        if said["act"] in _MARKING:
            board = board_part(session.state(branch), self._jobs.running(branch))
            yield _values(parts=only(board=board))
        elif said["act"] != "stop":  # whoever watches the step shows how it ends
            async for values in self._followed(tab, session, branch):
                yield values

    # Within

    async def _page(self, session: Session, branch: str) -> list[Any]:
        # Read in the loop, where no step can move the branch meanwhile; drawn in a thread, which takes longer.
        state = session.state(branch)
        return await asyncio.to_thread(_drawn, state, self._jobs.progress(branch))

    async def _shown(self, tab: str, owner: str, branch: str) -> AsyncIterator[list[Any]]:
        session = self.session(owner)
        yield self._entered(tab, branch, await self._page(session, branch))
        if self._jobs.running(branch):
            async for values in self._followed(tab, session, branch):
                yield values

    async def _followed(self, tab: str, session: Session, branch: str) -> AsyncIterator[list[Any]]:
        """Yield progress alone while a step runs, the whole page at its end; ends when the page shows another."""
        drawn_at, place = time.monotonic(), ""
        async for progress in self._jobs.watch(branch, 0.2):
            if progress.state != "running" or self._shown_on.get(tab) != branch:
                break
            parts = only(progress=progress_part(progress))
            if time.monotonic() - drawn_at > _LIVE_S:
                moved = await self._moved(session, branch, progress, place)
                if moved is not None:
                    place, parts = moved
                drawn_at = time.monotonic()
            yield _values(parts=parts)
        if self._shown_on.get(tab) == branch:
            yield _values(branch=branch, parts=await self._page(session, branch))
        else:
            yield _values()  # Gradio sends what was yielded last once more at the end; that must change nothing

    async def _moved(
        self, session: Session, branch: str, progress: Progress, place: str
    ) -> tuple[str, list[Any]] | None:
        """Draw all but the board when a running step has moved on, so that autopilot can be watched."""
        if session.branch(branch).node == place:
            return None
        state = session.state(branch)
        drawn = await asyncio.to_thread(page, state, progress)
        live = {name: getattr(drawn, name) for name in PARTS if name not in _STILL}
        return state.branch.node, only(**live)

    def _entered(self, tab: str, branch: str, parts: list[Any]) -> list[Any]:
        self._shown_on[tab] = branch
        return _values(
            branch=branch, first=gr.update(visible=False), second=gr.update(visible=True),
            leave=gr.update(visible=True), problem="", parts=parts,
        )  # fmt: skip

    def _set_up(self, tab: str, owner: str, problem: str = "") -> list[Any]:
        self._shown_on.pop(tab, None)
        return _values(
            branch="", first=gr.update(visible=True), second=gr.update(visible=False),
            leave=gr.update(visible=False), listed=work_list(self._work(owner)), problem=failure(problem),
        )  # fmt: skip

    def _work(self, owner: str) -> list[Work]:
        """Return the newest branches of an owner."""
        found = []
        for branch in reversed(self.session(owner).branches()[-_LISTED:]):
            target = branch.models["target"].spec
            try:
                node = self._book.node(branch.node)
                name, _, context = self._book.context(node.context)
                at = (target, node.phase.round, isinstance(node.phase.ask(context), Done))
                found.append(Work(branch.id, branch.name, context.task.name, optimizer(name).title, *at))
            except LabError as problem:  # made with an optimizer that this lab was not started with
                found.append(Work(branch.id, branch.name, "", "", target, 0, hindered=str(problem)))
        return found


def _sentence(problem: Exception, act: object) -> str:
    """Describe what went wrong; what nobody foresaw goes to the log as well."""
    if isinstance(problem, LabError):
        return str(problem)
    _LOG.error("The act “%s” failed.", act, exc_info=problem)
    return unexpected(problem)


def _drawn(state: State, progress: Progress | None) -> list[Any]:
    needs_keys = any(not one.endpoint.in_process for one in state.model_status)
    return filled(page(state, progress), needs_keys)


def _values(
    *,
    branch: Any = None,
    first: Any = None,
    second: Any = None,
    leave: Any = None,
    listed: Any = None,
    problem: Any = None,
    parts: list[Any] | None = None,
) -> list[Any]:
    """Put values in the order of the page's components; what is not named stays as it is."""
    given = (branch, first, second, leave, listed, problem)
    return [*(gr.skip() if one is None else one for one in given), *(only() if parts is None else parts)]
