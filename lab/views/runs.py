"""The list of a person's runs, branch by branch."""

from __future__ import annotations

from collections.abc import Iterable

from lab.session.listing import Listed
from lab.store.deletion import Stake
from lab.views.markup import attributes, button, esc, part
from lab.views.names import model_name
from lab.views.numbers import counted, dollars, percent


def runs_list(rows: Iterable[Listed]) -> str:
    """Draw a card for each branch of all runs in the order given; nothing where there is none."""
    cards = "".join(map(_card, rows))
    if not cards:
        return ""
    find = attributes(type="search", data_find="", aria_label="Search your runs", placeholder="Search your runs")
    return part(
        "list",
        f'<div class="lab-row"><h2>Your runs</h2><input{find}></div><div class="lab-runs">{cards}</div>',
    )


def at_stake(stake: Stake) -> str:
    """Say what goes with a run that is deleted, and what stays."""
    goes = [
        counted(stake.n_branches, "branch", "branches"), counted(stake.n_nodes, "place") + " of its history",
        counted(stake.n_replies, "reply", "replies"),
    ]  # fmt: skip
    goes += [counted(stake.n_notes, "note")] if stake.n_notes else []
    goes += [counted(stake.n_openings, "opening") + " of the test split"] if stake.n_openings else []
    shared = counted(stake.n_shared, "reply", "replies")
    stays = f"{shared} that other runs use too, and " if stake.n_shared else ""
    money = f", {dollars(stake.cost_usd)}" if stake.cost_usd else ""
    return (
        f"The run “{stake.name}” goes for good: {', '.join(goes[:-1])} and {goes[-1]}, which no other run holds. "
        f"What stays: {stays}the account of what it spent ({counted(stake.n_paid, 'call')}{money})."
    )


def about(row: Listed) -> str:
    """Say how a branch is optimized: the optimizer, the target model, how far it is."""
    done = counted(row.rounds, "round") + (", ended" if row.over else "")
    recorded = "recording" if row.recorded else ""
    return " · ".join(filter(None, (row.optimizer, model_name(row.target), recorded, done)))


def scored(row: Listed) -> str:
    """Say the dev scores of a branch."""
    if row.start is None:
        return "not measured yet"
    if row.best is None or row.best <= row.start:
        return f"{percent(row.start)} on dev"
    return f"{percent(row.start)} → {percent(row.best)} on dev"


def _card(row: Listed) -> str:
    title = esc(row.task) or f'<span class="lab-muted">{esc(row.hindered)}</span>'
    return (
        f'<article class="lab-run" data-found><div class="lab-row"><h3>{title}</h3><span class="lab-chip">'
        f'{esc(row.name)}</span></div><p class="lab-muted">{esc(about(row))}</p>'
        f'<div class="lab-row"><b class="lab-figure">{esc(scored(row))}</b>'
        f"{button('Open', 'switch', kind='lab-small', off=row.hindered, data_branch=row.branch)}</div></article>"
    )
