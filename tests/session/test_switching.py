"""Going on with another optimizer: what is handed over, and that the history stays one tree."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.scripted import KINDS, SMALL, run_of, walk

from lab import Session
from lab.core.asks import Candidate
from lab.core.flaws import Flaw
from lab.core.handover import MOST, held
from lab.errors import MisuseError
from lab.optimizers import Optimizer, optimizer
from lab.optimizers.protegi import Limit, Minibatch
from lab.session.acts import act
from lab.tasks.bundled import load

by_optimizer = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


@by_optimizer
def test_an_optimizer_begins_with_the_prompts_that_it_is_handed(kind: Optimizer) -> None:
    run = run_of(kind)
    first = kind.start(run, ("one", "two"))
    assert list(first.prompts)[:2] == ["one", "two"]
    steps = walk(run, kind, first)
    assert steps[-1][0].round == run.settings.rounds


def test_what_is_held_is_the_best_first_then_the_candidates_on_their_way() -> None:
    beam = (Candidate("a"), Candidate("b"))
    waiting = (Candidate("c"), Candidate("d", flaw=Flaw("empty")), Candidate("a"))
    assert held(Limit(1, beam, waiting)) == ("a", "b", "c")
    assert len(held(Minibatch(0, tuple(Candidate(str(i)) for i in range(50))))) == MOST


@pytest.mark.parametrize("other", [kind.name for kind in KINDS if kind.name != "protegi"])
async def test_a_run_goes_on_with_another_optimizer_and_back_by_undo(tmp_path: Path, other: str) -> None:
    session = Session(tmp_path / "lab.sqlite")
    settings = optimizer("protegi").configure(**{**SMALL["protegi"], "rounds": 1})
    branch = session.begin(load("triage"), settings=settings)
    await session.autopilot(branch, 1)
    before = session.state(branch)
    session.switch(branch, other, optimizer(other).configure(**SMALL[other]))
    after = session.state(branch)
    assert after.optimizer.name == other
    assert after.path[:-1] == before.path
    assert after.node.phase.prompts[0] == before.node.phase.prompts[0]
    assert after.measured == before.measured, "what was measured on dev is known"
    await session.autopilot(branch, 1)
    assert session.state(branch).best is not None
    assert session.state(branch).best.score >= before.best.score  # type: ignore[union-attr]
    session.goto(branch, before.branch.node)
    assert session.state(branch).optimizer.name == "protegi"
    n, wrong = session.book.verify()
    assert (n > 0, wrong) == (True, ())


async def test_the_new_optimizer_pauses_where_it_would_have_by_itself(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite")
    branch = session.begin(load("sentiment"), optimizer_name="opro", settings=optimizer("opro").configure("quick"))
    await act(session, branch, {"act": "optimizer", "name": "protegi", "preset": "quick"})
    assert session.state(branch).context.settings == optimizer("protegi").configure("quick")
    proposal = await session.advance(branch)
    assert proposal is not None
    assert type(session.state(branch).node.phase).__name__ == "Groups"


async def test_an_unknown_optimizer_or_preset_changes_nothing(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite")
    branch = session.begin(load("sentiment"))
    here = session.branch(branch)
    for event in ({"name": "genetic"}, {"name": "ape", "preset": "lavish"}):
        with pytest.raises(MisuseError):
            await act(session, branch, {"act": "optimizer", **event})
    assert session.branch(branch) == here
