"""How a measured score reads: in percent by answers, in nats by likelihood; and where an endpoint cannot tell."""

from __future__ import annotations

import pytest
from support.drawn import drawn_board, inert, state_of

from lab.core.asks import By, Candidate, Evaluate, Score
from lab.core.flaws import Flaw
from lab.core.review import Proposal
from lab.optimizers import ape
from lab.optimizers.bandits import Arms
from lab.views.numbers import mean, nats
from lab.views.page import page

CANNOT_TELL = "This endpoint cannot score a given answer; measured by execution accuracy."
TEXT = "<script>alert(1)</script>"
HOSTILE = Flaw("refused", texts=(TEXT,))


def drawn(*scores: Score, asked: By = "answers") -> str:
    phase = ape.Stage(0, (Candidate("p"),), 0, (Candidate("p"),), Arms.unmeasured(1))
    ask = Evaluate(tuple(score.text for score in scores), scores[0].about, by=asked)
    return page(state_of(phase, proposal=Proposal(ask, 0, scores), kind="ape")).board


@pytest.mark.parametrize(
    ("score", "by", "read"),
    [
        (0.875, "answers", "87.5 %"),
        (0.0, "answers", "0 %"),
        (None, "answers", "not measured"),
        (-1.2345, "likelihood", "log P −1.23 a token"),
        (0.0, "likelihood", "log P 0.00 a token"),
        (-0.001, "likelihood", "log P 0.00 a token"),
        (None, "likelihood", "not measured"),
    ],
)
def test_a_mean_reads_as_what_it_is_a_mean_of(score: float | None, by: By, read: str) -> None:
    assert mean(score, by) == read


def test_a_log_probability_has_two_places_and_a_true_minus() -> None:
    assert [nats(value) for value in (-0.5, -12.346, 0.0, -0.004)] == ["−0.50", "−12.35", "0.00", "0.00"]


def test_by_likelihood_the_table_shows_a_log_probability_for_each_example_and_no_answer() -> None:
    score = Score("p", ("e1", "e2", "e3"), None, (-0.25, -1.75, None), ("", "", ""), "likelihood")
    board = drawn(score, asked="likelihood")
    assert "log P −1.00 a token" in board
    assert "2 train examples" in board
    assert "All 3 log-probabilities" in board
    for cell in ("−0.25", "−1.75", "not measured"):
        assert f'data-label="Log-probability of the reference answer, a token">{cell}</td>' in board
    assert "Given answer" not in board
    assert CANNOT_TELL not in board
    assert "%" not in board.split("<details")[0]


def test_where_likelihood_was_asked_for_and_answers_were_judged_it_is_said() -> None:
    score = Score("p", ("e1", "e2"), None, (1.0, 0.0), ("yes", "no"))
    board = drawn(score, asked="likelihood")
    assert CANNOT_TELL in board
    assert "50 %" in board
    assert 'data-label="Given answer">yes</td><td data-label="Judged">right<' in board
    assert CANNOT_TELL not in drawn(score)


def test_an_answer_that_did_not_arrive_whole_says_why() -> None:
    score = Score("p", ("e1", "e2"), None, (0.0, 1.0), ("half", "yes"), flaws=(Flaw("cut_off"), None))
    board = drawn(score)
    assert 'data-label="Given answer">half <em>cut off at the token limit</em></td>' in board
    assert 'data-label="Given answer">yes</td>' in board


def test_all_that_a_model_wrote_is_inert_in_the_table() -> None:
    for by, hit in (("answers", 0.5), ("likelihood", -0.5)):
        inert(drawn(Score(TEXT, (TEXT,), HOSTILE, (hit,), (TEXT,), by, (HOSTILE,)), asked="likelihood"))  # type: ignore[arg-type]


def test_a_candidate_measured_by_likelihood_says_so_on_its_card() -> None:
    candidates = (
        Candidate("a", score=-0.5, n_rows=20, by="likelihood"),
        Candidate("b", score=0.5, n_rows=20),
        Candidate("c"),
    )
    board = drawn_board(ape.Best(1, (Candidate("a"),), 0, candidates), candidates, (0, 1))
    assert "log P −0.50 a token on 20 answers on train" in board
    assert "50 % on 20 answers on train" in board
    assert "-50" not in board
