"""`python -m lab bench analysis`: the errors of many prompts on many examples, analysed from what is known.

The answers are drawn from a fixed seed: 50 prompts that get more and more right, on examples of forty words each.
All is computed that the page shows: the confusion matrix, slices by label and by length, errors by answer and by
likeness, the heat map, and labels that may be wrong. The drawing is timed apart, and so is the first time, which
loads scikit-learn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from random import Random
from statistics import median
from time import perf_counter
from types import MappingProxyType

from lab.bench.tables import figures
from lab.core.task import Example, Task
from lab.tasks import analysis
from lab.tasks.analysis import Answered
from lab.views.analysis import body

__all__ = ["MEASURES", "REQUIRED", "analysed", "answered", "measure", "tables"]

PROMPTS, TIMES = 50, 3
LABELS = ("negative", "neutral", "positive")
REQUIRED: Mapping[str, float] = MappingProxyType({"analysis_ms": 1000})
_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "n_prompts": "prompts", "n_examples": "examples", "analysis_ms": "analyse all of it, ms",
        "first_ms": "the first time, with scikit-learn loaded, ms", "drawing_ms": "draw it, ms",
        "html_kb": "the drawing, kB",
    }
)  # fmt: skip


def answered(n_examples: int, n_prompts: int = PROMPTS, seed: int = 0) -> Answered:
    """Return made answers of prompts that get more and more right."""
    rng = Random(seed)  # noqa: S311
    words = [f"word{i}" for i in range(2000)]
    examples = tuple(
        Example.of(" ".join(rng.choices(words, k=40)), rng.choices(LABELS)[0]) for _ in range(n_examples)
    )
    got = tuple(
        tuple(
            one.answer if rng.random() < 0.4 + 0.5 * at / n_prompts else rng.choices(LABELS)[0] for one in examples
        )
        for at in range(n_prompts)
    )
    hits = tuple(tuple(float(text == one.answer) for one, text in zip(examples, row, strict=True)) for row in got)
    task = Task("made", "Which?", (), examples, metric="accuracy", labels=LABELS)
    return Answered(task, examples, tuple(f"prompt {at}" for at in range(n_prompts)), hits, got)


def analysed(found: Answered) -> None:
    """Compute all that is known of errors."""
    analysis.confusion(found)
    for column in ("answer", "length"):
        values = analysis.values(found.task, found.examples, column)
        analysis.slices(found, values or ())
    analysis.by_wrong_answer(found)
    analysis.by_likeness(found)
    analysis.heatmap(found)
    analysis.suspects(found)


def measure(only: Iterable[str] = (), examples: int = 1000) -> dict[str, dict[str, float]]:
    """Measure 50 prompts on this many examples; of each figure what was `measured` and what is `required`."""
    first = _timed(answered(examples, seed=0))
    times = [_timed(answered(examples, seed=seed)) for seed in range(1, 1 + TIMES)]
    found = answered(examples)
    body(found)
    began = perf_counter()
    html = body(found)
    measured = {
        "n_prompts": PROMPTS, "n_examples": examples, "analysis_ms": median(times), "first_ms": first,
        "drawing_ms": 1e3 * (perf_counter() - began), "html_kb": len(html.encode()) / 1e3,
    }  # fmt: skip
    return {
        name: {"measured": value, **({"required": REQUIRED[name]} if name in REQUIRED else {})}
        for name, value in measured.items()
    }


MEASURES = MappingProxyType({"analysis": measure})


def tables(found: Mapping[str, Mapping[str, float]]) -> str:
    """Write what was measured as a Markdown table, what is required beside it."""
    return figures("The errors of many prompts, analysed", _NAMES, found)


def _timed(found: Answered) -> float:
    began = perf_counter()
    analysed(found)
    return 1e3 * (perf_counter() - began)
