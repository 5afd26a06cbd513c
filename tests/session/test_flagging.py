"""Flagging a wrong label: the example leaves scoring, whatever the optimizer holds, and undo takes it back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.scripted import KINDS, SMALL, perform, run_of, walk

from lab import Session
from lab.core.asks import Context, Done, ErrorSample, Evaluate, Generate, Pick
from lab.core.codec import canonical, encode
from lab.core.flagging import without
from lab.core.review import ACCEPT, decide, propose
from lab.errors import MisuseError
from lab.optimizers import Optimizer, optimizer
from lab.session.acts import act
from lab.tasks.bundled import load
from lab.views.page import page

by_optimizer = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


@by_optimizer
@pytest.mark.parametrize("row", [0, 5, 17])
def test_from_any_phase_a_run_goes_to_its_end_and_never_asks_for_the_example_again(
    kind: Optimizer, row: int
) -> None:
    run = run_of(kind)
    flagged = run.task.train[row]
    left = tuple(example for example in run.task.train if example != flagged)
    after = Context(replace(run.task, train=left), run.settings, run.seed)
    for phase, _ in walk(run, kind):
        for later, ask in walk(after, kind, without(phase, flagged.id)):
            assert flagged.id not in (ask.examples if isinstance(ask, Evaluate) else ())
            if isinstance(ask, Pick):
                assert all(getattr(option, "example", "") != flagged.id for option in ask.options)
            assert later.prompts


@by_optimizer
def test_an_example_that_a_phase_does_not_hold_changes_nothing(kind: Optimizer) -> None:
    run = run_of(kind)
    for phase, _ in walk(run, kind):
        assert canonical(encode(without(phase, "e-unknown"))) == canonical(encode(phase))


async def test_a_flagged_error_is_not_shown_to_the_critic() -> None:
    kind = optimizer("protegi")
    run = run_of(kind)
    phase = next(phase for phase, _ in walk(run, kind) if type(phase).__name__ == "Criticise")
    error = phase.groups[0][0]  # type: ignore[attr-defined]
    left = tuple(example for example in run.task.train if example.id != error.example)
    after = Context(replace(run.task, train=left), run.settings, run.seed)
    ask = without(phase, error.example).ask(after)
    assert isinstance(ask, Generate)
    assert all(error.text not in request.meta_prompt for request in ask.requests)
    proposal = await propose(after, without(phase, error.example), perform)
    assert not isinstance(decide(after, without(phase, error.example), proposal, ACCEPT).phase.ask(after), Done)


async def test_in_a_session_the_example_leaves_the_scores_and_undo_takes_the_flag_back(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite")
    branch = session.begin(load("triage"), settings=optimizer("protegi").configure(**SMALL["protegi"]))
    await session.advance(branch, stops=["Groups"])
    before = session.state(branch)
    assert before.proposal is not None
    error = before.proposal.items[0]
    assert isinstance(error, ErrorSample)
    assert f'data-example="{error.example}"' in page(before).board
    await act(session, branch, {"act": "flag", "example": error.example})
    await session.jobs.ended(branch)
    after = session.state(branch)
    assert [example.id for example in after.flagged] == [error.example]
    assert len(after.context.task.train) == len(before.context.task.train) - 1
    assert after.proposal is not None
    assert error.example not in [item.example for item in after.proposal.items if isinstance(item, ErrorSample)]
    assert "1 example flagged as wrongly labelled" in page(after).header
    session.undo(branch)
    assert session.state(branch).flagged == ()
    assert session.state(branch).branch.pending == before.branch.pending
    assert session.book.verify()[1] == ()


async def test_a_dev_example_can_be_flagged_and_dev_is_measured_anew_from_known_answers(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite")
    branch = session.begin(load("sentiment"), settings=optimizer("protegi").configure(**SMALL["protegi"]))
    await session.advance(branch, stops=["Groups"])
    before = session.state(branch)
    paid = sum(spend.calls for _, spend in before.spends)
    session.flag(branch, before.context.task.dev[0].id)
    await session.advance(branch, stops=["Groups"])
    after = session.state(branch)
    assert after.baseline is not None
    assert after.baseline.n_rows == len(before.context.task.dev) - 1
    assert sum(spend.calls for _, spend in after.spends) == paid


def test_an_example_that_is_not_there_cannot_be_flagged(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite")
    branch = session.begin(load("sentiment"))
    here = session.branch(branch)
    with pytest.raises(MisuseError, match="no such example"):
        session.flag(branch, "e-unknown")
    assert session.branch(branch) == here
