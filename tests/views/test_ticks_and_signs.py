"""Ticks and signs mean what they say: what was done is ticked, a sign stands on the step that it is about."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lab.core.asks import Demonstration, ErrorSample
from lab.core.review import Mark, Verdict
from lab.optimizers import OPTIMIZERS, optimizer
from lab.session import Session
from lab.session.acts import act
from lab.tasks.bundled import load
from lab.views.page import page
from lab.views.track import shown_phases

_STEP = re.compile(r'<li[^>]*>.*?aria-hidden="true">(.*?)</span><span class="lab-names"><span>(.*?)</span>')
_ROW = re.compile(r'data-node="([^"]+)".*?</i><span>(.*?)</span>')


def ticked(drawn: str) -> set[str]:
    return {title for sign, title in _STEP.findall(drawn) if sign == "✓"}


def signs(drawn: str) -> dict[str, str]:
    """Return the sign of each step of the history that has one, by its node."""
    shown = drawn.split("lab-legend")[0]
    return {node: text[-1] for node, text in _ROW.findall(shown) if text[-1] in "✎✕"}


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
async def test_just_the_steps_that_were_walked_in_this_round_are_ticked(name: str, tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite")
    branch = session.begin(load("sentiment"), optimizer_name=name, settings=optimizer(name).configure("quick"))
    for _ in range(6):
        state = session.state(branch)
        here, round = type(state.node.phase), state.node.phase.round
        on_the_way = [state.nodes[id].phase for id in state.path]
        walked = {type(one) for one in on_the_way if one.round == round} - {here}
        drawn = page(state).track
        assert ticked(drawn) == {one.title for one in walked & set(shown_phases(state))}
        if state.done:
            break
        proposal = await session.propose(branch)
        assert proposal
        session.accept(branch, session.branch(branch).pending or "")


async def test_a_pen_stands_on_what_was_changed_and_a_cross_on_what_was_refused(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite")
    branch = session.begin(load("sentiment"), settings=optimizer("protegi").configure("quick"))
    await session.advance(branch, stops=["Criticise"])
    assert signs(page(session.state(branch)).tree) == {}
    refused = session.branch(branch).node
    session.decide(branch, session.branch(branch).pending or "", Verdict("reject", why="too vague"))
    await session.propose(branch)
    edited = Verdict("edit", (Mark(0, True, "It does not say that irony means the opposite."),))
    changed = session.branch(branch).node
    session.decide(branch, session.branch(branch).pending or "", edited)
    await session.advance(branch, stops=["Select"])

    assert signs(page(session.state(branch)).tree) == {refused: "✕", changed: "✎"}


@pytest.mark.parametrize(("name", "at"), [("protegi", "Groups"), ("pe2", "Failures"), ("ape", "Demonstrations")])
async def test_a_flag_takes_its_own_example_off_the_board_and_moves_no_other_row(
    name: str, at: str, tmp_path: Path
) -> None:
    session = Session(tmp_path / "lab.sqlite")
    branch = session.begin(load("triage"), optimizer_name=name, settings=optimizer(name).configure("quick"))
    await session.advance(branch, stops=[at])

    def rows() -> list[tuple[str, bool]]:
        proposal = session.state(branch).proposal
        assert proposal is not None
        items = [one for one in proposal.items if isinstance(one, ErrorSample | Demonstration)]
        return [(one.example, proposal.default(place)) for place, one in enumerate(items)]

    before = rows()
    examples = [example for example, _ in before]
    place = next(i for i, example in enumerate(examples) if examples.count(example) == 1)  # it may be in two groups
    marked, flagged = examples[place], examples[place + 1]
    session.mark(branch, session.branch(branch).pending or "", place, Mark(place, False, None, "not typical"))
    await act(session, branch, {"act": "flag", "example": flagged})
    await session.jobs.ended(branch)

    assert rows() == [one for one in before if one[0] != flagged]
    state = session.state(branch)
    there = [one[0] for one in rows()].index(marked)
    assert [(place, mark.keep, mark.why) for place, mark in state.draft] == [(there, False, "not typical")]
    session.accept(branch, state.branch.pending or "")
    assert marked not in {item.example for item in held(session, branch)}
    await session.propose(branch)
    assert session.book.verify()[1] == ()
    session.undo(branch)
    session.undo(branch)
    assert rows() == before


def held(session: Session, branch: str) -> list[ErrorSample | Demonstration]:
    """Return the errors or demonstrations that the step that comes next is about."""
    phase = session.state(branch).node.phase
    groups = getattr(phase, "groups", None) or getattr(phase, "demonstrations", None) or getattr(phase, "batch", ())
    flat = [one for group in groups for one in (group if isinstance(group, tuple) else (group,))]
    return [one for one in flat if isinstance(one, ErrorSample | Demonstration)]
