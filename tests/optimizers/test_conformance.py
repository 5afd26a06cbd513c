"""What a round costs with the papers' defaults, call by call; derived from the facts page, met exactly.

Counted are the requests to the optimizer model, the replies these ask for (`n` each), and the answers of the
target model (prompts times examples): all before caching, and before equal candidates are taken out, since the
scripted models never write the same prompt twice and leave enough errors in every round. The facts page is
`reference/optimizers.md`, beside DESIGN.md.
"""

from __future__ import annotations

from typing import Any

import pytest
from support.scripted import walk

from lab.bench import direct
from lab.bench import optimizers as bench
from lab.core.asks import Context, Evaluate, Example, Generate, Task
from lab.optimizers import OPTIMIZERS
from lab.optimizers.settings import declared
from lab.tasks import bundled

# As many train examples as PE2's paper has (100), which is more than any default but APE's last stage asks for.
TRAIN = tuple(Example.of(f"text {i}", "yes" if i % 3 else "no") for i in range(100))
TASK = Task("papers", "Say yes or no.", TRAIN, TRAIN[:0], labels=("no", "yes"))

Cost = tuple[int, int, int]  # requests, replies, answers

# What differs from the preset `paper`, and a row a round.
EXPECTED: dict[str, tuple[str, dict[str, Any], list[Cost]]] = {
    # 5 groups of demonstrations, 10 instructions each: 50, and the start prompt competes: 51 candidates.
    # Stages on 20 fresh rows, the better half goes on (51, 26, 13, 6), until 5 finalists see all 100 rows.
    "ape": ("ape", {}, [
        (5, 5 * 10, (51 + 26 + 13 + 6) * 20 + 5 * 100),
    ]),
    # Section 3.3 for three rounds more: the 5 best are paraphrased 10 times each, and only these 50 are scored:
    # 50, 25, 12, 6 in stages, then 5 finalists.
    "ape, resampling": ("ape", {"rounds": 4, "patience": 0}, [
        (5, 5 * 10, (51 + 26 + 13 + 6) * 20 + 5 * 100),
        *[(5, 5 * 10, (50 + 25 + 12 + 6) * 20 + 5 * 100)] * 3,
    ]),
    # A beam prompt gets 4 critiques, 4 edits, and 2 paraphrases each of 4 edits and of itself: 13 requests for 18
    # replies. In round 1 the beam is the start prompt, then it has 4: the 13 and 52 of the facts page, 273 in all.
    # The minibatch of 64 is answered for each beam prompt; then the bandit pulls 8 times, each time 8 of at least 9
    # candidates on 32 rows, a budget of 2,048.
    "protegi": ("protegi", {}, [
        (4 + 4 + 5, 4 + 4 + 5 * 2, 1 * 64 + 8 * 8 * 32),
        *[(4 * 13, 4 * 18, 4 * 64 + 8 * 8 * 32)] * 5,
    ]),
    # One meta-prompt a step, answered 8 times; each new instruction on the 50 rows, and at first the start prompt.
    # 200 steps: the 1,600 and 80,000 of the facts page (BBH), and 50 for the start prompt.
    "opro": ("opro", {}, [
        (1, 8, 50 + 8 * 50),
        *[(1, 8, 8 * 50)] * 199,
    ]),
    # 4 expansions of each beam prompt, a reasoning and a rewrite each: 4 * 2 of the start prompt, then 16 * 2 of 4.
    # 36 proposals by 72 calls and 37 prompts on 100 rows, as on the facts page (where a target thinks in a second
    # call for each row).
    "pe2": ("pe2", {}, [
        (4 * 2, 4 * 2, (1 + 4) * 100),
        *[(16 * 2, 16 * 2, 16 * 100)] * 2,
    ]),
}  # fmt: skip
SCORED = [row for row in EXPECTED if "score" in declared(OPTIMIZERS[EXPECTED[row][0]].settings)]
TOTALS = {  # requests, replies, answers of whole runs, as the facts page counts them
    "protegi": (273, 378, 13_632), "opro": (200, 1_600, 80_050), "pe2": (72, 72, 3_700),
}  # fmt: skip


def spent(name: str, **given: Any) -> list[Cost]:
    """What each round asks for; a phase belongs to the round after those that it says are complete."""
    kind = OPTIMIZERS[name]
    settings = kind.configure("paper", **given)
    rounds = [[0, 0, 0] for _ in range(settings.rounds)]
    for phase, ask in walk(Context(TASK, settings, 0), kind):
        if isinstance(ask, Generate):
            rounds[phase.round][0] += len(ask.requests)
            rounds[phase.round][1] += sum(request.n for request in ask.requests)
        elif isinstance(ask, Evaluate):
            rounds[phase.round][2] += len(ask.prompts) * len(ask.examples)
    return [(requests, replies, answers) for requests, replies, answers in rounds]


@pytest.mark.parametrize("row", EXPECTED)
def test_every_round_asks_for_as_much_as_the_paper_says(row: str) -> None:
    name, given, expected = EXPECTED[row]
    assert spent(name, **given) == expected


@pytest.mark.parametrize("row", SCORED)
def test_a_score_by_likelihood_takes_as_many_calls_as_one_by_answers(row: str) -> None:
    """A call for each prompt and row either way."""
    name, given, expected = EXPECTED[row]
    assert spent(name, score="likelihood", **given) == expected


@pytest.mark.parametrize("name", TOTALS)
def test_the_rounds_add_up_to_what_the_facts_page_counts(name: str) -> None:
    rounds = EXPECTED[name][2]
    assert tuple(map(sum, zip(*rounds, strict=True))) == TOTALS[name]


def test_every_optimizer_has_a_row() -> None:
    assert {name for name, _, _ in EXPECTED.values()} == set(OPTIMIZERS)


@pytest.mark.long
@pytest.mark.parametrize("name", ["ape", "pe2"])
def test_the_bench_improves_on_the_start_and_opens_the_test_split_once(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    opened = []

    def score(task: Task, prompt: str, model: str) -> float:
        opened.append((task.dev, prompt))
        return direct.score(task, prompt, model)

    monkeypatch.setattr(bench, "score", score)
    ran = bench.ran((name, 0))
    assert opened == [(bundled.load(bench.SUITS[name]).test, ran.prompt)]
    assert ran.dev > ran.start
    assert ran.optimizer_calls <= sum(replies for _, replies, _ in EXPECTED[name][2])
    assert ran.tokens > ran.target_calls > ran.optimizer_calls > 0


def test_opro_is_cut_to_as_many_answers_as_protegi_asks_for() -> None:
    steps = bench.SCALED["opro"]["rounds"]
    answers = sum(answers for _, _, answers in EXPECTED["opro"][2][:steps])
    assert answers <= TOTALS["protegi"][2] < answers + 8 * 50
