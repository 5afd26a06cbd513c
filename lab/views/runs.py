"""The list of a person's runs, branch by branch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from lab.i18n import gettext, ngettext
from lab.session.listing import Listed
from lab.store.deletion import Stake
from lab.text import shortened
from lab.views.markup import attributes, button, details, esc, part
from lab.views.names import model_name
from lab.views.numbers import NOT_MEASURED, dollars, percent
from lab.views.prose import all_of, in_a_row, listed
from lab.views.sparkline import sparkline


@dataclass(frozen=True)
class Shelf:
    """What a list of runs is drawn by beside the runs: what was searched for, and what may be deleted.

    `asked` is a branch of the run that would be deleted, and `stake` what would go with it.
    """

    text: str = ""
    archived: bool = False
    n_archived: int = 0
    asked: str = ""
    stake: Stake | None = None


def runs_list(rows: Sequence[Listed], shelf: Shelf = Shelf()) -> str:  # it is frozen
    """Draw a card for each branch of all runs in the order given; nothing where there is none."""
    if not (rows or shelf.n_archived or shelf.text or shelf.archived):
        return ""
    cards = "".join(_card(row, shelf) for row in rows)
    told = gettext("No run here holds “{text}”.", text=shelf.text) if shelf.text else gettext("No run is put away.")
    body = cards or f'<p class="lab-muted">{esc(told)}</p>'
    return part("list", f'{_heading(shelf)}<div class="lab-runs">{body}</div>')


def _heading(shelf: Shelf) -> str:
    """Draw what finds runs: those on the page as one types, all by the button; and the way to those put away."""
    named = gettext("Runs put away") if shelf.archived else gettext("Your runs")
    find = attributes(
        type="search", data_find="", data_arg="text", data_key="find-runs", value=shelf.text, maxlength=200,
        aria_label=gettext("Search your runs"), placeholder=gettext("Name, task, note"),
    )  # fmt: skip
    search = button(gettext("Search all"), "runs", kind="lab-small", data_archived=_flag(shelf.archived))
    if shelf.archived:
        back = gettext("Back to your runs")
        other = button(back, "runs", kind="lab-small", data_text="", data_archived="false")
    elif shelf.n_archived:
        label = gettext("Put away: {n_runs}", n_runs=shelf.n_archived)
        other = button(label, "runs", kind="lab-small", data_text="", data_archived="true")
    else:
        other = ""
    return (
        f'<div class="lab-row"><h2>{named}</h2><span class="lab-inline" data-form><input{find}>{search}</span>'
        f"{other}</div>"
    )


def _flag(on: bool) -> str:
    return "true" if on else "false"


def at_stake(stake: Stake) -> str:
    """Say what goes with a run that is deleted, and what stays."""
    return in_a_row(
        gettext(
            "The run “{run}” goes for good: {what}, which no other run holds.", run=stake.name, what=_going(stake)
        ),
        _staying(stake),
    )


def _going(stake: Stake) -> str:
    ratings, openings = stake.n_ratings, stake.n_openings
    goes = [
        ngettext("{n} branch", "{n} branches", stake.n_branches),
        ngettext("{n} place of its history", "{n} places of its history", stake.n_nodes),
        ngettext("{n} reply", "{n} replies", stake.n_replies),
        ngettext("{n} note", "{n} notes", stake.n_notes) if stake.n_notes else "",
        ngettext("{n} rating of a judge's answers", "{n} ratings of a judge's answers", ratings) if ratings else "",
        ngettext("{n} opening of the test split", "{n} openings of the test split", openings) if openings else "",
    ]
    return all_of(list(filter(None, goes)))


def _staying(stake: Stake) -> str:
    spent = ngettext("{n} call", "{n} calls", stake.n_paid)
    if stake.cost_usd:
        spent = listed((spent, dollars(stake.cost_usd)))
    if not stake.n_shared:
        return gettext("What stays: the account of what it spent ({spent}).", spent=spent)
    return ngettext(
        "What stays: {n} reply that other runs use too, and the account of what it spent ({spent}).",
        "What stays: {n} replies that other runs use too, and the account of what it spent ({spent}).",
        stake.n_shared, spent=spent,
    )  # fmt: skip


def about(row: Listed) -> str:
    """Say how a branch is optimized: the optimizer, the target model, how far it is."""
    done = (
        ngettext("{n} round, ended", "{n} rounds, ended", row.rounds)
        if row.over
        else ngettext("{n} round", "{n} rounds", row.rounds)
    )
    recorded = gettext("recording") if row.recorded else ""
    return " · ".join(filter(None, (str(row.optimizer), model_name(row.target), recorded, done)))


def scored(row: Listed) -> str:
    """Say the dev scores of a branch."""
    if row.start is None:
        return str(NOT_MEASURED)
    if row.best is None or row.best <= row.start:
        return gettext("{score} on dev", score=percent(row.start))
    return gettext("{before} → {after} on dev", before=percent(row.start), after=percent(row.best))


def stake_code(stake: Stake) -> str:
    """Write what is at stake so that a page can say it back."""
    counts = (stake.n_branches, stake.n_nodes, stake.n_replies, stake.n_shared, stake.n_notes, stake.n_ratings)
    return ".".join(map(str, counts))


def _card(row: Listed, shelf: Shelf) -> str:
    title = esc(row.task) or f'<span class="lab-muted">{esc(row.hindered)}</span>'
    starred = attributes(title=gettext("starred"), aria_label=gettext("starred"))
    star = f"<span{starred}>★</span> " if row.starred else ""
    chips = " ".join(f'<span class="lab-chip">{esc(tag)}</span>' for tag in row.tags)
    tags = f"<p>{chips}</p>" if chips else ""
    notes = "".join(f'<p class="lab-muted">{esc(shortened(one, 160))}</p>' for one in row.notes[:3])
    return (
        f'<article class="lab-run" data-found><div class="lab-row"><h3>{star}{title}</h3><span class="lab-chip">'
        f'{esc(row.name)}</span></div><p class="lab-muted">{esc(about(row))}</p>{tags}{notes}'
        f'<div class="lab-row lab-scored"><b class="lab-figure">{esc(scored(row))}</b>{sparkline(row.bests)}</div>'
        f'<div class="lab-row">{_when(row.made)}'
        f"{button(gettext('Open'), 'switch', kind='lab-small', off=row.hindered, data_branch=row.branch)}</div>"
        f"{_menu(row, shelf)}</article>"
    )


def _when(made: str) -> str:
    """Say when a branch was worked on; a browser says it by its own clock and in its own words."""
    if not made:
        return ""
    when = datetime.fromisoformat(made).astimezone(UTC)
    told = gettext("{day} {when:%B %Y, %H:%M} UTC", day=when.day, when=when)
    return f"<time{attributes(class_='lab-muted', datetime=made, title=told)}>{esc(told)}</time>"


def _menu(row: Listed, shelf: Shelf) -> str:
    """Draw what can be done with the whole run; to delete it takes a second press, below what would go."""
    given = {"data_branch": row.branch, "data_text": shelf.text, "data_archived": _flag(shelf.archived)}
    if row.branch == shelf.asked and shelf.stake is not None:
        code = stake_code(shelf.stake)
        delete = button(gettext("Delete for good"), "delete", kind="lab-small", data_stake=code, **given)
        keep = button(gettext("Keep it"), "runs", kind="lab-small", **given)
        told = f'<p role="alert">{esc(at_stake(shelf.stake))}</p>'
        return f'{told}<div class="lab-row">{delete}{keep}</div>'
    away = (gettext("Take out again"), "unarchive") if row.archived else (gettext("Put away"), "archive")
    body = (
        f'<div class="lab-row">{button(*away, kind="lab-small", **given)}'
        f"{button(gettext('Delete…'), 'askdelete', kind='lab-small', **given)}</div>"
    )
    return details(f"run-{row.branch}", gettext("This run"), body)
