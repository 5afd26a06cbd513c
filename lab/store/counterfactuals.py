"""Which branches try what a step would have led to without a person's edit, or with other words."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import literal_column, select
from sqlalchemy.dialects.sqlite import insert

from lab.store.file import BookFile
from lab.store.schema import counterfactuals

__all__ = ["Counterfactuals", "Tried"]


class Tried(NamedTuple):
    """A node that a person's verdict led to, and the branch on which the same step was decided otherwise."""

    node: str
    branch: str


class Counterfactuals:
    """The counterfactuals of a book, by run."""

    def __init__(self, file: BookFile) -> None:
        self._file = file

    def add(self, run: str, tried: Tried) -> None:
        """Keep that a branch is the counterfactual of a node."""
        with self._file.transaction() as db:
            row = {"run": run, **tried._asdict()}
            db.execute(insert(counterfactuals).values(row).on_conflict_do_nothing())

    def of_run(self, run: str) -> tuple[Tried, ...]:
        """Return the counterfactuals of a run, in the order in which they were made."""
        c = counterfactuals.c
        query = select(c.node, c.branch).where(c.run == run).order_by(literal_column("counterfactuals.rowid"))
        with self._file.reading() as db:
            return tuple(Tried(*row) for row in db.execute(query))
