"""Prompt Lab: published prompt optimizers, one step at a time, with a person in the loop.

    from lab import Session, Task

Names are imported when they are first used, so that `import lab` stays quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lab.core.review import ACCEPT, Mark, Verdict
    from lab.core.task import Example
    from lab.models.connect import Connection, connect, use
    from lab.models.roles import Ceiling, Models
    from lab.session import Session
    from lab.store import Book
    from lab.tasks.task import Task

__all__ = [
    "ACCEPT", "Book", "Ceiling", "Connection", "Example", "Mark", "Models", "Session", "Task", "Verdict", "connect",
    "use",
]  # fmt: skip
__version__ = "0.1.0"

_HOMES = {
    "ACCEPT": "lab.core.review", "Mark": "lab.core.review", "Verdict": "lab.core.review", "Session": "lab.session",
    "Book": "lab.store", "Models": "lab.models.roles", "Ceiling": "lab.models.roles",
    "Connection": "lab.models.connect", "connect": "lab.models.connect", "use": "lab.models.connect",
    "Example": "lab.core.task", "Task": "lab.tasks.task",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'lab' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
