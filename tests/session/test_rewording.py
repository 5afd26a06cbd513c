"""Editing one meta-prompt before it is sent, for this once."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.scripted import KINDS, SMALL, perform, run_of, walk

from lab import Session
from lab.core.asks import Evaluate, Generate
from lab.core.review import ACCEPT, decide, propose
from lab.errors import MisuseError
from lab.optimizers import Optimizer, optimizer
from lab.session.acts import act
from lab.tasks.bundled import load

by_optimizer = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
MINE = "Ünlike all others: write <START>better<END>. {x} {{y}}"


@by_optimizer
async def test_a_reworded_request_is_sent_as_it_stands_and_both_wordings_are_known(kind: Optimizer) -> None:
    run, tried = run_of(kind), 0
    for phase, ask in walk(run, kind):
        if isinstance(ask, Generate):
            proposal = await propose(run, phase, perform, words={0: MINE})
            assert isinstance(proposal.ask, Generate)
            assert proposal.ask.requests[0].meta_prompt == MINE
            assert proposal.ask.requests[1:] == ask.requests[1:]
            assert proposal.reworded == (0,)
            assert phase.ask(run) == ask, "what the optimizer would have asked is still to be had"
            assert decide(run, phase, proposal, ACCEPT).phase is not None
            tried += 1
    assert tried


@by_optimizer
async def test_only_requests_that_are_there_can_be_reworded_and_not_with_nothing(kind: Optimizer) -> None:
    run = run_of(kind)
    for phase, ask in walk(run, kind):
        if isinstance(ask, (Generate, Evaluate)):
            for words in ({99: MINE}, {-1: MINE}, {0: "  "}, {0: "x" * 60_001}):
                with pytest.raises(MisuseError):
                    await propose(run, phase, perform, words=words)


async def test_a_waiting_proposal_is_asked_for_again_with_the_words_and_undo_brings_it_back(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite")
    settings = optimizer("protegi").configure(**{**SMALL["protegi"], "groups": 2})
    branch = session.begin(load("sentiment"), settings=settings)
    first = await session.advance(branch, stops=["Criticise"])
    before = session.state(branch)
    assert before.proposal is not None
    assert isinstance(before.proposal.ask, Generate)
    mine = before.proposal.ask.requests[0].meta_prompt + "\nName what is missing about sarcasm."
    paid = sum(spend.calls for _, spend in before.spends if spend.role == "optimizer")
    await act(session, branch, {"act": "reword", "request": 0, "text": mine})
    await session.jobs.ended(branch)
    after = session.state(branch)
    assert after.branch.pending != first
    assert after.proposal is not None
    assert isinstance(after.proposal.ask, Generate)
    assert after.proposal.ask.requests[0].meta_prompt == mine
    assert after.proposal.ask.requests[1:] == before.proposal.ask.requests[1:]
    now_paid = sum(spend.calls for _, spend in after.spends if spend.role == "optimizer")
    assert now_paid == paid + 1, "the replies to the other requests are known"
    session.undo(branch)
    assert session.branch(branch).pending == first
    assert session.book.verify()[1] == ()


async def test_words_for_one_sample_are_not_used_for_the_next(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite")
    branch = session.begin(load("sentiment"), settings=optimizer("protegi").configure(**SMALL["protegi"]))
    waiting = await session.advance(branch, stops=["Criticise"])
    assert waiting is not None
    session.reword(branch, 0, MINE)
    assert session.words(branch) == {0: MINE}
    reworded = await session.propose(branch)
    session.again(branch, reworded)
    assert session.words(branch) == {}
    session.reword(branch, 0, MINE)
    session.reword(branch, 0, None)
    assert session.words(branch) == {}
    with pytest.raises(MisuseError, match="no request 41"):
        session.reword(branch, 40, MINE)
