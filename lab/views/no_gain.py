"""Why a run has no gain that is sure, in a sentence for each cause."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from lab.session.no_gain import Cause, CauseCode
from lab.tasks.evidence import GAIN
from lab.views.markup import details, esc
from lab.views.numbers import count, counted, percent, points, whole_points

__all__ = ["NO_GAIN", "fold", "sentence"]

NO_GAIN = "Why no gain?"


def sentence(cause: Cause) -> str:
    """Return a cause in words.

    Example:
        `sentence(Cause("not_read", 40, 50))` is “40 of 50 replies on dev could not be read, so ...”
    """
    return _SENTENCES[cause.code](cause)


def fold(causes: Iterable[Cause]) -> str:
    """Draw the causes, folded open under their question; nothing where there are none."""
    said = "".join(f"<li>{esc(sentence(cause))}</li>" for cause in causes)
    return details("no-gain", NO_GAIN, f"<ul>{said}</ul>", True) if said else ""


def _others(it: Cause) -> str:
    if it.n == 1:
        return f"1 other prompt was measured on {counted(it.of, 'dev example')}, and reached"
    return f"{count(it.n)} other prompts were measured on {counted(it.of, 'dev example')}; the best of them reached"


_SENTENCES: Mapping[CauseCode, Callable[[Cause], str]] = MappingProxyType({
    "not_measured": lambda it: "The start prompt was not measured on dev, so there is nothing to compare with.",
    "not_answered": lambda it: (
        f"{count(it.n)} of {counted(it.of, 'call')} on dev were not answered, and are in no score."
    ),
    "not_read": lambda it: (
        f"{count(it.n)} of {counted(it.of, 'reply', 'replies')} on dev could not be read, so they count as wrong: "
        "say in the prompt how to answer, or read replies in another way."
    ),
    "start_at_the_top": lambda it: (
        f"The start prompt is right on all of {counted(it.n, 'dev example')}: nothing is left to gain. "
        "Harder examples would tell prompts apart."
    ),
    "near_the_top": lambda it: (
        f"The start prompt scores {percent(it.score)}: it misses only {count(it.n)} of "
        f"{counted(it.of, 'dev example')}."
    ),
    "conflicting_answers": lambda it: (
        f"{counted(it.n, 'example')} of train and dev have an input that stands there again with another answer: "
        "no prompt gets both right."
    ),
    "replies_unusable": lambda it: (
        f"{count(it.n)} of {counted(it.of, 'reply', 'replies')} of the optimizer model could not be read as what "
        "was asked for: try another optimizer model, or a meta-prompt of your own."
    ),
    "nothing_proposed": lambda it: (
        f"The optimizer model has given {counted(it.of, 'reply', 'replies')} so far, and no prompt among them."
    ),
    "all_flawed": lambda it: (
        f"All of {counted(it.n, 'proposed prompt')} had a flaw, such as being a duplicate or too long: none was "
        "kept."
    ),
    "all_rejected": lambda it: (
        f"Of {counted(it.of, 'proposed prompt')} none was kept: {count(it.n)} left out at review."
    ),
    "budget_spent": lambda it: "The spending limit leaves no room for the next call.",
    "no_rules": lambda it: (
        "The target is the practice model, which is simulated and has no rules for this task: what it gets right, "
        "it gets right by chance or in part. A real model is needed."
    ),
    "guesses": lambda it: (
        "The target is the practice model, which is simulated and knows of these labels only what a prompt says: "
        "it goes by the signs that the prompt names for them, and otherwise guesses."
    ),
    "may_be_chance": lambda it: (
        f"The best prompt stands {points(0.0, it.score or 0.0)} from the start prompt, {count(it.n)} examples "
        f"improved and {count(it.of)} regressed: that may be chance."
    ),
    "too_few_examples": lambda it: (
        f"There are {counted(it.n, 'dev example')} to compare on; about {count(it.of)} would be needed to see a "
        f"gain of {whole_points(GAIN)}."
    ),
    "none_better": lambda it: (
        f"{_others(it)} {percent(it.score)}."
    ),
})  # fmt: skip
