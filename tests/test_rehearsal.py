"""The estimate before the first call: what a run would take, rehearsed with stand-ins for both models."""

from __future__ import annotations

import pytest
from scripted import KINDS, run_of, walk

from lab.asks import Evaluate, Generate, Run
from lab.optimizers import Optimizer, optimizer
from lab.rehearsal import Expense, expense, rehearse
from lab.tasks.bundled import load


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_rehearsal_counts_what_the_run_asks_for(kind: Optimizer) -> None:
    """Picks of a run may drop some candidates, so that the two agree in calls of the first round's size."""
    run = run_of(kind)
    asked = [ask for _, ask in walk(run, kind)]
    calls = (
        sum(request.n for ask in asked if isinstance(ask, Generate) for request in ask.requests),
        sum(len(ask.prompts) * len(ask.examples) for ask in asked if isinstance(ask, Evaluate)),
    )
    found = rehearse(kind, run)
    assert found.rounds == run.settings.rounds
    assert found.optimizer_calls == pytest.approx(calls[0], rel=0.25)
    assert found.target_calls == pytest.approx(calls[1], rel=0.25)
    assert found.n_input_tokens > found.optimizer_calls + found.target_calls


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_presets_take_less_and_less(kind: Optimizer) -> None:
    task = load("triage").sealed()
    paper, quick, thrifty = (
        rehearse(kind, Run(task, kind.settle(preset), 0)) for preset in ("paper", "quick", "thrifty")
    )
    assert paper.target_calls > 4 * quick.target_calls
    assert quick.target_calls > thrifty.target_calls


def test_the_papers_settings_take_what_the_papers_say() -> None:
    kind = optimizer("opro")
    found = rehearse(kind, Run(load("triage").sealed(), kind.settings(), 0))
    assert (found.optimizer_calls, found.target_calls) == (200 * 8, 50 + 200 * 8 * 50)


def test_patience_does_not_shorten_the_estimate() -> None:
    kind = optimizer("opro")
    run = Run(load("triage").sealed(), kind.settle("thrifty"), 0)
    assert run.settings.patience
    assert rehearse(kind, run).rounds == run.settings.rounds


def test_the_rest_of_a_run_is_rehearsed_from_any_phase() -> None:
    kind = KINDS[1]
    run = run_of(kind)
    steps = walk(run, kind)
    whole = rehearse(kind, run, steps[0][0])
    last = rehearse(kind, run, steps[-1][0])
    assert last == Expense()
    assert rehearse(kind, run, steps[len(steps) // 2][0]).target_calls < whole.target_calls


def test_an_ask_counts_its_prompts_once_for_each_example() -> None:
    run = run_of(KINDS[0])
    ids = tuple(example.id for example in run.task.train[:3])
    found = expense(run, Evaluate(("a prompt of twenty-four.", "x" * 24), ids))
    letters = 3 * 48 + 2 * sum(len(example.input) for example in run.task.train[:3])
    assert (found.target_calls, found.n_input_tokens) == (6, letters // 4)
