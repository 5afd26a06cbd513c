"""Lessons 02, 03 and 04: each diagnosis of their checks is reached, and says what it should."""

from __future__ import annotations

from support.lessons import Says, every_finding_of, said, solved

import lab
from lab.learn.checks import ape, instructions, opro, pe2
from lab.learn.lesson import find


def test_each_diagnosis_of_ape_is_reached() -> None:
    task = lab.load("hidden-rule")
    run = lab.begin(task, "ape", preset="quick", rounds=1, name="02")
    step = run.next(until="demonstrations")
    rule = find("ape.rule").value()
    compared = lab.compare(task, [task.start, rule])
    all_five = [*ape._SEEN, *ape._UNSEEN]
    cases = [
        Says("ape.rule", (5, step), "not yet", "is a text"),
        Says("ape.rule", (task.start, step), "not yet", "the start prompt"),
        Says(
            "ape.rule",
            ("Write it backwards. Answer with the word and nothing else.", step),
            "not yet",
            "and should be",
        ),
        Says("ape.rule", (rule, step), "right", "right answer on"),
        Says("ape.unknown", ([],), "open", "Nothing is here"),
        Says("ape.unknown", ("errors",), "not yet", "not a list"),
        Says("ape.unknown", (["the weather"],), "not yet", "none of the five"),
        Says("ape.unknown", (all_five,), "not yet", "It does see inputs"),
        Says("ape.unknown", (all_five[2:4],), "not yet", "1 more"),
        Says("ape.unknown", (all_five[2:],), "right", "sees pairs"),
        Says("ape.bet", (7, ["a", "b"]), "not yet", "There is no number 7"),
        Says("ape.bet", (1, ["a", "b"]), "right", "You bet on"),
        Says("ape.stages", ("many",), "not yet", "A whole number"),
        Says("ape.stages", (180,), "not yet", "first stage alone"),
        Says("ape.stages", (330,), "not yet", "rounded up"),
        Says("ape.stages", (720,), "not yet", "It is not 720"),
        Says("ape.stages", (345,), "right", "345 calls"),
        Says("ape.verdict", ("better", compared), "right", "Better on 60"),
    ]
    with every_finding_of(ape, instructions):
        said(cases)


def test_each_diagnosis_of_opro_is_reached() -> None:
    task = lab.load("dates")
    run = lab.begin(task, "opro", preset="quick", rounds=2, name="03")
    proposals = run.next(until="candidates")
    first = run.fork(name="03 at the proposals").step
    run.accept()
    second = run.next(until="candidates")
    assert proposals
    calls = run.calls()
    n = int(calls[calls["role"] == "optimizer"]["calls"].sum())
    compared = lab.compare(task, [task.start, task.start])
    cases = [
        Says("opro.doubt", (5,), "not yet", "far more than 24"),
        Says("opro.doubt", (3,), "not yet", "none of the three"),
        Says("opro.doubt", (40,), "right", "39 points"),
        Says("opro.instruction", ("Give the date in this note.",), "not yet", "should be"),
        Says("opro.instruction", (find("opro.instruction").value(),), "right", "40"),
        Says("opro.ideas", ("two", first), "not yet", "How many?"),
        Says("opro.ideas", (9, first), "not yet", f"There are {len(first)} proposals"),
        Says("opro.ideas", (2, first), "right", "You said 2"),
        Says("opro.order", ("middle", second), "not yet", "neither"),
        Says("opro.order", ("first", second), "not yet", "other way round"),
        Says("opro.order", ("last", second), "right", "stands last"),
        Says("opro.verdict", ("cannot tell", compared), "right", "same prompt"),
        Says("opro.cost", ("few", run), "not yet", "int(...)"),
        Says("opro.cost", (int(calls["calls"].sum()), run), "not yet", "both models"),
        Says("opro.cost", (n + 1, run), "not yet", "It is not"),
        Says("opro.cost", (n, run), "right", f"{n} calls of the optimizer"),
    ]
    with every_finding_of(opro):
        said(cases)


def test_each_diagnosis_of_pe2_is_reached() -> None:
    task = lab.load("word-problems")
    run = lab.begin(task, "pe2", preset="quick", rounds=1, seed=5, name="04")
    run.next(until="errors")
    failures = run.fork(name="04 at the failures").step
    step = run.next(until="critiques")
    compared = lab.compare(task, [task.start, task.start])
    cases = [
        Says("pe2.guess", (0.5, run), "right", "You said 50 %"),
        Says("pe2.reasoning", (find("pe2.reasoning").value(), failures), "right", "bear it out"),
        Says("pe2.asked", ("must the prompt change?",), "not yet", "question 4"),
        Says("pe2.asked", ("why",), "not yet", "none of the five"),
        Says("pe2.asked", ("How sure are you?",), "right", "never asked"),
        Says("pe2.victim", (4, step), "not yet", "no number 4"),
        Says("pe2.victim", (1, step), "not yet", "would have helped"),
        Says("pe2.victim", (0, step), "right", "superstition"),
        Says("pe2.kept", (lambda before, after: len(after.split()),), "not yet", "Nothing is new"),
        Says(
            "pe2.kept", (lambda a, b: len(set(b.lower().split()) - set(a.lower().split())),), "not yet", "as often"
        ),
        Says("pe2.kept", (solved("pe2.kept"),), "right", "counts what is new"),
        Says("pe2.verdict", ("cannot tell", compared), "right", "same prompt"),
    ]
    with every_finding_of(pe2):
        said(cases)
