"""Lesson 01: each diagnosis of its checks is reached, and says what it should."""

from __future__ import annotations

import pytest
from support.lessons import Says, every_finding_of, said, solved

import lab
from lab.learn.checks import code, critiques, places, protegi, verdicts
from lab.learn.lesson import find

WORDS = find("protegi.critique").value()


@pytest.mark.long
def test_each_diagnosis_is_reached_and_says_where_to_look() -> None:
    task = lab.load("sentiment")
    run = lab.begin(task, "protegi", preset="quick", rounds=1, seed=6, name="01 by hand")
    errors = run.next(until="errors")
    at_errors = run.fork(name="01 at the errors")
    step = run.next(until="critiques")
    critiqued = run.fork(name="01 at the critiques")
    alone = run.fork(name="01 accepting all")
    step[0].edit(WORDS)
    run.accept()
    candidates = run.next(until="candidates")
    at_candidates = run.fork(name="01 at the candidates")
    texts = [one.text for one in candidates]
    run.autopilot(rounds=1)
    alone.autopilot(rounds=1)
    errors, step, candidates = at_errors.step, critiqued.step, at_candidates.step
    better = lab.compare(task, [task.start, run.best.prompt])
    same = lab.compare(task, [task.start, task.start])
    cases = [
        Says("protegi.critique", ("",), "open", "Nothing is here yet"),
        Says("protegi.critique", (3, errors), "not yet", "is a text"),
        Says("protegi.critique", (WORDS, []), "not yet", "No errors wait"),
        Says("protegi.critique", ("The prompt is too vague.", errors), "not yet", "would not know what to add"),
        Says("protegi.critique", ("Nothing is said of negation.", []), "not yet", "stops at the errors"),
        Says("protegi.critique", (WORDS, errors), "right", "The errors bear it out"),
        Says("protegi.critique", ("The answer must be one lower-case word alone.", errors), "right", "of 6 need one"),
        Says("protegi.victim", (True, step), "not yet", "counted from 0"),
        Says("protegi.victim", (5, step), "not yet", "There is no number 5"),
        Says("protegi.victim", (1, step), "not yet", "look for an error below it"),
        Says("protegi.victim", (0, step), "right", "none of its 3 errors"),
        Says("protegi.child", (9, candidates, WORDS), "not yet", "There is no number 9"),
        Says("protegi.child", (1, candidates, WORDS), "not yet", "of another critique"),
        Says("protegi.child", (0, candidates, WORDS), "right", "could not tell that a person wrote it"),
        Says("protegi.bet", ("first", texts, run), "not yet", "counted from 0"),
        Says("protegi.bet", (0, texts, run), "right", "that the measuring chose"),
        Says("protegi.bet", (1, texts, run), "right", "chose another one"),
        Says("protegi.verdict", ("great", better), "not yet", "not one of the three"),
        Says("protegi.verdict", ("worse", better), "not yet", "do not hold 0"),
        Says("protegi.verdict", ("better", same), "not yet", "may be said"),
        Says("protegi.verdict", ("better", better), "right", "Better on 50"),
        Says("protegi.verdict", ("cannot tell", same), "right", "the same prompt"),
        Says("protegi.bet", (0, run, texts), "not yet", "It ended in an error"),
    ]  # fmt: skip
    none = [one for one in errors if one.group is not None and one.got in task.labels][:1]
    with every_finding_of(protegi, critiques, places, verdicts, code):
        said([*cases, *functions()])
        assert critiques.written("Nothing is said about the length.", task, none).state == "not yet"
        assert critiques.written("The answer must be one lower-case word alone.", task, none).state == "not yet"
        assert critiques.judged("Be more polite.", task, none).state == "right"


def functions() -> list[Says]:
    names = [f"protegi.{name}" for name in ("errors_of", "groups_of", "request_for", "texts_in", "most_promising")]
    return [
        *(Says(name, (solved(name),), "right", "Done") for name in names),
        *(Says(name, (lambda *given: ...,), "open", "gives nothing back") for name in names),
        *(Says(name, (17,), "not yet", "not a function") for name in names),
        Says("protegi.errors_of", (lambda rows: [row for row in rows if row["hit"] < 1],), "not yet", "TypeError"),
        Says(
            "protegi.errors_of", (lambda rows: [row for row in rows if row["hit"] == 0],), "not yet", "half right"
        ),
        Says("protegi.errors_of", (lambda rows: [row for row in rows if row["hit"] != 1],), "not yet", "never 0"),
        Says("protegi.groups_of", (lambda e, n, size: [e[i::n] for i in range(n)],), "not yet", "two"),
        Says("protegi.request_for", (lambda prompt, errors: [prompt],), "not yet", "one text"),
        Says("protegi.request_for", (lambda prompt, errors: "Why?",), "not yet", "lacks the prompt"),
        Says("protegi.request_for", (lambda prompt, errors: prompt + errors[0].text,), "not yet", "error 2"),
        Says("protegi.request_for", (lambda prompt, errors: prompt.format(),), "not yet", "KeyError"),
        Says("protegi.texts_in", (lambda reply: reply.split("<START>")[1:],), "not yet", "between"),
        Says("protegi.most_promising", (lambda hits, n: 0,), "not yet", "much doubt"),
    ]
