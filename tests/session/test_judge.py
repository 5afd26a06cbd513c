"""A model grades the answers: its calls are paid for, kept and counted like any other, and people check it."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

import lab
from lab.core.asks import Evaluate, Score
from lab.models.calls import MemoryCache
from lab.models.perform import Performer
from lab.session.acts import act_now
from lab.session.setup import RunSetup
from lab.store.verify import verify
from lab.tasks.rubric import RUBRIC
from lab.views.page import page

GRADED = replace(lab.load("dates"), metric="judge", reading="text")
SOME = replace(GRADED, train=GRADED.train[:12], dev=GRADED.dev[:20], test=GRADED.test[:6])


def begun(task: lab.Task = SOME, **how: object) -> lab.Run:
    return lab.begin(task, "protegi", preset="thrifty", rounds=1, name="graded", **how)


def paid(run: lab.Run, role: str) -> int:
    calls = run.calls()
    return int(calls[calls.role == role].calls.sum())


def test_each_answer_is_graded_once_and_every_call_is_on_the_account(tmp_path: Path) -> None:
    run = begun(book=tmp_path / "lab.sqlite")
    run.autopilot()
    distinct = len({(one.id, reply.text) for prompt in run.scores().prompt
                    for one, reply in zip(SOME.dev, run.session.replies(run.id, prompt), strict=True) if reply})  # fmt: skip
    assert 0 < paid(run, "judge") <= paid(run, "target")
    assert paid(run, "judge") >= distinct
    state = run.session.state(run.id)
    assert state.branch.models["judge"].spec == "practice"  # the optimizer model, where no judge is named
    assert {one.role for _, one in state.spends} == {"optimizer", "target", "judge"}
    found = verify(tmp_path / "lab.sqlite")
    assert (found.wrong, found.n_unmeasured) == ((), 0)


def test_a_run_begun_again_pays_nothing_and_ends_alike(tmp_path: Path) -> None:
    first = begun(book=tmp_path / "lab.sqlite")
    first.autopilot()
    again = lab.begin(SOME, "protegi", preset="thrifty", rounds=1, name="again", book=tmp_path / "lab.sqlite")
    again.autopilot()
    assert (paid(again, "judge"), paid(again, "target")) == (0, 0)
    assert again.node == first.node


def test_a_score_that_is_not_what_the_verdicts_give_is_found(tmp_path: Path) -> None:
    run = begun(book=tmp_path / "lab.sqlite")
    run.next()
    run.session.book.close()
    with sqlite3.connect(tmp_path / "lab.sqlite") as db:
        db.execute("UPDATE measures SET score = 0.123")
    assert {one.about for one in verify(tmp_path / "lab.sqlite").wrong} == {"score"}


def test_another_judge_makes_another_score() -> None:
    run, other = begun(), lab.begin(SOME, "protegi", preset="thrifty", rounds=1, judge_model="practice-hasty")
    assert run.session.branch(run.id).models.answering != other.session.branch(other.id).models.answering


class Mute(MemoryCache):
    """A store in which each verdict is a reply without one."""

    def keep(self, rows, role="target"):  # type: ignore[no-untyped-def]
        if role == "judge":
            rows = [(key, call, replace(answer, text="Hm.")) for key, call, answer in rows]
        super().keep(rows, role)


def test_a_reply_without_a_verdict_is_not_judged_and_says_what_came() -> None:
    cache, models = Mute(), lab.Models(judge="practice")
    ask = Evaluate((SOME.start,), tuple(one.id for one in SOME.dev), "dev")

    async def performed() -> Score:
        performer = Performer(SOME, models, cache)
        await performer(ask)
        (score,) = await performer(ask)  # read from the store
        return score

    score = asyncio.run(performed())
    assert set(score.hits) == {None}
    assert {flaw.code for flaw in score.flaws if flaw} == {"not_judged"}
    assert {flaw.texts for flaw in score.flaws if flaw} == {("Hm.",)}
    assert score.mean is None


def test_the_ceiling_counts_the_calls_of_the_judge() -> None:
    run = begun(ceiling=30)
    with pytest.raises(lab.BudgetError):
        run.next()
    assert paid(run, "target") + paid(run, "judge") <= 30
    assert paid(run, "judge") > 0


def test_the_set_up_says_what_the_judge_will_be_asked() -> None:
    took, plain = RunSetup.of(SOME, "protegi", preset="thrifty").estimate(), RunSetup.of(
        replace(SOME, metric="exact"), "protegi", preset="thrifty"
    ).estimate()  # fmt: skip
    assert took.judge_calls == took.target_calls + took.dev_calls
    assert plain.judge_calls == 0
    assert took.n_input_tokens > plain.n_input_tokens
    run = begun()
    estimate = run.session.state(run.id).estimate
    assert estimate is not None
    assert estimate.judge is not None
    assert 0 < estimate.judge.n_to_pay <= estimate.n_calls


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"judge_model": "by-hand"}, "neither can be a person"),
        ({"optimizer_model": "by-hand"}, "Name a model as judge"),
        ({"task": replace(SOME, metric="exact"), "judge_model": "practice"}, "Take the metric judge"),
    ],
)
def test_a_judge_that_cannot_be_is_refused_in_a_sentence(given: dict[str, object], sentence: str) -> None:
    with pytest.raises(lab.MisuseError, match=sentence):
        begun(**given)


def test_ratings_say_how_far_the_judge_agrees_wherever_its_scores_are(tmp_path: Path) -> None:
    run = begun(book=tmp_path / "lab.sqlite")
    run.next()
    assert "nobody has checked this judge" in repr(run.judge)
    waits = run.judge.to_rate(8)
    assert list(waits.columns) == ["example", "input", "reference", "answer"]  # no verdict is told
    for one in waits.itertuples():
        run.rate(one.example, one.answer, "pass" if one.reference in one.answer else "fail")
    run.rate(waits.example[0], waits.answer[0], "fail")  # the last one counts
    assert run.judge.n == len(run.judge.frame()) == 8
    rated = set(zip(waits.example, waits.answer, strict=True))
    assert not rated & set(zip(run.judge.to_rate(50).example, run.judge.to_rate(50).answer, strict=True))
    told = f"kappa {run.judge.kappa:.2f}"
    assert told in repr(run.judge)
    assert told in page(run.session.state(run.id)).header
    assert run.scores().judge_n.tolist() == [8]
    assert told in run.best.export(format="html")
    assert told in run.best.export(format="markdown")
    compared = lab.compare(SOME, [SOME.start], judge_model="practice", book=tmp_path / "lab.sqlite")
    assert told in compared.sentences()[-1]

    other = lab.import_run(run.export(tmp_path / "run.lab"), book=tmp_path / "other.sqlite")
    assert repr(other.judge) == repr(run.judge)
    assert verify(tmp_path / "other.sqlite").wrong == ()


def test_ratings_go_with_the_last_run_that_judges_by_their_rubric(tmp_path: Path) -> None:
    how = {"preset": "thrifty", "rounds": 1, "book": tmp_path / "lab.sqlite"}
    run, other = (lab.begin(SOME, "protegi", name=name, **how) for name in ("one", "two"))
    run.next()
    other.next()
    first = run.judge.to_rate(1).iloc[0]
    run.rate(first.example, first.answer, "pass")
    assert (run.stake().n_ratings, other.judge.n) == (0, 1)
    run.delete(run.stake())
    assert other.judge.n == 1
    assert other.stake().n_ratings == 1
    with pytest.raises(lab.MisuseError, match="1 rating of a judge's answers"):
        other.delete()
    other.delete(other.stake())
    with sqlite3.connect(tmp_path / "lab.sqlite") as db:
        assert db.execute("SELECT count(*) FROM ratings").fetchone() == (0,)


def test_the_card_in_the_page_hides_the_verdict_until_it_is_rated() -> None:
    run = begun()
    run.next()
    session = run.session
    found = session.state(run.id).judging
    assert found is not None
    drawn = page(session.state(run.id)).drawer
    assert "Rate some answers yourself" in drawn
    assert RUBRIC in drawn
    assert "The judge</th>" not in drawn
    first = found.open[0]
    event = {"act": "rate", "example": first.example.id, "answer": first.answer, "given": "1"}
    assert act_now(session, run.id, event) == run.id
    assert '<th scope="col">The judge</th>' in page(session.state(run.id)).drawer
    for wrong in ({"given": "2"}, {"example": "e0"}, {"answer": " "}):
        with pytest.raises(lab.MisuseError, match="Nothing was kept"):
            act_now(session, run.id, {**event, **wrong})


def test_a_program_cannot_judge_by_itself_and_the_export_says_so() -> None:
    run = begun()
    run.next()
    for format in ("python", "dspy", "promptfoo"):
        with pytest.raises(lab.MisuseError, match="A model grades the answers"):
            run.best.export(format=format)
    answers = run.answers()
    assert set(answers.outcome) <= {"right", "another_answer", "not_judged"}
