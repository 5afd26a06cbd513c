"""The sealed test: what opening it does, who opened it and why, and the gap between the splits."""

from __future__ import annotations

from collections.abc import Sequence

from lab.i18n import gettext, gettext_lazy, ngettext
from lab.session.sealed import Known, Sealed, Tested
from lab.session.state import State
from lab.store.openings import Opening
from lab.text import shortened
from lab.views.markup import attributes, button, details, esc, table
from lab.views.numbers import count, percent, points, within
from lab.views.prose import in_a_row

__all__ = ["gap", "gap_table", "known", "opened", "openings_table", "sealed", "sentences"]

_UNREAD = gettext_lazy("The test examples were put aside at the start, and nothing has read them.")
_READ = gettext_lazy("The test examples were put aside at the start, and were read only when they were opened.")
_COUNTED = gettext_lazy(
    "It is kept with the time and your reason, and counted: what is chosen after a look at the test is "
    "chosen by the test, so that a second look says less than the first."
)


def sealed(state: State, off: str = "") -> str:
    """Draw what was seen of the test split, and the form that opens it; nothing of a task without one."""
    n = state.sealed.n_examples
    if not n:
        return ""
    return details("sealed", _title(n, len(state.sealed.openings)), f"{_seen(state)}{_form(state, off)}")


def _title(n: int, n_openings: int) -> str:
    examples = ngettext("{n} example", "{n} examples", n)
    if not n_openings:
        return gettext("The sealed test: {examples}, not opened", examples=examples)
    return ngettext(
        "The sealed test: {examples}, opened {n} time", "The sealed test: {examples}, opened {n} times",
        n_openings, examples=examples,
    )  # fmt: skip


def _seen(state: State) -> str:
    if not state.sealed.openings:
        return ""
    lines = "".join(f"<p>{esc(line)}</p>" for line in sentences(state.sealed, state.context.task.start))
    return f"{gap_table(state.sealed.tested)}{lines}{openings_table(state.sealed.openings)}"


def gap_table(tested: Sequence[Tested]) -> str:
    """Draw the prompts that were tested on the three splits."""
    if not tested:
        return ""
    rows = (
        (
            f'<div class="lab-clip">{esc(one.prompt)}</div>',
            *(esc(known(on)) for on in (one.train, one.dev, one.test)),
        )
        for one in tested
    )
    return table((gettext("Prompt"), gettext("Train"), gettext("Dev"), gettext("Test")), rows)


def openings_table(openings: Sequence[Opening]) -> str:
    """Draw when the test split was opened, for what, and why."""
    rows = (
        (
            count(i),
            esc(opened(one)),
            ngettext("{n} prompt", "{n} prompts", len(one.prompts)),
            esc(one.reason or gettext("no reason was given")),
        )
        for i, one in enumerate(openings, 1)
    )
    return table((gettext("Opening"), gettext("When"), gettext("For"), gettext("Why")), rows)


def opened(one: Opening) -> str:
    """Say when the test split was opened: 2026-11-26 23:55 UTC."""
    return gettext("{date} {time} UTC", date=one.made[:10], time=one.made[11:16])


def known(one: Known | None) -> str:
    """Say a score on a split, with its interval, and of how many examples: 84 % (70 to 93) on 50."""
    if one is None:
        return gettext("not measured")
    score, n = within(percent(one.score), one.interval), count(one.n)
    of = n if one.n == one.n_all else gettext("{n_measured} of {n_all}", n_measured=n, n_all=count(one.n_all))
    return gettext("{score} on {examples}", score=score, examples=of)


def sentences(found: Sealed, start: str) -> tuple[str, ...]:
    """Say how often the test split was opened, and how much of a dev score holds, but that of the start prompt."""
    if not found.openings:
        return ()
    n, last = len(found.openings), found.openings[-1]
    again = gettext(
        "It was opened more than once: what was chosen after a look is measured by what helped to choose it."
    )
    gaps = (gap(one) for one in found.tested if one.prompt != start)
    return (_times(n, last), *((again,) if n > 1 else ()), *gaps)


def _times(n: int, last: Opening) -> str:
    if not last.reason:
        return ngettext(
            "The test split was opened {n} time in this run, last at {when}.",
            "The test split was opened {n} times in this run, last at {when}.",
            n, when=opened(last),
        )  # fmt: skip
    return ngettext(
        "The test split was opened {n} time in this run, last at {when} (“{reason}”).",
        "The test split was opened {n} times in this run, last at {when} (“{reason}”).",
        n, when=opened(last), reason=shortened(last.reason, 80),
    )  # fmt: skip


def gap(one: Tested) -> str:
    """Say how far a prompt's test score stands from its dev score."""
    if one.dev is None:
        return gettext("A prompt scores {score} test examples; it was not measured on dev.", score=known(one.test))
    dev, test = one.dev.score, one.test.score
    return gettext(
        "“{prompt}” scores {on_dev} on dev and {on_test} on test: {change}.",
        prompt=shortened(one.prompt, 60), on_dev=percent(dev), on_test=percent(test), change=points(dev, test),
    )  # fmt: skip


def _form(state: State, off: str) -> str:
    key = f"sealed/{state.branch.id}/{len(state.sealed.openings)}"
    field = attributes(
        type="text", data_arg="reason", data_key=key, maxlength=500, placeholder=gettext("a reason, which is kept")
    )
    return (
        f'<p class="lab-muted">{esc(_offer(state))}</p><div class="lab-add lab-to" data-form>'
        f"<label>{gettext('Why now')} <input{field}></label>"
        f"{button(gettext('Open the sealed test'), 'test', kind='lab-small', off=off)}</div>"
    )


def _offer(state: State) -> str:
    """Say what opening the test does, and what it takes."""
    n_prompts, n = 2 if state.result != state.context.task.start else 1, state.sealed.n_examples
    measured = ngettext(
        "Opening them measures the start prompt and the best prompt on {n} test example, {calls} at most, and "
        "says how much of the gain holds on examples that chose nothing.",
        "Opening them measures the start prompt and the best prompt on {n} test examples, {calls} at most, and "
        "says how much of the gain holds on examples that chose nothing.",
        n, calls=ngettext("{n} call", "{n} calls", n_prompts * n),
    )  # fmt: skip
    return in_a_row(_READ if state.sealed.openings else _UNREAD, measured, _COUNTED)
