"""How a file of examples is read, before anything is begun: what each column is for, and its first rows."""

from __future__ import annotations

from lab.tasks.loaders import Loaded
from lab.text import shortened
from lab.views.markup import esc, table
from lab.views.notices import notice
from lab.views.numbers import counted
from lab.views.readings import judged

_ROWS, _COLUMNS = 3, 12
_CELL, _NAME = 160, 40  # characters


def preview(loaded: Loaded) -> str:
    """Draw what became of a file: in sentences, its columns with its first rows, and how answers are judged."""
    roles, task = _roles(loaded), loaded.task
    names = sorted(loaded.table.columns, key=lambda name: name not in roles)  # stable: what is used comes first
    shown = names[:_COLUMNS]
    places = [loaded.table.columns.index(name) for name in shown]
    heads = [shortened(name, _NAME) + (f" ({roles[name]})" if name in roles else "") for name in shown]
    rows = ([esc(shortened(row[at], _CELL)) for at in places] for row in loaded.table.rows[:_ROWS])
    more = counted(len(names) - len(shown), "more column")
    rest = f'<p class="lab-muted">and {more}</p>' if len(names) > len(shown) else ""
    how = [f"How it is judged: {judged(task)}"]
    labels = [f"The answers are: {shortened(', '.join(task.labels), 300)}."] if task.labels else []
    return (
        f"{notice(loaded.report.sentences())}"
        f'<div class="lab lab-preview" dir="auto">{table(heads, rows)}{rest}</div>{notice([*labels, *how])}'
    )


def _roles(loaded: Loaded) -> dict[str, str]:
    """Return what each used column is for."""
    mapping = loaded.mapping
    named = {
        mapping.mark: "mark", mapping.remarks: "remarks", mapping.id: "id", mapping.split: "split",
        **dict.fromkeys(mapping.inputs, "input"), mapping.answer: "answer",
    }  # fmt: skip
    return {name: role for name, role in named.items() if name}
