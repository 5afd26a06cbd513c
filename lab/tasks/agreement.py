"""How far a judge agrees with a person who rated the same answers: Cohen's kappa, with its interval. Pure."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from lab.tasks.statistics import DRAWS, LEVEL, Interval

__all__ = ["Agreement", "agreement"]

FEWEST = 5  # ratings that an interval is worth being said of


@dataclass(frozen=True)
class Agreement:
    """Verdicts of a judge beside `n` ratings of a person, of which `n_alike` say the same.

    `kappa` is Cohen's (1960), for points with quadratic weights (1968): 1 is full agreement, 0 what chance alone
    gives. None where all say one and the same, and of no ratings. `interval` is the 95 % bootstrap interval.
    """

    n: int = 0
    n_alike: int = 0
    kappa: float | None = None
    interval: Interval | None = None


def agreement(pairs: Sequence[tuple[float, float]], most: int = 0) -> Agreement:
    """Compare ratings with verdicts, each (rating, verdict) in [0, 1]; `most` points, 0 for pass or fail.

    Example:
        `agreement([(1.0, 1.0), (0.0, 0.0), (1.0, 0.0), (0.0, 0.0)]).kappa == 0.5`
    """
    steps = max(most - 1, 1)
    levels = tuple((round(rating * steps), round(verdict * steps)) for rating, verdict in pairs)
    return _agreement(tuple(sorted(levels)), steps)


@lru_cache(256)
def _agreement(levels: tuple[tuple[int, int], ...], steps: int) -> Agreement:
    n, n_alike = len(levels), sum(rating == verdict for rating, verdict in levels)
    kappa = _kappa(levels, steps) if levels else None
    return Agreement(n, n_alike, kappa, _interval(levels, steps) if kappa is not None and n >= FEWEST else None)


def _kappa(levels: Sequence[tuple[int, int]], steps: int) -> float | None:
    from math import isnan

    from sklearn.metrics import cohen_kappa_score

    ratings, verdicts = zip(*levels, strict=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of one label alone it has no value, which is seen below
        weights = "quadratic" if steps > 1 else None
        found = float(cohen_kappa_score(ratings, verdicts, labels=list(range(steps + 1)), weights=weights))
    return None if isnan(found) else found


def _interval(levels: tuple[tuple[int, int], ...], steps: int) -> Interval | None:
    """Draw the rated answers again, with replacement; draws that have no kappa are left out.

    All draws are tables of counts, whose kappas are computed at once: one by one they would hold up a page.
    """
    import numpy as np

    n, grades = len(levels), np.arange(steps + 1)
    seen = np.zeros((steps + 1, steps + 1))
    np.add.at(seen, tuple(np.transpose(levels)), 1)
    drawn = np.random.default_rng(0).multinomial(n, seen.ravel() / n, size=DRAWS).reshape(DRAWS, *seen.shape)
    apart = np.subtract.outer(grades, grades) ** 2  # the weights of a disagreement; of pass and fail, 1
    chance = np.einsum("di,dj,ij->d", drawn.sum(2), drawn.sum(1), apart) / n
    known = chance > 0
    if known.sum() < DRAWS // 2:
        return None
    kappas = 1 - np.einsum("dij,ij->d", drawn, apart)[known] / chance[known]
    low, high = np.quantile(kappas, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return float(low), float(high)
