"""Whether one prompt is better than another: the numbers of hand-worked cases, and calibration where nothing differs."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from statsmodels.stats.proportion import proportion_confint

from lab.core.task import Example, Task
from lab.tasks.evidence import needed, paired, selected
from lab.tasks.statistics import mean_interval
from lab.views.evidence import comparison, selection

EXAMPLES = tuple(Example.of(f"text {i}", "yes" if i % 3 else "no") for i in range(60))
TASK = Task("toy", "Yes or no?", (), EXAMPLES, metric="accuracy", labels=("no", "yes"))


def hits(right: int) -> tuple[float, ...]:
    return (*[1.0] * right, *[0.0] * (60 - right))


def test_mcnemars_exact_test_is_that_of_the_examples_that_differ() -> None:
    before = (*[0.0] * 10, *[1.0] * 50)
    after = (*[1.0] * 9, 0.0, 0.0, 0.0, *[1.0] * 48)
    found = paired(TASK, EXAMPLES, before, after)
    assert (found.improved, found.regressed, found.unchanged) == (9, 2, 49)
    assert found.change == pytest.approx(7 / 60)
    assert found.p_value == pytest.approx(
        2 * sum((1, 11, 55)) / 2**11
    )  # both tails of a fair coin, 2 of 11 or fewer


def test_a_gain_that_the_examples_do_not_prove_says_how_many_would() -> None:
    found = paired(TASK, EXAMPLES, hits(40), (*hits(40)[:38], 0.0, 0.0, *[1.0] * 4, *[0.0] * 16))
    assert found.outcome == "not distinguishable"
    said = comparison(found)
    assert said.startswith("Not distinguishable on 60 examples; about ")
    assert "4 improved, 2 regressed, 54 came out alike" in said


def test_a_gain_that_they_prove_is_called_better_and_the_other_way_worse() -> None:
    assert paired(TASK, EXAMPLES, hits(30), hits(50)).outcome == "better"
    assert paired(TASK, EXAMPLES, hits(50), hits(30)).outcome == "worse"
    assert comparison(paired(TASK, EXAMPLES, hits(30), hits(50))).startswith("Better on 60 examples: +33.3 points")


def test_an_example_that_one_side_lacks_is_left_out_on_both() -> None:
    found = paired(TASK, EXAMPLES, (None, *hits(30)[1:]), (*hits(50)[:-1], None))
    assert found.n == 58
    assert paired(TASK, EXAMPLES[:1], (1.0,), (0.0,)).outcome == "too few"
    assert comparison(paired(TASK, EXAMPLES[:1], (1.0,), (0.0,))) == "Nothing can be said on 1 example."


def test_the_more_examples_differ_the_more_are_needed() -> None:
    # Connor's formula by hand for a tenth that differs: (1.96 sqrt(.1) + 0.8416 sqrt(.1 - .0025))^2 / .0025.
    assert needed(0.1) == pytest.approx(312, abs=1)
    assert needed(0.2) > needed(0.1) > needed(0.0) == needed(0.05)
    assert needed(0.1, gain=0.1) < needed(0.1)


def test_the_best_of_prompts_that_do_not_differ_is_seldom_called_more_than_chance() -> None:
    rng = Random(3)
    hard = [rng.random() for _ in range(50)]
    found = [selected([tuple(float(rng.random() < share) for share in hard) for _ in range(6)]) for _ in range(200)]
    assert sum(one is not None and one.p_value < 0.05 for one in found) / 200 <= 0.09
    leads = [one.lead - one.by_chance for one in found if one is not None]
    assert abs(sum(leads) / len(leads)) < 0.01


def test_a_prompt_that_is_truly_better_stands_out_of_the_chance() -> None:
    rng = Random(4)
    poor = [tuple(float(rng.random() < 0.5) for _ in range(50)) for _ in range(5)]
    found = selected([*poor, (1.0,) * 48 + (0.0,) * 2])
    assert found is not None
    assert found.p_value < 0.01
    assert "The best of 6 prompts on the same 50 examples" in selection(found)
    assert selected(poor[:1]) is None


@given(
    st.lists(st.tuples(st.sampled_from([0.0, 0.5, 1.0, None]), st.sampled_from([0.0, 0.5, 1.0, None])), max_size=30)
)
def test_any_two_prompts_can_be_compared_in_a_sentence(pairs: list[tuple[float | None, float | None]]) -> None:
    before, after = [a for a, _ in pairs], [b for _, b in pairs]
    found = paired(TASK, EXAMPLES[: len(pairs)], before, after)
    assert found.improved + found.regressed + found.unchanged == found.n
    assert 0 < found.p_value <= 1
    assert comparison(found).endswith(".")


@settings(deadline=None)
@given(st.integers(1, 200), st.data())
def test_intervals_of_shares_agree_with_statsmodels(n: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(1, n))
    if n > 1 and right < n:
        low, high = proportion_confint(right, n, method="wilson")
        assert mean_interval([1.0] * right + [0.0] * (n - right)) == pytest.approx((low, high))


@settings(deadline=None)
@given(st.integers(0, 40), st.integers(0, 40))
def test_mcnemars_exact_test_is_the_binomial_test_of_scipy(improved: int, regressed: int) -> None:
    n = improved + regressed
    examples = EXAMPLES[:1] * n
    before = [0.0] * improved + [1.0] * regressed
    found = paired(TASK, examples, before, [1 - hit for hit in before])
    assert found.p_value == pytest.approx(binomtest(improved, n).pvalue if n else 1.0)
