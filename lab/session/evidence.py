"""What the scores of a branch prove: its best prompt against the start prompt, on the same dev examples. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lab.core.asks import Task
from lab.session.state import State
from lab.tasks.evidence import Paired, Selected, paired, selected
from lab.tasks.statistics import is_mean

__all__ = ["Evidence", "by_hits", "evidence"]


@dataclass(frozen=True)
class Evidence:
    """The best prompt against the start prompt, and what it means that it is the best of `selected.n_prompts`."""

    paired: Paired
    selected: Selected | None


def evidence(state: State) -> Evidence | None:
    """Return what is known of the gain of a branch; None before another prompt than the start prompt is its best.

    A metric that is not a mean of hits, as macro-F1, is judged by its hits.
    """
    start, best = state.baseline, state.best
    if start is None or best is None or best.prompt == start.prompt:
        return None
    task = by_hits(state.context.task)
    others = max(1, len(state.on_the_way) - 1)
    return Evidence(
        paired(task, task.dev, start.hits, best.hits, best_of=others),
        selected([one.hits for one in state.on_the_way]),
    )


def by_hits(task: Task) -> Task:
    """Return the task as one whose score is the mean of its hits, which an optimizer sees of any metric."""
    return task if is_mean(task.metric) else replace(task, metric="accuracy")
