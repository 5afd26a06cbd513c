"""Why a run has no gain: each cause by a small real run or by facts, and none that does not hold."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.core.review import Verdict
from lab.core.task import Example, Task
from lab.errors import LabError
from lab.models.roles import Ceiling, Models
from lab.optimizers import OPTIMIZERS
from lab.practice.target import answer
from lab.session import Session
from lab.session.no_gain import CODES, Cause, Facts, Tally, causes, conflicting
from lab.session.setup import RunSetup
from lab.store import Measure
from lab.tasks import bundled
from lab.tasks.evidence import paired
from lab.tasks.outcomes import OUTCOMES, Outcomes
from lab.views.no_gain import fold, sentence

SENTIMENT = bundled.load("sentiment")


def small(task: Task, n: int = 8) -> Task:
    return replace(task, train=task.train[:n], dev=task.dev[:n], test=())


async def run_of(tmp_path: Path, task: Task, optimizer: str = "protegi", **how: object) -> tuple[Cause, ...]:
    session = Session(tmp_path / "lab.sqlite")
    branch = session.begin(RunSetup.of(task, optimizer, preset="quick", settings={"rounds": 1}, **how))  # type: ignore[arg-type]
    with suppress(LabError):  # a spent budget
        await session.autopilot(branch, 1)
    found = session.no_gain(branch)
    state = session.state(branch)
    assert state.no_gain == (found if state.done else ())
    assert all(sentence(cause) for cause in found)
    return found


def codes(found: tuple[Cause, ...]) -> list[str]:
    return [cause.code for cause in found]


async def test_a_run_with_a_sure_gain_has_no_cause(tmp_path: Path) -> None:
    task = replace(SENTIMENT, start="Classify the review.")
    assert await run_of(tmp_path, task) == ()


async def test_before_anything_was_measured_that_is_the_cause(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite")
    assert codes(session.no_gain(session.begin(small(SENTIMENT)))) == ["not_measured"]


async def test_a_start_prompt_that_is_right_on_all_has_nothing_to_gain(tmp_path: Path) -> None:
    expert = bundled.expert_prompt("sentiment", "chatty")
    right = tuple(one for one in SENTIMENT.dev if answer(expert, one.input) == one.answer)[:6]
    found = await run_of(tmp_path, replace(small(SENTIMENT), start=expert, dev=right))
    assert "start_at_the_top" in codes(found)
    assert "near_the_top" not in codes(found)


async def test_replies_that_are_not_read_are_counted(tmp_path: Path) -> None:
    rows = tuple(Example.of(f"Le fleuve traverse la ville {i}.", f"Fluss {i}") for i in range(12))
    numbers = Task("own", "Count.", rows[:6], tuple(replace(one, answer="7") for one in rows[6:]), metric="numeric")
    found = await run_of(tmp_path, numbers)
    (unread,) = [cause for cause in found if cause.code == "not_read"]
    assert 0 < unread.n <= unread.of == 6
    assert "no_rules" in codes(found)


async def test_a_ceiling_that_is_reached_is_named(tmp_path: Path) -> None:
    models = Models(ceiling=Ceiling(calls=20))
    assert "budget_spent" in codes(await run_of(tmp_path, small(SENTIMENT), models=models))


async def test_a_ceiling_of_tokens_is_named_where_the_next_reply_may_pass_it(tmp_path: Path) -> None:
    models = Models(ceiling=Ceiling(tokens=1_500))
    assert "budget_spent" in codes(await run_of(tmp_path, small(SENTIMENT), models=models))


async def test_candidates_that_are_all_rejected_are_named(tmp_path: Path) -> None:
    session = Session(tmp_path / "lab.sqlite")
    task = small(SENTIMENT)
    branch = session.begin(
        RunSetup.of(
            task,
            "opro",
            preset="quick",
            settings={"rounds": 1},
            pauses=[one.__name__ for one in OPTIMIZERS["opro"].phases],
        )
    )
    await session.advance(branch)
    while not (state := session.state(branch)).proposal or type(state.proposal.ask).__name__ != "Generate":
        session.accept(branch, state.branch.pending)
        await session.advance(branch)
    session.decide(branch, state.branch.pending, Verdict("reject", why="not mine"))
    found = session.no_gain(branch)
    (rejected,) = [cause for cause in found if cause.code == "all_rejected"]
    assert rejected.n <= rejected.of


async def test_labels_that_are_guessed_are_said_to_be(tmp_path: Path) -> None:
    rows = tuple(Example.of(f"Case {i} of the file.", "yes" if i % 2 else "no") for i in range(24))
    task = Task("own", "Answer with one of these: “yes”, “no”.", rows[:12], rows[12:], labels=("no", "yes"))
    found = await run_of(tmp_path, task)
    assert not found or "guesses" in codes(found)


def test_the_same_input_with_two_answers_conflicts() -> None:
    rows = (Example.of("Fine.", "good"), Example.of("fine. ", "bad"), Example.of("Other.", "bad"))
    assert conflicting(Task("own", "Say.", rows, ())) == 2
    assert conflicting(Task("own", "Say.", rows[1:], ())) == 0


# No cause that does not hold

N = st.integers(0, 30)
HITS = st.lists(st.sampled_from([0.0, 1.0, None]), min_size=8, max_size=8).map(tuple)


def measure(hits: tuple[float | None, ...], prompt: str) -> Measure | None:
    there = [hit for hit in hits if hit is not None]
    return Measure(prompt, sum(there) / len(there), len(there), hits) if there else None


@st.composite
def some_facts(draw: st.DrawFn) -> Facts:
    task = small(SENTIMENT)
    start, other = measure(draw(HITS), "start"), measure(draw(HITS), "other")
    better = start and other and other.beats(start)
    n_proposed = draw(N)
    n_flawed = draw(st.integers(0, n_proposed))
    n_replies = draw(N)
    return Facts(
        n_dev=8,
        start=start,
        others=(other,) if other else (),
        paired=paired(task, task.dev, start.hits, other.hits) if start and other and better else None,
        replies=Outcomes(tuple((one, n) for one in OUTCOMES if (n := draw(st.integers(0, 3))))),
        n_conflicting=draw(N),
        tally=Tally(
            n_replies=n_replies,
            n_unusable=draw(st.integers(0, n_replies)),
            n_proposed=n_proposed,
            n_flawed=n_flawed,
            n_rejected=draw(st.integers(0, n_proposed - n_flawed)),
        ),
        is_spent=draw(st.booleans()),
        target=draw(st.sampled_from(["", "no_rules", "guesses"])),
    )


HOLDS = {
    "not_measured": lambda it, of: of.start is None,
    "not_answered": lambda it, of: it.n == of.replies.count("not_answered") > 0,
    "not_read": lambda it, of: it.n == of.replies.count("unread", "cut_off") > 0,
    "start_at_the_top": lambda it, of: of.start.score == 1,
    "near_the_top": lambda it, of: 0.95 < of.start.score < 1,
    "conflicting_answers": lambda it, of: it.n == of.n_conflicting > 0,
    "replies_unusable": lambda it, of: it.n == of.tally.n_unusable > of.tally.n_replies / 2,
    "nothing_proposed": lambda it, of: of.tally.n_proposed == 0 < of.tally.n_replies,
    "all_flawed": lambda it, of: it.n == of.tally.n_proposed == of.tally.n_flawed > 0,
    "all_rejected": lambda it, of: (
        of.tally.n_flawed + of.tally.n_rejected == of.tally.n_proposed and of.tally.n_rejected > 0
    ),
    "budget_spent": lambda it, of: of.is_spent,
    "no_rules": lambda it, of: of.target == "no_rules",
    "guesses": lambda it, of: of.target == "guesses",
    "may_be_chance": lambda it, of: of.paired.outcome != "better",
    "too_few_examples": lambda it, of: it.of > it.n and any(one.score > 0 for one in (of.start, *of.others)),
    "none_better": lambda it, of: not any(one.beats(of.start) for one in of.others),
}


@given(some_facts())
def test_every_cause_that_is_named_holds(of: Facts) -> None:
    found = causes(of)
    assert set(HOLDS) == set(CODES)
    for cause in found:
        assert HOLDS[cause.code](cause, of)
        assert sentence(cause)
    if of.paired is not None and of.paired.outcome == "better":
        assert found == ()
    assert (fold(found) != "") == bool(found)


@given(some_facts())
def test_a_run_that_measured_and_gained_nothing_sure_has_a_cause(of: Facts) -> None:
    if (
        of.start is not None
        and (of.others or of.tally.n_proposed)
        and not (of.paired and of.paired.outcome == "better")
    ):
        assert causes(of) or (not of.others and of.tally.n_proposed)


@pytest.mark.parametrize("code", CODES)
def test_every_cause_has_words(code: str) -> None:
    said = sentence(Cause(code, 3, 12, 0.25))  # type: ignore[arg-type]
    assert said.endswith(".")
    assert "{" not in said
