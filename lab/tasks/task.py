"""The task as people make it: of a file of their own."""

from __future__ import annotations

import warnings
from dataclasses import fields
from pathlib import Path

from lab.core import task
from lab.core.task import Example
from lab.tasks.loaders import load_task

__all__ = ["Example", "Task"]


class Task(task.Task):
    """A task, with the ways to make one; all else of the lab knows it as the plain value that it is."""

    @classmethod
    def from_file(
        cls,
        path: str | Path,
        *,
        input: str | None = None,
        answer: str | None = None,
        start: str = "",
        seed: int = 0,
    ) -> Task:
        """Load CSV, TSV, JSON or JSONL; columns are guessed where not named, the split is drawn by seed.

        What was dropped and why is said as a warning; `lab.tasks.loaders.load_task` gives it as values.

        Raises:
            DataError: when the file cannot be used, in one sentence that says why.

        Example:
            `Task.from_file("reviews.csv", input="text", answer="label", start="Is the review positive?")`
        """
        loaded = load_task(path, input=input, answer=answer, start=start, seed=seed)
        if loaded.report.dropped:
            warnings.warn(" ".join(loaded.report.sentences()), stacklevel=2)
        return cls(**{field.name: getattr(loaded.task, field.name) for field in fields(task.Task)})
