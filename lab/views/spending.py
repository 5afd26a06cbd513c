"""What a run cost: calls, tokens and money, in sum and step by step; and what a step will take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from lab.core.asks import Ask, Generate, n_calls
from lab.i18n import gettext, gettext_lazy, ngettext
from lab.models.roles import Ceiling
from lab.session.estimate import Expense
from lab.session.state import State
from lab.store.records import Spend, costs
from lab.views.markup import details, esc, table
from lab.views.names import model_name, role_name
from lab.views.numbers import count, dollars, roughly, seconds

if TYPE_CHECKING:
    from lab.models.perform import Estimate

_WHAT: Mapping[str, str] = MappingProxyType(
    {
        "measure": gettext_lazy("Score on the dev split"),
        "transfer": gettext_lazy("Score on another model"),
        "retry": gettext_lazy("Ask again what was not answered"),
        "test": gettext_lazy("Score on the test split"),
        "trial": gettext_lazy("Try on an input that you typed"),
        "variants": gettext_lazy("Score in other wordings, or without a sentence"),
    }
)
_ROLES: Mapping[str, str] = MappingProxyType(
    {"optimizer": gettext_lazy("optimizer"), "target": gettext_lazy("target"), "judge": gettext_lazy("judge")}
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
    return _calls_to(role, calls) if calls else gettext("no model call")


def _calls_to(role: str, n: int) -> str:
    return ngettext("{n} call to {model}", "{n} calls to {model}", n, model=role_name(role))


def estimated(estimate: Estimate) -> str:
    """Describe what an ask would take now: calls, those known already, and roughly what the others cost.

    Those to a judge, where a model grades the answers, are said beside the others.
    """
    if estimate.judge is not None:
        calls, judged = estimated(replace(estimate, judge=None)), estimated(estimate.judge)
        return gettext("{calls}; then at most {judge_calls}", calls=calls, judge_calls=judged)
    if not estimate.n_calls:
        return gettext("no model call")
    calls = _calls_to(estimate.role or "target", estimate.n_calls)
    if not estimate.n_to_pay:
        return gettext("{calls}, all already known", calls=calls)
    if estimate.n_cached:
        calls = gettext("{calls}, {n_known} of them already known", calls=calls, n_known=count(estimate.n_cached))
    tokens, money = _tokens(estimate), _money(estimate)
    if not money:
        return gettext("{calls}; {tokens}", calls=calls, tokens=tokens)
    return gettext("{calls}; {tokens}, {cost}", calls=calls, tokens=tokens, cost=money)


def _is_usual(estimate: Estimate) -> bool:
    """Return whether replies of this model are known: else the longest that it may write is reckoned with."""
    return estimate.n_output_tokens_expected < estimate.n_output_tokens_at_most


def _tokens(estimate: Estimate) -> str:
    n = roughly(estimate.n_input_tokens + estimate.n_output_tokens_expected)
    if _is_usual(estimate):
        return gettext("about {n_tokens} tokens", n_tokens=n)
    return gettext("at most about {n_tokens} tokens", n_tokens=n)


def _money(estimate: Estimate) -> str:
    if not estimate.cost_usd:
        return "" if estimate.cost_usd is None else gettext("no cost")
    cost = dollars(estimate.cost_usd)
    return gettext("about {cost}", cost=cost) if _is_usual(estimate) else gettext("at most about {cost}", cost=cost)


def shortage(state: State, n_dev: int) -> str:
    """Say that the ceiling in calls leaves less than the next step may take, `n_dev` of it on dev."""
    most, estimate = state.branch.models.ceiling.calls, state.estimate
    n_left = max(0, most - sum(spend.calls for _, spend in state.spends))
    judge = estimate.judge.n_to_pay if estimate is not None and estimate.judge is not None else 0
    if not most or estimate is None or estimate.n_to_pay + judge + n_dev <= n_left:
        return ""
    return ngettext(
        "The spending limit leaves {n} call: the step may stop there and keeps what has arrived.",
        "The spending limit leaves {n} calls: the step may stop there and keeps what has arrived.",
        n_left,
    )


def dev_calls(state: State, prompts: Iterable[str]) -> int:
    """How many target calls it takes to measure on dev the prompts that were not measured yet."""
    new = {prompt for prompt in (state.context.task.start, *prompts) if prompt not in state.measured}
    return len(new) * len(state.context.task.dev)


def rehearsed(expense: Expense) -> str:
    """Describe what a whole run takes at most, measuring on dev included."""
    tokens = expense.n_input_tokens + expense.n_output_tokens
    return ngettext(
        "With these settings, {n} round takes at most {calls}, about {n_tokens} tokens. You can stop at any time.",
        "With these settings, {n} rounds take at most {calls}, about {n_tokens} tokens. You can stop at any time.",
        expense.rounds, calls=_calls_of(expense), n_tokens=roughly(tokens),
    )  # fmt: skip


def _calls_of(expense: Expense) -> str:
    calls = gettext(
        "{optimizer_calls} and {target_calls}",
        optimizer_calls=ngettext("{n} optimizer call", "{n} optimizer calls", expense.optimizer_calls),
        target_calls=ngettext("{n} target call", "{n} target calls", expense.target_calls + expense.dev_calls),
    )
    if expense.dev_calls:
        n_dev = count(expense.dev_calls)
        calls = gettext("{calls} ({n_dev} of them to measure on dev)", calls=calls, n_dev=n_dev)
    if not expense.judge_calls:
        return calls
    return ngettext(
        "{calls}, with {n} judge call", "{calls}, with {n} judge calls", expense.judge_calls, calls=calls
    )


def left(ceiling: Ceiling, spends: Iterable[tuple[str, Spend]]) -> str:
    """Describe what was spent of a ceiling, and what is left of it."""
    paid = [spend for _, spend in spends]
    calls = sum(one.calls for one in paid)
    tokens = sum(one.n_tokens for one in paid)
    usd, unpriced = sum(one.cost_usd or 0.0 for one in paid), sum(one.n_unpriced for one in paid)
    money = dollars(None if calls and unpriced == calls else usd)
    cost = _of(ceiling.cost_usd, money, usd, dollars)
    return gettext(
        "So far: {calls}; {tokens}; {cost}.",
        calls=_of(ceiling.calls, ngettext("{n} call", "{n} calls", calls), calls, count),
        tokens=_of(ceiling.tokens, ngettext("{n} token", "{n} tokens", tokens), tokens, count),
        cost=_unpriced(cost, unpriced if unpriced < calls else 0),
    )


def _of(ceiling: float, told: str, spent: float, write: Callable[[Any], str]) -> str:
    """Add to what was spent what it is of, and what is left of that; nothing without a ceiling."""
    if not ceiling:
        return told
    rest = write(max(0, ceiling - spent))
    return gettext("{spent} of {most}, {rest} left", spent=told, most=write(ceiling), rest=rest)


def _unpriced(cost: str, calls: int) -> str:
    """Add to a sum of money that of some calls nothing is known; nothing of none."""
    if not calls:
        return cost
    return ngettext(
        "{cost}, not counting {n} call whose price is not known",
        "{cost}, not counting {n} calls whose price is not known",
        calls, cost=cost,
    )  # fmt: skip


def spending(state: State) -> str:
    """Draw what all branches of a run spent: by role and model, and folded away step by step."""
    if not state.spends:
        return ""
    sums = costs(state.spends, by=("role", "model"))
    heads = (gettext("Role"), gettext("Model"), *_HEADS)
    whole = table(heads, ((esc(_role(one)), esc(_model(one.model)), *_cells(one)) for one in sums))
    names = {branch.id: branch.name for branch in state.branches}
    every = costs(state.spends)
    early, late = (every[:-_MANY], every[-_MANY:]) if len(every) > _MANY else ((), every)
    steps = table(
        (gettext("Round"), gettext("Step"), gettext("Branch"), *heads),
        (
            (
                *place,
                esc(names.get(one.branch, "")),
                esc(_role(one)),
                esc(_model(one.model)),
                *_cells(one),
            )
            for place, one in (*_summed(state, early), *((_step(state, one), one) for one in late))
        ),
        short=(0,),
    )
    return f"<h4>{gettext('What was spent')}</h4>{whole}" + details("spending", gettext("Step by step"), steps)


def _summed(state: State, early: Sequence[Spend]) -> Iterator[tuple[tuple[str, str], Spend]]:
    """Add up the steps that came before the last ones: a row for each branch, role and model."""
    if not early:
        return
    keys = {(one.branch, one.node, one.what, one.role, one.model) for one in early}
    some = [(b, s) for b, s in state.spends if (b, s.node, s.what, s.role, s.model) in keys]
    rounds = [state.nodes[one.node].phase.round + 1 for one in early if one.node in state.nodes]
    place = gettext("{first} to {last}", first=count(min(rounds)), last=count(max(rounds))) if rounds else ""
    for one in costs(some, by=("branch", "role", "model")):
        yield (place, gettext("The steps before")), one


_MANY = 100  # rows, before which those of a long run are added up
_HEADS = (
    gettext_lazy("Calls made"), gettext_lazy("Calls reused"), gettext_lazy("Tokens"), gettext_lazy("Cost"),
    gettext_lazy("Mean latency"),
)  # fmt: skip


def _cells(one: Spend) -> tuple[str, ...]:
    money = _unpriced(dollars(one.cost_usd), one.n_unpriced if one.cost_usd is not None else 0)
    wait = seconds(one.latency_s) if one.latency_s else gettext("not known") if one.calls else "–"
    return count(one.calls), count(one.cached), _read_and_written(one), esc(money), wait


def _read_and_written(one: Spend) -> str:
    n = count(one.n_tokens)
    if not one.n_estimated:
        return n
    if one.n_estimated == one.calls:
        return gettext("{n_tokens} estimated", n_tokens=n)
    return gettext("{n_tokens} partly estimated", n_tokens=n)


def _model(spec: str) -> str:
    return model_name(spec) if spec else gettext("not known")


def _role(one: Spend) -> str:
    return _ROLES.get(one.role, one.role)


def _step(state: State, one: Spend) -> tuple[str, str]:
    node = state.nodes.get(one.node)
    if node is None:
        return "", esc(_WHAT.get(one.what, one.what))
    return count(node.phase.round + 1), esc(_WHAT.get(one.what, node.phase.title))
