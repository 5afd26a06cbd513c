"""Scores that were measured with an example flagged since are marked, one by one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.scripted import KINDS, SMALL

from lab import Session
from lab.core.asks import Candidate, Critique, Evaluate, Item, Score, TrajectoryRow
from lab.core.flagging import rests_on
from lab.optimizers import Optimizer, optimizer
from lab.tasks.bundled import load
from lab.views.page import page

FOUR = [kind for kind in KINDS if kind.name in ("ape", "opro", "pe2", "protegi")]
CHOICES = {"ape": "Best", "opro": "Trajectory", "pe2": "Beam", "protegi": "NextBeam"}


def measured(text: str, *ids: str, missing: tuple[str, ...] = ()) -> Score:
    hits = tuple(None if id in missing else 1.0 for id in ids)
    return Score(text, ids, hits=hits, got=("x",) * len(ids))


NEWEST_FIRST = (measured("p", "c", "d"), measured("q", "bad"), measured("p", "a", "bad"))


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (Candidate("p", score=1.0, n_rows=2), False),  # rests on the newest two rows alone
        (Candidate("p", score=1.0, n_rows=3), True),
        (Candidate("p", score=1.0, n_rows=4), True),
        (Candidate("p"), False),
        (Candidate("other", score=1.0, n_rows=4), False),
        (TrajectoryRow("p", score=1.0), True),
        (TrajectoryRow("p"), False),
        (measured("p", "a", "bad"), True),
        (measured("p", "a", "bad", missing=("bad",)), False),
        (Critique("p"), False),
    ],
)
def test_an_estimate_rests_on_as_many_of_the_newest_rows_as_it_says(item: Item, expected: bool) -> None:
    assert rests_on(item, NEWEST_FIRST, ("bad",)) is expected


def test_a_row_that_was_asked_and_not_measured_spoils_nothing_and_counts_for_none() -> None:
    assert not rests_on(TrajectoryRow("p", score=1.0), (measured("p", "a", "bad", missing=("bad",)),), ("bad",))
    newest_first = (measured("p", "c", "d", missing=("d",)), measured("p", "a", "bad"))
    assert rests_on(Candidate("p", score=1.0, n_rows=2), newest_first, ("bad",))


@pytest.mark.parametrize("kind", FOUR, ids=lambda kind: kind.name)
async def test_after_a_flag_just_the_prompts_measured_with_the_example_are_marked(
    kind: Optimizer, tmp_path: Path
) -> None:
    session = Session(tmp_path / "lab.sqlite")
    task = load("sentiment")
    task = replace(task, train=task.train[:24], dev=task.dev[:8])
    branch = session.begin(task, optimizer_name=kind.name, settings=kind.configure(**SMALL[kind.name]))
    await session.advance(branch, stops=[CHOICES[kind.name]])
    before = session.state(branch)
    assert before.proposal is not None
    assert before.measurings == (), "nothing is flagged, so nothing is read"
    assert "†" not in page(before).board
    proposals = (session.book.proposal(node.proposal) for node in map(before.nodes.get, before.path)
                 if node is not None and node.proposal)  # fmt: skip
    asked = [score for one in proposals if isinstance(one.ask, Evaluate) for score in one.items]
    last = {score.text: score for score in asked if isinstance(score, Score)}
    texts = [item.text for item in before.proposal.items if getattr(item, "score", None) is not None]
    flagged = last[texts[0]].about[0]
    session.flag(branch, flagged)
    await session.propose(branch)
    after = session.state(branch)
    assert after.proposal is not None
    doubtful = {item.text for item in after.proposal.items if after.is_doubtful(item)}
    assert texts[0] in doubtful
    assert doubtful <= {score.text for score in asked if flagged in score.about}
    assert page(after).board.count("†") == sum(map(after.is_doubtful, after.proposal.items))


async def test_what_is_measured_anew_after_the_flag_is_not_marked(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite")
    wanted = optimizer("protegi").configure(**{**SMALL["protegi"], "rounds": 2})
    branch = session.begin(load("sentiment"), settings=wanted)
    await session.advance(branch, stops=["NextBeam"])
    session.decide(branch, session.branch(branch).pending or "")
    session.flag(branch, session.state(branch).context.task.train[0].id)
    await session.advance(branch, stops=["NextBeam"])
    state = session.state(branch)
    assert state.measurings
    assert state.proposal is not None
    assert not any(map(state.is_doubtful, state.proposal.items)), "each round of this one measures from nothing"
