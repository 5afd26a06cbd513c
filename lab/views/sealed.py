"""The sealed test: what opening it does, who opened it and why, and the gap between the splits."""

from __future__ import annotations

from collections.abc import Sequence

from lab.session.sealed import Known, Sealed, Tested
from lab.session.state import State
from lab.store.openings import Opening
from lab.text import shortened
from lab.views.markup import attributes, button, details, esc, table
from lab.views.numbers import between, count, counted, percent, points

__all__ = ["gap", "gap_table", "known", "opened", "openings_table", "sealed", "sentences"]

_WHAT = (
    "The test examples were put aside at the start, and {read}. Opening them measures the start prompt "
    "and the best prompt on {n}, {calls} at most, and says how much of the gain holds on examples that chose "
    "nothing. It is kept with the time and your reason, and counted: what is chosen after a look at the test is "
    "chosen by the test, so that a second look says less than the first."
)


def sealed(state: State, off: str = "") -> str:
    """Draw what was seen of the test split, and the form that opens it; nothing of a task without one."""
    n = state.sealed.n_examples
    if not n:
        return ""
    seen = state.sealed.openings
    title = f"The sealed test: {counted(n, 'example')}, " + (
        f"opened {counted(len(seen), 'time')}" if seen else "not opened"
    )
    return details("sealed", title, f"{_seen(state)}{_form(state, off)}")


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
    return table(("Prompt", "Train", "Dev", "Test"), rows)


def openings_table(openings: Sequence[Opening]) -> str:
    """Draw when the test split was opened, for what, and why."""
    rows = (
        (count(i), esc(opened(one)), counted(len(one.prompts), "prompt"), esc(one.reason or "no reason was given"))
        for i, one in enumerate(openings, 1)
    )
    return table(("Opening", "When", "For", "Why"), rows)


def opened(one: Opening) -> str:
    """Say when the test split was opened: 2026-11-26 23:55 UTC."""
    return f"{one.made[:10]} {one.made[11:16]} UTC"


def known(one: Known | None) -> str:
    """Say a score on a split, with its interval, and of how many examples: 84 % (70 to 93) on 50."""
    if one is None:
        return "not measured"
    span = f" ({between(*one.interval)})" if one.interval else ""
    of = count(one.n) if one.n == one.n_all else f"{count(one.n)} of {count(one.n_all)}"
    return f"{percent(one.score)}{span} on {of}"


def sentences(found: Sealed, start: str) -> tuple[str, ...]:
    """Say how often the test split was opened, and how much of a dev score holds, but that of the start prompt."""
    if not found.openings:
        return ()
    n, last = len(found.openings), found.openings[-1]
    times = (
        f"The test split was opened {counted(n, 'time')} in this run, last at {opened(last)}"
        f"{f' (“{shortened(last.reason, 80)}”)' if last.reason else ''}."
    )
    again = "It was opened more than once: what was chosen after a look is measured by what helped to choose it."
    return (times, *((again,) if n > 1 else ()), *(gap(one) for one in found.tested if one.prompt != start))


def gap(one: Tested) -> str:
    """Say how far a prompt's test score stands from its dev score."""
    if one.dev is None:
        return f"A prompt scores {known(one.test)} test examples; it was not measured on dev."
    dev, test = one.dev.score, one.test.score
    named = shortened(one.prompt, 60)
    return f"“{named}” scores {percent(dev)} on dev and {percent(test)} on test: {points(dev, test)}."


def _form(state: State, off: str) -> str:
    key = f"sealed/{state.branch.id}/{len(state.sealed.openings)}"
    n_prompts, n = 2 if state.result != state.context.task.start else 1, state.sealed.n_examples
    read = "were read only when they were opened" if state.sealed.openings else "nothing has read them"
    told = _WHAT.format(read=read, n=counted(n, "test example"), calls=counted(n_prompts * n, "call"))
    field = attributes(
        type="text", data_arg="reason", data_key=key, maxlength=500, placeholder="a reason, which is kept"
    )
    return (
        f'<p class="lab-muted">{esc(told)}</p><div class="lab-add lab-to" data-form>'
        f"<label>Why now <input{field}></label>"
        f"{button('Open the sealed test', 'test', kind='lab-small', off=off)}</div>"
    )
