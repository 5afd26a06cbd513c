"""The table in which a person chooses which scored prompts the optimizer model is shown."""

from __future__ import annotations

from lab.core.asks import TrajectoryRow
from lab.i18n import gettext, gettext_lazy, ngettext
from lab.session.state import State
from lab.views.constraints import pins, regressions
from lab.views.examples import doubt
from lab.views.markup import esc
from lab.views.numbers import count, known_percent
from lab.views.ticks import tick, ticked
from lab.views.verdicts import Row

_HEADS = (gettext_lazy("Keep"), gettext_lazy("Prompt"), gettext_lazy("Score"), gettext_lazy("Round"))


def trajectory_table(state: State, rows: tuple[Row, ...]) -> str:
    """Draw the prompts that are shown in their order, those that are not below."""
    spare = [row for row in rows if not row.offered]
    return ticked(
        _HEADS,
        (row for row in rows if row.offered),
        spare,
        lambda row: _cells(state, row),
        f"{state.branch.pending}/spare",
        ngettext(
            "{n} further prompt that the optimizer would not show",
            "{n} further prompts that the optimizer would not show",
            len(spare),
        ),
        short=(0, 2, 3),
    )


def _cells(state: State, row: Row) -> tuple[str, ...]:
    item = row.item
    assert isinstance(item, TrajectoryRow)
    return (
        tick(state, row, gettext("Keep prompt {number} for the optimizer model", number=count(row.place + 1))),
        f'<div class="lab-clip" tabindex="0">{esc(item.text)}</div>{pins(state, row)}{regressions(state, row)}',
        esc(known_percent(item.score)) + doubt(state, item),
        count(item.step) if item.step else gettext("start"),
    )
