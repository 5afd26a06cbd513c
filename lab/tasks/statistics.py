"""How far a score might be off because it was measured on these examples and not on others.

The percentile bootstrap (Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 13): the examples
are drawn again, with replacement, as many as there are, and scored anew; what the middle of a thousand such scores
spans is the interval. It works for every metric; a difference is paired, so both sides score the same draw.

It sees only what occurred. Where all draws score alike it would be a point, so the bound of a binomial share takes
its place (Clopper and Pearson 1934): so large a share of rows of another kind might have gone unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING

from lab.core.task import Example, Task
from lab.tasks import metrics
from lab.tasks.metrics import Metric, total

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["DRAWS", "LEVEL", "METHOD", "Interval", "difference", "interval", "is_mean"]

Interval = tuple[float, float]
Hits = Sequence[float | None]
Got = Sequence[str]

LEVEL = 0.95
DRAWS = 1000
METHOD = (
    "Intervals are 95 % percentile bootstrap intervals over the examples, of 1,000 draws; a difference is paired, "
    "on the same examples. Where all examples came out alike, the bound of a binomial share takes its place."
)


def is_mean(metric: str) -> bool:
    """Return whether a metric is the mean of its hits, so that hits alone give an interval."""
    return metrics.metric(metric).total is Metric.total


def interval(
    task: Task,
    examples: Sequence[Example],
    hits: Hits,
    got: Got | None = None,
    *,
    level: float = LEVEL,
    draws: int = DRAWS,
) -> Interval | None:
    """Return the lowest and the highest score that these rows leave likely.

    `hits` and `got` are what `lab.tasks.metrics.judge` gave, in the order of the examples; a row whose hit is None
    is left out. None for fewer than two rows, and for a metric that is not a mean of hits where `got` is not known.

    Raises:
        ValueError: when examples, hits and got differ in length.
    """
    if is_mean(task.metric):
        rows = [hit for _, hit in zip(examples, hits, strict=True) if hit is not None]
        return _of_means(tuple(sorted(rows)), 1.0, level, draws) if len(rows) > 1 else None
    measured = [i for i, hit in enumerate(hits) if hit is not None]
    if got is None or len(measured) < 2:
        return None

    def scored(rows: Sequence[int]) -> float:
        return _total(task, examples, got, hits, rows)

    return _of_rows(scored, measured, 1.0, level, draws)


def difference(
    task: Task,
    examples: Sequence[Example],
    before: Hits,
    after: Hits,
    got: tuple[Got, Got] | None = None,
    *,
    level: float = LEVEL,
    draws: int = DRAWS,
) -> Interval | None:
    """Return the lowest and the highest change of the score, `before` to `after`, that these rows leave likely.

    Two prompts, or one prompt under two models, on the same examples; a row that is missing on one side is left
    out on both. None as `interval` gives it.

    Raises:
        ValueError: when examples, before, after and got differ in length.
    """
    pairs = list(zip(examples, before, after, strict=True))
    if is_mean(task.metric):
        rows = tuple(sorted(b - a for _, a, b in pairs if a is not None and b is not None))
        return _of_means(rows, 2.0, level, draws) if len(rows) > 1 else None
    measured = [i for i, (_, a, b) in enumerate(pairs) if a is not None and b is not None]
    if got is None or len(measured) < 2:
        return None

    def scored(rows: Sequence[int]) -> float:
        first, second = (
            _total(task, examples, texts, hits, rows) for texts, hits in zip(got, (before, after), strict=True)
        )
        return second - first

    return _of_rows(scored, measured, 2.0, level, draws)


def _total(task: Task, examples: Sequence[Example], got: Got, hits: Hits, rows: Sequence[int]) -> float:
    drawn = [examples[i] for i in rows], [got[i] for i in rows], [hits[i] for i in rows]
    return total(task.metric, task.labels, *drawn) or 0.0


@lru_cache(1024)
def _of_means(rows: tuple[float, ...], span: float, level: float, draws: int) -> Interval:
    """Return the interval of a mean; `span` is how far apart two rows can be, 1 for hits and 2 for changes."""
    import numpy as np

    scores = np.asarray(rows)[_drawn(rows, len(rows), level, draws)].mean(axis=1)
    return _middle(scores, len(rows), span, level)


def _of_rows(
    scored: Callable[[Sequence[int]], float], rows: Sequence[int], span: float, level: float, draws: int
) -> Interval:
    import numpy as np

    places = np.asarray(rows)[_drawn(rows, len(rows), level, draws)].tolist()
    return _middle(np.asarray([scored(drawn) for drawn in places]), len(rows), span, level)


def _drawn(content: object, n: int, level: float, draws: int) -> NDArray[np.int64]:
    """Draw places of rows, the same for the same content in every process."""
    import numpy as np

    seed = blake2b(repr((content, level, draws)).encode(), digest_size=8).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(seed, "big"))).integers(0, n, (draws, n))


def _middle(scores: NDArray[np.float64], n: int, span: float, level: float) -> Interval:
    import numpy as np

    edge = (1 - level) / 2
    low, high = map(float, np.quantile(scores, (edge, 1 - edge)))
    if low < high:
        return low, high
    unseen = 1 - edge ** (1 / n)
    return low + unseen * (1 - span - low), high + unseen * (1 - high)
