"""Why a run has no gain that is sure, in a sentence for each cause."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from lab.i18n import gettext, gettext_lazy, ngettext
from lab.session.no_gain import Cause, CauseCode
from lab.tasks.evidence import GAIN
from lab.views.markup import details, esc
from lab.views.numbers import count, percent, points, whole_points

__all__ = ["NO_GAIN", "fold", "sentence"]

NO_GAIN = gettext_lazy("Why no gain?")


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


def _none_better(it: Cause) -> str:
    if it.n == 1:
        return ngettext(
            "1 other prompt was measured on {n} dev example, and reached {score}.",
            "1 other prompt was measured on {n} dev examples, and reached {score}.",
            it.of, score=percent(it.score),
        )  # fmt: skip
    return ngettext(
        "{n_prompts} other prompts were measured on {n} dev example; the best of them reached {score}.",
        "{n_prompts} other prompts were measured on {n} dev examples; the best of them reached {score}.",
        it.of, n_prompts=count(it.n), score=percent(it.score),
    )  # fmt: skip


_SENTENCES: Mapping[CauseCode, Callable[[Cause], str]] = MappingProxyType({
    "not_measured": lambda it: gettext(
        "The start prompt was not measured on dev, so there is nothing to compare with."
    ),
    "not_answered": lambda it: ngettext(
        "{n_missing} of {n} call on dev were not answered, and are in no score.",
        "{n_missing} of {n} calls on dev were not answered, and are in no score.",
        it.of, n_missing=count(it.n),
    ),
    "not_read": lambda it: ngettext(
        "{n_unread} of {n} reply on dev could not be read, so they count as wrong: say in the prompt how to "
        "answer, or read replies in another way.",
        "{n_unread} of {n} replies on dev could not be read, so they count as wrong: say in the prompt how to "
        "answer, or read replies in another way.",
        it.of, n_unread=count(it.n),
    ),
    "start_at_the_top": lambda it: ngettext(
        "The start prompt is right on all of {n} dev example: nothing is left to gain. Harder examples would tell "
        "prompts apart.",
        "The start prompt is right on all of {n} dev examples: nothing is left to gain. Harder examples would tell "
        "prompts apart.",
        it.n,
    ),
    "near_the_top": lambda it: ngettext(
        "The start prompt scores {score}: it misses only {n_missed} of {n} dev example.",
        "The start prompt scores {score}: it misses only {n_missed} of {n} dev examples.",
        it.of, score=percent(it.score), n_missed=count(it.n),
    ),
    "conflicting_answers": lambda it: ngettext(
        "{n} example of train and dev have an input that stands there again with another answer: no prompt gets "
        "both right.",
        "{n} examples of train and dev have an input that stands there again with another answer: no prompt gets "
        "both right.",
        it.n,
    ),
    "replies_unusable": lambda it: ngettext(
        "{n_unusable} of {n} reply of the optimizer model could not be read as what was asked for: try another "
        "optimizer model, or a meta-prompt of your own.",
        "{n_unusable} of {n} replies of the optimizer model could not be read as what was asked for: try another "
        "optimizer model, or a meta-prompt of your own.",
        it.of, n_unusable=count(it.n),
    ),
    "nothing_proposed": lambda it: ngettext(
        "The optimizer model has given {n} reply so far, and no prompt among them.",
        "The optimizer model has given {n} replies so far, and no prompt among them.",
        it.of,
    ),
    "all_flawed": lambda it: ngettext(
        "All of {n} proposed prompt had a flaw, such as being a duplicate or too long: none was kept.",
        "All of {n} proposed prompts had a flaw, such as being a duplicate or too long: none was kept.",
        it.n,
    ),
    "all_rejected": lambda it: ngettext(
        "Of {n} proposed prompt none was kept: {n_rejected} left out at review.",
        "Of {n} proposed prompts none was kept: {n_rejected} left out at review.",
        it.of, n_rejected=count(it.n),
    ),
    "budget_spent": lambda it: gettext("The spending limit leaves no room for the next call."),
    "no_rules": lambda it: gettext(
        "The target is the practice model, which is simulated and has no rules for this task: what it gets right, "
        "it gets right by chance or in part. A real model is needed."
    ),
    "guesses": lambda it: gettext(
        "The target is the practice model, which is simulated and knows of these labels only what a prompt says: "
        "it goes by the signs that the prompt names for them, and otherwise guesses."
    ),
    "may_be_chance": lambda it: gettext(
        "The best prompt stands {change} from the start prompt, {n_improved} examples improved and {n_regressed} "
        "regressed: that may be chance.",
        change=points(0.0, it.score or 0.0), n_improved=count(it.n), n_regressed=count(it.of),
    ),
    "too_few_examples": lambda it: ngettext(
        "There are {n} dev example to compare on; about {n_needed} would be needed to see a gain of {gain}.",
        "There are {n} dev examples to compare on; about {n_needed} would be needed to see a gain of {gain}.",
        it.n, n_needed=count(it.of), gain=whole_points(GAIN),
    ),
    "none_better": _none_better,
})  # fmt: skip
