"""A lesson: one Markdown text, of which the exercise notebook, the solution notebook, hints and answers are made.

Text between fences is Markdown, a fence of `python` is a cell. A task is a heading of the form

    ### Task: Say why, before a model does {critique · 2 · 4 min}

(its name, difficulty from 1 to 3, minutes) with these fences below it, in this order:

    ```python todo      the cell that a reader changes
    ```python done      the same cell, solved
    ```python           the check, and whatever else belongs to it
    ```hints            three, each a paragraph
    ```why              what there is to say of the solution

and a fence of `questions` (YAML) ends the lesson. Jupytext and nbgrader were looked at: the one has no pair of an
exercise and its solution, the other no hints, and neither is wanted where a reader only asks for a hint.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import yaml

from lab.errors import MisuseError

__all__ = ["LESSONS", "Cell", "Lesson", "Question", "Task", "find", "lesson", "parse"]

# In the order of the course: what a task is called by, and the file of the lesson.
LESSONS: Mapping[str, str] = MappingProxyType(
    {
        "start": "00_start_here",
        "protegi": "01_protegi",
        "ape": "02_ape",
        "opro": "03_opro",
        "pe2": "04_pe2",
        "side": "05_side_by_side",
        "evidence": "06_evidence",
        "branching": "07_branching",
        "yours": "08_your_model_your_data",
        "write": "09_write_an_optimizer",
    }
)
_WORDS_A_MINUTE = 200
QUESTIONS = "questions"  # the task that ends each lesson

_FENCE = re.compile(r"^```([a-z]*)(?: ([a-z]+))?\s*$")
_TASK = re.compile(r"^### Task: (?P<title>.+?) \{(?P<name>[a-z_]+) · (?P<level>[123]) · (?P<minutes>\d+) min\}$")


@dataclass(frozen=True)
class Question:
    """A question with choices, of which one is right, why it is, and where in the lesson one may look."""

    ask: str
    choices: tuple[str, ...]
    answer: str
    why: str
    look: str


@dataclass(frozen=True)
class Task:
    """What a reader is asked to do: its cell, its hints and its solution."""

    name: str
    title: str
    level: int
    minutes: int
    todo: str = ""
    done: str = ""
    hints: tuple[str, ...] = ()
    why: str = ""
    questions: tuple[Question, ...] = ()

    @property
    def lesson(self) -> str:
        """The short name of the lesson to which it belongs."""
        return self.name.partition(".")[0]

    def value(self) -> Any:
        """Return the plain value that the solved cell gives its first name."""
        statement = ast.parse(self.done).body[0]
        if not isinstance(statement, ast.Assign):
            raise MisuseError(f"The task {self.name!r} has no stand-in: its cell gives nothing a name.")
        return ast.literal_eval(statement.value)


@dataclass(frozen=True)
class Cell:
    """A cell of the lesson: `kind` is markdown, code, task (its heading), todo, hints or questions."""

    kind: str
    text: str
    task: Task | None = None


@dataclass(frozen=True)
class Lesson:
    """A lesson, in its order."""

    name: str
    file: str
    cells: tuple[Cell, ...]
    tasks: Mapping[str, Task] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def title(self) -> str:
        """Its first heading."""
        return self.cells[0].text.partition("\n")[0].removeprefix("# ")

    @property
    def minutes(self) -> int:
        """How long its tasks take together."""
        return sum(task.minutes for task in self.tasks.values())

    @property
    def reading_minutes(self) -> float:
        """How long the text takes to read, at 200 words a minute, without what is folded."""
        texts = [cell.text for cell in self.cells if cell.kind in ("markdown", "task")]
        asked = [" ".join((q.ask, *q.choices)) for task in self.tasks.values() for q in task.questions]
        return sum(len(text.split()) for text in (*texts, *asked)) / _WORDS_A_MINUTE


def lesson(name: str) -> Lesson:
    """Return a lesson of the course by its short name.

    Raises:
        MisuseError: when there is none.
    """
    if name not in LESSONS:
        raise MisuseError(f"There is no lesson {name!r}. There are {', '.join(LESSONS)}.")
    return _read(name)


def find(name: str) -> Task:
    """Return a task of the course, such as "protegi.critique".

    Raises:
        MisuseError: when there is none.
    """
    known = lesson(name.partition(".")[0]).tasks
    if name not in known:
        raise MisuseError(f"There is no task {name!r}. This lesson has {', '.join(known)}.")
    return known[name]


@cache
def _read(name: str) -> Lesson:
    file = LESSONS[name]
    return parse(name, file, (files("lab.learn") / "lessons" / f"{file}.md").read_text(encoding="utf-8"))


def parse(name: str, file: str, text: str) -> Lesson:
    """Read a lesson from its text.

    Raises:
        MisuseError: when a fence does not end, or stands where it means nothing.
    """
    cells: list[Cell] = []
    tasks: dict[str, Task] = {}
    current: Task | None = None
    for info, body in _blocks(text):
        for cell in _cells(name, current, info, body):
            if cell.task is not None:
                current = cell.task
                tasks[current.name] = current
            cells.append(cell)
        if info == "markdown" and current is not None and re.search(r"^## ", body, re.MULTILINE):
            current = current if cells[-1].kind == "task" else None
    whole = tuple(replace(one, task=tasks[one.task.name]) if one.task is not None else one for one in cells)
    return Lesson(name, file, tuple(one for one in whole if one.kind != "done"), MappingProxyType(tasks))


def _cells(lesson: str, task: Task | None, info: str, body: str) -> Iterator[Cell]:
    """Yield the cells of a block; one that adds to a task holds the task with what was added."""
    if info == "markdown":
        yield from _markdown(lesson, body)
    elif info == "python":
        yield Cell("code", body)
    elif info == QUESTIONS:
        asked = tuple(Question(**{**row, "choices": tuple(row["choices"])}) for row in yaml.safe_load(body))
        yield Cell(QUESTIONS, "", Task(f"{lesson}.{QUESTIONS}", "Five questions", 2, 5, questions=asked))
    elif task is None:
        raise MisuseError(f"A fence of {info!r} stands outside of a task: {body[:40]!r}.")
    else:
        added: dict[str, Task] = {
            "todo": replace(task, todo=body),
            "done": replace(task, done=body),
            "hints": replace(task, hints=tuple(" ".join(one.split()) for one in body.split("\n\n"))),
            "why": replace(task, why=body),
        }
        # The folds stand behind the check, and so where the last of a task's fences stands.
        yield Cell({"hints": "done", "why": "hints"}.get(info, info), body, added[info])


def _markdown(lesson: str, body: str) -> Iterator[Cell]:
    for part in re.split(r"^(?=##+ )", body, flags=re.MULTILINE):
        if not part.strip():
            continue
        head, _, rest = part.strip().partition("\n")
        told = _TASK.match(head)
        if told is None:
            yield Cell("markdown", part.strip())
        else:
            name = f"{lesson}.{told['name']}"
            yield Cell("task", rest.strip(), Task(name, told["title"], int(told["level"]), int(told["minutes"])))


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Yield each stretch of a lesson with what it is: "markdown", or what its fence says."""
    info, lines = "markdown", list[str]()
    for line in text.splitlines():
        told = _FENCE.match(line)
        if info == "markdown" and told and told[1] in ("python", "hints", "why", QUESTIONS):
            yield info, "\n".join(lines).strip()
            info, lines = told[2] or told[1], []
        elif info != "markdown" and line == "```":
            yield info, "\n".join(lines).strip("\n")
            info, lines = "markdown", []
        else:
            lines.append(line)
    if info != "markdown":
        raise MisuseError(f"A fence of {info!r} does not end.")
    yield info, "\n".join(lines).strip()
