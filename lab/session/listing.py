"""The runs of a person, branch by branch: found by what they are, and by what is written on them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING

from lab.core.asks import Done
from lab.core.history import with_ancestors
from lab.errors import LabError
from lab.optimizers import optimizer
from lab.store import Branch, best_of
from lab.store.notes import Note

if TYPE_CHECKING:
    from lab.session.session import Session

__all__ = ["Listed", "listed"]

MOST = 60


@dataclass(frozen=True)
class Listed:
    """One branch as a list names it; scores are those on dev, None where nothing was measured.

    `tags` and `starred` are of the run and the branch; `notes` are what is written on anything of the run. `made`
    is when its present place was come to, an ISO date, and `bests` the best score by step, from the first measured.
    """

    branch: str
    run: str
    name: str
    task: str
    optimizer: str
    target: str
    rounds: int
    over: bool = False
    recorded: bool = False
    archived: bool = False
    hindered: str = ""  # why it cannot be opened
    start: float | None = None
    best: float | None = None
    tags: tuple[str, ...] = ()
    starred: bool = False
    notes: tuple[str, ...] = ()
    made: str = ""
    bests: tuple[float, ...] = ()


def listed(session: Session, text: str = "", *, archived: bool = False, most: int = MOST) -> tuple[Listed, ...]:
    """Return the newest branches of a person, the starred ones first; with `archived` those that are put away.

    Args:
        session: whose.
        text: that their names, tasks, optimizers, prompts or notes hold, in whatever case.
        archived: whether those are meant that are put away.
        most: how many.
    """
    wanted = text.casefold()
    written = {run: session.book.notes(run) for run in {one.run for one in session.branches(archived)}}
    found: list[Listed] = []
    every = session.branches(archived)
    made = session.book.last_made([one.id for one in every])
    for branch in reversed(every):
        row = replace(_listed(session, branch, written[branch.run]), made=made.get(branch.id, ""))
        told = (row.name, row.task, row.optimizer, row.target, row.branch)
        noted = (part for one in written[branch.run] for part in (one.name, *one.tags, one.note, one.subject))
        if not wanted or any(wanted in one.casefold() for one in (*told, *noted)):
            found.append(row)
        if len(found) == most:
            break
    return tuple(sorted(found, key=lambda one: not one.starred))


def _listed(session: Session, branch: Branch, notes: tuple[Note, ...]) -> Listed:
    book, target = session.book, branch.models["target"].spec
    mine = [one for one in notes if one.kind == "run" or (one.kind, one.subject) == ("branch", branch.id)]
    names = next((one.name for one in mine if one.kind == "run" and one.name), "")
    row = Listed(
        branch=branch.id,
        run=branch.run,
        name=f"{names}: {branch.name}" if names else branch.name,
        task="",
        optimizer="",
        target=target,
        rounds=0,
        recorded=branch.models.are_recorded,
        archived=branch.archived,
        tags=tuple(dict.fromkeys(tag for one in mine for tag in one.tags)),
        starred=any(one.starred for one in mine),
        notes=tuple(one.note for one in notes if one.note),
    )
    try:
        node = book.node(branch.node)
        name, task, context = book.context(node.context)
        known = book.measured(task, branch.models.answering)
        way = list(reversed(with_ancestors(book.parents([branch.node]), [branch.node])))
        steps = [[known[text] for text in one.prompts if text in known] for one in book.nodes(way).values()]
        start = known.get(context.task.start)
        hidden = node.constraints.hidden
        held = {one.prompt: one for step in steps for one in step if one.prompt not in hidden}
        best = best_of(held.values())
        tops = (max((one.score for one in step if one.prompt in held), default=-1.0) for step in steps)
        return replace(
            row,
            task=context.task.name,
            optimizer=optimizer(name).title,
            rounds=node.phase.round,
            over=isinstance(node.phase.ask(context), Done),
            start=start.score if start else None,
            best=best.score if best else None,
            bests=tuple(top for top in accumulate(tops, max) if top >= 0),
        )
    except LabError as problem:  # made with an optimizer that this lab was not started with
        return replace(row, hindered=problem.told)
