"""The estimate before the first call: what a run would take, rehearsed with stand-ins for both models."""

from __future__ import annotations

from typing import get_args

import pytest
from support.scripted import KINDS, run_of, walk

from lab.bench.direct import Direct, autopilot
from lab.core.asks import By, Context, Evaluate, Example, Generate, Request, Task
from lab.optimizers import Optimizer, optimizer
from lab.session.estimate import MEASURED, Expense, expense, rehearse
from lab.tasks.bundled import load


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_rehearsal_counts_what_the_run_asks_for(kind: Optimizer) -> None:
    """Picks of a run may drop some candidates, so that the two agree in calls of the first round's size."""
    context = run_of(kind)
    asked = [ask for _, ask in walk(context, kind)]
    calls = (
        sum(request.n for ask in asked if isinstance(ask, Generate) for request in ask.requests),
        sum(len(ask.prompts) * len(ask.examples) for ask in asked if isinstance(ask, Evaluate)),
    )
    found = rehearse(kind, context)
    assert found.rounds == context.settings.rounds
    assert found.optimizer_calls == pytest.approx(calls[0], rel=0.25)
    assert found.target_calls == pytest.approx(calls[1], rel=0.25)
    assert found.n_input_tokens > found.optimizer_calls + found.target_calls


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_presets_take_less_and_less(kind: Optimizer) -> None:
    task = load("triage").sealed()
    paper, quick, thrifty = (
        rehearse(kind, Context(task, kind.configure(preset), 0)) for preset in ("paper", "quick", "thrifty")
    )
    assert paper.target_calls > 4 * quick.target_calls
    assert quick.target_calls > thrifty.target_calls


def test_the_papers_settings_take_what_the_papers_say() -> None:
    kind = optimizer("opro")
    found = rehearse(kind, Context(load("triage").sealed(), kind.settings(), 0))
    assert (found.optimizer_calls, found.target_calls) == (200 * 8, 50 + 200 * 8 * 50)


def test_patience_does_not_shorten_the_estimate() -> None:
    kind = optimizer("opro")
    context = Context(load("triage").sealed(), kind.configure("thrifty"), 0)
    assert context.settings.patience
    assert rehearse(kind, context).rounds == context.settings.rounds


def test_the_rest_of_a_run_is_rehearsed_from_any_phase() -> None:
    kind = KINDS[1]
    context = run_of(kind)
    steps = walk(context, kind)
    whole = rehearse(kind, context, steps[0][0])
    last = rehearse(kind, context, steps[-1][0])
    assert last == Expense()
    assert rehearse(kind, context, steps[len(steps) // 2][0]).target_calls < whole.target_calls


EXAMPLES = (Example.of("one two", "yes"), Example.of("one two three", "no, never"))
TWO = Context(Task("two", "Say.", EXAMPLES, ()), None, 0)
IDS = tuple(example.id for example in EXAMPLES)


def test_an_ask_counts_its_prompts_once_for_each_example() -> None:
    found = expense(TWO, Evaluate(("five words, and a stop.", "Say."), IDS))
    prompts, inputs, messages = 2 * (7 + 2), 2 * (2 + 3), 4 * 2 * 3
    assert (found.target_calls, found.n_input_tokens) == (4, prompts + inputs + messages)


def test_an_answer_is_as_long_as_the_reference_answers_are_or_as_is_known() -> None:
    ask = Evaluate(("Say.",), IDS)
    assert expense(TWO, ask).n_output_tokens == 1 + 3 + 2 * 2
    assert expense(TWO, ask, answer=50.0).n_output_tokens == 2 * 50


def test_by_likelihood_the_reference_answer_is_sent_and_next_to_nothing_comes_back() -> None:
    by_answers, by_likelihood = (expense(TWO, Evaluate(("Say.",), IDS, by=by)) for by in ("answers", "likelihood"))
    assert by_likelihood.target_calls == by_answers.target_calls
    assert by_likelihood.n_input_tokens == by_answers.n_input_tokens + 1 + 3
    assert by_likelihood.n_output_tokens == 2


def test_a_call_that_was_made_before_is_counted_and_takes_no_tokens() -> None:
    known: dict[tuple[str, str], set[str]] = {}
    first = expense(TWO, Evaluate(("Say.",), IDS), known=known)
    again = expense(TWO, Evaluate(("Say.",), IDS), known=known)
    assert first.n_input_tokens > 0
    assert (again.target_calls, again.n_input_tokens, again.n_output_tokens) == (2, 0, 0)
    otherwise = expense(TWO, Evaluate(("Say.",), IDS, by="likelihood"), known=known)
    assert otherwise.n_input_tokens > 0, "an answer does not say how likely another is"


def test_every_reply_of_a_request_is_sent_and_told() -> None:
    found = expense(TWO, Generate((Request("one two three", n=4),)), reply=10)
    assert (found.optimizer_calls, found.n_input_tokens, found.n_output_tokens) == (4, 4 * (3 + 3), 40)


def test_what_is_known_of_the_length_of_replies_is_used() -> None:
    kind = optimizer("pe2")
    context = Context(load("triage").sealed(), kind.configure("quick"), 0)
    guessed, told = rehearse(kind, context), rehearse(kind, context, reply_tokens={"Reason": 2000, "target": 100})
    assert told.n_output_tokens > guessed.n_output_tokens + told.target_calls * 50
    assert (told.optimizer_calls, told.target_calls) == (guessed.optimizer_calls, guessed.target_calls)


def test_the_setting_of_the_score_changes_no_count_of_calls() -> None:
    kind = optimizer("ape")
    task = load("contacts").sealed()
    found = [rehearse(kind, Context(task, kind.configure("quick", score=by), 0)) for by in get_args(By)]
    assert found[0].target_calls == found[1].target_calls
    assert found[0].n_output_tokens > 2 * found[1].n_output_tokens


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("named", ["triage", pytest.param("contacts", marks=pytest.mark.long)])
def test_the_tokens_are_within_a_fifth_of_what_runs_of_the_practice_model_take(kind: Optimizer, named: str) -> None:
    """On the mean of four seeds: a single run may differ by as much by chance."""
    task = load(named).sealed()
    taken, told = 0, 0
    for seed in range(4):
        context, direct = Context(task, kind.configure("quick"), seed), Direct(task, seed=seed)
        autopilot(kind, context, direct)
        found = rehearse(kind, context)
        taken, told = taken + direct.tokens, told + found.n_input_tokens + found.n_output_tokens
    assert told == pytest.approx(taken, rel=0.2)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_phase_that_asks_the_optimizer_model_has_a_measured_length(kind: Optimizer) -> None:
    measured = {phase for name, phase in MEASURED if name == kind.name}
    asking = {phase.__name__ for phase in kind.phases if "Generate" in phase.ask.__annotations__["return"]}
    assert measured == asking
