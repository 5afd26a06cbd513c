"""Checks of lesson 06."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from lab.api.compare import Comparison
from lab.api.run import Run
from lab.api.values import TestResult
from lab.learn.checked import Finding, not_yet, open_, right
from lab.learn.checks import code, verdicts
from lab.learn.checks.code import Case
from lab.learn.checks.seeds import over_seeds
from lab.views.numbers import percent

__all__ = ["CHECKS"]

_FORECASTS = ("grows", "stays", "shrinks")


def spread(guess: object, draws: pd.Series[float]) -> Finding:
    """Compare the predicted distance with that of the draws."""
    if isinstance(guess, bool) or not isinstance(guess, int | float) or not 0 <= guess <= 1:
        return not_yet(f"{guess!r} is not a share.", "Ten points are 0.1.")
    found = float(draws.max() - draws.min())
    return right(
        f"You said {percent(float(guess))}; the ten scores of this one prompt lie {percent(found)} apart, "
        f"from {percent(float(draws.min()))} to {percent(float(draws.max()))}."
    )


def lead(function: object) -> Finding:
    """Try what computes a lead."""
    even = pd.DataFrame({0: [1.0, 1.0], 1: [0.0, 0.0]})
    three = pd.DataFrame({"a": [1.0, 0.0], "b": [1.0, 1.0], "c": [0.0, 0.0]})
    cases = (
        Case((even, 0), 0.5, "The mean of column 0 is 1, that of the whole table 0.5."),
        Case((even, 1), -0.5, "Whoever is behind has a lead below 0."),
        Case((three, "b"), 0.5, "The mean of the whole table is over all columns, the one that leads, too."),
    )
    return code.tried(function, cases, "It says how far one is ahead on the same examples.")


def falls(forecast: object, lost: pd.Series[float]) -> Finding:
    """Compare the forecast with what ten draws lost."""
    told = str(forecast).strip().lower()
    if told not in _FORECASTS:
        return not_yet(f"{forecast!r} is not one of the three.", 'Choose "grows", "stays" or "shrinks".')
    mean, less, more = over_seeds(lost)
    said = f"Of the lead {mean:.3f} was lost ({less:.3f} to {more:.3f}, 95 %, ten draws)"
    known = "shrinks" if less > 0 else "grows" if more < 0 else "stays"
    if told == known:
        return right(f"{said}: it {known}.")
    return not_yet(
        f"{said}.", "Lost is what the winner had where it was chosen, less what it has on fresh reviews."
    )


def three(given: object, *compared: Comparison) -> Finding:
    """Say which of the comparisons was read otherwise than its interval has it."""
    if not isinstance(given, Mapping) or len(given) != len(compared):
        return not_yet("This is not the dict of the cell.", 'Keep its keys: "A", "B" and "C".')
    if not any(given.values()):
        return open_("No comparison has a verdict yet.")
    for (name, told), one in zip(given.items(), compared, strict=True):
        found = verdicts.verdict(told, one)
        if found.state != "right":
            return not_yet(f"{name}: {found.what}", found.look)
    return right("All three are as their intervals have them.")


def needed(number: object, compared: Comparison) -> Finding:
    """Say whether the number is the one that the comparison says."""
    if isinstance(number, bool) or not isinstance(number, int | float):
        return not_yet(f"{number!r} is not a number.", "How many examples?")
    found = compared.rows[-1].paired
    wanted = found.needed if found is not None else 0
    if abs(number - wanted) <= wanted / 20:
        return right(f"About {wanted:,} examples would show a change of 5 points in four of five tries.")
    return not_yet(f"It is not {number:g}.", "B.sentences() says “about … would be needed”.")


def sealed(tested: object, run: Run) -> Finding:
    """Say whether the test was opened once, for the two prompts, and with a reason."""
    if not isinstance(tested, TestResult):
        return not_yet(
            f"This is {type(tested).__name__}, not the result of run.test.", "my_test = run.test([...], ...)"
        )
    prompts = [one.prompt for one in tested.tested]
    if run.best.prompt not in prompts:
        return not_yet("The best prompt was not among those you tested.", "Its text is run.best.prompt.")
    if run.task.start not in prompts:
        return not_yet("There is nothing to compare with.", "Test the start prompt, too: task.start.")
    if len(prompts) > 2:
        return not_yet(
            f"{len(prompts)} prompts were tested: the best of them would be chosen by the test.",
            "Choose on dev first; test the start prompt and the one that you chose.",
        )
    if not tested.openings[-1].reason.strip():
        return not_yet(
            "No reason was given.", 'run.test([...], reason="..."): what has ended, and what is the number for?'
        )
    times = (
        "once" if tested.n_openings == 1 else f"{tested.n_openings} times: the last look says less than the first"
    )
    return right(f"It was opened {times}. {' '.join(tested.sentences())}")


CHECKS: Mapping[str, Callable[..., Finding]] = {
    "spread": spread,
    "lead": lead,
    "falls": falls,
    "verdicts": three,
    "needed": needed,
    "sealed": sealed,
}
