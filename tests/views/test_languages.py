"""Every view in another language: nothing that the lab says is left in English, and nothing of it is kept otherwise."""

from __future__ import annotations

import dataclasses
import html
import time
from collections.abc import Iterator
from typing import Any

import pytest
from support.pseudo import OPEN, SHUT, bracketed, untranslated

from lab.core.asks import Demonstration, Generate
from lab.export.menu import page_with_exports, summary_with_exports
from lab.i18n import use
from lab.optimizers import OPTIMIZERS, optimizer
from lab.session import Session, background
from lab.session.acts import act_now
from lab.session.jobs import Jobs
from lab.session.looking import look
from lab.session.setup import RunSetup
from lab.session.state import State
from lab.store import OWNER, Book
from lab.tasks import bundled
from lab.views.page import Page, page, place_part

EXAMPLES = ("nail → lian", "echo → ECHO")  # of a rule, in the tour
PARTS = ("header", "best", "track", "board", "drawer", "tree", "progress", "models")


def texts(value: Any, depth: int = 0) -> Iterator[str]:
    """All texts within a value: what a page shows of them is data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts(one, depth + 1)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for one in value:
            yield from texts(one, depth + 1)
    elif dataclasses.is_dataclass(value) and depth < 9:
        for field in dataclasses.fields(value):
            yield from texts(getattr(value, field.name), depth + 1)


def data_of(state: State, session: Session) -> list[str]:
    got = [session.got(state.branch.id, prompt) for prompt in state.measured]
    return [
        *EXAMPLES,
        *texts(state.context.task),
        *texts(list(state.nodes.values())),
        *texts(state.proposal),
        *texts(got),
    ]


def walked(session: Session, jobs: Jobs, branch: str) -> Iterator[State]:
    """The states of a run in which all is accepted, up to its end."""
    while True:
        state = session.state(branch)
        yield state
        if state.done:
            return
        pending = state.branch.pending
        event = {"act": "accept", "proposal": pending} if state.proposal else {"act": "next"}
        branch = act_now(session, branch, event)
        while jobs.running(branch):
            time.sleep(0.02)


def begun(path, name: str, **settings: object) -> tuple[Session, Jobs, str]:
    book = Book(path)
    jobs = Jobs(book, background.loop)
    session = Session(book, OWNER, jobs)
    task = bundled.load("sentiment")
    return (
        session,
        jobs,
        session.begin(RunSetup.of(task, name, settings=optimizer(name).configure("quick", rounds=1, **settings))),
    )


@pytest.mark.long
@pytest.mark.parametrize("name", list(OPTIMIZERS))
def test_no_view_of_a_run_says_anything_that_is_not_in_the_catalog(tmp_path, name) -> None:
    session, jobs, branch = begun(tmp_path / "lab.sqlite", name)
    left: list[str] = []
    for state in walked(session, jobs, branch):
        data = data_of(state, session)
        with bracketed():
            found: Page = page_with_exports(state)
            shown = {part: getattr(found, part) for part in PARTS}
            shown["place"] = place_part(state, look(state, session.book, state.branch.node), running=False)
            if state.done:
                shown["summary"] = summary_with_exports(state)
        left += [f"{part}: {piece}" for part, drawn in shown.items() for piece in untranslated(drawn, data)]
    assert not left, "\n".join(sorted(set(left)))


@pytest.mark.long
@pytest.mark.parametrize(("name", "settings"), [("protegi", {}), ("opro", {"criteria": "current_most_frequent"})])
def test_what_an_optimizer_says_of_what_it_asks_is_read_in_any_language_from_the_book(
    tmp_path, name, settings
) -> None:
    session, jobs, branch = begun(tmp_path / "lab.sqlite", name, **settings)
    said: list[str] = []
    for state in walked(session, jobs, branch):
        ask = state.proposal.ask if state.proposal else None
        about = [one.about for one in ask.requests] if isinstance(ask, Generate) else []
        about += [
            text for row in getattr(ask, "options", ()) if isinstance(row, Demonstration) for text in row.about
        ]
        if about:
            with bracketed():
                shown = html.unescape(page(state).drawer + page(state).board)
            assert all(f"{OPEN}{text}{SHUT}" in shown for text in about)
            said += about
    assert said


@pytest.mark.long
def test_a_run_that_is_walked_in_another_language_is_the_same_run(tmp_path) -> None:
    kept = []
    for language in ("en", "zh"):
        session, jobs, branch = begun(tmp_path / f"{language}.sqlite", "protegi")
        with use(language):
            *_, last = walked(session, jobs, branch)
            page_with_exports(last)
        kept.append([(node, list(texts(one))) for node, one in last.nodes.items()])
    assert kept[0] == kept[1]
