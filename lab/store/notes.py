"""What people wrote on the things of a run: names, tags, stars and notes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from lab.store.file import BookFile
from lab.store.schema import notes

__all__ = ["KINDS", "Note", "Notes", "On"]

On = Literal["run", "branch", "node", "prompt", "critique"]
KINDS: tuple[On, ...] = get_args(On)


@dataclass(frozen=True)
class Note:
    """What is written on a thing: `subject` is an id, or the text of a prompt or critique; "" is the run itself."""

    kind: On
    subject: str
    name: str = ""
    tags: tuple[str, ...] = ()
    starred: bool = False
    note: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is written."""
        return not (self.name or self.tags or self.starred or self.note)


class Notes:
    """The notes of a book, by run."""

    def __init__(self, file: BookFile) -> None:
        self._file = file

    def put(self, run: str, note: Note) -> None:
        """Write on a thing in place of what was written there; an empty note takes that away."""
        n = notes.c
        row = {
            "run": run, "kind": note.kind, "subject": note.subject, "name": note.name, "note": note.note,
            "starred": int(note.starred), "tags": json.dumps(note.tags),
        }  # fmt: skip
        with self._file.transaction() as db:
            db.execute(notes.delete().where(n.run == run, n.kind == note.kind, n.subject == note.subject))
            if not note.is_empty:
                db.execute(insert(notes).values(row))

    def of_run(self, run: str) -> tuple[Note, ...]:
        """Return what is written on the things of a run."""
        query = select(notes).where(notes.c.run == run).order_by(notes.c.kind, notes.c.subject)
        with self._file.reading() as db:
            return tuple(
                Note(row.kind, row.subject, row.name, tuple(json.loads(row.tags)), bool(row.starred), row.note)
                for row in db.execute(query)
            )
