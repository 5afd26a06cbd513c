"""Prompts that a person made of parts of two others, outside any step: each has two parents."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from lab.core.codec import content_id
from lab.store.file import BookFile
from lab.store.names import Names
from lab.store.schema import merges

__all__ = ["Merge", "Merges"]


class Merge(NamedTuple):
    """A prompt, and the two that it is made of."""

    prompt: str
    first: str
    second: str


class Merges:
    """The merged prompts of a book, by run."""

    def __init__(self, file: BookFile, names: Names) -> None:
        self._file = file
        self._names = names

    def add(self, run: str, merge: Merge) -> None:
        """Keep a merged prompt and give it its name; of one that is there the first parents stay."""
        row = {"run": run, "subject": content_id("prompt", merge.prompt), **merge._asdict()}
        with self._file.transaction() as db:
            db.execute(insert(merges).values(row).on_conflict_do_nothing())
            self._names.add_prompt(run, merge.prompt)

    def of_run(self, run: str) -> dict[str, Merge]:
        """Return the merged prompts of a run, by their texts."""
        query = select(merges.c.prompt, merges.c.first, merges.c.second).where(merges.c.run == run)
        with self._file.reading() as db:
            return {row.prompt: Merge(*row) for row in db.execute(query)}
