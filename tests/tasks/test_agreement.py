"""How far a judge agrees with a person: Cohen's kappa as others have it, with an interval that covers it."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import cohens_kappa

from lab.tasks.agreement import FEWEST, Agreement, agreement


def test_a_case_worked_by_hand() -> None:
    """Cohen (1960): 20 both pass, 15 both fail, 5 and 10 differ; 0.7 alike, 0.5 by chance."""
    pairs = [(1.0, 1.0)] * 20 + [(1.0, 0.0)] * 5 + [(0.0, 1.0)] * 10 + [(0.0, 0.0)] * 15
    found = agreement(pairs)
    assert (found.n, found.n_alike) == (50, 35)
    assert found.kappa == pytest.approx(0.4)
    assert found.interval is not None
    low, high = found.interval
    assert low < 0.4 < high


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=30))
def test_weighted_kappa_agrees_with_statsmodels(rows: list[tuple[int, int]]) -> None:
    table = [[sum(row == (i, j) for row in rows) for j in range(5)] for i in range(5)]
    found = agreement([(a / 4, b / 4) for a, b in rows], 5).kappa
    if found is not None:
        expected = cohens_kappa(table, wt="fc", return_results=False)
        assert found == pytest.approx(expected)


def test_where_all_say_the_same_kappa_cannot_be_told() -> None:
    assert agreement([(1.0, 1.0)] * 9) == Agreement(9, 9)
    assert agreement([]) == Agreement()
    assert agreement([(1.0, 1.0), (0.0, 0.0)]).interval is None  # of fewer than FEWEST
    assert FEWEST > 2


def test_the_order_of_ratings_does_not_matter_and_the_interval_is_the_same_each_time() -> None:
    pairs = [(1.0, 1.0), (0.0, 0.0), (1.0, 0.0), (0.0, 0.0), (1.0, 1.0), (0.0, 1.0), (1.0, 1.0)]
    assert agreement(pairs) == agreement(pairs[::-1])


@pytest.mark.parametrize("most", [0, 5])
def test_the_interval_is_that_of_drawing_the_ratings_again_one_by_one(most: int) -> None:
    rng, steps = random.Random(0), max(most - 1, 1)
    rows = [(rng.randint(0, steps), rng.randint(0, steps)) for _ in range(40)]
    rows = [(a, a if rng.random() < 0.5 else b) for a, b in rows]
    drawn = []
    for _ in range(500):
        ratings, verdicts = zip(*rng.choices(rows, k=len(rows)), strict=True)
        weights = "quadratic" if most else None
        drawn.append(cohen_kappa_score(ratings, verdicts, labels=list(range(steps + 1)), weights=weights))
    low, high = agreement([(a / steps, b / steps) for a, b in rows], most).interval or (0.0, 0.0)
    assert (low, high) == pytest.approx(tuple(np.quantile(drawn, (0.025, 0.975))), abs=0.05)


def test_the_interval_covers_the_true_kappa_of_pass_and_fail() -> None:
    rng, inside, n = random.Random(0), 0, 400
    for _ in range(n):
        pairs = []
        for _ in range(80):  # a judge that errs in 15 of 100, on answers of which half pass: kappa 0.7
            person = float(rng.random() < 0.5)
            pairs.append((person, person if rng.random() < 0.85 else 1 - person))
        low, high = agreement(pairs).interval or (2.0, -2.0)
        inside += low <= 0.7 <= high
    assert 0.91 * n <= inside <= 0.98 * n
