"""What is said where the practice model has no rules for a task."""

from __future__ import annotations

from lab.core.task import Task
from lab.i18n import gettext_lazy
from lab.practice import guesses
from lab.views.prose import in_a_row

_SIMULATED = gettext_lazy(
    "The practice model is simulated and only has rules for the kinds of task that are bundled; these examples "
    "look different."
)
_GUESSES = gettext_lazy(
    "Once a prompt lists the labels, it answers with one of them: by the words that the prompt names as signs of "
    "each label, else by a guess."
)
_REAL = gettext_lazy("For a real model, write MODEL@URL as the target model, and as the optimizer model.")


def unfit(task: Task) -> str:
    """Say what the practice model makes of a task that it has no rules for, and what to do."""
    return in_a_row(_SIMULATED, _GUESSES if guesses(task) else "", _REAL)
