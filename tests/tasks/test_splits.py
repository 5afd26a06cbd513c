"""The drawing of train, dev and test."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.paths import ROOT

from lab.core.task import Example
from lab.errors import MisuseError
from lab.tasks.splits import FRACTIONS, near_form, quotas, split

LABELS = ("a", "b", "c")
SHARES = st.tuples(*[st.integers(1, 20)] * 3).map(lambda parts: tuple(part / sum(parts) for part in parts))


def rows(answers: list[str]) -> list[Example]:
    return [Example.of(f"input {at}", answer) for at, answer in enumerate(answers)]


@given(st.lists(st.sampled_from(LABELS), max_size=120), st.integers(), SHARES)
def test_every_example_is_in_one_split_and_the_sizes_are_the_quotas(
    answers: list[str], seed: int, fractions: tuple[float, ...]
) -> None:
    examples = rows(answers)
    parts = split(examples, LABELS, seed, fractions)
    assert Counter(example for part in parts for example in part) == Counter(examples)
    assert tuple(map(len, parts)) == quotas(len(examples), fractions)


@given(st.lists(st.sampled_from(LABELS), min_size=8, max_size=60), SHARES)
def test_no_split_is_empty_from_eight_examples_on(answers: list[str], fractions: tuple[float, ...]) -> None:
    assert all(split(rows(answers), LABELS, 0, fractions))


@settings(max_examples=200)
@given(st.lists(st.sampled_from(LABELS), min_size=8, max_size=200), st.integers(0, 99))
def test_every_label_keeps_its_share_of_each_split(answers: list[str], seed: int) -> None:
    parts = split(rows(answers), LABELS, seed)
    for label, n in Counter(answers).items():
        for part, fraction in zip(parts, FRACTIONS, strict=True):
            got = sum(example.answer == label for example in part)
            assert abs(got - n * fraction) < 2
            assert got or n < 8


@given(st.integers(0, 10_000), SHARES)
def test_quotas_are_whole_sum_up_and_are_near_their_share(n: int, fractions: tuple[float, ...]) -> None:
    sizes = quotas(n, fractions)
    assert sum(sizes) == n
    assert (
        all(abs(size - n * share) < 1 for size, share in zip(sizes, fractions, strict=True))
        or n * min(fractions) < 1
    )


def test_the_largest_remainder_gets_the_row_left_over() -> None:
    assert quotas(11, (0.5, 0.25, 0.25)) == (5, 3, 3)
    assert quotas(10, (0.5, 0.25, 0.25)) == (5, 3, 2)
    assert quotas(8, (0.98, 0.01, 0.01)) == (6, 1, 1)
    assert quotas(8, (0.75, 0.25, 0.0)) == (6, 2, 0)


@given(st.lists(st.tuples(st.sampled_from("pqrstuvw"), st.sampled_from("ab")), max_size=40))
def test_equal_inputs_never_meet_in_two_splits(pairs: list[tuple[str, str]]) -> None:
    examples = [Example.of(text + " " * (at % 2), label) for at, (text, label) in enumerate(pairs)]
    inputs = [{example.input.strip() for example in part} for part in split(examples, ("a", "b"))]
    assert sum(map(len, inputs)) == len(set.union(*inputs))


@given(st.lists(st.tuples(st.sampled_from(["so good", "so bad", "(", "((", "?"]), st.integers(0, 7)), max_size=30))
def test_inputs_that_differ_in_case_spaces_or_final_punctuation_never_meet_in_two_splits(
    drawn: list[tuple[str, int]],
) -> None:
    ways = (str, str.upper, str.title, "{}.".format, "{} !".format, " {}".format, "{}\n".format, "{}。".format)
    examples = [Example.of(ways[way](text), "a") for text, way in drawn]
    inputs = [{near_form(example.input) for example in part} for part in split(examples, ("a",))]
    assert sum(map(len, inputs)) == len(set.union(*inputs))
    assert near_form("So  good!") == near_form(" so good")
    assert len({near_form(text) for text in ("so good", "so bad", "(", "((", "?", "so, good")}) == 6


@given(st.permutations(range(24)))
def test_the_order_of_the_rows_does_not_matter(order: list[int]) -> None:
    examples = rows(["a", "b", "c"] * 8)
    assert split([examples[at] for at in order], LABELS, 3) == split(examples, LABELS, 3)


def test_another_seed_draws_other_splits() -> None:
    examples = rows(["a", "b"] * 20)
    assert split(examples, LABELS, 1) == split(examples, LABELS, 1)
    assert split(examples, LABELS, 1) != split(examples, LABELS, 2)


def test_a_label_is_recognised_in_any_case() -> None:
    parts = split(rows(["Yes", "yes", "YES", "yes "] * 2 + ["no"] * 8), ("yes", "no"))
    assert [sum(e.answer == "no" for e in part) for part in parts] == [4, 2, 2]


def test_a_split_is_the_same_in_another_process() -> None:
    code = (
        "from lab.tasks.splits import split; from lab.core.task import Example;"
        "rows = [Example.of(f'input {i}', 'ab'[i % 2]) for i in range(30)];"
        "print([e.id for part in split(rows, ('a', 'b'), 7) for e in part])"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    }
    examples = [Example.of(f"input {i}", "ab"[i % 2]) for i in range(30)]
    assert runs == {f"{[e.id for part in split(examples, ('a', 'b'), 7) for e in part]}\n"}


@pytest.mark.parametrize(
    "fractions",
    [(0.5, 0.5), (0.5, 0.5, 0.5), (1.0, 0.0, 0.0), (0.0, 0.5, 0.5), (1.5, -0.25, -0.25), (float("nan"),) * 3],
)
def test_fractions_that_cannot_split_are_refused(fractions: tuple[float, ...]) -> None:
    with pytest.raises(MisuseError, match="sum to 1"):
        split(rows(["a"] * 9), LABELS, 0, fractions)


def test_a_test_share_of_nothing_leaves_the_test_split_empty() -> None:
    assert list(map(len, split(rows(["a", "b"] * 6), LABELS, 0, (0.75, 0.25, 0.0)))) == [9, 3, 0]
