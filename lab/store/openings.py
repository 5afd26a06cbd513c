"""The openings of sealed test splits: each is on record, and none is ever taken back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from lab.store.file import BookFile
from lab.store.schema import branches, now, openings

__all__ = ["Opening", "Openings"]


@dataclass(frozen=True)
class Opening:
    """One look at a test split: on which branch, for which prompts under which target, when (UTC) and why.

    `reason` is "" where none was given. `target` names the model and how it was asked.
    """

    branch: str
    task: str
    target: str
    prompts: tuple[str, ...]
    reason: str
    made: str


class Openings:
    """The openings that a book knows of."""

    def __init__(self, file: BookFile) -> None:
        self._file = file

    def add(self, branch: str, task: str, target: str, prompts: Sequence[str], reason: str) -> None:
        """Record an opening."""
        row = {
            "branch": branch, "task": task, "target": target, "prompts": json.dumps(prompts), "reason": reason,
            "made": now(),
        }  # fmt: skip
        with self._file.transaction() as db:
            db.execute(openings.insert(), row)

    def of_run(self, run: str) -> tuple[Opening, ...]:
        """Return the openings of all branches of a run, the first first."""
        o = openings.c
        query = select(o.branch, o.task, o.target, o.prompts, o.reason, o.made)
        mine = query.join(branches, branches.c.id == o.branch).where(branches.c.run == run).order_by(o.id)
        with self._file.reading() as db:
            return tuple(
                Opening(row.branch, row.task, row.target, tuple(json.loads(row.prompts)), row.reason, row.made)
                for row in db.execute(mine)
            )
