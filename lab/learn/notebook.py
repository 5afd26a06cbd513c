"""Lessons as notebooks: one to work in, and one with the solutions; both without outputs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from lab.learn.lesson import LESSONS, Cell, Lesson, Question, Task, lesson

__all__ = ["built", "exercises", "solutions", "write"]

_DOTS = {1: "●○○", 2: "●●○", 3: "●●●"}
_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def built() -> dict[str, str]:
    """Return the text of each notebook by its path within the folder of the course."""
    told = [lesson(name) for name in LESSONS]
    return {
        **{f"{one.file}.ipynb": exercises(one) for one in told},
        **{f"solutions/{one.file}.ipynb": solutions(one) for one in told},
    }


def write(folder: Path, texts: Mapping[str, str], *, force: bool = False) -> list[Path]:
    """Write notebooks, and return the paths of those that were written; one that is there stays without `force`."""
    wanted = [(folder / name, text) for name, text in texts.items() if force or not (folder / name).exists()]
    for path, text in wanted:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return [path for path, _ in wanted]


def exercises(told: Lesson) -> str:
    """Return the notebook that a reader works in."""
    return _notebook(told, _exercise_cells(told))


def solutions(told: Lesson) -> str:
    """Return the notebook in which each task is done."""
    return _notebook(told, _solution_cells(told))


def _exercise_cells(told: Lesson) -> Iterator[tuple[str, str]]:
    for n, cell in _numbered(told):
        if cell.kind == "todo" and cell.task:
            yield "code", cell.task.todo
        elif cell.kind == "hints" and cell.task:
            yield "markdown", _folds(cell.task)
        elif cell.kind == "questions" and cell.task:
            yield "markdown", _asked(cell.task)
            yield "code", _answers(cell.task, done=False)
            yield "code", _check(cell.task)
            yield "markdown", _fold("The answers, and why", _why(cell.task))
        else:
            yield from _common(n, cell)


def _solution_cells(told: Lesson) -> Iterator[tuple[str, str]]:
    for n, cell in _numbered(told):
        if cell.kind == "todo" and cell.task:
            yield "code", cell.task.done
        elif cell.kind == "hints" and cell.task:
            yield "markdown", cell.task.why
        elif cell.kind == "questions" and cell.task:
            yield "markdown", _asked(cell.task)
            yield "code", _answers(cell.task, done=True)
            yield "code", _check(cell.task)
            yield "markdown", _why(cell.task)
        else:
            yield from _common(n, cell)


def _common(n: int, cell: Cell) -> Iterator[tuple[str, str]]:
    if cell.kind == "task" and cell.task:
        task = cell.task
        head = f"### Task {n}: {task.title}\n\n*{_DOTS[task.level]} · about {task.minutes} minutes · `{task.name}`*"
        yield "markdown", f"{head}\n\n{cell.text}".strip()
    elif cell.kind == "markdown":
        yield "markdown", cell.text
    elif cell.kind == "code":
        yield "code", cell.text


def _numbered(told: Lesson) -> Iterator[tuple[int, Cell]]:
    n = 0
    for cell in told.cells:
        n += cell.kind == "task"
        yield n, cell


def _fold(summary: str, body: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def _folds(task: Task) -> str:
    hints = [_fold(f"Hint {n}", hint) for n, hint in enumerate(task.hints, 1)]
    return "\n".join([*hints, _fold("Solution", f"```python\n{task.done}\n```\n\n{task.why}")])


def _asked(task: Task) -> str:
    rows = [f"## Five questions\n\n*{_DOTS[task.level]} · about {task.minutes} minutes · `{task.name}`*"]
    for n, one in enumerate(task.questions, 1):
        choices = "\n".join(f"   - **{letter}** {text}" for letter, text in _lettered(one))
        rows.append(f"{n}. {one.ask}\n{choices}")
    return "\n\n".join(rows)


def _lettered(one: Question) -> Iterator[tuple[str, str]]:
    yield from zip("abcd", one.choices, strict=False)


def _answers(task: Task, *, done: bool) -> str:
    rows = ", ".join(f'{n}: "{one.answer if done else ""}"' for n, one in enumerate(task.questions, 1))
    return f"my_answers = {{{rows}}}  # a letter each"


def _check(task: Task) -> str:
    return f'learn.check("{task.name}", my_answers)'


def _why(task: Task) -> str:
    return "\n\n".join(f"{n}. **{one.answer}.** {one.why}" for n, one in enumerate(task.questions, 1))


def _next(told: Lesson) -> Iterator[tuple[str, str]]:
    names = list(LESSONS)
    for name in names[names.index(told.name) + 1 :][:1]:
        yield "markdown", f"**Next:** [{lesson(name).title}]({lesson(name).file}.ipynb)"


def _notebook(told: Lesson, cells: Iterator[tuple[str, str]]) -> str:
    made = [_cell(f"{told.name}-{n:02}", kind, text) for n, (kind, text) in enumerate(chain(cells, _next(told)), 1)]
    whole = {"cells": made, "metadata": _METADATA, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def _cell(id: str, kind: str, text: str) -> dict[str, Any]:
    lines = text.splitlines(keepends=True)
    if kind == "markdown":
        return {"cell_type": kind, "id": id, "metadata": {}, "source": lines}
    return {"cell_type": kind, "execution_count": None, "id": id, "metadata": {}, "outputs": [], "source": lines}
