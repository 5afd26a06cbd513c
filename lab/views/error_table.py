"""The table in which a person chooses which wrong answers the optimizer model is shown."""

from __future__ import annotations

from lab.core.asks import ErrorSample
from lab.i18n import gettext, gettext_lazy, ngettext
from lab.session.state import State
from lab.tasks.outcomes import Wrong, kind_of_wrong
from lab.text import shortened
from lab.views import sifting
from lab.views.examples import answer, given, protect
from lab.views.glass_box import why
from lab.views.markup import details, esc, pre
from lab.views.numbers import count
from lab.views.outcomes import badge, named
from lab.views.ticks import group_names, tick, ticked
from lab.views.verdicts import Row

_HEADS = (
    gettext_lazy("Keep"), gettext_lazy("Group"), gettext_lazy("Input"), gettext_lazy("Expected answer"),
    gettext_lazy("Given answer"),
)  # fmt: skip


def error_table(state: State, rows: tuple[Row, ...]) -> str:
    """Draw the error samples of each prompt by group, those that wait without a group below."""
    by_prompt: dict[int, list[Row]] = {}
    for row in rows:
        by_prompt.setdefault(_sample(row).prompt, []).append(row)
    strip = _strip(state, rows)
    if len(by_prompt) == 1:
        return strip + _tables(state, next(iter(by_prompt.values())))
    return strip + "".join(
        details(
            f"{state.branch.pending}/prompt/{prompt}",
            _summary(state, prompt, len(mine)),
            _tables(state, mine),
            opened=prompt == min(by_prompt),
        )
        for prompt, mine in by_prompt.items()
    )


def _summary(state: State, prompt: int, n: int) -> str:
    return ngettext(
        "Prompt {place}, {n} error: {prompt}", "Prompt {place}, {n} errors: {prompt}", n,
        place=count(prompt + 1), prompt=shortened(state.node.phase.prompts[prompt], 90),
    )  # fmt: skip


def _strip(state: State, rows: tuple[Row, ...]) -> str:
    """Draw the strip, by which errors of one kind of wrong can be shown alone."""
    if len(rows) <= sifting.FEW:
        return ""
    kinds: dict[str, str] = {
        kind: named(kind, state.context.task) for kind in sorted({_kind(state, row) for row in rows})
    }
    return sifting.strip(f"{state.branch.pending}/strip", kinds, ["kind"], flaws=False)


def _kind(state: State, row: Row) -> Wrong:
    sample = _sample(row)
    return kind_of_wrong(state.context.task, sample.got, sample.answer, sample.answer_flaw)


def _tables(state: State, rows: list[Row]) -> str:
    """Draw the errors of one prompt; its groups are numbered from 1."""
    names = group_names(_sample(row).group for row in rows)
    spare = [row for row in rows if _sample(row).group is None]
    return ticked(
        _HEADS,
        (row for row in rows if _sample(row).group is not None),
        spare,
        lambda row: _cells(state, row, names[_sample(row).group]),
        f"{state.branch.pending}/spare/{_sample(rows[0]).prompt}",
        ngettext(
            "{n} further error in no group; tick one to add it to the smallest group",
            "{n} further errors in no group; tick one to add it to the smallest group",
            len(spare),
        ),
        short=(0, 1),
    )


def _cells(state: State, row: Row, group: str) -> tuple[str, ...]:
    sample = _sample(row)
    keep = gettext("Keep error {place} for the optimizer model", place=count(row.place + 1))
    return (
        tick(state, row, keep, _kind(state, row)),
        group,
        esc(sample.text),
        f"{answer(sample.answer, sample.example)} {protect(state, sample.example)}",
        f"{badge(state.context.task, sample.got, sample.answer, sample.answer_flaw)} "
        + given(sample.got, sample.answer_flaw)
        + _raw(state, row)
        + why(state, sample, f"{state.branch.pending}/{row.place}"),
    )


def _raw(state: State, row: Row) -> str:
    """Draw the whole reply, where what was read in it is another text."""
    raw = state.raw_replies.get(row.place)
    key = f"{state.branch.pending}/{row.place}/raw"
    return "" if raw is None else details(key, gettext("The whole reply"), pre(raw))


def _sample(row: Row) -> ErrorSample:
    assert isinstance(row.item, ErrorSample)
    return row.item
