"""How far a score might be off because it was measured on these examples and not on others.

A share of right answers has Wilson's interval (Wilson 1927; Brown, Cai and DasGupta 2001, Interval Estimation for a
Binomial Proportion). All else has the BCa bootstrap's (Efron 1987, Better Bootstrap Confidence Intervals): the
examples are drawn again, with replacement, as many as there are, and scored anew. A difference is paired: both
sides score the same draw.

The bootstrap sees only what occurred. Where all draws score alike it would be a point, so the bound of a binomial
share takes its place (Clopper and Pearson 1934): so large a share of rows of another kind might have gone unseen.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from lab.core.task import Example, Task
from lab.i18n import gettext_lazy
from lab.tasks import metrics
from lab.tasks.metrics import Metric, total

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["DRAWS", "LEVEL", "METHOD", "Interval", "difference", "interval", "is_mean", "mean_interval"]

Interval = tuple[float, float]
Hits = Sequence[float | None]
Got = Sequence[str]

LEVEL = 0.95
DRAWS = 1000
METHOD = gettext_lazy(
    "Intervals are {level} intervals over the examples: Wilson's for a share of right answers, else bootstrap "
    "(BCa) intervals; a difference is paired, on the same examples. Where all examples came out alike, the bound "
    "of a binomial share takes its place.",
    level=f"{100 * LEVEL:.0f} %",
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
        return mean_interval([hit for _, hit in zip(examples, hits, strict=True)], level=level, draws=draws)
    measured = [i for i, hit in enumerate(hits) if hit is not None]
    if got is None or len(measured) < 2:
        return None

    def scored(rows: Sequence[int]) -> float:
        return _total(task, examples, got, hits, rows)

    return _of_rows(scored, measured, 1.0, level, draws)


def mean_interval(hits: Hits, *, level: float = LEVEL, draws: int = DRAWS) -> Interval | None:
    """Return the interval of the mean of hits, None where there are fewer than two."""
    rows = tuple(sorted(hit for hit in hits if hit is not None))
    return _of_means(rows, 1.0, level, draws) if len(rows) > 1 else None


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

    if span == 1.0 and 0.0 < sum(rows) < len(rows) and set(rows) <= {0.0, 1.0}:
        from scipy.stats import binomtest

        found = binomtest(int(sum(rows)), len(rows)).proportion_ci(level, method="wilson")
        return float(found.low), float(found.high)
    return _bootstrap(np.asarray(rows), np.mean, rows, span, level, draws)


def _of_rows(
    scored: Callable[[Sequence[int]], float], rows: Sequence[int], span: float, level: float, draws: int
) -> Interval:
    import numpy as np

    return _bootstrap(np.asarray(rows), lambda drawn: scored(drawn.tolist()), tuple(rows), span, level, draws)


def _bootstrap(
    rows: NDArray[Any], statistic: Callable[..., Any], content: object, span: float, level: float, draws: int
) -> Interval:
    """Return the BCa interval of a statistic of rows, the same for the same content in every process."""
    import numpy as np
    from scipy.stats import bootstrap

    if np.ptp(rows) == 0 and statistic is np.mean:
        return _unseen(float(rows[0]), len(rows), span, level)
    seed = blake2b(repr((content, level, draws)).encode(), digest_size=8).digest()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a degenerate distribution is seen by its interval, below
        found = bootstrap(
            (rows,), statistic, vectorized=statistic is np.mean, n_resamples=draws, confidence_level=level,
            method="BCa", rng=np.random.default_rng(int.from_bytes(seed, "big")),
        )  # fmt: skip
    scores = found.bootstrap_distribution
    low, high = map(float, found.confidence_interval)
    if np.isnan(low) or np.isnan(high):  # BCa has none where leaving out any one row changes nothing
        edge = (1 - level) / 2
        low, high = map(float, np.quantile(scores, (edge, 1 - edge)))
    return (low, high) if low < high else _unseen(low, len(rows), span, level)


def _unseen(score: float, n: int, span: float, level: float) -> Interval:
    """Return what n rows that came out alike leave likely of those that were not seen."""
    unseen = 1 - ((1 - level) / 2) ** (1 / n)
    return score + unseen * (1 - span - score), score + unseen * (1 - score)
