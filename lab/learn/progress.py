"""How far a reader is: a small file beside the lab book, which a restarted kernel finds again."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from lab.errors import MisuseError
from lab.learn.lesson import Task, lesson

__all__ = ["Done", "Progress", "line"]


@dataclass(frozen=True)
class Done:
    """What became of a task: how often it was checked, how many hints were read, whether it is passed.

    `given` are the answers to questions, by their numbers.
    """

    tries: int = 0
    hints: int = 0
    solution: bool = False
    passed: bool = False
    given: Mapping[str, str] | None = None


class Progress:
    """The progress of one reader, in the folder of the lab book."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def beside(cls, book: str | Path) -> Progress:
        """Return the progress that is kept beside a lab book."""
        return cls(Path(book).with_suffix(".progress.json"))

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    def read(self) -> dict[str, Done]:
        """Return what is known of each task.

        Raises:
            MisuseError: when the file is something else.
        """
        if not self._path.is_file():
            return {}
        try:
            return parse(self._path.read_text(encoding="utf-8"))
        except (ValueError, TypeError, AttributeError) as problem:
            raise MisuseError(
                f"“{self._path}” does not hold the progress of a course. Move it away to begin anew."
            ) from problem

    def of(self, task: str) -> Done:
        """Return what is known of a task."""
        return self.read().get(task, Done())

    def note(self, task: str, **changes: Any) -> Done:
        """Keep what has changed for a task."""
        known = self.read()
        known[task] = replace(known.get(task, Done()), **changes)
        text = json.dumps({name: asdict(done) for name, done in known.items()}, ensure_ascii=False, indent=1)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self._path.parent, prefix=self._path.name)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).replace(self._path)
        return known[task]


def parse(text: str) -> dict[str, Done]:
    """Read the text of a progress file.

    Raises:
        ValueError, TypeError, AttributeError: when it is something else.
    """
    try:
        return {str(name): _done(**fields) for name, fields in json.loads(text).items()}
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _done(**fields: Any) -> Done:
    done = Done(**fields)
    if [type(one) for one in (done.tries, done.hints, done.solution, done.passed)] != [int, int, bool, bool]:
        raise TypeError("tries and hints are whole numbers, solution and passed true or false")
    given = {} if done.given is None else done.given
    if not isinstance(given, dict) or not all(isinstance(one, str) for one in given.values()):
        raise TypeError("what was given are texts by the number of the question")
    return done


def line(known: Mapping[str, Done], name: str) -> str:
    """Say how far a lesson is, in one line."""
    told = lesson(name)
    marks = "".join(_mark(known.get(task, Done())) for task in told.tasks)
    left: list[Task] = [task for key, task in told.tasks.items() if not known.get(key, Done()).passed]
    done = len(told.tasks) - len(left)
    more = f"; next: {left[0].title} ({left[0].name})" if left else "; all done"
    return f"{marks} {done} of {len(told.tasks)} tasks of {told.file}{more}"


def _mark(done: Done) -> str:
    return "●" if done.passed else "◐" if done.tries else "○"
