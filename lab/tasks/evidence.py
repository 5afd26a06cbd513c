"""Whether one prompt is better than another, and what choosing the best of many pretends. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from lab.core.task import Example, Task
from lab.tasks import statistics
from lab.tasks.statistics import LEVEL, Got, Hits, Interval, difference

__all__ = ["GAIN", "Paired", "Selected", "needed", "paired", "selected"]

GAIN = 0.05  # the gain in score that people ask about
POWER = 0.8
ALPHA = 0.05
DRAWS = 200
FEW_DIFFERING = 10  # below, fewer than 93 of 100 intervals of a difference hold the true one
MOST_DRAWS = 10_000

Outcome = Literal["better", "worse", "not distinguishable", "too few"]


@dataclass(frozen=True)
class Paired:
    """A second prompt against a first one, on the examples that both answered.

    `change` and its 95 % `interval` are of the score, in [-1, 1]; None where there is no score. `p_value` is
    McNemar's exact one, of the examples that `improved` against those that `regressed`. `needed` examples would
    show a gain of GAIN in four of five tries, where as many differ as here. Where the second one was chosen as the
    best of `best_of`, interval and test allow for that (Bonferroni 1936): without, the best of 20 equal prompts is
    called better in 12 of 100 cases.
    """

    n: int
    improved: int
    regressed: int
    change: float | None
    interval: Interval | None
    p_value: float
    needed: int
    best_of: int = 1

    @property
    def is_few(self) -> bool:
        """Whether so few examples came out differently that the interval is too narrow."""
        return 0 < self.improved + self.regressed < FEW_DIFFERING

    @property
    def unchanged(self) -> int:
        """How many examples came out alike."""
        return self.n - self.improved - self.regressed

    @property
    def outcome(self) -> Outcome:
        """What may be said: better or worse only where the interval and the test both rule out no difference."""
        if self.interval is None or self.n < 2:
            return "too few"
        low, high = self.interval
        is_sure = self.p_value * self.best_of < ALPHA
        if is_sure and low > 0:
            return "better"
        return "worse" if is_sure and high < 0 else "not distinguishable"


def load() -> None:
    """Load the libraries that count, which takes two seconds: a server does so before somebody waits for it."""
    import statsmodels.stats.contingency_tables
    import statsmodels.stats.power  # noqa: F401


def paired(
    task: Task,
    examples: Sequence[Example],
    before: Hits,
    after: Hits,
    got: tuple[Got, Got] | None = None,
    *,
    best_of: int = 1,
) -> Paired:
    """Compare two prompts on the same examples; one that is missing on a side is left out on both.

    McNemar's exact test is a binomial test of the examples that differ (McNemar 1947; for graded hits it is the
    sign test).

    Raises:
        ValueError: when examples, before, after and got differ in length.

    Example:
        `paired(task, task.dev, [0, 0, 1], [1, 1, 1])` has improved 2, regressed 0 and unchanged 1.
    """
    changes = [b - a for _, a, b in zip(examples, before, after, strict=True) if a is not None and b is not None]
    improved, regressed = sum(one > 0 for one in changes), sum(one < 0 for one in changes)
    differ = improved + regressed
    return Paired(
        n=len(changes),
        improved=improved,
        regressed=regressed,
        change=_change(task, examples, before, after, got, changes),
        interval=difference(
            task,
            examples,
            before,
            after,
            got,
            level=1 - (1 - LEVEL) / best_of,
            draws=min(statistics.DRAWS * best_of, MOST_DRAWS),
        ),
        p_value=_mcnemar(improved, regressed),
        needed=needed(differ / len(changes)) if changes else 0,
        best_of=best_of,
    )


def _mcnemar(improved: int, regressed: int) -> float:
    """Return the p-value of McNemar's exact test."""
    from statsmodels.stats.contingency_tables import mcnemar

    return float(mcnemar([[0, improved], [regressed, 0]], exact=True).pvalue) if improved + regressed else 1.0


def _change(
    task: Task,
    examples: Sequence[Example],
    before: Hits,
    after: Hits,
    got: tuple[Got, Got] | None,
    changes: Sequence[float],
) -> float | None:
    from lab.tasks.metrics import total
    from lab.tasks.statistics import is_mean

    if not changes:
        return None
    if is_mean(task.metric):
        return sum(changes) / len(changes)
    if got is None:
        return None
    rows = [i for i, (a, b) in enumerate(zip(before, after, strict=True)) if a is not None and b is not None]
    scores = [
        total(
            task.metric, task.labels, [examples[i] for i in rows], [texts[i] for i in rows], [hits[i] for i in rows]
        )
        for texts, hits in zip(got, (before, after), strict=True)
    ]
    return None if None in scores else (scores[1] or 0.0) - (scores[0] or 0.0)


def needed(differing: float, gain: float = GAIN) -> int:
    """Return how many examples show a gain in four of five tries, where a share of them comes out differently.

    The sample size of McNemar's test (Connor 1987, Sample size for testing differences in proportions for the
    paired-sample design). `differing` is in [0, 1]; it cannot be less than the gain itself.
    """
    from math import ceil, sqrt

    from statsmodels.stats.power import normal_sample_size_one_tail

    share = min(max(differing, gain), 1.0)
    found: float = normal_sample_size_one_tail(
        gain, POWER, ALPHA / 2, std_null=sqrt(share), std_alternative=sqrt(max(share - gain * gain, 0.0))
    )
    return ceil(found)


@dataclass(frozen=True)
class Selected:
    """The best of several prompts that were measured on the same examples.

    `by_chance` is how far above the mean of all the best of as many equal prompts would stand on these examples;
    `p_value` is how often equal prompts would have a best one this far above it.
    """

    n_prompts: int
    n: int
    best: float
    mean: float
    by_chance: float
    p_value: float

    @property
    def lead(self) -> float:
        """How far the best stands above the mean of all."""
        return self.best - self.mean


def selected(hits: Sequence[Hits]) -> Selected | None:
    """Return what choosing the best of these prompts pretends; None for fewer than two prompts or two examples.

    Prompts that do not differ would share out their hits on an example among them in any order, so that the hits of
    each example are shuffled among the prompts, and the best is taken again, 200 times. Examples that a prompt
    has no hit for are left out.

    Raises:
        ValueError: when the prompts differ in length.

    Example:
        `selected([hits_of_a, hits_of_b, hits_of_c]).by_chance`
    """
    rows = [row for row in zip(*hits, strict=True) if None not in row]
    if len(hits) < 2 or len(rows) < 2:
        return None
    best, mean, by_chance, p_value = _shuffled(tuple(tuple(float(hit or 0.0) for hit in row) for row in rows))
    return Selected(len(hits), len(rows), best, mean, by_chance, p_value)


@lru_cache(256)
def _shuffled(rows: tuple[tuple[float, ...], ...]) -> tuple[float, float, float, float]:
    import numpy as np

    table, rng = np.asarray(rows), np.random.default_rng(0)
    tops = np.array([rng.permuted(table, axis=1).mean(axis=0).max() for _ in range(DRAWS)])
    best, mean = float(table.mean(axis=0).max()), float(table.mean())
    return best, mean, float(tops.mean()) - mean, float((np.sum(tops >= best - 1e-12) + 1) / (DRAWS + 1))
