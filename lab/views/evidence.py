"""What measurements prove, in a sentence each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from lab.i18n import Message, gettext, gettext_lazy, ngettext
from lab.session.evidence import Evidence
from lab.tasks.evidence import GAIN, Paired, Selected
from lab.views.markup import details, esc
from lab.views.numbers import count, points, whole_points, within
from lab.views.prose import apart

__all__ = ["comparison", "fold", "selection", "sentences"]

_VERDICTS: Mapping[str, Message] = MappingProxyType(
    {
        "better": gettext_lazy("Better than the start prompt"),
        "worse": gettext_lazy("Worse than the start prompt"),
    }
)
_NOT_SURE = gettext_lazy("Not distinguishable from the start prompt yet")


def fold(found: Evidence | None) -> str:
    """Draw what is known of a gain, folded under a line that says the verdict; nothing where there is no gain."""
    lines = sentences(found)
    if not lines:
        return ""
    title = _VERDICTS.get(found.paired.outcome if found is not None else "", _NOT_SURE)
    return details("evidence", title, "".join(f"<p>{esc(line)}</p>" for line in lines))


def sentences(found: Evidence | None) -> tuple[str, ...]:
    """Say how the best prompt does against the start prompt, and what choosing it pretends."""
    if found is None:
        return ()
    chosen = (selection(found.selected),) if found.selected is not None and found.selected.n_prompts > 2 else ()
    return (comparison(found.paired), *chosen)


def comparison(found: Paired) -> str:
    """Say whether a second prompt is better than a first one, on which examples, and how sure that is."""
    if found.outcome == "too few" or found.change is None or found.interval is None:
        return ngettext(
            "Nothing can be said on {n} example.", "Nothing can be said on {n} examples.", found.n
        )  # fmt: skip
    change, told = within(points(0.0, found.change), found.interval), _told(found)
    if found.outcome == "better":
        return ngettext(
            "Better on {n} example: {change}; {told}.", "Better on {n} examples: {change}; {told}.",
            found.n, change=change, told=told,
        )  # fmt: skip
    if found.outcome == "worse":
        return ngettext(
            "Worse on {n} example: {change}; {told}.", "Worse on {n} examples: {change}; {told}.",
            found.n, change=change, told=told,
        )  # fmt: skip
    if found.needed > found.n:
        return ngettext(
            "Not distinguishable on {n} example; about {n_needed} would be needed to see {gain}: {change}; "
            "{told}.",
            "Not distinguishable on {n} examples; about {n_needed} would be needed to see {gain}: {change}; "
            "{told}.",
            found.n, n_needed=count(found.needed), gain=whole_points(GAIN), change=change, told=told,
        )  # fmt: skip
    return ngettext(
        "Not distinguishable on {n} example: {change}; {told}.",
        "Not distinguishable on {n} examples: {change}; {told}.",
        found.n, change=change, told=told,
    )  # fmt: skip


def _told(found: Paired) -> str:
    """Say how many examples came out how, and what has to be known of the interval."""
    told = gettext(
        "{n_improved} improved, {n_regressed} regressed, {n_alike} came out alike",
        n_improved=count(found.improved), n_regressed=count(found.regressed), n_alike=count(found.unchanged),
    )  # fmt: skip
    return apart((told, *_notes(found)))


def _notes(found: Paired) -> Iterator[str]:
    if found.best_of > 1:
        yield gettext(
            "chosen as the best of {n_prompts}, which interval and test allow for", n_prompts=count(found.best_of)
        )
    if found.is_few:
        yield ngettext(
            "only {n} example differs, so that the interval is too narrow: about 90 of 100 such hold the true "
            "change",
            "only {n} examples differ, so that the interval is too narrow: about 90 of 100 such hold the true "
            "change",
            found.improved + found.regressed,
        )


def selection(found: Selected) -> str:
    """Say what choosing the best of many pretends."""
    return gettext(
        "The best of {n_prompts} prompts on the same {n_examples} examples stands {lead} above their mean; the "
        "best of as many equal prompts would stand {by_chance} above it, by chance alone.",
        n_prompts=count(found.n_prompts), n_examples=count(found.n), lead=whole_points(found.lead),
        by_chance=whole_points(found.by_chance),
    )  # fmt: skip
