"""Deleting a run, with what only it holds: what other runs hold as well stays, and so does what was paid.

Its payments become sums in `deleted_spends`, because the money is spent whatever becomes of the replies.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Column, Connection, Integer, Table, delete, func, literal_column, select, update
from sqlalchemy.dialects.sqlite import insert

from lab.core.asks import Evaluate
from lab.core.codec import content_id
from lab.errors import LabError, MisuseError
from lab.i18n import gettext_lazy
from lab.models.roles import Models
from lab.store.file import BookFile, chunks
from lab.store.ledger import Payments
from lab.store.records import Spend, costs
from lab.store.run_rows import RunRows, keys_of
from lab.store.schema import (
    branches,
    calls,
    carried_marks,
    counterfactuals,
    deleted_spends,
    drafts,
    measures,
    merges,
    missing,
    moves,
    names,
    nodes,
    notes,
    now,
    openings,
    payments,
    proposals,
    ratings,
    runs,
    spends,
    steps,
    tasks,
    wordings,
)
from lab.store.verify import model_combinations

__all__ = ["Deletion", "Stake"]

_MEASURE: Column[int] = literal_column("measures.rowid", Integer)  # type: ignore[assignment]  # as SQLite numbers them


@dataclass(frozen=True)
class Stake:
    """What goes with a run that is deleted: what only it holds. What was paid stays, and `n_shared` replies.

    `n_shared` are those that other runs use as well; `cost_usd` is that of the calls whose price is known.
    """

    name: str
    n_branches: int
    n_nodes: int
    n_replies: int
    n_shared: int
    n_notes: int
    n_openings: int
    n_paid: int
    cost_usd: float
    n_ratings: int = 0


class Deletion:
    """Deletes runs of a book."""

    def __init__(self, file: BookFile, paid: Payments, forget: Callable[[], None]) -> None:
        self._file = file
        self._paid = paid
        self._forget = forget

    def at_stake(self, run: str) -> Stake:
        """Return what would go with a run.

        Raises:
            MisuseError: when there is no such run.
        """
        with self._file.snapshot(), self._file.reading() as db:
            return _Going(db, run, self._paid.spends(run)).stake

    def delete(self, run: str, stake: Stake) -> None:
        """Delete a run with what only it holds; all of it goes, or nothing.

        Raises:
            MisuseError: when there is no such run, or what is at stake is not this any more; nothing was changed.
        """
        with self._file.transaction() as db:
            going = _Going(db, run, self._paid.spends(run))
            if going.stake != stake:
                raise MisuseError(
                    gettext_lazy("The run has changed since you were told what would go. Nothing was deleted.")
                )
            going.delete()
        self._forget()


class _Going:
    """The rows that go with a run: those that it holds and no other run does."""

    def __init__(self, db: Connection, run: str, spent: Sequence[tuple[str, Spend]]) -> None:
        self._db, self._run, self._spent = db, run, spent
        self._mine = mine = RunRows(db, run)
        if not mine.branches:
            raise MisuseError(gettext_lazy("There is no such run in this book."))
        beside = select(branches.c.run).where(branches.c.run != run).distinct()
        others = [RunRows(db, one) for one in db.scalars(beside).all()]
        self._nodes = mine.nodes.difference(*(one.nodes for one in others))
        self._proposals = mine.proposals.difference(*(one.proposals for one in others))
        self._contexts = mine.contexts.difference(*(one.contexts for one in others))
        self._tasks = mine.tasks.difference(*(one.tasks for one in others))
        self._measures = set(self._only_mine(others))
        self._ratings = self._rated(others)
        self._held = mine.paid | self._unpaid()
        self._calls = self._unused(others)

    @property
    def stake(self) -> Stake:
        """What goes and what stays."""
        db, mine = self._db, self._mine
        named = select(branches.c.name).where(branches.c.run == self._run).order_by(branches.c.made).limit(1)
        noted = select(func.count()).where(notes.c.run == self._run)
        opened = select(func.count()).where(openings.c.branch.in_(mine.branches))
        (paid,) = costs(self._spent, by=()) or (None,)
        return Stake(
            name=db.scalar(named) or "",
            n_branches=len(mine.branches),
            n_nodes=len(self._nodes),
            n_replies=len(self._calls),
            n_shared=len(self._held - self._calls),
            n_notes=db.scalar(noted) or 0,
            n_openings=db.scalar(opened) or 0,
            n_paid=paid.calls if paid else 0,
            cost_usd=(paid.cost_usd if paid else None) or 0.0,
            n_ratings=len(self._ratings),
        )

    def delete(self) -> None:
        """Delete them, and keep what was paid on the account."""
        db, mine = self._db, self._mine
        db.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        if paid := list(self._sums()):
            db.execute(insert(deleted_spends), paid)
        _delete(db, payments, payments.c.spend, mine.spends)
        _delete(db, spends, spends.c.id, mine.spends)
        _delete(db, calls, calls.c.key, self._calls)
        for some in chunks(list(mine.paid - self._calls)):
            db.execute(update(calls).where(calls.c.key.in_(some)).values(paid=0))
        for table in (names, notes, merges, missing, counterfactuals):
            db.execute(delete(table).where(table.c.run == self._run))
        for table in (moves, drafts, wordings, carried_marks, steps, openings):
            _delete(db, table, table.c.branch, mine.branches)
        _delete(db, branches, branches.c.id, mine.branches)
        for rated in self._ratings:
            db.execute(delete(ratings).where(*(ratings.c[name] == told for name, told in rated)))
        _delete(db, measures, _MEASURE, self._measures)
        _delete(db, proposals, proposals.c.id, self._proposals)
        _delete(db, nodes, nodes.c.id, self._nodes)
        _delete(db, runs, runs.c.id, self._contexts)
        _delete(db, tasks, tasks.c.id, self._tasks)

    def _sums(self) -> Iterator[dict[str, Any]]:
        """Add up what the run paid, as rows of `deleted_spends`."""
        owners = {
            row.id: row.owner
            for row in self._db.execute(select(branches.c.id, branches.c.owner).where(branches.c.run == self._run))
        }
        last, made = self._db.scalar(select(func.max(payments.c.id))) or 0, now()
        for one in costs(self._spent, by=("branch", "role", "model")):
            if one.calls:
                yield {
                    "owner": owners[one.branch], "role": one.role, "model": one.model, "calls": one.calls,
                    "n_input_tokens": one.n_input_tokens, "n_output_tokens": one.n_output_tokens,
                    "estimated": one.n_estimated, "cost_usd": one.cost_usd or 0.0, "unpriced": one.n_unpriced,
                    "last_payment": last, "made": made,
                }  # fmt: skip

    def _only_mine(self, others: Sequence[RunRows]) -> Iterator[int]:
        """Yield the numbers of the scores that no other run needs; a test score stays with the last that saw it."""
        mine = self._mine
        opened = select(openings.c.task, openings.c.prompts).where(openings.c.branch.not_in(mine.branches))
        seen = {(row.task, text) for row in self._db.execute(opened) for text in json.loads(row.prompts)}
        for task in mine.tasks:
            sharing = [one for one in others if task in one.tasks]
            named = set[str]().union(*(one.subjects for one in sharing))
            query = select(_MEASURE, measures.c.prompt, measures.c.split).where(measures.c.task == task)
            for number, prompt, split in self._db.execute(query).all():
                subject = content_id("prompt", prompt)
                unseen = split == "test" and (task, prompt) not in seen
                if not sharing or unseen or (subject in mine.subjects and subject not in named):
                    yield number

    def _rated(self, others: Sequence[RunRows]) -> set[tuple[tuple[str, Any], ...]]:
        """Return the keys of what a person gave answers by a rubric that no other run of theirs judges by."""
        rated = set(_keys(self._mine.rows(ratings)))
        for one in others if rated else ():
            rated.difference_update(_keys(one.rows(ratings)))
        return rated

    def _unpaid(self) -> set[str]:
        """Return the replies that the run asked for and nobody paid for here, as those of a file taken in."""
        if self._db.scalar(select(calls.c.key).where(calls.c.paid == 0).limit(1)) is None:
            return set()
        found = set[str]()
        for some in chunks(list(set(self._mine.asked()))):
            query = select(calls.c.key).where(calls.c.key.in_(some), calls.c.paid == 0)
            found.update(self._db.scalars(query))
        return found

    def _unused(self, others: Sequence[RunRows]) -> set[str]:
        """Return the replies that no other run paid for, asked for, or has scores of."""
        left = set(self._held)
        try:
            for one in others:
                left -= one.paid
                if left:
                    left.difference_update(one.asked(), one.asked_next())
        except LabError:  # of an optimizer that is not known here: what it asked for cannot be told
            return set()
        for task in self._mine.tasks - self._tasks:
            left.difference_update(self._scored(task))
        return left

    def _scored(self, task_id: str) -> Iterator[str]:
        """Yield the keys of the replies behind the scores of a task that stay."""
        m, whole = measures.c, self._mine.task(task_id)
        known = [Models.of_json(one) for one in self._db.scalars(select(branches.c.models).distinct())]
        query = select(_MEASURE, m.target, m.split, m.prompt).where(m.task == task_id)
        for number, target, split, prompt in self._db.execute(query).all():
            if number not in self._measures:
                task = replace(whole, dev=whole.test) if split == "test" else whole
                ask = Evaluate((prompt,), tuple(one.id for one in task.dev), "dev")
                for models in model_combinations(known, target):
                    yield from keys_of(self._db, ask, "0", models, task, 0)


def _keys(rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[tuple[str, Any], ...]]:
    names = [column.name for column in ratings.primary_key]
    return (tuple((name, row[name]) for name in names) for row in rows)


def _delete(db: Connection, table: Table, column: Column[Any], values: Collection[Any]) -> None:
    for some in chunks(list(values)):
        db.execute(delete(table).where(column.in_(some)))
