"""Checks of lesson 03."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import lab
from lab.api.compare import Comparison
from lab.api.run import Run
from lab.api.step import Step
from lab.learn.checked import Finding, not_yet, right
from lab.learn.checks import instructions, verdicts
from lab.practice import explain

__all__ = ["CHECKS"]

_N = 40  # train notes on which an instruction is tried
_WIDE = 40
_SCORE = re.compile(r"^Score: (\d+)$", re.MULTILINE)


def doubt(width: object) -> Finding:
    """Say whether the width of an interval on 24 examples was found."""
    if width == _WIDE:
        return right("About 39 points, on 24 examples.")
    if width in (5, 15):
        return not_yet(
            f"{width} points would take far more than 24 examples.", "How wide was it on 50, in lesson 00?"
        )
    return not_yet(f"{width!r} is none of the three.", "5, 15 or 40?")


def instruction(words: object) -> Finding:
    """Try the instruction on train notes beside the start prompt."""
    task = lab.load("dates")
    look = "What would a quick reader do with this note? Say what decides, and what the answer looks like."
    return instructions.fits(words, task, task.train[:_N], _N // 4, look)


def ideas(count: object, step: Step) -> Finding:
    """Compare the prediction with how many proposals speak of something that the start prompt does not."""
    if isinstance(count, bool) or not isinstance(count, int):
        return not_yet(f"{count!r} is not a whole number.", "How many?")
    if not 0 <= count <= len(step):
        return not_yet(f"There are {len(step)} proposals.", f"A number from 0 to {len(step)}.")
    note = lab.load("dates").train[0]
    spoken = [explain(one.text, note.input, reference=note.answer) for one in step]
    found = sum(
        bool(told and set(told.asked) - {"format"}) and not one.flaw for one, told in zip(step, spoken, strict=True)
    )
    return right(f"You said {count}. {found} of {len(step)} speak of something new and are no duplicates.")


def order(place: object, step: Step) -> Finding:
    """Say whether the best line stands where the reader thinks."""
    told = str(place).strip().lower()
    if told not in ("first", "last"):
        return not_yet(f"{place!r} is neither.", 'Choose "first" or "last".')
    scores = [int(one) for one in _SCORE.findall(step.meta_prompts[0])]
    known = "last" if scores and scores[-1] == max(scores) else "first"
    if told == known:
        return right(f"The scores run {', '.join(map(str, scores))}: the best line stands {known}.")
    return not_yet("It is the other way round.", "print(second.meta_prompts[0]): how do the scores run?")


def verdict(said: object, compared: Comparison) -> Finding:
    """Say whether the comparison was read as its interval has it."""
    return verdicts.verdict(said, compared)


def cost(calls: object, run: Run) -> Finding:
    """Say whether the calls of the optimizer model were added up."""
    if isinstance(calls, bool) or not isinstance(calls, int):
        return not_yet(f"{calls!r} is not a whole number.", "int(...) makes one of a sum.")
    table = run.calls()
    by_role = table.groupby("role")["calls"].sum()
    if calls == int(by_role.get("optimizer", 0)):
        return right(
            f"{calls} calls of the optimizer model, and {int(by_role.get('target', 0))} of the target model."
        )
    if calls == int(by_role.sum()):
        return not_yet("These are the calls of both models.", 'Only the rows whose role is "optimizer".')
    return not_yet(f"It is not {calls}.", 'Add up the column calls, over all rows whose role is "optimizer".')


CHECKS: Mapping[str, Callable[..., Finding]] = {
    "doubt": doubt,
    "instruction": instruction,
    "ideas": ideas,
    "order": order,
    "verdict": verdict,
    "cost": cost,
}
