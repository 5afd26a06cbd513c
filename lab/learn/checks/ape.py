"""Checks of lesson 02."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import lab
from lab.api.compare import Comparison
from lab.api.step import Step
from lab.core.task import Example
from lab.learn.checked import Finding, not_yet, right
from lab.learn.checks import instructions, places, verdicts
from lab.text import shortened

__all__ = ["CHECKS"]

_SEEN = ("inputs", "right answers")
_UNSEEN = ("the start prompt", "errors of the target model", "other words of the task")
_STAGES = (12 + 6 + 3 + 2) * 15


def rule(words: object, step: Step) -> Finding:
    """Try the instruction on the demonstrations."""
    shown = [Example.of(one.text, one.answer) for one in step if one.group is not None]
    look = "Which words have something in common with this one? What became of them?"
    return instructions.fits(words, lab.load("hidden-rule"), shown, len(shown) // 10, look)


def unknown(given: object) -> Finding:
    """Say what is seen after all, or is missing from the list."""
    if not isinstance(given, list | tuple | set):
        return not_yet("This is not a list.", 'Such as ["inputs"].')
    strange = [one for one in given if one not in (*_SEEN, *_UNSEEN)]
    if strange:
        return not_yet(f"{shortened(str(strange[0]), 60)!r} is none of the five.", "Write them as the task does.")
    seen = [one for one in given if one in _SEEN]
    if seen:
        return not_yet(f"It does see {seen[0]}.", "What stands on both sides of each pair?")
    if len(given) < len(_UNSEEN):
        return not_yet(
            f"{len(_UNSEEN) - len(set(given))} more are not in the text.",
            "What else of the five does not stand there?",
        )
    return right("It sees pairs, and nothing else.")


def bet(place: object, texts: Sequence[str]) -> Finding:
    """Note the bet; the comparison at the end settles it."""
    wrong = places.place(place, len(texts), "a guess")
    if wrong is not None:
        return wrong
    chosen = texts[place] if isinstance(place, int) else ""
    return right(f"You bet on “{shortened(chosen, 160)}”. The last comparison settles it.")


def stages(calls: object) -> Finding:
    """Say whether the calls of the stages were added up."""
    if isinstance(calls, bool) or not isinstance(calls, int):
        return not_yet(f"{calls!r} is not a number of calls.", "A whole number.")
    if calls == _STAGES:
        return right(f"{calls} calls, where all on all takes 720.")
    if calls == 12 * 15:
        return not_yet("This is the first stage alone.", "Three more stages follow, with fewer guesses each.")
    if calls == (12 + 6 + 3 + 1) * 15:
        return not_yet("Half of three, rounded up, is not one.", "How many go on from three?")
    return not_yet(
        f"It is not {calls}.", "How many guesses are in each stage? Add these up, and take 15 times that."
    )


def verdict(said: object, compared: Comparison) -> Finding:
    """Say whether the comparison was read as its interval has it."""
    return verdicts.verdict(said, compared)


CHECKS: Mapping[str, Callable[..., Finding]] = {
    "rule": rule,
    "unknown": unknown,
    "bet": bet,
    "stages": stages,
    "verdict": verdict,
}
