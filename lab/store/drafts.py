"""Drafts in a lab book: what a person has ticked and typed but not yet decided."""

from __future__ import annotations

import json

from sqlalchemy import select

from lab.core.codec import canonical, decode, encode
from lab.core.review import Mark
from lab.store.file import BookFile
from lab.store.schema import drafts


class Drafts:
    """The marks that wait on the branches of a book."""

    def __init__(self, file: BookFile) -> None:
        self._file = file

    def draft(self, branch: str, proposal: str) -> tuple[tuple[int, Mark], ...]:
        """Return what a person has marked of a waiting proposal, by place; added items have places below 0."""
        query = select(drafts.c.place, drafts.c.content).where(
            drafts.c.branch == branch, drafts.c.proposal == proposal
        )
        with self._file.reading() as db:
            rows = sorted(db.execute(query), key=lambda row: (row.place < 0, abs(row.place)))
        return tuple((row.place, decode(json.loads(row.content))) for row in rows)

    def set_mark(self, branch: str, proposal: str, place: int, mark: Mark | None) -> None:
        """Keep a mark at a place of the draft, or drop what is there."""
        d = drafts.c
        with self._file.transaction() as db:
            db.execute(drafts.delete().where(d.branch == branch, d.proposal == proposal, d.place == place))
            if mark is not None:
                content = canonical(encode(mark))
                db.execute(drafts.insert().values(branch=branch, proposal=proposal, place=place, content=content))
