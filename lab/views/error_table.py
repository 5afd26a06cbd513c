"""The table in which a person chooses which wrong answers the critic is shown."""

from __future__ import annotations

from lab.asks import ErrorSample
from lab.session import State
from lab.views.markup import attributes, details, esc, table
from lab.views.numbers import count, counted
from lab.views.verdicts import Row

_HEADS = ("Show", "Group", "Input", "Expected answer", "Given answer")


def error_table(state: State, rows: tuple[Row, ...]) -> str:
    """Draws the error samples by group, those that wait without a group below."""
    drawn = [row for row in rows if _sample(row).group is not None]
    spare = [row for row in rows if _sample(row).group is None]
    body = table(_HEADS, (_cells(state, row) for row in drawn))
    if not spare:
        return body
    more = table(_HEADS, (_cells(state, row) for row in spare))
    note = f"{counted(len(spare), 'further error')} that no group has; tick one to add it to the smallest group"
    return body + details(f"{state.branch.pending}/spare", note, more, any(row.keep for row in spare))


def _cells(state: State, row: Row) -> tuple[str, ...]:
    sample = _sample(row)
    key = f"{state.branch.pending}/{row.place}/keep"
    tick = attributes(
        type="checkbox", data_field="keep", data_key=key, checked=row.keep,
        aria_label=f"Show error {count(row.place + 1)} to the critic",
    )  # fmt: skip
    return (
        f'<span class="lab-tick" data-place="{row.place}"><input{tick}></span>',
        _group(state, sample),
        esc(sample.text),
        esc(sample.answer),
        esc(sample.got) or "<em>nothing</em>",
    )


def _group(state: State, sample: ErrorSample) -> str:
    """Numbers the groups of each prompt from 1; the prompt is named where the beam has several."""
    if sample.group is None:
        return "none"
    groups = getattr(state.run.settings, "groups", 1)
    number = count(sample.group % groups + 1)
    return number if len(state.node.phase.prompts) == 1 else f"{number} of prompt {count(sample.prompt + 1)}"


def _sample(row: Row) -> ErrorSample:
    assert isinstance(row.item, ErrorSample)
    return row.item
