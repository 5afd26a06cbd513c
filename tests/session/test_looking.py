"""Looking is not going: a place of the history is read as it was; tips that are left keep a name; forks are undone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.drawn import inert

from lab.core.asks import Candidate, Generate, Request
from lab.core.review import Mark, Proposal, Verdict
from lab.errors import MisuseError
from lab.session import Session
from lab.session.acts import act_now
from lab.session.looking import look, node_called
from lab.session.reviewed import reviewed
from lab.store import OWNER, Book, Measure
from lab.store.lab_file import take_in, write_lab
from lab.tasks.bundled import load
from lab.views.header import best as best_card
from lab.views.page import page, place_part

CRITIQUE = "<em>Sarcasm</em> means the opposite of what it says."


@pytest.fixture
async def session(tmp_path: Path) -> Session:
    return Session(tmp_path / "lab.sqlite")


def begun(session: Session) -> str:
    task = load("sentiment")
    return session.begin(replace(task, train=task.train[:30], dev=task.dev[:10], test=()))


async def edited(session: Session) -> tuple[str, str]:
    """A branch on which a person edited a critique; and the node at which the critiques waited."""
    branch = begun(session)
    waiting = await session.advance(branch, stops=("Criticise",))
    at = session.branch(branch).node
    session.accept(branch, waiting or "", ((0, Mark(0, text=CRITIQUE)),))
    return branch, at


async def test_a_look_shows_what_was_proposed_and_what_a_person_made_of_it_and_moves_nothing(
    session: Session,
) -> None:
    branch, at = await edited(session)
    before = session.branch(branch)
    state = session.state(branch)
    found = look(state, session.book, at)
    assert found.steps[0].marks[0].text == CRITIQUE
    assert found.names == (state.names.step(state.node.proposal),)
    seen = inert(place_part(state, found, False))
    assert "edited by a person" in seen.words
    assert "Sarcasm" in seen.words
    assert "em" not in seen.tags
    assert "data-looked" in seen.names
    act_now(session, branch, {"act": "look", "node": at})
    assert session.branch(branch) == before
    with pytest.raises(MisuseError, match="no such place"):
        act_now(session, branch, {"act": "look", "node": "n2-b2-nowhere"})


async def test_a_branch_on_which_nothing_was_done_is_undone(session: Session) -> None:
    branch, at = await edited(session)
    forked = act_now(session, branch, {"act": "fork", "node": at, "name": "by mistake"})
    assert session.branch(forked).can_undo
    assert act_now(session, forked, {"act": "undo"}) == branch
    assert [one.id for one in session.branches()] == [branch]
    again = session.fork(branch, at, "meant")
    session.decide(again, session.branch(again).pending or "", Verdict("reject"))
    assert session.undo(again) == again
    assert not session.branch(again).can_undo, "what was done on it would have no branch any more"


async def test_an_undone_fork_stays_away_and_redo_brings_it_back(session: Session, tmp_path: Path) -> None:
    branch, at = await edited(session)
    forked = session.fork(branch, at, "by mistake")
    assert session.undo(forked) == branch
    session.archive(branch)
    session.archive(branch, False)
    assert [one.id for one in session.branches()] == [branch], "taken out again, the run is as it was put away"
    write_lab(session.book, tmp_path / "run.lab", session.branch(branch).run)
    other = Session(tmp_path / "other.sqlite")
    assert take_in(other.book, tmp_path / "run.lab", OWNER).branches == (branch,)
    for reopened in (Session(session.book.path), other):
        assert [one.id for one in reopened.branches()] == [branch]
        assert [one.id for one in reopened.state(branch).branches] == [branch]
        assert reopened.branch(branch).can_redo
        assert reopened.redo(branch) == forked
        assert [one.name for one in reopened.branches()] == ["main", "by mistake"]
        assert reopened.undo(forked) == branch
    session.goto(branch, session.state(branch).path[0])
    assert not session.branch(branch).can_redo, "what is done after an undo ends its redo"
    assert session.redo(branch) == branch
    assert session.branch(forked).undone


async def test_redo_takes_what_was_undone_last_first(session: Session) -> None:
    branch, _ = await edited(session)
    tip = session.branch(branch).node
    forked = session.fork(branch, tip)
    assert session.undo(forked) == branch
    assert session.undo(branch) == branch
    assert session.redo(branch) == branch
    assert session.branch(branch).node == tip
    assert session.redo(branch) == forked
    session.undo(forked)
    session.undo(branch)
    again = session.fork(branch, session.branch(branch).node)
    session.undo(again)
    assert session.redo(branch) == again, "the fork of this place was undone after the step"


async def test_what_is_done_on_an_undone_fork_from_another_page_brings_it_back(session: Session) -> None:
    branch, at = await edited(session)
    forked = session.fork(branch, at)
    session.undo(forked)
    session.decide(forked, session.branch(forked).pending or "")
    assert {one.id for one in session.branches()} == {branch, forked}


async def test_the_end_of_a_line_that_was_left_keeps_a_name_that_never_changes(session: Session) -> None:
    branch, at = await edited(session)
    tip = session.branch(branch).node
    assert session.state(branch).tips == {}
    session.goto(branch, at)
    name = session.state(branch).tips[tip]
    session.decide(branch, session.branch(branch).pending or "")
    state = session.state(branch)
    assert state.tips == {tip: name}
    assert name in page(state).tree
    assert node_called(state, session.book, name) == tip
    assert node_called(state, session.book, "main") == state.branch.node
    assert node_called(state, session.book, state.names.step(state.node.proposal)) == state.branch.node
    assert node_called(state, session.book, "nobody") is None


async def test_the_best_of_the_run_is_said_beside_the_best_of_the_line(session: Session) -> None:
    branch = begun(session)
    await session.autopilot(branch, 1)
    state = session.state(branch)
    assert state.best_of_run == state.best
    back = session.fork(branch, state.path[0], "anew")
    best = state.best
    assert best is not None
    behind = session.state(back)
    assert behind.best_of_run == best
    if behind.best is not None and behind.best.prompt != best.prompt:
        assert f"Best prompt of the whole run: {state.names.prompt(best.prompt)}" in inert(best_card(behind)).words
    assert "of the whole run" not in best_card(state)


def test_of_equally_good_prompts_the_one_of_the_line_is_the_best_of_the_run(tmp_path: Path) -> None:
    session = Session(Book(tmp_path / "lab.sqlite"))
    state = session.state(begun(session))
    start = state.context.task.start
    here = Measure(start, 0.5, 2, (1.0, 0.0))
    there = Measure("other", 0.5, 2, (0.0, 1.0))
    assert replace(state, measured={"other": there, start: here}).best_of_run == here
    better = Measure("other", 1.0, 2, (1.0, 1.0))
    assert replace(state, measured={"other": better, start: here}).best_of_run == better
    assert page(state).tree.count('data-act="look"') == 1


def test_an_empty_reply_is_not_taken_for_what_a_person_added() -> None:
    asked = Generate((Request("write"),))
    marks = (Mark(1, text="mine"), Mark(None, text="added", like=0))
    rows = list(reviewed(Proposal(asked, 0, (Candidate(""), Candidate(""))), marks))
    assert [(one.item.text, one.is_added, one.is_edited) for one in rows] == [
        ("", False, False), ("mine", False, True), ("added", True, False),
    ]  # fmt: skip
