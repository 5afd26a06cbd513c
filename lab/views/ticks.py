"""Tables in which a person ticks what goes on: what those of errors, demonstrations and prompts have in common."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from lab.i18n import gettext
from lab.session.state import State
from lab.views.markup import attributes, details, table
from lab.views.numbers import count
from lab.views.verdicts import Row


def tick(state: State, row: Row, label: str, kind: str = "") -> str:
    """Draw the tick of one row; `label` says what it stands for, `kind` by what it can be shown alone."""
    marks = attributes(
        type="checkbox", data_field="keep", data_key=f"{state.branch.pending}/{row.place}/keep",
        checked=row.keep, aria_label=label,
    )  # fmt: skip
    box = attributes(class_="lab-tick", data_place=row.place, data_kind=kind)
    return f"<span{box}><input{marks}></span>"


def ticked(
    heads: Sequence[str],
    drawn: Iterable[Row],
    spare: Sequence[Row],
    cells: Callable[[Row], tuple[str, ...]],
    key: str,
    note: str,
    short: Collection[int],
) -> str:
    """Draw the rows that were drawn, and in a fold below them the spare ones, with a `note` on what they are.

    The columns `short`, counted from 0, hold a word or a number.
    """
    body = table(heads, map(cells, drawn), short=short)
    if not spare:
        return body
    return body + details(key, note, table(heads, map(cells, spare), short=short), any(row.keep for row in spare))


def group_names(groups: Iterable[int | None]) -> dict[int | None, str]:
    """Number groups from 1 in the order in which they come; what has no group is in none."""
    found = dict.fromkeys(group for group in groups if group is not None)
    return {None: gettext("none"), **{group: count(i) for i, group in enumerate(found, 1)}}
