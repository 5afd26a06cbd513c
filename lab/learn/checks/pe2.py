"""Checks of lesson 04."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

import lab
from lab.api.compare import Comparison
from lab.api.run import Run
from lab.api.step import Step
from lab.learn.checked import Finding, not_yet, right
from lab.learn.checks import code, critiques, places, predictions, verdicts
from lab.learn.checks.code import Case

__all__ = ["CHECKS"]

_ASKED = {
    "is the answer right": 1,
    "does it follow the prompt": 2,
    "does the prompt describe the task": 3,
    "must the prompt change": 4,
}
_NOT_ASKED = "how sure are you"


def guess(said: object, run: Run) -> Finding:
    """Compare the guess with the score of the start prompt."""
    return predictions.share(said, run.baseline.score, "Does the prompt say how to get to the number?")


def reasoning(words: object, step: Step) -> Finding:
    """Say whether the reasoning names what the failures of the batches need."""
    shown = [one for one in step if one.group is not None]
    return critiques.written(words, lab.load("word-problems"), shown)


def asked(given: object) -> Finding:
    """Say whether the question that is not asked was found."""
    told = str(given).strip().lower().rstrip("?")
    if told == _NOT_ASKED:
        return right("It is never asked how sure it is.")
    if told in _ASKED:
        return not_yet(f"That is question {_ASKED[told]}.", "Go through the other four.")
    return not_yet("This is none of the five.", "Copy one of them from the task.")


def victim(place: object, step: Step) -> Finding:
    """Say whether the reasoning that was thrown out has no failure to show for itself."""
    wrong = places.place(place, len(step), "a piece of reasoning")
    if wrong is not None:
        return wrong
    one = step[cast("int", place)]
    return critiques.judged(one.proposed, lab.load("word-problems"), one.errors)


def kept(function: object) -> Finding:
    """Try what counts new words."""
    cases = (
        Case(("Solve it.", "Solve it."), 0, "Nothing is new."),
        Case(("Solve it.", "Solve it. Show each step."), 3, "Three words were added."),
        Case(("Solve it.", "solve IT."), 0, "Case does not count: .lower() on both."),
        Case(("a b", "b c c"), 2, "Each new word counts as often as it stands there."),
    )
    return code.tried(function, cases, "It counts what is new.")


def verdict(said: object, compared: Comparison) -> Finding:
    """Say whether the comparison was read as its interval has it."""
    return verdicts.verdict(said, compared)


CHECKS: Mapping[str, Callable[..., Finding]] = {
    "guess": guess,
    "reasoning": reasoning,
    "asked": asked,
    "victim": victim,
    "kept": kept,
    "verdict": verdict,
}
