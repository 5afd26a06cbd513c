"""Lesson 06: each diagnosis of its checks is reached, and says what it should."""

from __future__ import annotations

import pandas as pd
import pytest
from support.lessons import Says, every_finding_of, said, solved

import lab
from lab.learn.checks import evidence
from lab.learn.lesson import find


@pytest.mark.long
def test_each_diagnosis_of_the_evidence_is_reached() -> None:
    task = lab.load("sentiment")
    good = find("start.by_hand").value()
    a, c = lab.compare(task, [task.start, good]), lab.compare(task, [good, task.start])
    b = lab.compare(task, [good, good + " Please."])
    run = lab.begin(task, "protegi", preset="quick", rounds=1, seed=2, name="06")
    run.autopilot(rounds=1)
    needed = b.rows[1].paired.needed
    draws = pd.Series([0.6, 0.75] * 5)
    start, best = task.start, run.best.prompt
    cases = [
        Says("evidence.spread", (15, draws), "not yet", "is not a share"),
        Says("evidence.spread", (0.1, draws), "right", "15 % apart"),
        Says("evidence.lead", (lambda table, one: table[one].mean(),), "not yet", "0.5"),
        Says("evidence.lead", (solved("evidence.lead"),), "right", "ahead"),
        Says("evidence.falls", ("rises", draws), "not yet", "not one of the three"),
        Says("evidence.falls", ("grows", draws), "not yet", "Lost is what"),
        Says("evidence.falls", ("shrinks", draws), "right", "it shrinks"),
        Says("evidence.verdicts", (["better"], a, b, c), "not yet", "not the dict"),
        Says("evidence.verdicts", ({"A": "", "B": "", "C": ""}, a, b, c), "open", "No comparison"),
        Says("evidence.verdicts", ({"A": "better", "B": "cannot tell", "C": "better"}, a, b, c), "not yet", "C: "),
        Says(
            "evidence.verdicts", ({"A": "better", "B": "cannot tell", "C": "worse"}, a, b, c), "right", "All three"
        ),
        Says("evidence.needed", ("more", b), "not yet", "How many examples?"),
        Says("evidence.needed", (3, b), "not yet", "would be needed"),
        Says("evidence.needed", (needed, b), "right", f"{needed:,}"),
        Says("evidence.sealed", (0.8, run), "not yet", "not the result"),
        Says("evidence.sealed", (run.test([start], reason="a look"), run), "not yet", "best prompt was not"),
        Says("evidence.sealed", (run.test([best], reason="a look"), run), "not yet", "nothing to compare with"),
        Says("evidence.sealed", (run.test([start, best, good], reason="a look"), run), "not yet", "3 prompts"),
        Says("evidence.sealed", (run.test([start, best]), run), "not yet", "No reason"),
        Says("evidence.sealed", (run.test([start, best], reason="the end"), run), "right", "5 times"),
    ]
    with every_finding_of(evidence):
        said(cases)
