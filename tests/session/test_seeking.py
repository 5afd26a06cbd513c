"""Places of the history are found by what they hold: names, words of prompts and critiques, notes, tags, lines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.drawn import inert

from lab.core.review import Mark
from lab.session import Session
from lab.session.seeking import Hit, seek
from lab.tasks.bundled import load
from lab.views.seeking import found

CRITIQUE = "<em>Sarcasm</em> means the opposite\nof what it says."


@pytest.fixture
async def session(tmp_path: Path) -> Session:
    return Session(tmp_path / "lab.sqlite")


async def begun(session: Session) -> tuple[str, str]:
    """A branch on which critiques wait, and their proposal."""
    task = load("sentiment")
    branch = session.begin(replace(task, train=task.train[:30], dev=task.dev[:10], test=()))
    return branch, await session.advance(branch, stops=("Criticise",)) or ""


def places(session: Session, branch: str, text: str) -> list[str]:
    state = session.state(branch)
    return [state.nodes[one.node].phase.title for one in seek(state, session.book, text)]


async def test_a_name_finds_the_step_where_what_has_it_came_into_being(session: Session) -> None:
    branch, _ = await begun(session)
    state = session.state(branch)
    critique = state.proposal.items[0]
    assert seek(state, session.book, "c1") == (Hit(state.branch.node, "C1", critique.text),)
    assert [(one.node, one.what) for one in seek(state, session.book, " P0 ")] == [(state.path[0], "P0")]
    last = state.names.step(state.node.proposal)
    (step,) = seek(state, session.book, last)
    assert step.node == state.node.parent
    assert seek(state, session.book, "P99") == ()
    assert seek(state, session.book, " ") == ()


async def test_words_are_found_in_prompts_critiques_and_what_a_person_wrote(session: Session) -> None:
    branch, proposal = await begun(session)
    assert "Try the prompts" in places(session, branch, "POSITIVE or\n negative"), "the start prompt"
    session.mark(branch, proposal, 0, Mark(0, text=CRITIQUE))
    drafted = seek(session.state(branch), session.book, "opposite of what")
    assert [(one.what, one.text) for one in drafted] == [("draft", CRITIQUE)]
    session.accept(branch, proposal, ((0, Mark(0, text=CRITIQUE)),))
    state = session.state(branch)
    (hit,) = seek(state, session.book, "sarcasm</em> means")
    assert (hit.node, hit.what) == (state.node.parent, state.names.critique(CRITIQUE))
    await session.advance(branch, stops=("Edit",))
    assert places(session, branch, session.state(branch).proposal.items[0].text)[-1] == "Review edits"


async def test_notes_tags_and_lines_are_found_where_they_are_written(session: Session) -> None:
    branch, _ = await begun(session)
    here = session.branch(branch).node
    session.note(branch, here, note="Look again tomorrow.", tags=["doubtful"])
    session.note(branch, "P0", tags=["handed in"])
    session.fork(branch, here, name="my way")
    state = session.state(branch)
    found = {text: seek(state, session.book, text) for text in ("TOMORROW", "doubtful", "handed", "my way")}
    assert [(one.node, one.what) for one in found["TOMORROW"]] == [(here, "note")]
    assert [(one.node, one.what) for one in found["doubtful"]] == [(here, "tag")]
    assert [(one.node, one.what) for one in found["handed"]] == [(state.path[0], "tag")]
    assert [(one.node, one.what) for one in found["my way"]] == [(here, "branch")]


async def test_what_is_found_is_said_from_above_to_below_and_is_inert(session: Session) -> None:
    branch, proposal = await begun(session)
    session.accept(branch, proposal, ((0, Mark(0, text=CRITIQUE)),))
    session.note(branch, "P0", note="sarcasm, too")
    state = session.state(branch)
    drawn = inert(found(state, "sarcasm", seek(state, session.book, "sarcasm")))
    assert "em" not in drawn.tags
    assert "1 of 2: note “sarcasm, too”" in drawn.words
    assert "2 of 2" in drawn.words
    assert found(state, " ", ()) == ""
    assert "Nothing in this history holds “<b>”." in inert(found(state, "<b>", ())).words
