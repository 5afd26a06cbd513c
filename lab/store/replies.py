"""Replies in a lab book: each reply of a model, named by the whole request, the endpoint and a sample."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from lab.models.calls import Answer, Call
from lab.store.file import BookFile, chunks
from lab.store.schema import calls, now

Rows = Sequence[tuple[str, Call, Answer]]


class Replies:
    """The replies of a book; a key that is there stays as it is."""

    def __init__(self, file: BookFile) -> None:
        self._file = file

    def find(self, keys: Sequence[str]) -> dict[str, Answer]:
        """Return the kept answers among these keys."""
        found: dict[str, Answer] = {}
        with self._file.reading() as db:
            for some in chunks(keys):
                for row in db.execute(select(calls.c.key, calls.c.answer).where(calls.c.key.in_(some))):
                    found[row.key] = Answer.of(row.answer)
        return found

    def add(self, rows: Rows) -> dict[str, Answer]:
        """Add the replies that are not there yet, and return them by key."""
        if not rows:
            return {}
        given = {key: (call, answer) for key, call, answer in rows}
        with self._file.transaction() as db:
            there = set(db.scalars(select(calls.c.key).where(calls.c.key.in_(given))))
            new = {key: both for key, both in given.items() if key not in there}
            made = now()
            added = [
                {
                    "key": key, "endpoint": call.base_url, "request": call.request, "sample": call.sample,
                    "answer": answer.json, "made": made,
                }
                for key, (call, answer) in new.items()
            ]  # fmt: skip
            if added:
                db.execute(calls.insert(), added)
        return {key: answer for key, (_, answer) in new.items()}

    def count(self) -> int:
        """Return how many replies the book holds."""
        with self._file.reading() as db:
            return db.scalar(select(func.count()).select_from(calls)) or 0
