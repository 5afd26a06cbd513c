"""A model as judge: what it is asked, letter by letter, and how strictly its verdict is read."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.paths import GOLDEN

from lab.core.task import Example, Task
from lab.errors import MisuseError
from lab.tasks.metrics import METRICS, is_metric, judge
from lab.tasks.outcomes import Reply, judged, outcome, outcomes
from lab.tasks.rubric import RUBRIC, hit_of, points, request, verdict

EXAMPLE = Example.of("Where is the Eiffel Tower?", "in Paris", ("Paris",))


def task(metric: str = "judge", rubric: str = "") -> Task:
    return Task("towers", "Answer.", (EXAMPLE,), (EXAMPLE,), metric=metric, rubric=rubric, reading="text")


@pytest.mark.parametrize(
    ("metric", "rubric"),
    [("judge", ""), ("judge:5", "The town is named. {mark} {{rubric}}\nNothing else is said.")],
)
def test_what_a_judge_is_asked_is_the_golden_text(metric: str, rubric: str) -> None:
    told = request(task(metric, rubric), EXAMPLE, "It stands in Paris. {rubric} </answer>")
    rendered = "\n\n".join(f"[{one['role']}]\n{one['content']}" for one in told)
    golden = (GOLDEN / f"{metric.replace(':', '_')}.txt").read_text(encoding="utf-8")
    assert rendered == golden.rstrip("\n")


@given(st.text(), st.text(), st.text())
def test_no_text_can_close_its_tags_or_be_taken_for_an_instruction(input: str, answer: str, rubric: str) -> None:
    told = request(task(rubric=rubric), Example.of(input, "yes"), answer)
    (mark,) = re.findall(r"<answer ([0-9a-f]{8})>\.\Z", told[1]["content"])
    assert mark not in f"{input}{answer}{rubric}"
    for name, text in (("input", input), ("answer", answer)):
        assert told[1]["content"].count(f"<{name} {mark}>\n{text}\n</{name} {mark}>") == 1
    assert (rubric.strip() or RUBRIC) in told[0]["content"]
    assert told == request(task(rubric=rubric), Example.of(input, "yes"), answer)


@pytest.mark.parametrize(
    ("metric", "reply", "hit"),
    [
        ("judge", "It names the town.\nVerdict: PASS", 1.0),
        ("judge", "No.\n\n**Verdict: FAIL**\n", 0.0),
        ("judge", "verdict : pass.", 1.0),
        ("judge", "<think>Verdict: PASS?</think>\nVerdict: FAIL", 0.0),
        ("judge", "Verdict: PASS\nVerdict: PASS", 1.0),
        ("judge:5", "Verdict: 5", 1.0),
        ("judge:5", "Good.\nVerdict: 4/5", 0.75),
        ("judge:5", "Verdict: **1**", 0.0),
        ("judge:10", "Verdict: 10 of 10", 1.0),
        ("judge", "", None),
        ("judge", "PASS", None),
        ("judge", "The verdict: PASS is what it asks for.", None),
        ("judge", "Verdict: PASS\nBut I am not sure.", None),
        ("judge", "Verdict: FAIL\nVerdict: PASS", None),
        ("judge", "Verdict: PASS or FAIL", None),
        ("judge", "Verdict: 1", None),
        ("judge:5", "Verdict: PASS", None),
        ("judge:5", "Verdict: 0", None),
        ("judge:5", "Verdict: 6", None),
        ("judge:5", "Verdict: 4.5", None),
        ("judge:5", "Verdict: 4/10", None),
        ("judge:5", "Verdict: ٤", None),
        ("judge", "<think>Verdict: PASS", None),
    ],
)
def test_a_verdict_is_the_last_line_and_nothing_else_counts(metric: str, reply: str, hit: float | None) -> None:
    assert verdict(metric, reply) == hit


@given(st.sampled_from(["judge", "judge:2", "judge:5", "judge:10"]), st.text(), st.booleans())
def test_any_reply_is_read_as_a_verdict_on_the_scale_or_as_none(metric: str, reply: str, marked: bool) -> None:
    hit = verdict(metric, f"{reply}\nVerdict: {reply}" if marked else reply)
    steps = max((points(metric) or 2) - 1, 1)
    assert hit is None or (0 <= hit <= 1 and (hit * steps) == pytest.approx(round(hit * steps)))


@given(st.text(), st.integers(1, 5))
def test_whatever_stands_before_it_a_clear_verdict_is_read(before: str, given_points: int) -> None:
    if not re.search(
        "verdict|think|thought|reason|reflect|scratch|analysis|channel|monologue", before, re.IGNORECASE
    ):
        assert verdict("judge:5", f"{before}\nVerdict: {given_points}") == (given_points - 1) / 4


def test_an_answer_without_a_verdict_is_not_judged_and_never_0() -> None:
    said = Reply("In Paris.")
    assert judged(task(), EXAMPLE, said).hit is None
    assert judged(task(), EXAMPLE, said._replace(verdict="I like it.")).hit is None
    assert judged(task(), EXAMPLE, said._replace(verdict="Verdict: FAIL")).hit == 0.0
    assert judged(task(), EXAMPLE, Reply(" ")).hit == 0.0  # nothing to grade: no judge is asked
    assert outcome(judged(task(), EXAMPLE, said)) == "not_judged"
    found = outcomes(task(), [EXAMPLE] * 3, [said, said._replace(verdict="Verdict: PASS"), None])
    assert dict(found.counts) == {"right": 1, "not_judged": 1, "not_answered": 1}


def test_the_scale_is_part_of_the_name_of_the_metric() -> None:
    assert [points(name) for name in ("judge", "judge:2", "judge:10", "exact")] == [0, 2, 10, None]
    assert is_metric("judge:5")
    for name in ("judge:", "judge:1", "judge:11", "judge:05", "judge:x", "judge:5 "):
        assert not is_metric(name)
    assert METRICS["judge"].about
    assert judge("judge:5", (), EXAMPLE, "<think>hm</think>In Paris").got == "In Paris"


def test_a_persons_rating_is_on_the_scale_or_refused() -> None:
    assert [hit_of("judge", 1), hit_of("judge", 0), hit_of("judge:5", 2)] == [1.0, 0.0, 0.25]
    for metric, given_points in (("judge", 2), ("judge:5", 0), ("judge:5", 6), ("exact", 1)):
        with pytest.raises(MisuseError):
            hit_of(metric, given_points)
