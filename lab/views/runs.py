"""The list of a person's runs, branch by branch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lab.views.markup import button, esc, part, table
from lab.views.names import model_name
from lab.views.numbers import count


@dataclass(frozen=True)
class Row:
    """One branch as the list names it."""

    branch: str
    name: str
    task: str
    optimizer: str
    target: str
    rounds: int
    over: bool = False
    hindered: str = ""  # why it cannot be opened


def runs_list(rows: Iterable[Row]) -> str:
    """Draw the branches of all runs in the order given; nothing where there is none."""
    cells = [
        (
            esc(row.task) or f'<span class="lab-muted">{esc(row.hindered)}</span>',
            esc(row.name),
            esc(row.optimizer),
            esc(model_name(row.target)),
            count(row.rounds) + (", ended" if row.over else ""),
            button("Open", "switch", kind="lab-small", off=row.hindered, data_branch=row.branch),
        )
        for row in rows
    ]
    if not cells:
        return ""
    heads = ("Task", "Branch", "Optimizer", "Target model", "Rounds done", "")
    return part("list", f"<h3>Your runs</h3>{table(heads, cells)}")
