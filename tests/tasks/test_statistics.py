"""Intervals of scores: that they cover what they claim to, for every metric, the same in every process."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.core.task import Example, Task
from lab.store import Measure
from lab.tasks import bundled
from lab.tasks.metrics import judge, total
from lab.tasks.statistics import difference, interval, is_mean
from lab.views.intervals import with_interval
from lab.views.numbers import between

EXAMPLES = tuple(Example.of(f"text {i}", "yes" if i % 3 else "no") for i in range(50))
TASK = Task("toy", "Yes or no?", (), EXAMPLES, metric="accuracy", labels=("no", "yes"))


def drawn(rng: Random, share: float, n: int = 50) -> tuple[float, ...]:
    return tuple(float(rng.random() < share) for _ in range(n))


@pytest.mark.parametrize("share", [0.4, 0.8])
def test_about_95_of_100_intervals_hold_the_true_score(share: float) -> None:
    rng = Random(1)
    found = [interval(TASK, EXAMPLES, drawn(rng, share)) for _ in range(400)]
    held = sum(span is not None and span[0] <= share <= span[1] for span in found) / len(found)
    assert 0.91 <= held <= 0.98


def test_about_95_of_100_intervals_of_a_difference_hold_the_true_one() -> None:
    rng = Random(2)
    held = 0
    for _ in range(400):
        before = drawn(rng, 0.7)
        after = tuple(float(rng.random() < (0.8 if hit else 0.4)) for hit in before)  # 0.68 on the whole
        span = difference(TASK, EXAMPLES, before, after)
        assert span is not None
        held += span[0] <= 0.7 * 0.8 + 0.3 * 0.4 - 0.7 <= span[1]
    assert 0.91 <= held / 400 <= 0.98


def test_a_difference_on_the_same_examples_is_known_better_than_from_two_scores() -> None:
    before = tuple(float(i % 2) for i in range(50))
    after = (1.0, 1.0, 1.0, *before[3:])
    spans = [interval(TASK, EXAMPLES, hits) for hits in (before, after)]
    paired = difference(TASK, EXAMPLES, before, after)
    assert paired is not None
    for span in spans:
        assert span is not None
        assert paired[1] - paired[0] < 0.6 * (span[1] - span[0])


def test_the_interval_depends_on_the_rows_alone_and_not_on_their_order() -> None:
    hits = [1.0] * 40 + [0.0] * 10
    assert interval(TASK, EXAMPLES, hits) == pytest.approx((0.68, 0.9), abs=0.021)
    assert interval(TASK, EXAMPLES, hits[::-1]) == interval(TASK, EXAMPLES, hits)


def test_rows_that_came_out_alike_still_leave_room_for_what_was_not_seen() -> None:
    # Clopper and Pearson's bounds for 0 of 10 and 50 of 50.
    assert interval(TASK, EXAMPLES[:10], [0.0] * 10) == pytest.approx((0.0, 0.3085), abs=1e-4)
    assert interval(TASK, EXAMPLES, [1.0] * 50) == pytest.approx((0.9289, 1.0), abs=1e-4)
    assert difference(TASK, EXAMPLES, [1.0] * 50, [1.0] * 50) == pytest.approx((-0.0711, 0.0711), abs=1e-4)
    assert difference(TASK, EXAMPLES, [1.0] * 50, [0.0] * 50) == pytest.approx((-1.0, -0.8578), abs=1e-4)


def test_rows_that_were_not_measured_are_left_out_on_both_sides() -> None:
    hits = (None, *drawn(Random(3), 0.6, 49))
    assert interval(TASK, EXAMPLES, hits) == interval(TASK, EXAMPLES[1:], hits[1:])
    other = (*drawn(Random(4), 0.6, 49), None)
    assert difference(TASK, EXAMPLES, hits, other) == difference(TASK, EXAMPLES[1:-1], hits[1:-1], other[1:-1])
    assert interval(TASK, EXAMPLES, (1.0, *[None] * 49)) is None
    assert difference(TASK, EXAMPLES, (1.0, 1.0, *[None] * 48), (None, *[1.0] * 49)) is None


def test_a_metric_that_is_no_mean_has_an_interval_where_the_answers_are_known() -> None:
    task = bundled.load("triage")
    assert not is_mean(task.metric)
    rng = Random(5)
    replies = [row.answer if rng.random() < 0.7 else task.labels[i % 5] for i, row in enumerate(task.dev)]
    judged = [judge(task.metric, task.labels, row, reply) for row, reply in zip(task.dev, replies, strict=True)]
    got, hits = [one.got for one in judged], [one.hit for one in judged]
    score = total(task.metric, task.labels, task.dev, got, hits)
    span = interval(task, task.dev, hits, got)
    assert interval(task, task.dev, hits) is None
    assert difference(task, task.dev, hits, hits) is None
    assert score is not None
    assert span is not None
    assert 0 < span[0] < score < span[1] < 1
    change = difference(task, task.dev, hits, [1.0] * 50, (got, [row.answer for row in task.dev]), draws=200)
    assert change is not None
    assert 0 < change[0] < 1 - score < change[1]


def test_rows_and_examples_must_be_as_many() -> None:
    with pytest.raises(ValueError, match="zip"):
        interval(TASK, EXAMPLES, [1.0])
    with pytest.raises(ValueError, match="zip"):
        difference(TASK, EXAMPLES, [1.0] * 50, [1.0])


@given(st.lists(st.floats(0, 1) | st.none(), max_size=30))
def test_any_hits_have_an_interval_within_the_scale_or_none(hits: list[float | None]) -> None:
    span = interval(TASK, EXAMPLES[: len(hits)], hits, draws=50)
    assert (span is None) == (sum(hit is not None for hit in hits) < 2)
    if span is not None:
        assert 0 <= span[0] <= span[1] <= 1


def test_a_score_is_written_with_its_interval_where_it_has_one() -> None:
    measure = Measure("p", 0.8, 50, (*[1.0] * 40, *[0.0] * 10))
    span = interval(TASK, EXAMPLES, measure.hits)
    assert span is not None
    assert with_interval(measure, TASK) == f"80 % ({between(*span)})"
    assert with_interval(measure, replace(TASK, metric="macro_f1")) == "80 %"
    assert between(-0.296, 0.042) == "−30 to 4"
