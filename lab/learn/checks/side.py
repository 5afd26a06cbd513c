"""Checks of lesson 05."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from tempfile import TemporaryDirectory

import pandas as pd

import lab
from lab.learn.checked import Finding, not_yet, open_, right
from lab.learn.checks import code
from lab.learn.checks.code import Case
from lab.learn.checks.seeds import over_seeds
from lab.views.numbers import percent

__all__ = ["CHECKS"]

_EQUAL = ("task", "start prompt", "target model", "calls that may be spent", "seeds")
_OWN = ("rounds", "temperature")
_RACERS = ("ape", "protegi")
_OPTIMIZERS = ("ape", "protegi", "opro", "pe2")  # in the order of the sentences about weaknesses
_WEAKNESS = (
    "It is shown inputs with their right answers, and nothing else.",
    "Its beam is kept by a bandit.",
    "Its meta-prompt is a list of prompts with their scores.",
    "It inspects failures one by one.",
)


def fair(given: object) -> Finding:
    """Say what is missing, or need not be equal."""
    if not isinstance(given, list | tuple | set):
        return not_yet("This is not a list.", "Keep the list of the cell, and take things out.")
    if len(given) == len(_EQUAL) + len(_OWN):
        return open_("Nothing was taken out yet.")
    missing = [one for one in _EQUAL if one not in given]
    if missing:
        return not_yet(
            f"“{missing[0]}” was taken out.", "If that differed, could it be the reason why one of them wins?"
        )
    left = [one for one in _OWN if one in given]
    if left:
        return not_yet(
            f"“{left[0]}” need not be equal.", "Does it belong to the method, or to what a user pays and wants?"
        )
    return right("What is paid and what is wanted is equal; how a method works is its own business.")


def forecast(said: object, table: pd.DataFrame) -> Finding:
    """Compare a forecast with what the race came to."""
    told = str(said).strip().lower()
    if told not in (*_RACERS, "cannot tell"):
        return not_yet(f"{said!r} is not one of the three.", 'Say "ape", "protegi" or "cannot tell".')
    known = _winner(table)
    means = ", ".join(f"{name} {percent(float(table[name].mean()))}" for name in _RACERS)
    return right(f"You said {told}; it is {known} (means of ten seeds: {means}).")


def verdict(said: object, table: pd.DataFrame) -> Finding:
    """Say whether the interval over seeds was read as it stands."""
    told = str(said).strip().lower()
    if told not in (*_RACERS, "cannot tell"):
        return not_yet(f"{said!r} is not one of the three.", 'Say "ape", "protegi" or "cannot tell".')
    mean, less, more = _difference(table)
    if told == _winner(table):
        return right(f"protegi less ape is {mean:+.2f} ({less:+.2f} to {more:+.2f}).")
    return not_yet(
        f"The interval goes from {less:+.2f} to {more:+.2f}.", "It is protegi less ape: what does below 0 mean?"
    )


def paired(function: object) -> Finding:
    """Try what computes the paired difference."""
    a, b = pd.Series([0.5] * 10), pd.Series([0.5, 0.7] * 5)
    wide = over_seeds(b - a)
    cases = (
        Case((a, a + 0.1), (0.1, 0.1, 0.1), "It is b less a. Without scatter both ends are the mean."),
        Case(
            (a, b), wide, "The ends are the mean less and plus 2.26 times .sem() of the differences, in that order."
        ),
        Case((b, a), over_seeds(a - b), "It is b less a, so it is below 0 here."),
    )
    return code.tried(function, cases, "It pairs by seed.")


def budget(calls: object) -> Finding:
    """Say whether APE finishes its round with so many calls, by running it."""
    if isinstance(calls, bool) or not isinstance(calls, int) or calls < 1:
        return not_yet(f"{calls!r} is not a number of calls.", "A whole number, such as 450.")
    if calls > _MOST:
        return not_yet(
            f"{calls} is more than twice what it needs.", "Try less: where does a run with fewer calls end?"
        )
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:  # a book that knows no reply yet
        run = lab.begin(
            "hidden-rule", "ape", preset="quick", rounds=1, ceiling={"calls": calls}, book=f"{folder}/ape"
        )
        try:
            run.autopilot(rounds=1)
        except lab.BudgetError:
            last = run.history()["step"].iloc[-1]
            return not_yet(
                f"With {calls} calls it stops behind “{last}”.", "What comes next, and what does it take?"
            )
        finally:
            run.session.book.close()
    return right(f"With {calls} calls the round ends, and its best prompt is measured.")


def weakness(given: object) -> Finding:
    """Say which sentence is about another optimizer."""
    if not isinstance(given, Mapping) or len(given) != len(_OPTIMIZERS):
        return not_yet("This is not the dict of the cell.", "Keep its four lines, and fill in the quotes.")
    told = [str(one).strip().lower() for one in given.values()]
    if not any(told):
        return open_("No sentence has an optimizer yet.")
    for sentence, one, known, look in zip(given, told, _OPTIMIZERS, _WEAKNESS, strict=True):
        if one != known:
            return not_yet(f"Not that one: “{sentence}”.", look)
    return right("Each weakness is where it belongs.")


_MOST = 960  # calls: twice what the round takes with seed 0


def _difference(table: pd.DataFrame) -> tuple[float, float, float]:
    return over_seeds(table["protegi"] - table["ape"])


def _winner(table: pd.DataFrame) -> str:
    _, less, more = _difference(table)
    return "protegi" if less > 0 else "ape" if more < 0 else "cannot tell"


CHECKS: Mapping[str, Callable[..., Finding]] = {
    "fair": fair,
    "forecast": forecast,
    "paired": paired,
    "verdict": verdict,
    "second": forecast,
    "budget": budget,
    "weakness": weakness,
}
