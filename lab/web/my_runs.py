"""The list of a person's runs on the page: searched, put away, deleted, and taken in from files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lab.errors import MisuseError
from lab.i18n import gettext_lazy, ngettext
from lab.session.listing import listed
from lab.session.session import Session
from lab.store.lab_file import take_in
from lab.views.prose import in_a_row
from lab.views.runs import Shelf, runs_list, stake_code

__all__ = ["acted", "drawn", "taken_in"]

LONGEST_SEARCH = 200


def drawn(session: Session, asked: Mapping[str, object] | None = None) -> str:
    """Draw the runs that an event asks for, or the newest."""
    given = asked or {}
    text, archived = str(given.get("text", ""))[:LONGEST_SEARCH].strip(), given.get("archived") is True
    branch = str(given.get("branch", "")) if given.get("act") == "askdelete" else ""
    n_archived = len({one.run for one in session.branches(True)})
    stake = session.at_stake(branch) if branch else None
    return runs_list(listed(session, text, archived=archived), Shelf(text, archived, n_archived, branch, stake))


def acted(session: Session, event: Mapping[str, object]) -> str:
    """Do what a person did in the list, and draw it anew.

    Raises:
        MisuseError: when there is no such run, a step is under way in it, or more would go than was said; nothing
            was changed.
    """
    act, branch = event.get("act"), str(event.get("branch", ""))
    if act in ("archive", "unarchive"):
        session.archive(branch, act == "archive")
    elif act == "delete":
        stake = session.at_stake(branch)
        if stake_code(stake) != event.get("stake"):
            raise MisuseError(
                gettext_lazy("The run has changed since you were told what would go. Nothing was deleted.")
            )
        session.delete(branch, stake)
    return drawn(session, event)


def taken_in(session: Session, file: str) -> str:
    """Take a file in as the owner's own, and say what came of it.

    Raises:
        BookError: when it cannot be taken in; nothing was changed.
    """
    path = Path(file)
    try:
        found = take_in(session.book, path, session.owner)
    finally:
        path.unlink(missing_ok=True)
    taken = ngettext("{n} branch taken in.", "{n} branches taken in.", len(found.branches))
    left_out = ngettext(
        "{n} score without replies left out.", "{n} scores without replies left out.", found.n_left_out
    )
    return in_a_row(taken, left_out if found.n_left_out else "")
