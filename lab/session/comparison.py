"""How prompts do under several target models, on the same dev examples: who keeps a score, who loses it. Pure.

A prompt is tuned to the model it was found on; here its scores elsewhere are set beside its score at home.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from lab.core.asks import Task
from lab.core.handover import held
from lab.session.state import State
from lab.store import Measure, best_of
from lab.tasks.statistics import Interval, difference, interval, is_mean

__all__ = ["MARGIN", "MOST", "Cell", "Fate", "Row", "best_on", "compared", "default_prompts", "place", "standing"]

MOST = 8
MARGIN = 0.1  # a prompt keeps its score when losing more than this is ruled out

Fate = Literal["home", "keeps", "loses", "gains", "cannot tell", "not measured"]


@dataclass(frozen=True)
class Cell:
    """A prompt under one target model: its dev score there, and the change from the score at home.

    Scores are in [0, 1]. `change` is None at home and where either score is missing.
    """

    model: str
    fate: Fate
    measure: Measure | None = None
    interval: Interval | None = None
    change: float | None = None
    change_interval: Interval | None = None


@dataclass(frozen=True)
class Row:
    """A prompt under several target models, the one it was found on first."""

    prompt: str
    cells: tuple[Cell, ...]


def default_prompts(state: State) -> tuple[str, ...]:
    """Return the start prompt and the best measured on the way here, hidden ones left out; at most MOST."""
    known = sorted(state.on_the_way, key=lambda one: -one.score)
    return tuple(dict.fromkeys((state.context.task.start, *(one.prompt for one in known))))[:MOST]


def place(state: State, prompt: str) -> str | None:
    """Name the node nearest on the way here that holds a prompt; None where none does."""
    return next((id for id in reversed(state.path) if prompt in held(state.nodes[id].phase)), None)


def standing(state: State) -> tuple[Row, ...]:
    """Return the table that a page shows: the default prompts under all target models that were tried."""
    measured = {state.branch.models["target"].spec: state.measured, **state.elsewhere}
    return compared(state.context.task, default_prompts(state), measured)


def compared(task: Task, prompts: Sequence[str], measured: Mapping[str, Mapping[str, Measure]]) -> tuple[Row, ...]:
    """Make the table of {model: {prompt: what was measured}}; the first model is home."""
    home, *others = measured
    return tuple(
        Row(
            prompt,
            (
                _home(task, home, measured[home].get(prompt)),
                *(_cell(task, model, measured[home].get(prompt), measured[model].get(prompt)) for model in others),
            ),
        )
        for prompt in prompts
    )


def best_on(rows: Sequence[Row], model: str) -> str | None:
    """Return the prompt with the best score on a model, the earlier of equals; None where none was measured."""
    best = best_of(cell.measure for row in rows for cell in row.cells if cell.model == model and cell.measure)
    return best.prompt if best else None


def _home(task: Task, model: str, here: Measure | None) -> Cell:
    if here is None:
        return Cell(model, "not measured")
    return Cell(model, "home", here, interval(task, task.dev, here.hits))


def _cell(task: Task, model: str, here: Measure | None, there: Measure | None) -> Cell:
    if there is None:
        return Cell(model, "not measured")
    known = Cell(model, "cannot tell", there, interval(task, task.dev, there.hits))
    if here is None:
        return known
    change = difference(task, task.dev, here.hits, there.hits)
    # A metric that is no mean of hits is judged by its hits, which are what an optimizer sees of it.
    judged = task if is_mean(task.metric) else replace(task, metric="accuracy")
    fate = _conclusion(difference(judged, task.dev, here.hits, there.hits))
    return replace(known, fate=fate, change=there.score - here.score, change_interval=change)


def _conclusion(change: Interval | None) -> Fate:
    """Describe what an interval of the change shows; one that holds 0 and a loss beyond MARGIN shows nothing."""
    if change is None:
        return "cannot tell"
    low, high = change
    if high < 0:
        return "loses"
    if low > 0:
        return "gains"
    return "keeps" if low >= -MARGIN else "cannot tell"
