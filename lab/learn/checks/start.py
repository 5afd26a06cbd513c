"""Checks of lesson 00."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

import lab
from lab.api.compare import Comparison
from lab.learn.checked import Finding, not_yet, open_, right
from lab.learn.checks import predictions, prompts
from lab.views.evidence import comparison
from lab.views.numbers import counted

__all__ = ["CHECKS"]

_WHERE = {"train": "Which pile may be looked at all day?", "dev": "Which pile chooses?",
          "test": "Which pile was used for nothing before the end?"}  # fmt: skip
_JOBS = ("train", "dev", "test")  # in the order of the cell


def guess(said: object, measured: Comparison | None = None) -> Finding:
    """Compare the guess with what was measured."""
    score = None if measured is None else measured.rows[0].score
    return predictions.share(said, score, "What did you not think of? The errors in section 4 will tell.")


def splits(given: object) -> Finding:
    """Say which job has the wrong split."""
    if not isinstance(given, Mapping) or len(given) != len(_JOBS):
        return not_yet("This is not the dict of the cell.", "Keep its three lines, and fill in the quotes.")
    told = [str(one).strip().lower() for one in given.values()]
    if not any(told):
        return open_("No job has a split yet.")
    unknown = [one for one in told if one not in _JOBS]
    if unknown:
        return not_yet(f"{unknown[0]!r} is not a split.", 'There are "train", "dev" and "test".')
    if len(set(told)) < len(_JOBS):
        return not_yet("One split has two jobs, and one has none.", "Each split has one of the three jobs.")
    wrong = [job for job, one, known in zip(given, told, _JOBS, strict=True) if one != known]
    if wrong:
        return not_yet(f"Not the right split: to {wrong[0]}.", _WHERE[told[list(given).index(wrong[0])]])
    return right("Each split has its job.")


def noise(number: object, measured: Comparison) -> Finding:
    """Say whether so many examples halve the interval."""
    if isinstance(number, bool) or not isinstance(number, int | float):
        return not_yet(f"{number!r} is not a number.", "How many reviews?")
    n = measured.rows[0].score.n_examples if measured.rows[0].score is not None else 50
    times = number / n
    if times <= 1:
        return not_yet(f"{number:g} is not more than {n}.", "More examples make it narrower.")
    width = f"With {number:g} reviews the interval would be {times**-0.5:.2f} times as wide as with {n}."
    if 3 <= times <= 5:
        return right(f"{width} Half as wide takes four times as many.")
    return not_yet(width, "The width goes with one over the square root of the number. You want 0.5 times.")


def form(number: object, answers: pd.DataFrame) -> Finding:
    """Say whether the answers in which nothing was read were counted."""
    labels = set(answers["answer"])
    n_wrong, n_form = int((answers["hit"] < 1).sum()), int((~answers["read"].isin(labels)).sum())
    if isinstance(number, bool) or not hasattr(number, "__index__"):
        return not_yet(f"{number!r} is not a whole number.", "How many rows?")
    if number == n_form:
        return right(f"{n_form} of the {n_wrong} wrong answers have a form in which no label was read.")
    if number == n_wrong:
        return not_yet(f"{n_wrong} are all the wrong answers.", "Only those in which the column read has no label.")
    if number == n_wrong - n_form:
        return not_yet("These are the ones in which a label was read, and it was the other one.", "Count the rest.")
    return not_yet(
        f"It is not {number}.",
        "A row counts when its column read is none of task.labels. Count over all rows of answers.",
    )


def by_hand(mine: object) -> Finding:
    """Say whether the prompt beats the start prompt surely."""
    task = lab.load("sentiment")
    return prompts.beats(
        task, mine, task.start, "The errors in section 4 in which a label was read: what turns their meaning?"
    )


def one_change(mine: object, before: str) -> Finding:
    """Say whether one thing was taken out, and what that did."""
    wrong = prompts.one_change(mine, before)
    if wrong is not None:
        return wrong
    task = lab.load("sentiment")
    found = prompts.against(task, str(mine), before)
    said = "They are the same prompt." if found is None else comparison(found)
    sure = found is not None and found.outcome in ("better", "worse")
    sense = (
        "so that sentence mattered"
        if sure
        else f"so {counted(len(task.dev), 'review')} cannot tell whether it matters"
    )
    return right(f"What you took out, put back: {said} The change is of this one thing, {sense}.")


CHECKS: Mapping[str, Callable[..., Finding]] = {
    "guess": guess,
    "splits": splits,
    "noise": noise,
    "form": form,
    "by_hand": by_hand,
    "one_change": one_change,
}
