"""Functions that a reader writes: tried on cases, each with what should come out and what to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lab.learn.checked import Finding, not_yet, open_, right
from lab.text import shortened

__all__ = ["Case", "tried"]


@dataclass(frozen=True)
class Case:
    """What a function is given, what it should give back, and where to look when it does not."""

    given: tuple[object, ...]
    wanted: object
    look: str


def tried(function: object, cases: Iterable[Case], done: str) -> Finding:
    """Say of the first case that comes out otherwise what was given, what came out and what was wanted."""
    if not callable(function):
        return not_yet(
            f"This is {type(function).__name__}, not a function.", "Give the function itself, without brackets."
        )
    n = 0
    for case in cases:
        got = _got(function, case)
        if isinstance(got, Finding):
            return got
        if got is None or got is Ellipsis:
            return open_("The function gives nothing back yet: write what it does, and end with return.")
        if not _same(got, case.wanted):
            return not_yet(
                f"Given {_shown(case.given)}, it returns {shortened(repr(got), 160)}, "
                f"and should return {shortened(repr(case.wanted), 160)}.",
                case.look,
            )
        n += 1
    return right(f"{done} ({n} cases tried)")


def _got(function: Callable[..., object], case: Case) -> object:
    try:
        return function(*case.given)
    except Exception as problem:  # of the reader's function
        return not_yet(
            f"Given {_shown(case.given)}, it ends in {type(problem).__name__}: {shortened(str(problem), 120)}.",
            case.look,
        )


def _same(got: object, wanted: object) -> bool:
    if isinstance(wanted, list | tuple) and isinstance(got, list | tuple):
        return len(got) == len(wanted) and all(map(_same, got, wanted))
    if isinstance(wanted, float) and isinstance(got, int | float):
        return abs(got - wanted) < 1e-6
    return bool(got == wanted)


def _shown(given: tuple[object, ...]) -> str:
    return ", ".join(shortened(repr(one), 120) for one in given)
