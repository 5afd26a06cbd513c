"""The list of a person's branches, and small notices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lab.views.header import model_name
from lab.views.markup import button, esc, part, table
from lab.views.numbers import count


@dataclass(frozen=True)
class Work:
    """One branch as the list names it."""

    branch: str
    name: str
    task: str
    optimizer: str
    target: str
    rounds: int
    over: bool = False
    hindered: str = ""  # why it cannot be opened


def work_list(all_work: Iterable[Work]) -> str:
    """Draw the branches, the newest first; nothing where there is none."""
    rows = [
        (
            esc(work.task) or f'<span class="lab-muted">{esc(work.hindered)}</span>',
            esc(work.name),
            esc(work.optimizer),
            esc(model_name(work.target)),
            count(work.rounds) + (", ended" if work.over else ""),
            button("Open", "switch", kind="lab-small", off=work.hindered, data_branch=work.branch),
        )
        for work in all_work
    ]
    if not rows:
        return ""
    heads = ("Task", "Branch", "Optimizer", "Target model", "Rounds done", "")
    return part("list", f"<h3>Your work</h3>{table(heads, rows)}")


def notice(sentences: Iterable[str]) -> str:
    """Draw sentences to read, the first one foremost."""
    said = list(sentences)
    if not said:
        return ""
    more = "".join(f'<p class="lab-muted">{esc(one)}</p>' for one in said[1:])
    return part("notice", f"<p>{esc(said[0])}</p>{more}")


def failure(sentence: str) -> str:
    """Draw what went wrong, in its place; nothing where nothing did."""
    return part("notice", f'<div class="lab-failure" role="alert">{esc(sentence)}</div>') if sentence else ""
