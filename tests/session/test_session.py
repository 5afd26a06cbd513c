"""The commands on a real book, with the practice model through the real SDK."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from lab.core.asks import Generate
from lab.core.review import ACCEPT, Mark, Verdict
from lab.errors import MisuseError
from lab.optimizers import optimizer
from lab.session import Session, default_book
from lab.session.acts import act
from lab.session.jobs import Jobs, Report
from lab.store import Book, Models
from lab.tasks.bundled import load

QUICK = optimizer("protegi").configure(
    rounds=2,
    beam=2,
    minibatch=16,
    groups=2,
    group_size=3,
    selection_rounds=2,
    selection_prompts=6,
    selection_rows=8,
)


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(tmp_path / "book.sqlite")


def begun(session: Session, **more: Any) -> str:
    return session.begin(load("sentiment"), settings=QUICK, **more)


async def until(session: Session, branch: str, phase: str) -> str:
    """Goes on, accepting, until a phase proposes; gives the proposal's id."""
    proposal = await session.advance(branch, stops=(phase,))
    assert proposal is not None
    return proposal


def ids(session: Session, branch: str) -> tuple[str, ...]:
    return session.state(branch).path


async def test_the_best_prompt_is_never_worse_on_dev_than_the_start(session: Session) -> None:
    branch = begun(session)
    await session.autopilot(branch, 2)
    state = session.state(branch)
    assert state.baseline is not None
    assert state.best is not None
    assert state.best.score >= state.baseline.score
    assert state.baseline.n_rows == len(state.context.task.dev)


async def test_an_edited_critique_is_in_the_next_meta_prompt_and_changes_what_is_written(session: Session) -> None:
    branch = begun(session)
    proposal = await until(session, branch, "Criticise")
    here = session.branch(branch).node
    accepted = session.fork(branch, here, "as it was")
    session.decide(accepted, session.branch(accepted).pending or "", ACCEPT)
    words = "The instructions never say that irony means the opposite of its words."
    session.decide(branch, proposal, Verdict("edit", (Mark(0, text=words),)))
    await session.propose(branch)
    await session.propose(accepted)
    mine, theirs = session.state(branch).proposal, session.state(accepted).proposal
    assert mine is not None
    assert isinstance(mine.ask, Generate)
    assert words in mine.ask.requests[0].meta_prompt
    mine, theirs = mine.items[0].text, theirs.items[0].text  # type: ignore[union-attr]
    assert mine != theirs


async def test_a_settled_or_unknown_proposal_is_refused_and_the_book_is_unchanged(session: Session) -> None:
    branch = begun(session)
    proposal = await until(session, branch, "Groups")
    session.decide(branch, proposal)
    before = _dump(session.book.path)
    for wrong in (proposal, "p-b2-unknown"):
        with pytest.raises(MisuseError):
            session.decide(branch, wrong)
        with pytest.raises(MisuseError):
            session.mark(branch, wrong, 0, Mark(0))
    with pytest.raises(MisuseError):
        session.decide("no such branch", proposal)
    assert _dump(session.book.path) == before


async def test_a_verdict_that_does_not_fit_leaves_the_book_unchanged(session: Session) -> None:
    branch = begun(session)
    proposal = await until(session, branch, "Criticise")
    before = _dump(session.book.path)
    with pytest.raises(MisuseError):
        session.decide(branch, proposal, Verdict("edit", (Mark(99),)))
    assert _dump(session.book.path) == before


async def test_drawing_again_asks_the_same_and_gets_other_replies(session: Session) -> None:
    branch = begun(session)
    await until(session, branch, "Criticise")
    first = session.state(branch).proposal
    set_aside = session.branch(branch).pending
    with pytest.raises(MisuseError):
        session.again(branch, "p-b2-another")
    session.again(branch, set_aside or "")
    await session.propose(branch)
    second = session.state(branch).proposal
    assert first is not None
    assert second is not None
    assert second.ask == first.ask
    assert second.sample == 1
    assert second.replies != first.replies
    session.undo(branch)
    assert session.branch(branch).pending == set_aside, "what was put aside is not lost"


async def test_a_rejection_is_remembered_as_a_node_with_its_reason(session: Session) -> None:
    branch = begun(session)
    proposal = await until(session, branch, "Criticise")
    before = session.branch(branch).node
    session.decide(branch, proposal, Verdict("reject", why="all beside the point"))
    node = session.state(branch).node
    assert node.parent == before
    assert node.phase == session.state(branch).nodes[before].phase
    assert node.verdict == Verdict("reject", why="all beside the point")
    assert node.sample == 1


async def test_going_back_lets_the_same_proposal_wait_again_with_its_draft(session: Session) -> None:
    branch = begun(session)
    proposal = await until(session, branch, "Criticise")
    at = session.branch(branch).node
    session.mark(branch, proposal, 0, Mark(0, text="typed"))
    session.decide(branch, proposal, session.drafted(branch))
    session.undo(branch)
    here = session.branch(branch)
    assert (here.node, here.pending) == (at, proposal)
    assert session.state(branch).draft == ((0, Mark(0, text="typed")),)
    session.redo(branch)
    assert session.branch(branch).node != at
    session.goto(branch, at)
    assert session.branch(branch).pending == proposal


async def test_a_branch_leaves_the_other_where_it_was_and_pays_for_nothing_twice(session: Session) -> None:
    branch = begun(session)
    await session.autopilot(branch, 1)
    there = session.branch(branch).node
    n_calls = session.book.n_calls()
    state = session.state(branch)
    forked = session.fork(branch, state.path[0])
    await session.autopilot(forked, 1)
    assert session.book.n_calls() == n_calls
    assert session.branch(forked).node == there == session.branch(branch).node
    spent = [spend for b, spend in session.state(branch).spends if b == forked]
    assert sum(spend.calls for spend in spent) == 0
    assert sum(spend.cached for spend in spent) > 0


async def test_a_branch_that_came_back_only_to_branch_returns_to_where_it_was(session: Session) -> None:
    branch = begun(session)
    await session.autopilot(branch, 1)
    there = session.branch(branch).node
    early = session.state(branch).path[2]
    session.goto(branch, early)
    forked = session.fork(branch, early)
    assert session.branch(branch).node == there
    assert session.branch(forked).node == early
    assert session.branch(forked).pending
    again = session.fork(branch, there)
    assert session.branch(branch).node == session.branch(again).node == there


async def test_a_node_of_another_tree_or_owner_cannot_be_reached(session: Session) -> None:
    mine = begun(session)
    other = Session(session.book, "bob")
    theirs = begun(other, seed=5)
    await other.autopilot(theirs, 1)
    for node in (other.branch(theirs).node, "n-b2-nowhere"):
        with pytest.raises(MisuseError, match="no such place"):
            session.goto(mine, node)
    with pytest.raises(MisuseError, match="no such branch"):
        Session(session.book, "ann").state(theirs)
    assert session.state(theirs).branch.owner == "bob", "whose book it is sees what others began in it"
    same = other.begin(load("sentiment"), settings=QUICK)
    await other.autopilot(same, 1)
    with pytest.raises(MisuseError, match="no such place"):
        session.goto(mine, other.branch(same).node)


async def test_more_rounds_go_on_from_where_the_optimizer_had_ended(session: Session) -> None:
    branch = begun(session)
    await session.autopilot(branch, 2)
    assert session.state(branch).done
    await act(session, branch, {"act": "more", "rounds": 1})
    assert not session.state(branch).done
    await session.autopilot(branch, 1)
    state = session.state(branch)
    assert (state.done, state.node.phase.round) == (True, 3)
    assert session.book.verify()[1] == ()


async def test_a_branch_pauses_where_it_was_told_to(session: Session) -> None:
    branch = begun(session)
    session.pause_at(branch, ("Select",))
    for _ in range(2):
        waiting = await session.advance(branch)
        assert type(session.state(branch).node.phase).__name__ == "Select"
        assert await session.advance(branch) == waiting, "what waits is not decided by going on"
        session.decide(branch, waiting or "")
    with pytest.raises(MisuseError, match="no phase “Critique”"):
        await session.advance(branch, stops=["Critique"])


async def test_autopilot_from_a_draft_keeps_what_the_person_drafted(session: Session) -> None:
    branch = begun(session)
    proposal = await until(session, branch, "Criticise")
    session.mark(branch, proposal, 0, Mark(0, text="my own words"))
    await session.autopilot(branch, 1)
    state = session.state(branch)
    verdicts = [state.nodes[id].verdict for id in state.path]
    assert Verdict("edit", (Mark(0, text="my own words"),)) in verdicts


@pytest.mark.parametrize(
    "event",
    [
        {"act": "explode"}, {}, {"act": "accept"}, {"act": "accept", "proposal": "p", "marks": [{"place": "x"}]},
        {"act": "goto"}, {"act": "goto", "node": "n"}, {"act": "autopilot", "rounds": "many"},
        {"act": "autopilot", "rounds": 0}, {"act": "again"}, {"act": "switch", "branch": "b"},
        {"act": "more", "rounds": 10_000}, {"act": "mark", "proposal": "p", "place": 0, "keep": True},
    ],
)  # fmt: skip
async def test_an_event_that_makes_no_sense_is_refused_and_changes_nothing(
    session: Session, event: dict[str, Any]
) -> None:
    branch = begun(session)
    before = _dump(session.book.path)
    with pytest.raises(MisuseError):
        await act(session, branch, event)
    assert _dump(session.book.path) == before


async def test_a_stopped_step_keeps_what_had_arrived_and_goes_on_with_the_rest(session: Session) -> None:
    branch = begun(session)
    session.start(branch)
    while session.book.n_calls() < 20:
        await asyncio.sleep(0.005)
    with pytest.raises(MisuseError, match="is running"):
        session.goto(branch, session.branch(branch).node)
    assert session.stop(branch)
    await session.jobs.ended(branch)
    progress = session.jobs.progress(branch)
    assert progress is not None
    assert progress.state == "stopped"
    kept = session.book.n_calls()
    assert kept >= 20
    await session.autopilot(branch, 1)
    whole = Session(session.book.path.with_name("other.sqlite"))
    again = begun(whole)
    await whole.autopilot(again, 1)
    assert session.book.n_calls() == whole.book.n_calls(), "no call was made twice, none is missing"
    assert ids(session, branch) == ids(whole, again)


async def test_a_step_that_fails_says_why_and_can_go_on(session: Session) -> None:
    branch = begun(session)

    async def broken(report: Report) -> None:
        report("Try the prompts", 3, 10, 0)
        raise MisuseError("The endpoint went away.")

    session.jobs.start(branch, broken)
    await session.jobs.ended(branch)
    progress = session.jobs.progress(branch)
    assert progress is not None
    assert (progress.state, progress.error, progress.done) == ("failed", "The endpoint went away.", 3)
    session.start(branch)
    await session.jobs.ended(branch)
    assert session.jobs.progress(branch).state == "done"  # type: ignore[union-attr]


async def test_a_watcher_sees_the_end_also_when_the_job_ends_while_it_is_away(session: Session) -> None:
    async def go() -> list[str]:
        jobs, seen = Jobs(session.book), []

        async def work(report: Report) -> None:
            report("x", 1, 2, 0)

        jobs.start("b", work)
        async for progress in jobs.watch("b", pause_s=0):
            seen.append(progress.state)
            await jobs.ended("b")
        return seen

    assert (await asyncio.wait_for(go(), 5))[-1] == "done"


async def test_a_second_start_attaches_to_the_step_under_way(session: Session) -> None:
    async def go() -> int:
        jobs, begun = Jobs(session.book), []

        async def work(report: Report) -> None:
            begun.append(1)
            await asyncio.sleep(0.01)

        jobs.start("b", work)
        jobs.start("b", work)
        await jobs.ended("b")
        return len(begun)

    assert (await go()) == 1


async def test_a_killed_process_loses_no_reply_and_the_step_completes(tmp_path: Path) -> None:
    path = tmp_path / "killed.sqlite"
    command = [
        sys.executable,
        "-m",
        "lab",
        "run",
        "--task",
        "sentiment",
        "--rounds",
        "6",
        "--book",
        str(path),
        "--json",
    ]
    victim = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 60
    while _n_calls(path) < 300:
        assert victim.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.005)
    os.killpg(victim.pid, signal.SIGKILL)
    victim.wait()
    arrived = _keys(path)
    assert len(arrived) >= 300
    session = Session(Book(path))
    assert session.book.verify()[1] == ()
    (branch,) = session.branches()
    await session.autopilot(branch.id, 1)
    whole = Session(tmp_path / "whole.sqlite")
    other = whole.begin(load("sentiment"), settings=session.state(branch.id).context.settings)
    await whole.autopilot(other, session.state(branch.id).node.phase.round)
    assert arrived <= _keys(path) == _keys(tmp_path / "whole.sqlite"), "only the missing calls were made"
    assert ids(session, branch.id) == ids(whole, other)
    assert session.book.verify()[1] == ()


def test_the_book_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LAB_BOOK", str(tmp_path / "here.sqlite"))
    assert default_book() == tmp_path / "here.sqlite"
    monkeypatch.delenv("LAB_BOOK")
    assert default_book().name == "lab.sqlite"


def test_a_model_without_its_key_or_a_phase_that_is_none_is_refused_at_the_beginning(session: Session) -> None:
    before = _dump(session.book.path)
    with pytest.raises(MisuseError, match="set OPENAI_API_KEY"):
        begun(session, models=Models(target="practise"))
    with pytest.raises(MisuseError, match="no phase “Critique”"):
        begun(session, stops=["Critique"])
    assert _dump(session.book.path) == before


def test_an_empty_start_prompt_is_refused(session: Session) -> None:
    from dataclasses import replace

    with pytest.raises(MisuseError, match="start prompt is empty"):
        session.begin(replace(load("sentiment"), start="  "))


def _keys(path: Path) -> set[str]:
    with sqlite3.connect(path) as db:
        return {key for (key,) in db.execute("SELECT key FROM calls")}


def _n_calls(path: Path) -> int:
    try:
        return len(_keys(path)) if path.exists() else 0
    except sqlite3.OperationalError:
        return 0


def _dump(path: Path) -> list[str]:
    with sqlite3.connect(path) as db:
        return list(db.iterdump())


async def test_settings_may_change_in_the_middle_of_a_selection(session: Session) -> None:
    branch = begun(session)
    session.decide(branch, await until(session, branch, "Select"))
    session.change_settings(branch, selection="uniform")
    await session.autopilot(branch, 2)
    assert session.state(branch).done


async def test_two_beginnings_of_the_same_run_are_two_works(session: Session) -> None:
    first = begun(session)
    await session.autopilot(first, 1)
    second = begun(session)
    assert len(session.state(second).branches) == 1
    assert session.state(second).spends == ()
    assert len(session.state(second).nodes) == 1
    with pytest.raises(MisuseError, match="no such place"):
        session.goto(second, session.branch(first).node)


def test_a_model_is_stored_with_its_address(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    branch = begun(session, models=Models(target="llama"))
    assert session.branch(branch).models == Models(target="llama@http://127.0.0.1:9/v1")
