"""The table in which a person chooses which wrong answers the critic is shown."""

from __future__ import annotations

from lab.asks import ErrorSample
from lab.state import State
from lab.text import shortened
from lab.views.markup import attributes, details, esc, table
from lab.views.numbers import count, counted
from lab.views.verdicts import Row

_HEADS = ("Show", "Group", "Input", "Expected answer", "Given answer")


def error_table(state: State, rows: tuple[Row, ...]) -> str:
    """Draws the error samples of each prompt by group, those that wait without a group below."""
    by_prompt: dict[int, list[Row]] = {}
    for row in rows:
        by_prompt.setdefault(_sample(row).prompt, []).append(row)
    if len(by_prompt) == 1:
        return _tables(state, next(iter(by_prompt.values())))
    return "".join(
        details(
            f"{state.branch.pending}/prompt/{prompt}",
            f"Prompt {count(prompt + 1)}, {counted(len(mine), 'error')}: "
            f"{shortened(state.node.phase.prompts[prompt], 90)}",
            _tables(state, mine),
            opened=prompt == min(by_prompt),
        )
        for prompt, mine in by_prompt.items()
    )


def _tables(state: State, rows: list[Row]) -> str:
    """Draws the errors of one prompt; its groups are numbered from 1."""
    groups = list(dict.fromkeys(group for row in rows if (group := _sample(row).group) is not None))
    drawn = [row for row in rows if _sample(row).group is not None]
    spare = [row for row in rows if _sample(row).group is None]
    body = table(_HEADS, (_cells(state, row, _number(groups, row)) for row in drawn))
    if not spare:
        return body
    more = table(_HEADS, (_cells(state, row, _number(groups, row)) for row in spare))
    note = f"{counted(len(spare), 'further error')} that no group has; tick one to add it to the smallest group"
    key = f"{state.branch.pending}/spare/{_sample(rows[0]).prompt}"
    return body + details(key, note, more, any(row.keep for row in spare))


def _number(groups: list[int], row: Row) -> str:
    group = _sample(row).group
    return "none" if group is None else count(groups.index(group) + 1)


def _cells(state: State, row: Row, group: str) -> tuple[str, ...]:
    sample = _sample(row)
    key = f"{state.branch.pending}/{row.place}/keep"
    tick = attributes(
        type="checkbox", data_field="keep", data_key=key, checked=row.keep,
        aria_label=f"Show error {count(row.place + 1)} to the critic",
    )  # fmt: skip
    return (
        f'<span class="lab-tick" data-place="{row.place}"><input{tick}></span>',
        group,
        esc(sample.text),
        esc(sample.answer),
        esc(sample.got) or "<em>nothing</em>",
    )


def _sample(row: Row) -> ErrorSample:
    assert isinstance(row.item, ErrorSample)
    return row.item
