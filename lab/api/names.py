"""Names that need a word more here than where they live."""

from __future__ import annotations

from lab.api.door import sessions
from lab.api.task import Task
from lab.core import arguments
from lab.optimizers import Optimizer
from lab.optimizers import register as _register
from lab.session.background import call
from lab.tasks import bundled

__all__ = ["load", "register"]


def load(name: str) -> Task:
    """Load a bundled task.

    Raises:
        MisuseError: when there is none of that name.

    Example:
        >>> lab.load("sentiment").labels
        ('positive', 'negative')
    """
    known = ", ".join(map(repr, bundled.names()))
    return Task.of(bundled.load(arguments.text("name", name, f"the name of a bundled task: {known}")))


def register(own: Optimizer) -> Optimizer:
    """Make an optimizer of your own known by its name; one of yours that has the name already is replaced.

    Raises:
        MisuseError: when it is not an optimizer, or its name is one of the lab's own.

    Example:
        >>> from dataclasses import replace
        >>> from lab.optimizers import optimizer
        >>> lab.register(replace(optimizer("opro"), name="brief", title="Brief OPRO", presets={}))
        Optimizer('brief', Brief OPRO, 5 phases)

        One of other phases is a file, as lab/optimizers/README.md explains.
    """
    if not isinstance(own, Optimizer):
        raise arguments.wrong("own", "a lab.Optimizer", own)
    _register(own)

    def forget() -> None:
        for session in sessions():
            session.book.forget()

    call(forget)
    return own
