"""The table in which a person chooses which examples the optimizer model is shown with their answers."""

from __future__ import annotations

from lab.core.asks import Demonstration
from lab.i18n import gettext, gettext_lazy, ngettext
from lab.session.state import State
from lab.views.examples import answer
from lab.views.markup import esc
from lab.views.numbers import count
from lab.views.ticks import group_names, tick, ticked
from lab.views.verdicts import Row

_HEADS = (gettext_lazy("Keep"), gettext_lazy("Group"), gettext_lazy("Input"), gettext_lazy("Answer"))


def demonstration_table(state: State, rows: tuple[Row, ...]) -> str:
    """Draw the demonstrations by group, those that wait without a group below."""
    names = group_names(_shown(row).group for row in rows)
    spare = [row for row in rows if _shown(row).group is None]
    return ticked(
        _HEADS,
        (row for row in rows if _shown(row).group is not None),
        spare,
        lambda row: _cells(state, row, names[_shown(row).group]),
        f"{state.branch.pending}/spare",
        _note(len(spare), many=len(names) > 2),  # none is one of the names
        short=(0, 1),
    )


def _note(n_spare: int, many: bool) -> str:
    """Say what the examples without a group are for, where there may be many groups."""
    if many:
        return ngettext(
            "{n} further example in no group; tick one to add it to the smallest group",
            "{n} further examples in no group; tick one to add it to the smallest group",
            n_spare,
        )
    return ngettext(
        "{n} further example in no group; tick one to add it",
        "{n} further examples in no group; tick one to add it",
        n_spare,
    )


def _cells(state: State, row: Row, group: str) -> tuple[str, ...]:
    shown = _shown(row)
    about = "".join(f'<p class="lab-muted">{esc(state.about(line))}</p>' for line in shown.about)
    label = gettext("Keep example {number} for the optimizer model", number=count(row.place + 1))
    return tick(state, row, label), group, esc(shown.text) + about, answer(shown.answer, shown.example)


def _shown(row: Row) -> Demonstration:
    assert isinstance(row.item, Demonstration)
    return row.item
