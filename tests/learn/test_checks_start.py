"""Lesson 00: each diagnosis of its checks is reached, and says what it should."""

from __future__ import annotations

from support.lessons import Says, every_finding_of, said

import lab
from lab.learn.checks import predictions, prompts, questions, start
from lab.learn.lesson import find

GOOD = find("start.by_hand").value()
BARE = "Is this review positive or negative? Answer with one lower-case word and nothing else."
SHORT = find("start.one_change").value()
LETTERS = {n: one.answer for n, one in enumerate(find("start.questions").questions, 1)}


def test_each_diagnosis_is_reached_and_says_where_to_look() -> None:
    task = lab.load("sentiment")
    measured = lab.compare(task, [task.start])
    run = lab.begin(task, "protegi", preset="quick", rounds=1, seed=5, name="00 start here")
    run.next(until="errors")
    answers = run.answers()
    n_wrong, n_form = int((answers["hit"] < 1).sum()), int((answers["outcome"] == "unread").sum())
    jobs = list(find("start.splits").value())
    cases = [
        Says("start.guess", (None, measured), "open", "Nothing is here yet"),
        Says("start.guess", ("half", measured), "not yet", "is not a number"),
        Says("start.guess", (46, measured), "not yet", "46 percent is 0.46"),
        Says("start.guess", (0.5,), "not yet", "Run the cell that measures"),
        Says("start.guess", (0.5, measured), "right", "within the interval"),
        Says("start.guess", (0.9, measured), "right", "What did you not think of?"),
        Says("start.splits", (["train"],), "not yet", "not the dict"),
        Says("start.splits", (dict.fromkeys(jobs, ""),), "open", "No job has a split"),
        Says("start.splits", (dict.fromkeys(jobs, "validation"),), "not yet", "'validation' is not a split"),
        Says("start.splits", (dict.fromkeys(jobs, "dev"),), "not yet", "One split has two jobs"),
        Says("start.splits", (dict(zip(jobs, ("dev", "train", "test"), strict=True)),), "not yet", "read errors"),
        Says("start.splits", (dict(zip(jobs, ("train", "dev", "test"), strict=True)),), "right", "its job"),
        Says("start.noise", ("many", measured), "not yet", "How many reviews?"),
        Says("start.noise", (40, measured), "not yet", "not more than 50"),
        Says("start.noise", (100, measured), "not yet", "0.71 times as wide"),
        Says("start.noise", (200, measured), "right", "0.50 times as wide"),
        Says("start.form", ("all", answers), "not yet", "not a whole number"),
        Says("start.form", (n_wrong, answers), "not yet", "all the wrong answers"),
        Says("start.form", (n_wrong - n_form, answers), "not yet", "Count the rest"),
        Says("start.form", (3, answers), "not yet", "It is not 3"),
        Says("start.form", (n_form, answers), "right", f"{n_form} of the {n_wrong}"),
        Says("start.by_hand", (17,), "not yet", "not int"),
        Says("start.by_hand", (task.start,), "not yet", "want to beat"),
        Says("start.by_hand", ("Is it good?",), "not yet", "could not be read"),
        Says("start.by_hand", (BARE + " Take every word literally.",), "not yet", "turns their meaning"),
        Says("start.by_hand", (GOOD,), "right", "Better on 50"),
        Says("start.one_change", (7, GOOD), "not yet", "not int"),
        Says("start.one_change", (GOOD, GOOD), "not yet", "Nothing was taken out"),
        Says("start.one_change", (SHORT + " Please.", GOOD), "not yet", "added or changed"),
        Says("start.one_change", (SHORT.replace("one ", ""), GOOD), "not yet", "2 separate stretches"),
        Says("start.one_change", (SHORT, GOOD), "right", "so that sentence mattered"),
        Says("start.one_change", (GOOD.replace("sarcasm, ", ""), GOOD), "right", "cannot tell"),
        Says("start.questions", ("abcde",), "not yet", "a dict of letters"),
        Says("start.questions", (dict.fromkeys(range(1, 6), ""),), "open", "Nothing is here yet"),
        Says("start.questions", ({1: " "},), "open", "No question"),
        Says("start.questions", ({**LETTERS, 3: "c"},), "not yet", "3: Section 4"),
        Says("start.questions", ({**LETTERS, 3: ""},), "not yet", "Not answered yet: 3"),
        Says("start.questions", (LETTERS,), "right", "All 5 answers are right"),
        Says("start.by_hand", (["a"],), "not yet", "not list"),
    ]  # fmt: skip
    with every_finding_of(start, predictions, prompts, questions):
        said(cases)
