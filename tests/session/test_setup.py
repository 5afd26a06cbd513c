"""What a run begins with is checked, estimated and begun in one way, whoever fills it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lab.errors import MisuseError
from lab.models.calls import Price
from lab.models.roles import Ceiling, Models
from lab.optimizers import OPTIMIZERS, Optimizer, optimizer
from lab.session import Session
from lab.session.estimate import Expense
from lab.session.setup import RunSetup
from lab.tasks.bundled import load
from lab.views.spending import rehearsed

TASK = load("sentiment")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"task": replace(TASK, start="  ")}, "The start prompt is empty"),
        ({"optimizer_name": "genetic"}, "no optimizer “genetic”"),
        ({"preset": "lavish"}, "no preset “lavish”"),
        ({"settings": {"colour": "red"}}, "no setting “colour”"),
        ({"settings": {"rounds": 0}}, "rounds must be"),
        ({"settings": optimizer("opro").settings()}, "not those of ProTeGi"),
        ({"models": " "}, "No model is named"),
        ({"seed": -1}, "The seed must be a whole number from 0"),
        ({"seed": 2**32}, "The seed must be"),
        ({"seed": 0.5}, "The seed must be"),
        ({"seed": None}, "The seed must be"),
        ({"pauses": ["Critique"]}, "no phase “Critique”"),
    ],
)
def test_what_cannot_begin_is_said_in_a_sentence(given: dict[str, Any], told: str) -> None:
    with pytest.raises(MisuseError, match=told):
        RunSetup.of(**{"task": TASK, **given, "models": Models(target=given.get("models", "practice"))})


def test_what_is_not_given_is_filled_in() -> None:
    setup = RunSetup.of(TASK, "opro", preset="quick", settings={"rounds": "3"}, seed=4.0, name="  my\nrun ")
    kind = optimizer("opro")
    assert setup.settings == kind.configure("quick", rounds=3)
    assert (setup.pauses, setup.name, setup.seed, setup.models) == (kind.pauses, "my run", 4, Models())
    assert setup.context.task.test == ()


def test_a_setup_begins_as_its_arguments_do(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite")
    models = Models(target="practice-hasty", ceiling=Ceiling(calls=9))
    prices = (("practice-hasty", Price(1, 2)),)
    setup = RunSetup.of(TASK, "pe2", preset="quick", models=models, seed=3, pauses=(), name="x", prices=prices)
    first = session.branch(session.begin(setup))
    settings = optimizer("pe2").configure("quick")
    begun = session.begin(TASK, optimizer_name="pe2", settings=settings, models=models, seed=3, stops=(), name="x")
    second = session.branch(begun)
    assert replace(first, id="", run="") == replace(second, id="", run="")
    assert session.book.price("practice-hasty") == Price(1, 2)


def test_a_model_without_its_key_begins_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    session = Session(tmp_path / "lab.sqlite")
    with pytest.raises(MisuseError, match="key"):
        session.begin(RunSetup.of(TASK, models=Models(target="gpt-x"), prices=(("practice", Price(1, 1)),)))
    assert session.branches() == ()
    assert session.book.price("practice") == Price(0, 0)


def test_the_practice_model_does_not_fit_a_task_it_has_no_rules_for() -> None:
    strange = replace(
        TASK, train=tuple(replace(one, input=f"Qua {i}", answer="zub") for i, one in enumerate(TASK.train))
    )
    assert not RunSetup.of(TASK).is_unfit
    assert RunSetup.of(replace(strange, labels=("zub",))).is_unfit
    real = Models.single("m@http://example.test/v1")
    assert not RunSetup.of(strange, models=real).is_unfit


@pytest.mark.long
@pytest.mark.parametrize("kind", OPTIMIZERS.values(), ids=list(OPTIMIZERS))
async def test_the_estimate_counts_what_is_measured_on_dev_at_most(tmp_path: Path, kind: Optimizer) -> None:
    session = Session(tmp_path / "lab.sqlite")
    setup = RunSetup.of(TASK, kind.name, preset="quick")
    branch = session.begin(setup)
    await session.autopilot(branch, setup.settings.rounds)
    spends = [spend for _, spend in session.state(branch).spends if spend.what == "measure"]
    taken = sum(spend.calls + spend.cached for spend in spends)
    assert 0 < taken <= setup.estimate().dev_calls <= 2.5 * taken


async def test_the_estimate_goes_by_the_replies_of_the_owners_last_runs(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite")
    setup = RunSetup.of(TASK, preset="quick")
    before = setup.estimate(session.book, session.owner)
    assert before == setup.estimate()
    branch = session.begin(setup)
    await session.autopilot(branch, 1)
    known, theirs = setup.estimate(session.book, session.owner), setup.estimate(session.book, "another")
    assert known.n_output_tokens not in (before.n_output_tokens, theirs.n_output_tokens)
    assert (known.optimizer_calls, known.target_calls) == (before.optimizer_calls, before.target_calls)


def test_the_sentence_of_the_estimate_agrees_with_its_number() -> None:
    one = Expense(1, 4, 20, 50, 900, 100)
    assert rehearsed(one) == (
        "With these settings, 1 round takes at most 4 optimizer calls and 70 target calls (50 of them to measure on "
        "dev), about 1,000 tokens. You can stop at any time."
    )
    assert "2 rounds take at most" in rehearsed(replace(one, rounds=2))
