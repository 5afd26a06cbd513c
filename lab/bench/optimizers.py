"""`python -m lab bench optimizers`: each optimizer on the task that suits it, with its paper's settings.

The settings are the preset `paper`, scaled to the task: where a paper takes more examples than the task has to
train on, all of them are taken; and OPRO's 200 steps are cut to 33, so that it asks for as many answers as ProTeGi
in six rounds (13,250 and 13,632, repeats included). A run is autopilot with the practice model in both roles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from statistics import median, quantiles
from types import MappingProxyType
from typing import Any

from lab.bench.direct import Direct, autopilot, score
from lab.bench.tables import spread_out, table
from lab.core.asks import Context
from lab.optimizers import optimizer
from lab.tasks import bundled

__all__ = ["MEASURES", "measure", "tables"]

SUITS: Mapping[str, str] = MappingProxyType(
    {"ape": "hidden-rule", "protegi": "triage", "opro": "sentiment", "pe2": "word-problems"}
)
SCALED: Mapping[str, Mapping[str, Any]] = MappingProxyType({"opro": {"rounds": 33}})


@dataclass(frozen=True)
class Ran:
    """What one run came to: scores in [0, 1], calls without repeats, tokens of both models.

    Scoring on dev and test is not counted: it is how the run is watched, not what it costs.
    """

    seed: int
    start: float
    dev: float
    test: float
    optimizer_calls: int
    target_calls: int
    tokens: int
    prompt: str


_NUMBERS = ("dev", "test", "optimizer_calls", "target_calls", "tokens")


def ran(given: tuple[str, int]) -> Ran:
    """Run an optimizer to its end from a seed; then open the test split, once, for the best prompt on dev."""
    name, seed = given
    kind, whole = optimizer(name), bundled.load(SUITS[name])
    settings = kind.configure("paper", **SCALED.get(name, {}))
    task = whole.sealed()
    direct = Direct(task, seed=seed)
    way = autopilot(kind, Context(task, settings, seed), direct)
    test = score(replace(whole, dev=whole.test), way[-1].prompt, direct.target)
    return Ran(
        seed, way[0].best, way[-1].best, test, direct.calls["optimizer"], direct.calls["target"], direct.tokens,
        way[-1].prompt,
    )  # fmt: skip


def measure(only: Iterable[str] = (), seeds: int = 10) -> dict[str, Any]:
    """Run the optimizers named, or all, from this many seeds."""
    names = tuple(only) or tuple(SUITS)
    runs = spread_out(ran, [(name, seed) for name in names for seed in range(seeds)])
    return {name: _summary(name, runs[i * seeds : (i + 1) * seeds]) for i, name in enumerate(names)}


MEASURES = MappingProxyType({name: partial(measure, (name,)) for name in SUITS})


def _summary(name: str, runs: Sequence[Ran]) -> dict[str, Any]:
    return {
        "task": SUITS[name],
        "scaled": dict(SCALED.get(name, {})),
        "seeds": len(runs),
        "improved": sum(run.dev > run.start for run in runs),
        "start": runs[0].start,
        **{number: _spread([getattr(run, number) for run in runs]) for number in _NUMBERS},
        "runs": [asdict(run) for run in runs],
    }


def _spread(values: Sequence[float]) -> dict[str, float]:
    lower, _, upper = quantiles(values, n=4, method="inclusive") if len(values) > 1 else (values[0],) * 3
    return {"median": median(values), "lower_quartile": lower, "upper_quartile": upper}


def tables(found: Mapping[str, Any]) -> str:
    """Write what was measured as a Markdown table: median, and between what quartiles."""
    heads = ("dev start", "dev best", "test", "optimizer calls", "target calls", "tokens")
    return table(
        "Optimizers on the task that suits each, settings of the papers scaled: median (quartiles)",
        ("optimizer", "task", *heads, "better than the start"),
        (
            (
                optimizer(name).title, row["task"], f"{row['start']:.2f}",
                *(_range(row[number], "{:.2f}" if number in ("dev", "test") else "{:,.0f}") for number in _NUMBERS),
                f"{row['improved']} of {row['seeds']}",
            )
            for name, row in found.items()
        ),
    )  # fmt: skip


def _range(spread: Mapping[str, float], form: str) -> str:
    middle, lower, upper = (form.format(spread[name]) for name in ("median", "lower_quartile", "upper_quartile"))
    return f"{middle} ({lower} to {upper})"
