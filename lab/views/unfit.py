"""What is said where the practice model has no rules for a task."""

from __future__ import annotations

from lab.core.task import Task
from lab.practice import guesses

_SIMULATED = (
    "The practice model is simulated and only has rules for the kinds of task that are bundled; these examples "
    "look different."
)
_GUESSES = (
    "Once a prompt lists the labels, it answers with one of them: by the words that the prompt names as signs of "
    "each label, else by a guess."
)
_REAL = "For a real model, write MODEL@URL as the target model, and as the optimizer model."


def unfit(task: Task) -> str:
    """Say what the practice model makes of a task that it has no rules for, and what to do."""
    return " ".join((_SIMULATED, *((_GUESSES,) if guesses(task) else ()), _REAL))
