"""Contexts in a lab book: tasks, and what else never changes while an optimizer runs, named by content."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from lab.core.asks import Context
from lab.core.codec import canonical, content_id, decode, encode
from lab.core.task import Task
from lab.errors import MisuseError
from lab.store.file import BookFile
from lab.store.schema import runs, tasks

CONTEXTS_AT_HAND = 16


class StoredContext(NamedTuple):
    """A context as the book has it: the optimizer's name, the task's id, and the context with its test sealed."""

    optimizer: str
    task_id: str
    context: Context


class Contexts:
    """The tasks of a book and the contexts made of them."""

    def __init__(self, file: BookFile) -> None:
        self._file = file
        self._read = lru_cache(CONTEXTS_AT_HAND)(self._read_row)  # named by content: what was read stays right

    def add(self, task: Task, optimizer: str, settings: object, seed: int) -> str:
        """Keep a task and a context made of it; return the context's id."""
        task_content = encode(task)
        task_id = content_id("t", task_content)
        content = {"task": task_id, "optimizer": optimizer, "settings": encode(settings), "seed": seed}
        context_id = content_id("r", content)
        row = {"id": task_id, "name": task.name, "content": canonical(task_content)}
        with self._file.transaction() as db:
            db.execute(insert(tasks).values(row).on_conflict_do_nothing())
            row = {"id": context_id, "task": task_id, "content": canonical(content)}
            db.execute(insert(runs).values(row).on_conflict_do_nothing())
        return context_id

    def context(self, id: str) -> StoredContext:
        """Return a context, with the test split of its task sealed.

        Raises:
            MisuseError: when there is none of that id.
        """
        return self._read(id)[0]

    def whole_task(self, id: str) -> Task:
        """Return the task of a context with its test split, to make another context of the same task."""
        return self._read(id)[1]

    def _read_row(self, id: str) -> tuple[StoredContext, Task]:
        both = select(runs.c.content, tasks.c.content.label("task_content"))
        with self._file.reading() as db:
            row = db.execute(both.join(tasks, tasks.c.id == runs.c.task).where(runs.c.id == id)).first()
        if row is None:
            raise MisuseError("There is no such run in this book.")
        task: Task = decode(json.loads(row.task_content))
        content = json.loads(row.content)
        context = Context(task.sealed(), decode(content["settings"]), content["seed"])
        return StoredContext(content["optimizer"], content["task"], context), task
