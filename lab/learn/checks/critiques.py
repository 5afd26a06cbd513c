"""Critiques that a reader writes or judges, held against the errors that they are about.

The practice model is made of rules, so that it can be said what a critique speaks of and what an error needed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

from lab.core.task import Task
from lab.learn.checked import Finding, not_yet, right
from lab.practice import explain
from lab.views.numbers import counted

__all__ = ["Wrong", "judged", "lacking", "named", "written"]


_FORM = "format"  # the name of the skill that all kinds of tasks share


class Wrong(Protocol):
    """An error as a step or a critique shows it."""

    @property
    def text(self) -> str: ...
    @property
    def answer(self) -> str: ...
    @property
    def got(self) -> str: ...


def lacking(prompt: str, errors: Sequence[Wrong], labels: Collection[str] = ()) -> Counter[str]:
    """Count what the errors needed and the prompt did not ask for, by the name of the skill.

    An answer that holds a label and is none lacks the form alone: the rest of it may be right.
    """
    told = ((one, explain(prompt, one.text, reference=one.answer)) for one in errors)
    counts = Counter(skill for _, found in told if found is not None for skill in found.missing)
    n_form = sum(one.got not in labels for one in errors) if labels else 0
    return counts + Counter({_FORM: n_form})


def named(words: str, errors: Sequence[Wrong]) -> tuple[str, ...]:
    """Return the skills that words speak of."""
    told = explain(words, errors[0].text, reference=errors[0].answer)
    return () if told is None else told.asked


def written(words: object, task: Task, errors: Sequence[Wrong]) -> Finding:
    """Say whether a critique names what some of the errors need."""
    if not isinstance(words, str):
        return not_yet(f"A critique is a text, not {type(words).__name__}.", "Put it between quotes.")
    if not errors:
        return not_yet("No errors wait.", "Run the cell that stops at the errors, and give its step to the check.")
    said, counts = named(words, errors), lacking(task.start, errors, task.labels)
    about = _about(errors)
    if not said:
        return not_yet(
            "It names nothing that could be put into a prompt: a rewriter would not know what to add.",
            "Which words in these inputs turned the meaning, and what form did the answers have?",
        )
    borne_out = [skill for skill in said if counts[skill]]
    if not borne_out:
        return not_yet(
            f"It asks for a reader who {_listed(about, said)}, and none of these {len(errors)} errors needs one.",
            "Read the errors once more, the input first, then what was expected and what was answered.",
        )
    bare = [skill for skill in said if not counts[skill]]
    more = f" None of them needs one who {_listed(about, bare)}." if bare else ""
    found = " and ".join(f"{counts[skill]} of {len(errors)} need one who {about[skill]}" for skill in borne_out)
    return right(f"The errors bear it out: {found}.{more}")


def judged(critique: str, task: Task, errors: Sequence[Wrong]) -> Finding:
    """Say whether a critique that was called the wrong one has no error, or the fewest, to show for itself."""
    said, counts = named(critique, errors), lacking(task.start, errors, task.labels)
    about = _about(errors)
    if not said:
        return right("It names nothing that these errors lack: a superstition, however sure it sounds.")
    n = sum(counts[skill] for skill in said)
    if not n:
        return right(
            f"It asks for a reader who {_listed(about, said)}, and none of its {len(errors)} errors needs one."
        )
    needed = counted(n, "of its errors needs", "of its errors need")
    return not_yet(
        f"It asks for a reader who {_listed(about, said)}, and {needed} one.",
        "For each critique, look for an error below it in which that would have helped.",
    )


def _about(errors: Sequence[Wrong]) -> dict[str, str]:
    told = explain("", errors[0].text, reference=errors[0].answer)
    return {} if told is None else dict(told.about)


def _listed(about: dict[str, str], skills: Iterable[str]) -> str:
    return " and ".join(about.get(skill, skill) for skill in skills)
