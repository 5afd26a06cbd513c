"""What a person's edit did: the same step without it, on the same examples; and nothing where nothing differs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.drawn import inert

from lab.core.review import Mark
from lab.errors import MisuseError
from lab.session import Session
from lab.session.acts import act
from lab.session.human import human_report
from lab.tasks.bundled import load
from lab.views.human import fold, lines, outcome, records
from lab.views.page import page

MINE = "The instructions do not say <i>that</i> sarcasm means the opposite of what it says."


async def edited(path: Path) -> tuple[Session, str, str]:
    """A run of one round and the name of a step in which a person worded a critique otherwise."""
    session = Session(path / "lab.sqlite")
    task = load("sentiment")
    branch = session.begin(replace(task, train=task.train[:30], dev=task.dev[:12], test=()))
    waiting = await session.advance(branch, stops=("Criticise",))
    marks = ((0, Mark(0, text=MINE, why="more to the point")), (1, Mark(1, keep=False)))
    node = session.accept(branch, waiting or "", marks)
    with pytest.raises(MisuseError, match="is not over"):
        await session.counterfactual(branch, node)
    await session.autopilot(branch, 1)
    state = session.state(branch)
    return session, branch, state.names.step(state.nodes[node].proposal)


@pytest.mark.long
async def test_an_edit_is_weighed_against_the_same_step_without_it_and_once_only(tmp_path: Path) -> None:
    session, branch, step = await edited(tmp_path)
    here = session.branch(branch)
    found = await session.counterfactual(branch, step)
    assert session.branch(branch) == here, "the line itself stays where it is"
    assert found.node != found.other
    assert found.found.paired is not None
    assert found.found.paired.n == 12
    other = session.branch(found.branch)
    assert (other.name, other.forked) == (f"without {step}", branch)
    state = session.state(found.branch)
    assert state.nodes[found.other].verdict is not None
    assert state.nodes[found.other].verdict.kind == "accept"  # type: ignore[union-attr]
    assert state.node.phase.round == 1
    said = outcome(found)
    assert f"At the end of the round of {step}, on 12 dev examples: with it" in said
    n_calls = session.book.n_calls()
    assert await session.counterfactual(branch, step) == found
    assert session.book.n_calls() == n_calls
    assert len(session.branches()) == 2
    worded = await session.counterfactual(branch, step, {0: "Sarcasm is not named."})
    assert session.branch(worded.branch).name == f"{step} otherwise"

    deeds = human_report(session.state(branch), session.book)
    assert [(one.edit.name, one.edit.did) for one in deeds] == [(step, "edited"), (step, "left out")]
    assert {one.counterfactual for one in deeds} == {worded}, "the newest one counts"
    assert records(deeds)[0]["outcome"] == outcome(worded)
    assert list(lines(deeds))[-1].strip() == outcome(worded)
    seen = inert(fold(deeds, ""))
    assert "i" not in seen.tags
    assert "What you did, and what it changed (2)" in page(session.state(branch)).drawer
    assert session.book.verify()[1] == ()


@pytest.mark.long
async def test_the_counterfactual_of_an_accepted_step_is_that_step_and_there_is_nothing_to_report(
    tmp_path: Path,
) -> None:
    session = Session(tmp_path / "lab.sqlite")
    task = load("sentiment")
    branch = session.begin(replace(task, train=task.train[:30], dev=task.dev[:12], test=()))
    await session.autopilot(branch, 1)
    state = session.state(branch)
    assert human_report(state, session.book) == state.deeds == ()
    assert fold((), "") == ""
    for node in state.path[1:4]:
        found = await session.counterfactual(branch, node)
        assert found.node == found.other == node
        assert found.branch == ""
        assert "nothing differs" in outcome(found)
    assert len(session.branches()) == 1
    with pytest.raises(MisuseError, match="no decided step"):
        await session.counterfactual(branch, state.path[0])


@pytest.mark.long
async def test_the_page_tries_a_step_without_what_a_person_did(tmp_path: Path) -> None:
    session, branch, _ = await edited(tmp_path)
    node = session.state(branch).deeds[0].node
    await act(session, branch, {"act": "without", "step": node})
    await session.jobs.ended(branch)
    assert session.state(branch).deeds[0].counterfactual is not None
