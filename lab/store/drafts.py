"""Drafts in a lab book: what a person has ticked, typed and worded otherwise, but not yet decided."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import Row, select

from lab.core.codec import canonical, decode, encode
from lab.core.review import Mark
from lab.store.file import BookFile
from lab.store.schema import branches, carried_marks, drafts, wordings

Marks = tuple[tuple[int, Mark], ...]  # (place, mark); added items have places below 0


class Drafts:
    """What waits on the branches of a book: marks on a proposal, words for a request, marks for the next one."""

    def __init__(self, file: BookFile) -> None:
        self._file = file

    def draft(self, branch: str, proposal: str) -> Marks:
        """Return what a person has marked of a waiting proposal, by place; added items have places below 0."""
        d = drafts.c
        query = select(d.place, d.content).where(d.branch == branch, d.proposal == proposal)
        with self._file.reading() as db:
            return _marks(db.execute(query))

    def set_mark(self, branch: str, proposal: str, place: int, mark: Mark | None) -> None:
        """Keep a mark at a place of the draft, or drop what is there."""
        d = drafts.c
        with self._file.transaction() as db:
            db.execute(drafts.delete().where(d.branch == branch, d.proposal == proposal, d.place == place))
            if mark is not None:
                content = canonical(encode(mark))
                db.execute(drafts.insert().values(branch=branch, proposal=proposal, place=place, content=content))

    def words(self, branch: str, node: str, sample: int) -> dict[int, str]:
        """Return what a person has worded otherwise of what is asked next at a node, by request."""
        w = wordings.c
        query = select(w.request, w.text).where(w.branch == branch, w.node == node, w.sample == sample)
        with self._file.reading() as db:
            return {row.request: row.text for row in db.execute(query.order_by(w.request))}

    def worded(self, run: str) -> frozenset[str]:
        """Return the nodes of a run at which a person has ever worded a request otherwise."""
        w = wordings.c
        query = select(w.node).join(branches, branches.c.id == w.branch).where(branches.c.run == run).distinct()
        with self._file.reading() as db:
            return frozenset(db.scalars(query))

    def set_words(self, branch: str, node: str, sample: int, request: int, text: str | None) -> None:
        """Keep other words for a request, or drop those that are there."""
        w = wordings.c
        row = {"branch": branch, "node": node, "sample": sample, "request": request}
        with self._file.transaction() as db:
            same = (w.branch == branch, w.node == node, w.sample == sample, w.request == request)
            db.execute(wordings.delete().where(*same))
            if text is not None:
                db.execute(wordings.insert().values(**row, text=text))

    def carried_marks(self, branch: str, node: str, sample: int) -> Marks:
        """Return the marks that wait for what is proposed next at a node."""
        c = carried_marks.c
        query = select(c.place, c.content).where(c.branch == branch, c.node == node, c.sample == sample)
        with self._file.reading() as db:
            return _marks(db.execute(query))

    def set_carried_mark(self, branch: str, node: str, sample: int, place: int, mark: Mark) -> None:
        """Keep a mark for what is proposed next at a node, in place of what is there."""
        c = carried_marks.c
        row = {"branch": branch, "node": node, "sample": sample, "place": place, "content": canonical(encode(mark))}
        with self._file.transaction() as db:
            same = (c.branch == branch, c.node == node, c.sample == sample, c.place == place)
            db.execute(carried_marks.delete().where(*same))
            db.execute(carried_marks.insert().values(row))

    def drop_carried_marks(self, branch: str, node: str, sample: int) -> None:
        """Drop the marks that wait for what is proposed next at a node."""
        c = carried_marks.c
        with self._file.transaction() as db:
            db.execute(carried_marks.delete().where(c.branch == branch, c.node == node, c.sample == sample))


def _marks(rows: Iterable[Row[tuple[int, str]]]) -> Marks:
    in_order = sorted(rows, key=lambda row: (row.place < 0, abs(row.place)))
    return tuple((row.place, decode(json.loads(row.content))) for row in in_order)
