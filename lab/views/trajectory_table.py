"""The table in which a person chooses which scored prompts the optimizer model is shown."""

from __future__ import annotations

from lab.core.asks import TrajectoryRow
from lab.session.state import State
from lab.views.constraints import pins, regressions
from lab.views.examples import doubt
from lab.views.markup import esc
from lab.views.numbers import count, counted, known_percent
from lab.views.ticks import tick, ticked
from lab.views.verdicts import Row

_HEADS = ("Keep", "Prompt", "Score", "Round")


def trajectory_table(state: State, rows: tuple[Row, ...]) -> str:
    """Draw the prompts that are shown in their order, those that are not below."""
    spare = [row for row in rows if not row.offered]
    return ticked(
        _HEADS,
        (row for row in rows if row.offered),
        spare,
        lambda row: _cells(state, row),
        f"{state.branch.pending}/spare",
        f"{counted(len(spare), 'further prompt')} that the optimizer would not show",
    )


def _cells(state: State, row: Row) -> tuple[str, ...]:
    item = row.item
    assert isinstance(item, TrajectoryRow)
    return (
        tick(state, row, f"Keep prompt {count(row.place + 1)} for the optimizer model"),
        f'<div class="lab-clip" tabindex="0">{esc(item.text)}</div>{pins(state, row)}{regressions(state, row)}',
        esc(known_percent(item.score)) + doubt(state, item),
        count(item.step) if item.step else "start",
    )
