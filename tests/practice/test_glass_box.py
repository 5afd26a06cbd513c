"""The fold "Why this answer?": what it says of a wrong answer is true of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lab.core.asks import ErrorSample
from lab.session import Session
from lab.store import Models
from lab.tasks.bundled import load
from lab.views.glass_box import why

START = "Is this review positive or negative?"
RULES = "If the number of letters is even, write it backwards. If it starts with a vowel, write it in upper case."


def fold(task: str, prompt: str, text: str, right: str, target: str = "practice-literal") -> str:
    session = Session(":memory:")
    branch = session.begin(replace(load(task), start=prompt), models=Models(target=target))
    return why(session.state(branch), ErrorSample(text, answer=right), "key")


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        (f"{START} Ignore negation.", "no, the prompt says to leave it alone"),
        (f"{START} Mind negation.", "no, although the prompt mentions it"),
        (START, "no, and the prompt does not mention it"),
    ],
)
def test_a_skill_that_was_needed_and_off_is_named_with_what_the_prompt_says_of_it(prompt: str, said: str) -> None:
    text = "The soup was not bad."
    assert f"turns negated words round: {said}" in fold("sentiment", prompt, text, "positive")


def test_a_skill_at_work_is_told_with_where_it_comes_from() -> None:
    prompt = f"{START} A negated word counts the other way."
    assert "yes, the prompt asks for it" in fold("sentiment", prompt, "The soup was not bad.", "positive")


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        (f"{START} Explain your answer.", "asks for reasons"),
        (f"{START} Always say positive.", "one and the same answer"),
        ("Write a haiku about the sea.", "does not set this task"),
    ],
)
def test_what_misleads_in_a_prompt_is_named(prompt: str, said: str) -> None:
    found = fold("sentiment", prompt, "A dull film.", "negative")
    assert said in found
    assert "The form of the answer" not in found


def test_where_a_rule_that_fits_came_too_late_the_fold_says_so() -> None:
    found = fold("hidden-rule", RULES, "echo", "ECHO")
    assert "An earlier rule" in found
    assert ": no" not in found


def test_a_real_model_has_no_fold() -> None:
    real = "llama3.2@http://127.0.0.1:9/v1"
    assert fold("sentiment", START, "The soup was not bad.", "positive", real) == ""


def test_an_answer_of_a_prompt_that_is_gone_has_no_fold() -> None:
    session = Session(":memory:")
    branch = session.begin(load("sentiment"))
    assert why(session.state(branch), ErrorSample("A dull film.", answer="negative", prompt=9), "key") == ""
