"""The selection algorithms, against arithmetic done by hand and the faults of the authors' code."""

from __future__ import annotations

from math import log, sqrt

from hypothesis import given
from hypothesis import strategies as st

from lab.optimizers.bandits import Arms, Budget, Pull, ucb, uniform


def test_ucb_pulls_every_arm_once_before_any_twice() -> None:
    budget = Budget(rounds=8, arms=4, rows=16)
    arms = Arms.unmeasured(10)
    seen: list[int] = []
    for _ in range(3):
        pull = ucb(arms, budget)
        assert pull is not None
        seen += [arm for arm in pull.arms if not arms.counts[arm]]
        arms = arms.pulled({arm: (16, 8.0) for arm in pull.arms})
    assert sorted(seen) == list(range(10))


def test_the_second_round_of_ucb_is_not_a_repeat_of_the_first() -> None:
    budget = Budget(rounds=8, arms=8, rows=32)
    first = ucb(Arms.unmeasured(36), budget)
    assert first is not None
    second = ucb(Arms.unmeasured(36).pulled({arm: (32, 32.0) for arm in first.arms}), budget)
    assert second is not None
    assert not set(first.arms) & set(second.arms)


def test_ucb_weighs_the_mean_and_the_doubt_as_the_formula_says() -> None:
    arms = Arms((64, 32, 96), (48.0, 22.0, 75.0), 6)
    bounds = [s / n + 0.5 * sqrt(log(192) / n) for n, s in zip(arms.counts, arms.sums, strict=True)]
    best = max(range(3), key=lambda arm: bounds[arm])
    assert ucb(arms, Budget(8, 1, 32, c=0.5)) == Pull((best,), 32)


def test_an_arm_that_was_not_pulled_has_no_mean_and_no_rank() -> None:
    arms = Arms((0, 10, 10), (0.0, 1.0, 9.0), 1)
    assert arms.mean(0) is None
    assert arms.ranked() == (2, 1)


def test_ties_go_to_the_earlier_arm() -> None:
    assert Arms((4, 4, 4), (2.0, 3.0, 3.0), 1).ranked() == (1, 2, 0)


def test_a_single_candidate_is_measured_too() -> None:
    assert ucb(Arms.unmeasured(1), Budget(2, 8, 32)) == Pull((0,), 32)


@given(n=st.integers(1, 60), rounds=st.integers(1, 12), per_pull=st.integers(1, 12), rows=st.integers(1, 40))
def test_no_algorithm_spends_more_than_its_budget(n: int, rounds: int, per_pull: int, rows: int) -> None:
    budget = Budget(rounds, per_pull, rows)
    for select in (ucb, uniform):
        arms, spent, pulls = Arms.unmeasured(n), 0, 0
        while (pull := select(arms, budget)) is not None:
            assert len(set(pull.arms)) == len(pull.arms)
            spent += len(pull.arms) * pull.rows
            arms = arms.pulled({arm: (pull.rows, pull.rows / 2) for arm in pull.arms})
            pulls += 1
            assert pulls <= rounds
        assert 0 < spent <= rounds * per_pull * rows
