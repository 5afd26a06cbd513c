"""What is to be learned: examples in three splits, a start prompt, and how an answer is judged."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Example:
    """One input with its reference answer; `accepted` are further answers that count as right."""

    id: str
    input: str
    answer: str
    accepted: tuple[str, ...] = ()

    @classmethod
    def of(cls, input: str, answer: str, accepted: tuple[str, ...] = ()) -> Example:
        """Makes an example whose id is its content, so that a row keeps its id in every split and file order."""
        digest = blake2b("\x1f".join((input, answer, *accepted)).encode(), digest_size=6)
        return cls(f"e{digest.hexdigest()}", input, answer, accepted)


@dataclass(frozen=True)
class Task:
    """A task: `train` shows errors, `dev` selects, `test` stays sealed.

    `metric` names a function of `lab.tasks.metrics`; `labels` is empty when answers are free text.
    """

    name: str
    start: str
    train: tuple[Example, ...]
    dev: tuple[Example, ...]
    test: tuple[Example, ...] = ()
    metric: str = "exact"
    labels: tuple[str, ...] = ()
    about: str = ""
    licence: str = ""

    def sealed(self) -> Task:
        """Gives the task without its test split: all that an optimizer, a chart or a table may ever read."""
        return replace(self, test=())

    def split(self, name: str) -> tuple[Example, ...]:
        """Gives the examples of `train` or `dev`; the test split has no name here."""
        return {"train": self.train, "dev": self.dev}[name]

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
        """Loads CSV, TSV, JSON or JSONL; columns are guessed where not named, the split is drawn by seed.

        What was dropped and why is said as a warning; `lab.tasks.loaders.load_task` gives it as values.

        Raises:
            DataError: when the file cannot be used, in one sentence that says why.

        Example:
            `Task.from_file("reviews.csv", input="text", answer="label", start="Is the review positive?")`
        """
        from lab.tasks.loaders import load_task

        loaded = load_task(path, input=input, answer=answer, start=start, seed=seed)
        if loaded.report.dropped:
            warnings.warn(" ".join(loaded.report.sentences()), stacklevel=2)
        return loaded.task
