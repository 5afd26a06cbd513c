"""Measures in a lab book: the dev scores of prompts, apart from the tree."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from lab.store.file import BookFile
from lab.store.records import Measure
from lab.store.schema import measures


class Measures:
    """The scores of a book, by task, target model, split and prompt."""

    def __init__(self, file: BookFile) -> None:
        self._file = file

    def measured(self, task: str, target: str, split: str = "dev") -> dict[str, Measure]:
        """Return the scores of all prompts measured on a split under a target model."""
        m = measures.c
        query = select(m.prompt, m.score, m.n_rows, m.hits).where(
            m.task == task, m.target == target, m.split == split
        )
        with self._file.reading() as db:
            return {
                row.prompt: Measure(row.prompt, row.score, row.n_rows, tuple(json.loads(row.hits)))
                for row in db.execute(query)
            }

    def add(self, task: str, target: str, split: str, scores: Iterable[Measure]) -> None:
        """Keep scores; a prompt that is measured already stays as it is."""
        rows = [
            {"task": task, "target": target, "split": split, **asdict(score), "hits": json.dumps(score.hits)}
            for score in scores
        ]
        if rows:
            with self._file.transaction() as db:
                db.execute(insert(measures).on_conflict_do_nothing(), rows)
