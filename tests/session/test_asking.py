"""Autopilot stops to ask: at a step that waits, or where a round begins; it says why, and otherwise never stops."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from support.drawn import SMALL, inert

from lab.core.asks import Candidate, Critique, Generate
from lab.core.constraints import Regression
from lab.core.flaws import Flaw
from lab.core.review import Mark, Proposal
from lab.errors import MisuseError
from lab.models.calls import Spent
from lab.models.roles import Ceiling, Models
from lab.session import Session
from lab.session.acts import act
from lab.session.asking import REASONS, Reason, When, half_spent, of_proposal, of_round, sentence
from lab.store import Measure
from lab.tasks.bundled import load
from lab.views.page import page

ALL = get_args(When)


def proposal(*flaws: Flaw | None) -> Proposal:
    return Proposal(Generate(()), 0, tuple(Candidate(f"Say it {i}.", flaw=one) for i, one in enumerate(flaws)))


def test_a_flaw_that_a_person_could_mend_is_asked_about_and_a_duplicate_is_not() -> None:
    lost = Flaw("lost_placeholders", texts=("{x}",))
    assert of_proposal(proposal(None, lost), ["mend"]) == Reason("mend", n=1, of=2)
    assert of_proposal(proposal(None, Flaw("duplicate"), Flaw("untagged")), ["mend"]) is None
    assert of_proposal(proposal(lost), ["unread", "break"]) is None


def test_replies_of_which_half_cannot_be_read_are_asked_about() -> None:
    bad = Flaw("untagged")
    assert of_proposal(proposal(bad, None), ["unread"]) == Reason("unread", n=1, of=2)
    assert of_proposal(proposal(bad, None, None), ["unread"]) is None
    assert of_proposal(proposal(), ["unread"]) == Reason("unread")
    assert of_proposal(Proposal(Generate(()), 0, (Critique("fine"),)), list(ALL)) is None


def test_an_example_that_breaks_is_asked_about() -> None:
    broken = replace(proposal(None), regressions=(Regression(0, "e1", "negative"),))
    assert of_proposal(broken, ["break"]) == Reason("break", n=1, of=1)


def scores(*some: float) -> list[list[Measure]]:
    return [[Measure(f"P{i}", score, 10, (score,) * 10)] for i, score in enumerate(some)]


@pytest.mark.parametrize(
    ("held", "found"),
    [
        ((0.5,), None),
        ((0.5, 0.6), None),
        ((0.6, 0.5), "drop"),
        ((0.5, 0.6, 0.6), None),
        ((0.6, 0.6, 0.6), "no-gain"),
        ((0.5, 0.6, 0.6, 0.6), "no-gain"),
    ],
)
def test_a_drop_and_rounds_without_gain_are_seen_where_a_round_begins(
    held: tuple[float, ...], found: str | None
) -> None:
    reason = of_round(scores(*held), ["drop", "no-gain"])
    assert (reason.when if reason else None) == found
    assert of_round(scores(*held), []) is None


def test_half_of_a_limit_is_asked_about_once() -> None:
    ceiling = Ceiling(calls=10)
    assert half_spent(ceiling, Spent(4), Spent(5)) == Reason("half", after=0.5)
    assert half_spent(ceiling, Spent(5), Spent(6)) is None
    assert half_spent(Ceiling(), Spent(0), Spent(100)) is None


def test_each_reason_has_words() -> None:
    assert set(REASONS) == set(ALL)
    assert all(sentence(Reason(one, 0.5, 0.25, 1, 2)).endswith(".") for one in ALL)


async def test_autopilot_stops_where_half_is_spent_and_the_page_says_why(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite")
    task = load("sentiment")
    small = replace(task, train=task.train[:24], dev=task.dev[:8], test=())
    branch = session.begin(small, settings=SMALL)
    with pytest.raises(MisuseError, match="no reason “later”"):
        await session.autopilot(branch, 1, ask_when=["later"])
    assert await session.autopilot(branch, 1) is None
    spent = session.book.spent_since(branch, -1)[0].n_paid
    other = session.begin(small, settings=SMALL, seed=7, models=Models(ceiling=Ceiling(calls=spent)))
    await act(session, other, {"act": "autopilot", "rounds": 1, "ask": ["half"]})
    await session.jobs.ended(other)
    progress = session.jobs.progress(other)
    assert progress is not None
    assert progress.state == "asks"
    seen = inert(page(session.state(other), progress).progress)
    assert "Autopilot stopped to ask you." in seen.words
    assert "of the spending limit is spent" in seen.words


async def test_autopilot_on_a_branch_of_another_explores_unless_the_same_is_asked_for(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite")
    task = load("sentiment")
    small = replace(task, train=task.train[:24], dev=task.dev[:8], test=())
    branch = session.begin(small, settings=SMALL, stops=())
    await session.autopilot(branch, 1)
    way = session.state(branch).path
    same, anew = (session.fork(branch, way[0], name) for name in ("same", "anew"))
    await session.autopilot(same, 1)
    assert session.state(same).path == way
    await session.autopilot(anew, 1, explores=True)
    explored = session.state(anew).path
    assert explored[0] == way[0]
    assert not set(explored[1:]) & set(way), "nothing of the line was repeated"
    marked = session.fork(branch, way[2], "marked")
    waits = session.branch(marked).pending
    assert waits
    session.mark(marked, waits, 0, Mark(0, keep=False))
    await session.autopilot(marked, 1, explores=True)
    assert session.book.nodes(session.state(marked).path)[session.state(marked).path[3]].proposal == waits
