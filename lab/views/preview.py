"""How a file of examples is read, before anything is begun: what each column is for, and its first rows."""

from __future__ import annotations

from lab.i18n import gettext, ngettext
from lab.tasks.loaders import Loaded
from lab.text import shortened
from lab.views.markup import esc, table
from lab.views.notices import notice
from lab.views.prose import listed
from lab.views.readings import judged

_ROWS, _COLUMNS = 3, 12
_CELL, _NAME = 160, 40  # characters


def preview(loaded: Loaded) -> str:
    """Draw what became of a file: in sentences, its columns with its first rows, and how answers are judged."""
    roles, task = _roles(loaded), loaded.task
    names = sorted(loaded.table.columns, key=lambda name: name not in roles)  # stable: what is used comes first
    shown = names[:_COLUMNS]
    places = [loaded.table.columns.index(name) for name in shown]
    heads = [_head(shortened(name, _NAME), roles.get(name, "")) for name in shown]
    rows = ([esc(shortened(row[at], _CELL)) for at in places] for row in loaded.table.rows[:_ROWS])
    more = ngettext("and {n} more column", "and {n} more columns", len(names) - len(shown))
    rest = f'<p class="lab-muted">{more}</p>' if len(names) > len(shown) else ""
    how = [gettext("How it is judged: {how}", how=judged(task))]
    labels = (
        [gettext("The answers are: {labels}.", labels=shortened(listed(task.labels), 300))] if task.labels else []
    )
    return (
        f"{notice(loaded.report.sentences())}"
        f'<div class="lab lab-preview" dir="auto">{table(heads, rows)}{rest}</div>{notice([*labels, *how])}'
    )


def _head(name: str, role: str) -> str:
    return gettext("{column} ({role})", column=name, role=role) if role else name


def _roles(loaded: Loaded) -> dict[str, str]:
    """Return what each used column is for."""
    mapping = loaded.mapping
    named = {
        mapping.mark: gettext("mark"), mapping.remarks: gettext("remarks"), mapping.id: gettext("id"),
        mapping.split: gettext("split"), **dict.fromkeys(mapping.inputs, gettext("input")),
        mapping.answer: gettext("answer"),
    }  # fmt: skip
    return {name: role for name, role in named.items() if name}
