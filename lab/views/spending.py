"""What the work cost: calls and tokens by role, and target calls up to a place in the history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lab.asks import Ask, Evaluate, Generate
from lab.rehearsal import Expense
from lab.state import State
from lab.store.records import Spend
from lab.views.numbers import counted, roughly


@dataclass(frozen=True)
class Spent:
    """Sums over all branches of one beginning."""

    optimizer: int = 0
    target: int = 0
    cached: int = 0
    tokens: int = 0


def spent(spends: Iterable[tuple[str, Spend]]) -> Spent:
    """Sums what was paid for, and what was known already."""
    rows = [spend for _, spend in spends]
    return Spent(
        sum(row.calls for row in rows if row.role == "optimizer"),
        sum(row.calls for row in rows if row.role == "target"),
        sum(row.cached for row in rows),
        sum(row.n_input_tokens + row.n_output_tokens for row in rows),
    )


def target_calls(spends: Iterable[tuple[str, Spend]]) -> Mapping[str, Mapping[str, int]]:
    """Gives {node: {what: target calls}}, known ones too, as if no reply had been known before.

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


def calls_of(ask: Ask) -> tuple[str, int]:
    """Gives the role that answers an ask, and how many calls that takes at most."""
    if isinstance(ask, Generate):
        return "optimizer", sum(request.n for request in ask.requests)
    if isinstance(ask, Evaluate):
        return "target", len(ask.prompts) * len(ask.examples)
    return "", 0


def cost(ask: Ask) -> str:
    """Says what an ask takes."""
    role, calls = calls_of(ask)
    return f"{counted(calls, 'call')} to the {role} model" if calls else "no model call"


def dev_calls(state: State, prompts: Iterable[str]) -> int:
    """How many target calls it takes to measure on dev the prompts that were not measured yet."""
    new = {prompt for prompt in (state.run.task.start, *prompts) if prompt not in state.measured}
    return len(new) * len(state.run.task.dev)


def rehearsed(expense: Expense) -> str:
    """Says what a whole run takes at most."""
    tokens = expense.n_input_tokens + expense.n_output_tokens
    return (
        f"With these settings {counted(expense.rounds, 'round')} take at most "
        f"{counted(expense.optimizer_calls, 'optimizer call')} and {counted(expense.target_calls, 'target call')}, "
        f"about {roughly(tokens)} tokens, besides measuring on dev. You can stop at any time."
    )
