"""What a reader calls in the notebooks: check, hint, solution, and how far they are."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TypeVar

from lab.api.door import session_of
from lab.core import arguments
from lab.errors import LabError
from lab.learn.checked import Checked, Finding, Texts, not_yet, open_
from lab.learn.checks.questions import answered
from lab.learn.lesson import LESSONS, Task, find, lesson
from lab.learn.progress import Progress, line

__all__ = ["check", "hint", "progress", "solution", "stand_in"]

T = TypeVar("T")
_UNCHANGED = "Nothing is here yet: change the cell above, run it, and run this one again."


def check(task: str, *made: object) -> Checked:
    """Look at what you made for a task, and say what is right, or what is wrong and where to look.

    Args:
        task: its name, as it stands at the head of the task, such as "protegi.critique".
        made: your own objects, as the cell gives them: texts, runs, functions, answers.

    Raises:
        MisuseError: when there is no such task.

    Example:
        >>> lab.learn.check("start.guess", None).passed
        False
    """
    told, kept = find(task), _progress()
    finding = _found(told, made)
    tries = kept.of(task).tries + (finding.state != "open")
    given = {str(n): str(text) for n, text in made[0].items()} if made and isinstance(made[0], dict) else None
    more = {"given": given} if told.questions and given else {}
    kept.note(task, tries=tries, passed=kept.of(task).passed or finding.state == "right", **more)
    return Checked(task, finding, line(kept.read(), told.lesson))


def hint(task: str, number: int | None = None) -> Texts:
    """Return the next hint for a task, or the one of a number; there are three, from vague to plain.

    Raises:
        MisuseError: when there is no such task or hint.

    Example:
        >>> lab.learn.hint("start.guess", 1).title
        'Hint 1 of 3'
    """
    told, kept = find(task), _progress()
    n = len(told.hints)
    if not n:
        return Texts("No hints", ("The answers stand folded below the questions, with why.",))
    read = kept.of(task).hints
    at = min(read + 1, n) if number is None else arguments.whole("number", number, 1, n)
    kept.note(task, hints=max(read, at))
    more = "" if at < n else "That was the last one; lab.learn.solution has the rest."
    return Texts(f"Hint {at} of {n}", tuple(filter(None, (told.hints[at - 1], more))))


def solution(task: str) -> Texts:
    """Return how a task may be solved, and why so.

    Raises:
        MisuseError: when there is no such task.

    Example:
        >>> lab.learn.solution("start.guess").title
        'A solution'
    """
    told = find(task)
    _progress().note(task, solution=True)
    why = tuple(f"{n}. {one.answer}: {one.why}" for n, one in enumerate(told.questions, 1))
    return Texts("A solution", (*filter(None, (told.why,)), *why), told.done)


def stand_in(task: str, mine: T | None) -> T:
    """Return what you made, or, where the cell of a task is as it was, a value of ours, so that the lesson goes on.

    Example:
        >>> lab.learn.stand_in("start.guess", 0.9)
        0.9
    """
    told = find(task)
    return told.value() if mine is None or mine == "" else mine


def progress(name: str = "") -> Texts:
    """Return how far you are in a lesson, by its short name, or in the whole course.

    Example:
        >>> lab.learn.progress("start").lines[0][:18]
        '○○○○○○○ 0 of 7 tas'
    """
    known = _progress().read()
    names: Sequence[str] = [lesson(name).name] if name else list(LESSONS)
    return Texts(lesson(name).title if name else "The course", tuple(line(known, one) for one in names))


def _progress() -> Progress:
    return Progress.beside(session_of().book.path)


def _found(task: Task, made: tuple[object, ...]) -> Finding:
    """Return what the check of a task says; what a reader's own code raises is said, not raised."""
    if not made or _is_empty(made[0]) or _is_stub(task, made[0]):
        return open_(_UNCHANGED)
    if task.questions:
        return answered(task.questions, made[0])
    look = import_module(f"lab.learn.checks.{task.lesson}").CHECKS[task.name.partition(".")[2]]
    try:
        found: Finding = look(*made)
    except LabError as problem:
        return not_yet(str(problem), "Run the cells above once more, from the top of the section.")
    except Exception as problem:  # of the reader's function, or of an object of another kind
        return not_yet(
            f"It ended in an error: {type(problem).__name__}: {problem}.",
            "Give check what the cell above makes; a function has to take what the task says.",
        )
    return found


def _is_empty(made: object) -> bool:
    return made is None or (isinstance(made, str | list | tuple | dict) and not made)


def _is_stub(task: Task, made: object) -> bool:
    """Whether questions have no answers yet."""
    return bool(task.questions) and isinstance(made, dict) and not any(made.values())
