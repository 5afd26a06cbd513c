"""What a run cost: calls, tokens and money, in sum and step by step; and what a step will take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from lab.core.asks import Ask, Generate, n_calls
from lab.models.roles import Ceiling
from lab.session.estimate import Expense
from lab.session.state import State
from lab.store.records import Spend, costs
from lab.views.markup import details, esc, table
from lab.views.names import model_name, role_name
from lab.views.numbers import count, counted, dollars, roughly, seconds

if TYPE_CHECKING:
    from lab.models.perform import Estimate

_WHAT: Mapping[str, str] = MappingProxyType(
    {
        "measure": "Score on the dev split",
        "transfer": "Score on another model",
        "retry": "Ask again what was not answered",
        "test": "Score on the test split",
        "trial": "Try on an input that you typed",
        "variants": "Score in other wordings, or without a sentence",
    }
)


def target_answers(spends: Iterable[tuple[str, Spend]]) -> Mapping[str, Mapping[str, int]]:
    """Return {node: {what: answers of the target model}}: calls made and calls reused, as if none had been known.

    A step that was stopped and done again is counted once, by the larger of its sums.
    """
    largest: dict[tuple[str, str, int], int] = {}
    for _, spend in spends:
        if spend.role == "target":
            key = (spend.node, spend.what, spend.sample)
            largest[key] = max(largest.get(key, 0), spend.calls + spend.cached)
    summed: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for (node, what, _), calls in largest.items():
        summed[node][what] += calls
    return summed


def cost(ask: Ask, estimate: Estimate | None = None) -> str:
    """Describe what an ask takes: at most, or with an `estimate` what is left to pay for."""
    if estimate is not None and estimate.role is not None:
        return estimated(estimate)
    role = "optimizer" if isinstance(ask, Generate) else "target"
    calls = n_calls(ask)
    return f"{counted(calls, 'call')} to {role_name(role)}" if calls else "no model call"


def estimated(estimate: Estimate) -> str:
    """Describe what an ask would take now: calls, those known already, and roughly what the others cost.

    Those to a judge, where a model grades the answers, are said beside the others.
    """
    if estimate.judge is not None:
        return f"{estimated(replace(estimate, judge=None))}; then at most {estimated(estimate.judge)}"
    calls = f"{counted(estimate.n_calls, 'call')} to {role_name(estimate.role or 'target')}"
    if not estimate.n_to_pay:
        return f"{calls}, all already known" if estimate.n_calls else "no model call"
    known = f", {count(estimate.n_cached)} of them already known" if estimate.n_cached else ""
    tokens = estimate.n_input_tokens + estimate.n_output_tokens_expected
    # Where no reply of this model is known yet, the longest that it may write is reckoned with.
    about = "about" if estimate.n_output_tokens_expected < estimate.n_output_tokens_at_most else "at most about"
    money = "" if estimate.cost_usd is None else f", {_about(estimate.cost_usd, about)}"
    return f"{calls}{known}; {about} {roughly(tokens)} tokens{money}"


def shortage(state: State, n_dev: int) -> str:
    """Say that the ceiling in calls leaves less than the next step may take, `n_dev` of it on dev."""
    most, estimate = state.branch.models.ceiling.calls, state.estimate
    n_left = max(0, most - sum(spend.calls for _, spend in state.spends))
    judge = estimate.judge.n_to_pay if estimate is not None and estimate.judge is not None else 0
    if not most or estimate is None or estimate.n_to_pay + judge + n_dev <= n_left:
        return ""
    return (
        f" The spending limit leaves {counted(n_left, 'call')}: the step may stop there and keeps what has arrived."
    )


def dev_calls(state: State, prompts: Iterable[str]) -> int:
    """How many target calls it takes to measure on dev the prompts that were not measured yet."""
    new = {prompt for prompt in (state.context.task.start, *prompts) if prompt not in state.measured}
    return len(new) * len(state.context.task.dev)


def rehearsed(expense: Expense) -> str:
    """Describe what a whole run takes at most, measuring on dev included."""
    tokens = expense.n_input_tokens + expense.n_output_tokens
    judge = f", with {counted(expense.judge_calls, 'judge call')}" if expense.judge_calls else ""
    take = "takes" if expense.rounds == 1 else "take"
    dev = f" ({count(expense.dev_calls)} of them to measure on dev)" if expense.dev_calls else ""
    return (
        f"With these settings, {counted(expense.rounds, 'round')} {take} at most "
        f"{counted(expense.optimizer_calls, 'optimizer call')} and "
        f"{counted(expense.target_calls + expense.dev_calls, 'target call')}{dev}{judge}, about {roughly(tokens)} "
        "tokens. "
        "You can stop at any time."
    )


def left(ceiling: Ceiling, spends: Iterable[tuple[str, Spend]]) -> str:
    """Describe what was spent of a ceiling, and what is left of it."""
    paid = [spend for _, spend in spends]
    calls = sum(one.calls for one in paid)
    tokens = sum(one.n_tokens for one in paid)
    usd, unpriced = sum(one.cost_usd or 0.0 for one in paid), sum(one.n_unpriced for one in paid)
    money = dollars(None if calls and unpriced == calls else usd)
    sums = [
        f"{counted(calls, 'call')}{_rest(calls, ceiling.calls, count)}",
        f"{counted(tokens, 'token')}{_rest(tokens, ceiling.tokens, count)}",
        f"{money}{_rest(usd, ceiling.cost_usd, dollars)}{_unpriced(unpriced if unpriced < calls else 0)}",
    ]
    return f"So far: {'; '.join(sums)}."


def _rest(spent: float, ceiling: float, write: Callable[[Any], str]) -> str:
    return f" of {write(ceiling)}, {write(max(0, ceiling - spent))} left" if ceiling else ""


def _unpriced(calls: int) -> str:
    return f", not counting {counted(calls, 'call')} whose price is not known" if calls else ""


def _about(usd: float, about: str) -> str:
    return "no cost" if usd == 0 else f"{about} {dollars(usd)}"


def spending(state: State) -> str:
    """Draw what all branches of a run spent: by role and model, and folded away step by step."""
    if not state.spends:
        return ""
    sums = costs(state.spends, by=("role", "model"))
    heads = ("Role", "Model", *_HEADS)
    whole = table(heads, ((esc(one.role), esc(_model(one.model)), *_cells(one)) for one in sums))
    names = {branch.id: branch.name for branch in state.branches}
    every = costs(state.spends)
    early, late = (every[:-_MANY], every[-_MANY:]) if len(every) > _MANY else ((), every)
    steps = table(
        ("Round", "Step", "Branch", "Role", "Model", *_HEADS),
        (
            (
                *place,
                esc(names.get(one.branch, "")),
                esc(one.role),
                esc(_model(one.model)),
                *_cells(one),
            )
            for place, one in (*_summed(state, early), *((_step(state, one), one) for one in late))
        ),
    )
    return f"<h4>What was spent</h4>{whole}" + details("spending", "Step by step", steps)


def _summed(state: State, early: Sequence[Spend]) -> Iterator[tuple[tuple[str, str], Spend]]:
    """Add up the steps that came before the last ones: a row for each branch, role and model."""
    if not early:
        return
    keys = {(one.branch, one.node, one.what, one.role, one.model) for one in early}
    some = [(b, s) for b, s in state.spends if (b, s.node, s.what, s.role, s.model) in keys]
    rounds = [state.nodes[one.node].phase.round + 1 for one in early if one.node in state.nodes]
    place = f"{count(min(rounds))} to {count(max(rounds))}" if rounds else ""
    for one in costs(some, by=("branch", "role", "model")):
        yield (place, "The steps before"), one


_MANY = 100  # rows, before which those of a long run are added up
_HEADS = ("Calls made", "Calls reused", "Tokens", "Cost", "Mean latency")


def _cells(one: Spend) -> tuple[str, ...]:
    tokens = count(one.n_tokens)
    counting = "" if not one.n_estimated else " estimated" if one.n_estimated == one.calls else " partly estimated"
    money = dollars(one.cost_usd) + (_unpriced(one.n_unpriced) if one.cost_usd is not None else "")
    wait = seconds(one.latency_s) if one.latency_s else "not known" if one.calls else "–"
    return count(one.calls), count(one.cached), tokens + counting, esc(money), wait


def _model(spec: str) -> str:
    return model_name(spec) if spec else "not known"


def _step(state: State, one: Spend) -> tuple[str, str]:
    node = state.nodes.get(one.node)
    if node is None:
        return "", esc(_WHAT.get(one.what, one.what))
    return count(node.phase.round + 1), esc(_WHAT.get(one.what, node.phase.title))
