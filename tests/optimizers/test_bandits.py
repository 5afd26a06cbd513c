"""The selection algorithms, against arithmetic done by hand, the papers' formulas, and the authors' faults."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, inf, log, log2, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.core.codec import decode, encode
from lab.optimizers.bandits import (
    SELECTIONS,
    STAGED,
    Arms,
    Budget,
    Pull,
    successive_halving,
    ucb,
    ucb_e,
    uniform,
)  # fmt: skip

# Whether each arm hits on each example, in the order in which the examples are drawn.
CLEAR = (
    "010010000100000100010000", "110111011111101101111101", "100101101001010110010101", "111111101111111111110111",
    "000100001000000010000100", "101110110101101101011011", "011010110110101011010110",
)  # fmt: skip
TIED = ("1100", "1100", "0011", "0110", "1001", "1100")
TURNING = (  # the arm that is worst at first is best over all
    "000011111111111111111111", "111100000000000000000000", "110011001100110011001100", "101010101010101010101010",
    "111000111000111000111000",
)  # fmt: skip
TABLES = (CLEAR, TIED, TURNING)

Pulls = list[tuple[tuple[int, ...], int]]


def hit(table: tuple[str, ...], arm: int, example: int) -> int:
    return int(table[arm][example % len(table[arm])])


def play(name: str, table: tuple[str, ...], budget: Budget) -> tuple[Pulls, Arms]:
    """Lets an algorithm pull until it stops; all arms of a pull see the same examples, each pull fresh ones."""
    arms, at, pulls = Arms.unmeasured(len(table)), 0, []
    while (pull := SELECTIONS[name](arms, budget)) is not None:
        pulls.append((pull.arms, pull.rows))
        arms = arms.pulled({
            arm: (pull.rows, float(sum(hit(table, arm, at + i) for i in range(pull.rows)))) for arm in pull.arms
        })  # fmt: skip
        at += pull.rows
        assert len(pulls) <= 1000, f"{name} never stops"
    return pulls, arms


class Book:
    """Keeps the plain tallies of the reference implementations below."""

    def __init__(self, table: tuple[str, ...]) -> None:
        self.table, self.at, self.pulls = table, 0, []  # type: ignore[var-annotated]
        self.seen = dict.fromkeys(range(len(table)), 0)
        self.hits = dict.fromkeys(range(len(table)), 0)

    def pull(self, arms: list[int], rows: int) -> None:
        for arm in arms:
            for i in range(rows):
                self.hits[arm] += hit(self.table, arm, self.at + i)
            self.seen[arm] += rows
        self.at += rows
        if rows:
            self.pulls.append((tuple(sorted(arms)), rows))

    def best(self, arms: list[int], n: int) -> list[int]:
        return sorted(arms, key=lambda arm: (-self.hits[arm] / self.seen[arm], arm))[:n]


def rejects_by_the_book(table: tuple[str, ...], total: int, keep: int) -> tuple[Pulls, list[int]]:
    """Audibert and Bubeck 2010, figure 3, ended when `keep` arms are left."""
    book, k_arms, before = Book(table), len(table), 0
    left = list(range(k_arms))
    log_bar = 0.5 + sum(1 / i for i in range(2, k_arms + 1))
    for k in range(1, k_arms - keep + 1):
        n_k = ceil((total - k_arms) / (log_bar * (k_arms + 1 - k)))
        book.pull(left, n_k - before)
        before = n_k
        worst = max(left, key=lambda arm: (-book.hits[arm] / book.seen[arm], arm))
        left.remove(worst)
    return book.pulls, book.best(left, keep)


def halving_by_the_book(table: tuple[str, ...], total: int, keep: int) -> tuple[Pulls, list[int]]:
    """Karnin et al. 2013, algorithm 1, ended when no more than `keep` arms would go on."""
    book, left, rounds = Book(table), list(range(len(table))), ceil(log2(len(table)))
    for _ in range(rounds):
        book.pull(left, total // (len(left) * rounds))
        left = book.best(left, max(keep, ceil(len(left) / 2)))
        if len(left) == keep:
            break
    return book.pulls, book.best(left, keep)


def bounds_by_the_book(name: str, table: tuple[str, ...], budget: Budget) -> tuple[Pulls, list[int]]:
    """Pryzant et al. 2023, algorithm 4, with UCB-E as they give it; what was not pulled goes first."""
    book, everyone = Book(table), list(range(len(table)))
    for _ in range(budget.rounds):
        t = sum(book.seen.values())
        bounds = {}
        for arm in everyone:
            if not book.seen[arm]:
                bounds[arm] = inf
                continue
            mean = book.hits[arm] / book.seen[arm]
            doubt = {"ucb": log(t), "ucb_e": budget.c}[name]
            bounds[arm] = mean + budget.c * sqrt(doubt / book.seen[arm])
        best = sorted(everyone, key=lambda arm: bounds[arm], reverse=True)[: budget.arms]
        book.pull(best, budget.rows)
    return book.pulls, book.best([arm for arm in everyone if book.seen[arm]], len(table))


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(("total", "keep"), [((4, 3, 8), 1), ((4, 3, 8), 3), ((8, 8, 32), 4), ((2, 7, 2), 2)])
def test_the_staged_algorithms_choose_what_the_papers_formulas_choose(
    table: tuple[str, ...], total: tuple[int, int, int], keep: int
) -> None:
    budget = Budget(*total, keep=keep)
    for name, by_the_book in (
        ("successive_rejects", rejects_by_the_book),
        ("successive_halving", halving_by_the_book),
    ):
        pulls, arms = play(name, table, budget)
        expected, survivors = by_the_book(table, budget.total, keep)
        assert pulls == expected
        assert list(arms.ranked(staged=True))[:keep] == survivors


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("name", ["ucb", "ucb_e"])
@pytest.mark.parametrize("c", [0.25, 1.0, 2.0])
def test_the_bounds_choose_what_the_papers_formulas_choose(table: tuple[str, ...], name: str, c: float) -> None:
    budget = Budget(8, 2, 4, c)
    pulls, arms = play(name, table, budget)
    expected, ranked = bounds_by_the_book(name, table, budget)
    assert pulls == expected
    assert list(arms.ranked()) == ranked


tables = st.integers(2, 40).flatmap(
    lambda n: st.lists(st.text("01", min_size=12, max_size=12), min_size=n, max_size=n).map(tuple)
)


@given(
    table=tables,
    rounds=st.integers(1, 8),
    per_pull=st.integers(5, 8),
    rows=st.integers(1, 16),
    keep=st.integers(1, 6),
)
def test_the_staged_algorithms_follow_the_formulas_on_any_rewards(
    table: tuple[str, ...], rounds: int, per_pull: int, rows: int, keep: int
) -> None:
    budget, n = Budget(rounds, per_pull, rows, keep=keep), len(table)
    if keep >= n or budget.total < n * max(1, ceil(log2(n))):
        return  # the papers have no answer where all are kept, or some phase has no whole example for an arm
    for name, by_the_book in (
        ("successive_rejects", rejects_by_the_book),
        ("successive_halving", halving_by_the_book),
    ):
        pulls, arms = play(name, table, budget)
        assert (pulls, list(arms.ranked(staged=True))[:keep]) == by_the_book(table, budget.total, keep)


def every_budget() -> Iterator[tuple[int, Budget]]:
    for n in (1, 2, 3, 5, 8, 14, 36, 60):
        for rounds, per_pull, rows in ((1, 1, 1), (2, 3, 4), (3, 4, 8), (8, 8, 32), (40, 1, 1)):
            for keep in (1, 2, 4, 8):
                yield n, Budget(rounds, per_pull, rows, keep=keep)


@pytest.mark.parametrize("name", SELECTIONS)
@given(
    n=st.integers(1, 60), rounds=st.integers(1, 12), per_pull=st.integers(1, 12), rows=st.integers(1, 40),
    keep=st.integers(1, 8), data=st.data(),
)  # fmt: skip
def test_no_algorithm_spends_more_than_its_budget(
    name: str, n: int, rounds: int, per_pull: int, rows: int, keep: int, data: st.DataObject
) -> None:
    """Whatever is measured, and also where an answer is not: the plan is in examples asked for."""
    budget = Budget(rounds, per_pull, rows, keep=keep)
    arms, spent, last = Arms.unmeasured(n), 0, n
    while (pull := SELECTIONS[name](arms, budget)) is not None:
        assert pull.arms
        assert pull.rows > 0
        assert list(pull.arms) == sorted(set(pull.arms))
        spent += len(pull.arms) * pull.rows
        assert spent <= budget.total
        lost = data.draw(st.integers(0, pull.rows), "answers that were not measured")
        arms = arms.pulled({arm: (pull.rows - lost * (arm % 2), (arm * 7 % 5) / 9) for arm in pull.arms})
        if name in STAGED:
            assert len(pull.arms) <= last, "no arm comes back"
            last = len(pull.arms)
    assert spent > 0


@pytest.mark.parametrize("name", SELECTIONS)
def test_every_arm_is_pulled_once_where_the_budget_allows_it(name: str) -> None:
    """The authors' UCB may leave an arm unseen, and scores it 0."""
    for n, budget in every_budget():
        pulls, arms = play(name, tuple("01" * (i + 1) for i in range(n)), budget)
        enough = budget.rounds * budget.arms if name.startswith("ucb") else budget.total
        assert sum(count > 0 for count in arms.counts) == min(n, enough)
        assert pulls


@pytest.mark.parametrize("name", ["uniform", *STAGED])
def test_all_that_stay_to_the_end_are_measured_equally_often(name: str) -> None:
    for n, budget in every_budget():
        _, arms = play(name, tuple("01" * (i + 1) for i in range(n)), budget)
        last = [arms.counts[arm] for arm in range(n) if arms.tries[arm] == max(arms.tries)]
        assert len(set(last)) == 1
        assert last[0] == max(arms.counts)
        assert len(last) >= min(n, budget.keep, budget.total)


def test_at_the_papers_defaults_the_budget_is_kept() -> None:
    """36 candidates, a beam of 4, 2048 examples: the authors' rejects spend 5878, their halving goes below 4."""
    table = tuple("1" * i + "0" * (36 - i) for i in range(36))
    spent = {}
    for name in SELECTIONS:
        pulls, _ = play(name, table, Budget(8, 8, 32, keep=4))
        spent[name] = sum(len(arms) * rows for arms, rows in pulls)
    assert spent == {
        "ucb": 2048, "uniform": 36 * 56, "ucb_e": 2048, "successive_rejects": 1602,
        "successive_halving": 36 * 9 + 18 * 18 + 9 * 37 + 5 * 68,
    }  # fmt: skip


def test_no_floor_on_the_examples_of_a_phase_breaks_the_budget_of_successive_rejects() -> None:
    """The authors' code asks for at least 4 examples a phase, however small the budget."""
    pulls, _ = play("successive_rejects", CLEAR, Budget(1, 7, 2))
    assert sum(len(arms) * rows for arms, rows in pulls) <= 14
    assert pulls[0] == (tuple(range(7)), 1)


def test_rejects_and_halving_go_by_all_that_was_measured_and_not_by_the_last_phase() -> None:
    for name in STAGED:
        first = SELECTIONS[name](Arms.unmeasured(5), Budget(1, 5, 30))
        assert first is not None
        arms = Arms.unmeasured(5).pulled(
            {arm: (first.rows, first.rows * (0.9, 0.6, 0.6, 0.2, 0.1)[arm]) for arm in range(5)}
        )
        second = SELECTIONS[name](arms, Budget(1, 5, 30))
        assert second is not None
        # arm 0 is the worst of the second phase and the best over both
        arms = arms.pulled({arm: (second.rows, second.rows * (0.4 if arm == 0 else 0.5)) for arm in second.arms})
        third = SELECTIONS[name](arms, Budget(1, 5, 30))
        assert third is not None
        assert 0 in third.arms


def test_halving_drops_half_and_not_what_is_below_the_average() -> None:
    """The authors' code keeps all of the equally good arms, or one alone beside an outlier."""
    for rewards in ((8.0,) * 8, (9.0, *(1.0,) * 7)):
        arms = Arms.unmeasured(8).pulled({arm: (10, rewards[arm]) for arm in range(8)})
        second = successive_halving(arms, Budget(1, 8, 30))
        assert second is not None
        assert second.arms == (0, 1, 2, 3)


@pytest.mark.parametrize("name", STAGED)
def test_a_staged_algorithm_stops_at_the_beam_size(name: str) -> None:
    for n, budget in every_budget():
        pulls, arms = play(name, tuple("01" * (i + 1) for i in range(n)), budget)
        smallest = min(len(pulled) for pulled, _ in pulls)
        assert smallest >= min(n, budget.total, budget.keep)
        assert len(arms.ranked(staged=True)) >= smallest


@pytest.mark.parametrize("name", STAGED)
def test_as_many_candidates_as_places_are_measured_once_and_none_is_rejected(name: str) -> None:
    """The authors' simple rejects divide by zero here, and their other rejects measure nothing."""
    pulls, arms = play(name, TURNING, Budget(2, 5, 8, keep=5))
    assert [pulled for pulled, _ in pulls] == [(0, 1, 2, 3, 4)]
    assert len(arms.ranked(staged=True)) == 5


def test_what_was_rejected_ranks_behind_what_was_kept_whatever_its_mean() -> None:
    arms = Arms((4, 20, 20), (3.0, 12.0, 14.0), 2, (1, 2, 2))
    assert arms.ranked() == (0, 2, 1)
    assert arms.ranked(staged=True) == (2, 1, 0)


def test_those_that_are_kept_are_ranked_by_their_means_and_not_tied() -> None:
    """The authors' code gives the kept arms one rank, so that the alphabet decides among them."""
    _, arms = play("successive_rejects", CLEAR, Budget(4, 3, 8, keep=3))
    first, second, third = arms.ranked(staged=True)[:3]
    means = [arms.mean(arm) for arm in (first, second, third)]
    assert means == sorted(means, key=lambda mean: -(mean or 0))
    assert first == 3


@pytest.mark.parametrize("name", STAGED)
def test_an_arm_whose_answers_were_lost_is_the_first_to_go(name: str) -> None:
    table = tuple("1" for _ in range(4))
    budget = Budget(1, 4, 10)
    first = SELECTIONS[name](Arms.unmeasured(4), budget)
    assert first is not None
    arms = Arms.unmeasured(4).pulled({arm: (first.rows * (arm > 0), float(arm > 0)) for arm in range(len(table))})
    second = SELECTIONS[name](arms, budget)
    assert second is not None
    assert 0 not in second.arms
    assert arms.mean(0) is None
    assert 0 not in arms.ranked(staged=True)


@pytest.mark.parametrize("name", STAGED)
def test_an_arm_whose_answers_were_lost_later_stands_by_what_was_measured_before(name: str) -> None:
    budget, arms = Budget(1, 6, 40), Arms.unmeasured(6)
    for n_lost in (0, 1):
        pull = SELECTIONS[name](arms, budget)
        assert pull is not None
        measured = {arm: (pull.rows, pull.rows * (0.9 - arm / 10)) for arm in pull.arms}
        arms = arms.pulled({**measured, 0: (0, 0.0)} if n_lost else measured)
    third = SELECTIONS[name](arms, budget)
    assert third is not None
    assert 0 in third.arms


def test_a_book_without_tries_is_still_read() -> None:
    old = encode(Arms((8, 0), (4.0, 0.0), 1))
    del old["tries"]
    arms = decode(old)
    assert arms == Arms((8, 0), (4.0, 0.0), 1)
    assert ucb(arms, Budget(2, 1, 8)) == Pull((1,), 8)
    assert arms.pulled({1: (8, 8.0)}).counts == (8, 8)


def test_ucb_pulls_every_arm_once_before_any_twice() -> None:
    budget = Budget(rounds=8, arms=4, rows=16)
    for algorithm in (ucb, ucb_e):
        arms = Arms.unmeasured(10)
        seen: list[int] = []
        for _ in range(3):
            pull = algorithm(arms, budget)
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


def test_the_doubt_of_ucb_grows_with_what_others_get_and_that_of_ucb_e_does_not() -> None:
    few, many = (Arms((50, 20, n), (35.0, 12.0, 0.0), 3) for n in (10, 100_000))
    budget = Budget(8, 1, 32, c=0.5)
    assert [ucb(arms, budget) for arms in (few, many)] == [Pull((0,), 32), Pull((1,), 32)]
    assert [ucb_e(arms, budget) for arms in (few, many)] == [Pull((0,), 32), Pull((0,), 32)]


def test_uniform_gives_every_arm_the_same_number_of_examples() -> None:
    assert uniform(Arms.unmeasured(5), Budget(2, 4, 8)) == Pull((0, 1, 2, 3, 4), 12)


def test_an_arm_that_was_not_pulled_has_no_mean_and_no_rank() -> None:
    arms = Arms((0, 10, 10), (0.0, 1.0, 9.0), 1)
    assert arms.mean(0) is None
    assert arms.ranked() == (2, 1)
    assert arms.ranked(staged=True) == (2, 1)


def test_ties_go_to_the_earlier_arm() -> None:
    assert Arms((4, 4, 4), (2.0, 3.0, 3.0), 1).ranked() == (1, 2, 0)
    tied = Arms.unmeasured(4).pulled({arm: (5, 2.0) for arm in range(4)})
    assert successive_halving(tied, Budget(1, 4, 10)) == Pull((0, 1), 10)


@pytest.mark.parametrize("name", SELECTIONS)
def test_a_single_candidate_is_measured_too(name: str) -> None:
    pulls, arms = play(name, ("1",), Budget(2, 8, 32, keep=4))
    assert pulls
    assert arms.mean(0) == 1


@pytest.mark.parametrize("name", SELECTIONS)
def test_log_probabilities_are_compared_as_any_means_and_what_was_not_pulled_is_not_measured(name: str) -> None:
    """The authors' code gives what was not pulled a 0, which as a log-probability is the best there is."""
    nats, budget = (-3.0, -0.25, -1.5, -0.125, -2.0), Budget(2, 3, 8, keep=2)
    arms = Arms.unmeasured(len(nats))
    while pull := SELECTIONS[name](arms, budget):
        arms = arms.pulled({arm: (pull.rows, pull.rows * nats[arm]) for arm in pull.arms}, "likelihood")
    ranked = arms.ranked(staged=name in STAGED)
    assert ranked[:2] == (3, 1)
    assert set(ranked) == {arm for arm, n in enumerate(arms.counts) if n}
    assert arms.by == "likelihood"


def test_the_doubt_of_ucb_counts_in_nats_where_log_probabilities_are_compared() -> None:
    arms = Arms((40, 10), (-40 * 0.5, -10 * 1.0), 2, (1, 1), "likelihood")
    bounds = [mean + sqrt(log(50) / n) for mean, n in ((-0.5, 40), (-1.0, 10))]
    assert bounds[0] > bounds[1]
    assert ucb(arms, Budget(8, 1, 8)) == Pull((0,), 8)
    assert ucb(arms, Budget(8, 1, 8, c=3.0)) == Pull((1,), 8)


def test_what_was_measured_by_something_else_is_forgotten_and_the_pulls_are_not() -> None:
    arms = Arms.unmeasured(3).pulled({0: (8, 8.0), 1: (8, 4.0)}).pulled({1: (4, -2.0)}, "likelihood")
    assert (arms.counts, arms.sums, arms.by) == ((0, 4, 0), (0.0, -2.0, 0.0), "likelihood")
    assert (arms.pulls, arms.tries) == (2, (1, 2, 0)), "the budget is spent all the same"
    assert arms.ranked() == (1,)
