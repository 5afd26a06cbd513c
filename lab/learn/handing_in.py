"""A hand-in: one file with the lab book, how far its author is, and which run it is about."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from lab.api.run import Run
from lab.core import arguments
from lab.errors import DataError
from lab.learn.parts import ABOUT, BOOK, PROGRESS, About
from lab.learn.progress import Progress

__all__ = ["Assignment", "assignment", "hand_in"]

_TASKS = ("triage", "dates", "word-problems", "contacts", "hidden-rule", "sentiment")
_OPTIMIZERS = ("protegi", "pe2", "ape", "opro")
_MODELS = ("practice", "practice-literal", "practice-hasty")
_QUESTIONS = (
    "Which one of your edits changed the most, by its counterfactual, and what did it cost?",
    "Which critique of the model was wrong, and which errors show it?",
    "Where does the best prompt still err, and is that the prompt's fault?",
    "How much of the dev score holds on the sealed test, and why not all of it?",
)
_CALLS = 1500


@dataclass(frozen=True)
class Assignment:
    """What a student is given: a task, an optimizer, a model, a budget in calls, a seed and a question.

    Example:
        >>> lab.learn.assignment(7) == lab.learn.assignment(7)
        True
    """

    task: str
    optimizer: str
    model: str
    calls: int
    seed: int
    question: str

    def __repr__(self) -> str:
        return (
            f"Improve the prompt of {self.task} for {self.model} with {self.optimizer}, "
            f"by at most {self.calls:,} calls:\n"
            f'run = lab.begin({self.task!r}, {self.optimizer!r}, preset="quick", model={self.model!r}, '
            f'ceiling={{"calls": {self.calls}}}, seed={self.seed}, name="assignment")\n'
            f"Edit at least one step, open the test once, and answer: {self.question}"
        )


def assignment(seed: int) -> Assignment:
    """Return the assignment of a seed, such as a student's number: the same seed gives the same, neighbours differ.

    Raises:
        MisuseError: when the seed is not a whole number.

    Example:
        >>> lab.learn.assignment(1).task, lab.learn.assignment(2).task
        ('dates', 'word-problems')
    """
    n = arguments.whole("seed", seed, 0, 2**32 - 1)
    return Assignment(
        _TASKS[n % len(_TASKS)],
        _OPTIMIZERS[n // len(_TASKS) % len(_OPTIMIZERS)],
        _MODELS[n // 2 % len(_MODELS)],
        _CALLS,
        n,
        _QUESTIONS[n // 3 % len(_QUESTIONS)],
    )


def hand_in(run: Run, path: str | Path, student: str) -> Path:
    """Write one file to hand in: the lab book of a run with all that was decided, and your progress in the course.

    There are no keys in it, as there are none in a book. `prompt-lab grade FOLDER` reads a folder of such files.

    Raises:
        MisuseError: when an argument is not of its kind.
        DataError: when the file cannot be written.

    Example:
        >>> run = lab.begin("sentiment", preset="quick", name="assignment")
        >>> lab.learn.hand_in(run, "ada.zip", "Ada").name
        'ada.zip'
    """
    if not isinstance(run, Run):
        raise arguments.wrong("run", "a run, as lab.begin gives one", run)
    told = About(arguments.text("student", student, "a name that is not empty", empty=False), run.id)
    target, book = (
        Path(arguments.path("path", path, "the path of a file, such as 'ada.zip'")),
        run.session.book.path,
    )
    kept = Progress.beside(book).path
    try:
        with TemporaryDirectory() as folder, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
            copy = Path(folder) / BOOK
            with closing(sqlite3.connect(book)) as source, closing(sqlite3.connect(copy)) as there:
                source.backup(there)
            file.write(copy, BOOK)
            file.writestr(ABOUT, json.dumps(asdict(told), ensure_ascii=False))
            if kept.is_file():
                file.write(kept, PROGRESS)
    except OSError as problem:
        raise DataError(f"“{target}” could not be written: {problem.strerror or problem}.") from problem
    return target
