"""What the page asks of the lab: open, begin, act, follow what changes. Each answer is short: no stream is held."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from time import monotonic_ns
from weakref import WeakValueDictionary

import gradio as gr

from lab.errors import LabError, MisuseError, unexpected
from lab.export.menu import ACT, download, page_with_exports, summary_with_exports
from lab.i18n import gettext_lazy
from lab.models.access import ANYTHING, Access
from lab.models.connections import Connections
from lab.optimizers import optimizer
from lab.session import Session, background
from lab.session.acts import act_now, looked_at
from lab.session.diff import node_diff, places
from lab.session.following import Version, version
from lab.session.jobs import Jobs
from lab.session.looking import Look, look, node_called
from lab.session.seeking import LONGEST as LONGEST_SOUGHT
from lab.session.seeking import seek
from lab.session.setup import RunSetup
from lab.session.state import State
from lab.store import OWNER, Book
from lab.tasks import bundled
from lab.views.comparing import LONGEST as LONGEST_NAME
from lab.views.comparing import compared
from lab.views.demonstrations import DEMONSTRATIONS
from lab.views.markup import esc
from lab.views.notices import failure
from lab.views.page import board_part, no_place_part, place_part, progress_part
from lab.views.seeking import found
from lab.views.summary import BUTTON
from lab.views.trying import asking
from lab.views.trying import tried as drawn_trial
from lab.web import my_runs
from lab.web.connection import Entry, keyed, take_keys
from lab.web.events import Updates, Values
from lab.web.files import Files
from lab.web.following import Following
from lab.web.layout import Layout
from lab.web.setup import OWN as OWN_EXAMPLES
from lab.web.setup import read

_LOG = logging.getLogger(__name__)
_MARKING = ("mark", "unmark")  # change the board and nothing else


class Desk:
    """The handlers of one page over one lab book; each call is told whose it is and on which branch.

    On an address of this machine alone, every page is that of the person whose book it is; where it is shared, each
    browser is a person of its own. The handlers run in threads and steps in a loop of their own, so that that of
    the page is there for everybody.
    """

    def __init__(self, book: Book, layout: Layout, access: Access = ANYTHING) -> None:
        self._book = book
        self._layout = layout
        self._access = access
        self._jobs = Jobs(book, background.loop)
        self.files = Files(access.is_shared)
        self._following = Following()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()  # by owner and branch
        self._sessions: dict[str, Session] = {}  # by owner: their keys, and what was read, while this process lives

    def session(self, owner: str) -> Session:
        """Open the session of an owner, with the keys of that owner alone.

        Raises:
            MisuseError: when a visitor of a shared page claims to be whose book it is.
        """
        if not self._access.is_shared:
            owner = OWNER
        elif owner == OWNER:
            raise MisuseError(gettext_lazy("This page is shared; reload it to get a place of your own in it."))
        if owner not in self._sessions:
            connections = Connections(known=self._book, access=self._access)
            self._sessions.setdefault(owner, Session(self._book, owner, self._jobs, connections))
        return self._sessions[owner]

    def opened(self, values: Values, request: gr.Request) -> Updates:
        """Open the page where its address says."""
        given = values[self._layout.owner]
        owner = given if given and given != OWNER else secrets.token_urlsafe(16)
        branch = dict(request.query_params).get("branch", "")
        ready: Updates = {self._layout.owner: owner, self._layout.form.begin: gr.update(interactive=True)}
        session = self.session(owner)
        try:
            session.branch(branch)
            return {**ready, **self._entered(session, branch)}
        except LabError as problem:
            return {**ready, **self._set_up(owner, str(problem) if branch else "")}

    async def began(self, values: Values) -> Updates:
        """Begin a run, or say in its place what hinders it; take the keys first."""
        form = self._layout.form
        session = self.session(values[self._layout.owner])
        held = keyed(session, form.models, values)
        try:
            made = await read(form, values, self.files, session.owner)
            branch = await asyncio.to_thread(session.begin, made)
        except Exception as problem:
            return {**held, form.problem: failure(_sentence(problem, "begin"))}
        used: Updates = {}
        if values[form.source] == OWN_EXAMPLES and values[form.file]:  # it was read, and is in the book as a task
            Path(values[form.file]).unlink(missing_ok=True)
            used = {form.file: None}
        return {**held, **used, **await asyncio.to_thread(self._entered, session, branch)}

    async def demonstrated(self, values: Values, event: gr.EventData) -> Updates:
        """Begin a demonstration: a quick run of a bundled task on the practice model."""
        session = self.session(values[self._layout.owner])
        task, method = DEMONSTRATIONS.get(str(event.event.get("name")), next(iter(DEMONSTRATIONS.values())))
        made = RunSetup.of(bundled.load(task), method, settings=optimizer(method).configure("quick"))
        branch = await asyncio.to_thread(session.begin, made)
        return await asyncio.to_thread(self._entered, session, branch)

    async def tried(self, values: Values, event: gr.EventData) -> AsyncIterator[Updates]:
        """Try a prompt on an input that a person typed, and show what came of it; the page is not drawn anew."""
        tried, session = self._layout.room.tried, self.session(values[self._layout.owner])
        branch, given = values[self._layout.branch], event.event
        yield {tried: asking()}
        try:
            prompt = str(given.get("prompt") or "") or await asyncio.to_thread(_best, session, branch)
            found = await background.run_async(session.try_on(branch, prompt, str(given.get("text") or "")))
            yield {tried: drawn_trial(found)}
        except Exception as problem:
            yield {tried: failure(_sentence(problem, "try"))}

    async def compared(self, values: Values, event: gr.EventData) -> Updates:
        """Say what changed between two prompts or places that a person names; nothing else is drawn."""
        return {self._layout.room.compared: await asyncio.to_thread(self._compared, values, event)}

    def _compared(self, values: Values, event: gr.EventData) -> str:
        session, branch = self.session(values[self._layout.owner]), values[self._layout.branch]
        first, second = (str(event.event.get(one) or "").strip()[:LONGEST_NAME] for one in ("first", "second"))
        try:
            state = session.state(branch)
            before, after = places(state, self._book, first, second)
            got = {one: session.got(branch, one) for one in (before.prompt, after.prompt)}
            return compared(state, node_diff(state, self._book, before, after, got), (first, second))
        except Exception as problem:
            return failure(_sentence(problem, "compare"))

    async def sought(self, values: Values, event: gr.EventData) -> Updates:
        """Say where the history holds what a person types; nothing else is drawn."""
        return {self._layout.room.found: await asyncio.to_thread(self._found, values, event)}

    def _found(self, values: Values, event: gr.EventData) -> str:
        session, branch = self.session(values[self._layout.owner]), values[self._layout.branch]
        text = str(event.event.get("text", ""))[:LONGEST_SOUGHT]
        try:
            state = session.state(branch)
            return found(state, text, seek(state, self._book, text))
        except MisuseError as problem:
            return failure(str(problem))

    def keyed(self, values: Values) -> Updates:
        """Take keys that were entered in the lab view, for the models of the run."""
        room, session = self._layout.room, self.session(values[self._layout.owner])
        state = session.state(values[self._layout.branch])
        specs = (one.endpoint.spec for one in state.model_status)
        boxes = zip(specs, room.key_boxes, strict=False)  # without a judge there are two models
        updates = take_keys(session, *(Entry(spec, values[box], box) for spec, box in boxes))
        return {**updates, room.models: page_with_exports(session.state(state.branch.id)).models}

    def keyed_other(self, values: Values) -> Updates:
        """Take the key of a further model, which prompts are to be scored on."""
        room, session = self._layout.room, self.session(values[self._layout.owner])
        key = values[room.key_of_other]
        return (
            take_keys(session, Entry(values[room.other], key, room.key_of_other, room.other_status)) if key else {}
        )

    def left(self, values: Values) -> Updates:
        """Go back to the set-up; a running step goes on."""
        return self._set_up(values[self._layout.owner])

    def listed(self, values: Values, event: gr.EventData) -> Updates:
        """Open a branch of the list, or do something with its run."""
        session, intent = self.session(values[self._layout.owner]), dict(event.event)
        if intent.get("act") == "switch":
            branch = str(intent.get("branch"))
            return self._refused(session, branch) or self._entered(session, branch)
        try:
            return {self._layout.runs: my_runs.acted(session, intent), **self._seen(session, "")}
        except Exception as problem:
            gr.Warning(esc(_sentence(problem, intent.get("act"))))
            return {self._layout.runs: my_runs.drawn(session)}

    async def took_in(self, values: Values) -> Updates:
        """Take in a file that travels, as runs of this person's own."""
        session = self.session(values[self._layout.owner])
        try:
            gr.Info(esc(await asyncio.to_thread(my_runs.taken_in, session, values[self._layout.take_in])))
        except Exception as problem:
            gr.Warning(esc(_sentence(problem, "import")))
        return {self._layout.take_in: None, self._layout.runs: my_runs.drawn(session), **self._seen(session, "")}

    async def acted(self, values: Values, event: gr.EventData) -> Updates:
        """Do what a person did in the lab view, one act after the other as they came.

        A step that it began goes on, and the page follows it.
        """
        return await self._in_turn(self._acted, values, event)

    def _acted(self, values: Values, event: gr.EventData) -> Updates:
        session, branch = self.session(values[self._layout.owner]), values[self._layout.branch]
        intent = dict(event.event)
        if refused := self._refused(session, branch):  # nothing is done, not even forget how a step ended
            return refused
        if intent.get("act") == BUTTON:
            return {self._layout.room.summary: self._summed(session, branch, intent.get("open") is True)}
        if intent.get("act") == ACT:
            return self._saved(session, branch, intent)
        try:
            self._jobs.forget(branch)  # a person who acts has seen how the last step ended
            branch = act_now(session, branch, intent)
        except Exception as problem:
            gr.Warning(esc(_sentence(problem, intent.get("act"))))
            return self._page(session, branch) if branch else {}  # what is shown may be out of date
        looked = str(intent.get("node", "")) if intent.get("act") == "note" else ""
        return {self._layout.branch: branch, **self._page(session, branch, looked)}

    async def looked(self, values: Values, event: gr.EventData) -> Updates:
        """Show a place of the history as it was, or none; nothing is moved, and nothing else is drawn."""
        return await self._in_turn(self._looked, values, event)

    def _looked(self, values: Values, event: gr.EventData) -> Updates:
        session, branch = self.session(values[self._layout.owner]), values[self._layout.branch]
        try:
            return {self._layout.room.place: self._place(session, branch, looked_at(dict(event.event)))}
        except Exception as problem:
            return {self._layout.room.place: no_place_part(_sentence(problem, "look"))}

    async def marked(self, values: Values, event: gr.EventData) -> Updates:
        """Keep a mark, which changes the board and nothing else."""
        return await self._in_turn(self._marked, values, event)

    def _marked(self, values: Values, event: gr.EventData) -> Updates:
        session, branch = self.session(values[self._layout.owner]), values[self._layout.branch]
        intent = dict(event.event)
        try:
            if intent.get("act") not in _MARKING:
                raise MisuseError(gettext_lazy("This is not a mark. Nothing was changed."))
            session.branch(branch)
            act_now(session, branch, intent)
        except Exception as problem:
            gr.Warning(esc(_sentence(problem, intent.get("act"))))
            return {}
        board = board_part(session.state(branch), self._jobs.running(branch))
        return {self._layout.room.board: board, **self._seen(session, branch)}

    async def moved(self, values: Values, event: gr.EventData) -> Updates:
        """Draw how far the step is, where nothing else is another than a page shows it."""
        return await self._in_turn(self._moved, values, event)

    def _moved(self, values: Values, event: gr.EventData) -> Updates:
        session, branch = self.session(values[self._layout.owner]), values[self._layout.branch]
        try:
            session.branch(branch)
        except MisuseError:
            return {}
        return self._progress(branch, str(getattr(event, "place", "")), session.version(branch))

    async def changed(self, values: Values, event: gr.EventData) -> Updates:
        """Draw what is not any more as a page shows it, whoever changed it."""
        return await self._in_turn(self._changed, values, event)

    def _changed(self, values: Values, event: gr.EventData) -> Updates:
        session, branch = self.session(values[self._layout.owner]), values[self._layout.branch]
        if not branch:
            return {self._layout.runs: my_runs.drawn(session), **self._seen(session, branch)}
        if refused := self._refused(session, branch):
            return refused
        now, shown = session.version(branch), str(getattr(event, "place", ""))
        looked = str(getattr(event, "look", ""))
        if now.running and shown.endswith("/running"):  # the board stays as the step found it
            with self._following.turn() as mine:
                if not mine:
                    return self._progress(branch, shown, now)
                state = session.state(branch)
                drawn = page_with_exports(state, now.progress, self._look(state, looked))
                return {**self._layout.room.followed(drawn), **self._seen(session, branch, now)}
        return self._page(session, branch, looked)

    def _progress(self, branch: str, shown: str, now: Version) -> Updates:
        """Draw how far the step is; the rest stays as it is shown, and the page asks again for what is not."""
        room = self._layout.room
        drawn: Updates = {room.progress: progress_part(now.progress)} if now.progress else {}
        tag = Version(shown, now.progress).tag
        return {**drawn, room.pulse: {"branch": branch, "place": shown, "tag": tag, "asked": monotonic_ns()}}

    def version(self, branch: str) -> str:
        """Return a short text that is another one when what is shown of a branch may be another."""
        return version(self._book, self._jobs, branch).tag if branch else self._book.stamp("")

    # Within

    def _saved(self, session: Session, branch: str, intent: Mapping[str, object]) -> Updates:
        """Hand an export to the browser; its time makes that a change where the same one was asked for before."""
        try:
            found = download(session, branch, intent)
        except Exception as problem:
            gr.Warning(esc(_sentence(problem, ACT)))
            return {}
        return {self._layout.room.saving: {**found.message, "asked": monotonic_ns()}}

    async def _in_turn(
        self, answer: Callable[[Values, gr.EventData], Updates], values: Values, event: gr.EventData
    ) -> Updates:
        """Answer in a thread, once what came before on the same branch is answered: none shows the past."""
        place = f"{values[self._layout.owner]} {values[self._layout.branch]}"
        async with self._turns.setdefault(place, asyncio.Lock()):
            return await asyncio.to_thread(answer, values, event)

    def _place(self, session: Session, branch: str, node: str) -> str:
        """Draw a place of the history as it was; nothing where none is named."""
        if not node:
            return ""
        state = session.state(branch)
        called = node_called(state, self._book, node) or node
        return place_part(state, look(state, self._book, called), self._jobs.running(branch))

    def _summed(self, session: Session, branch: str, is_open: bool) -> str:
        """Draw what the run came to, where it is asked for."""
        return summary_with_exports(session.state(branch)) if is_open else ""

    def _look(self, state: State, node: str) -> Look | None:
        return look(state, self._book, node) if node in state.nodes else None

    def _page(self, session: Session, branch: str, looked: str = "") -> Updates:
        room = self._layout.room
        now = session.version(branch)  # first: what changes meanwhile is seen the next time
        state = session.state(branch)
        drawn = page_with_exports(state, now.progress, self._look(state, looked))
        needs_keys = any(not (one.endpoint.in_process or one.endpoint.by_hand) for one in state.model_status)
        keys: Updates = {
            room.keys: gr.update(elem_classes=[] if needs_keys else ["lab-off"]),
            room.key_of_judge: gr.update(visible="judge" in state.branch.models),
        }
        return {**room.redrawn(drawn), room.summary: "", **keys, **self._seen(session, branch, now)}

    def _seen(self, session: Session, branch: str, now: Version | None = None) -> Updates:
        """Let the page know which version of which branch it shows."""
        if not branch:
            return {self._layout.room.pulse: {"branch": "", "place": "", "tag": self.version("")}}
        now = session.version(branch) if now is None else now
        return {self._layout.room.pulse: {"branch": branch, "place": now.place, "tag": now.tag}}

    def _entered(self, session: Session, branch: str) -> Updates:
        """Show the lab view."""
        return {
            **self._page(session, branch),
            self._layout.branch: branch,
            self._layout.begin_view: gr.update(visible=False),
            self._layout.lab_view: gr.update(visible=True),
            self._layout.form.problem: "",
            self._layout.room.tried: "",
            self._layout.room.compared: "",
            self._layout.room.found: "",
        }

    def _refused(self, session: Session, branch: str) -> Updates:
        """Show the set-up with the reason where there is no such branch of this person; change nothing else."""
        try:
            session.branch(branch)
        except MisuseError as problem:
            return self._set_up(session.owner, str(problem))
        return {}

    def _set_up(self, owner: str, problem: str = "") -> Updates:
        """Show the set-up."""
        return {
            **self._seen(self.session(owner), ""),
            self._layout.branch: "",
            self._layout.begin_view: gr.update(visible=True),
            self._layout.lab_view: gr.update(visible=False),
            self._layout.runs: my_runs.drawn(self.session(owner)),
            self._layout.form.problem: failure(problem),
        }


def _best(session: Session, branch: str) -> str:
    return session.state(branch).result


def _sentence(problem: Exception, act: object) -> str:
    """Describe what went wrong; what nobody foresaw goes to the log as well."""
    if isinstance(problem, LabError):
        return str(problem)
    _LOG.error("The act “%s” failed.", act, exc_info=problem)
    return unexpected(problem)
