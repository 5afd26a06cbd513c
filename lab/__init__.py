"""Prompt Lab: published prompt optimizers, one step at a time, with a person in the loop.

    import lab

    run = lab.begin("sentiment", "protegi", preset="quick", name="by hand")
    step = run.next(until="critiques")
    step[0].edit("The prompt does not say that sarcasm means the opposite.")
    run.accept()
    run.autopilot(rounds=1)
    print(run.best.prompt)

Names are imported when they are first used, so that `import lab` stays quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lab import learn
    from lab.api.analysis import Analysis
    from lab.api.begin import aoptimize, begin, import_run, open, optimize
    from lab.api.compare import Comparison, acompare, compare
    from lab.api.diff import Diff
    from lab.api.human import HumanReport, Tried
    from lab.api.judging import Judge
    from lab.api.look import Looked
    from lab.api.names import load, register
    from lab.api.run import Run
    from lab.api.step import Step, StepItem
    from lab.api.task import Task
    from lab.api.values import MeasuredScore, ScoredPrompt, TestResult, VariedPrompt
    from lab.core.review import ACCEPT, Mark, Verdict
    from lab.core.task import Example
    from lab.errors import (
        AwaitedError,
        BookError,
        BudgetError,
        DataError,
        LabError,
        MisuseError,
        ModelError,
        RecordedError,
    )  # fmt: skip
    from lab.models.connect import Connection, connect, use
    from lab.models.roles import Ceiling, Models
    from lab.optimizers import Optimizer
    from lab.session import Session
    from lab.session.pasted import OpenRequest
    from lab.store import Book
    from lab.tasks.own import metric

__all__ = [
    "ACCEPT", "Analysis", "AwaitedError", "Book", "BookError", "BudgetError", "Ceiling", "Comparison",
    "Connection", "DataError", "Diff", "Example", "HumanReport", "Judge", "LabError", "Looked", "Mark",
    "MeasuredScore", "MisuseError", "ModelError", "Models", "OpenRequest", "Optimizer", "RecordedError", "Run",
    "ScoredPrompt", "Session", "Step", "StepItem", "Task", "TestResult", "Tried", "VariedPrompt", "Verdict",
    "acompare", "aoptimize", "begin", "compare", "connect", "import_run", "learn", "load", "metric", "open",
    "optimize", "register", "use",
]  # fmt: skip

__version__ = "0.1.0"

_HOMES = {
    "lab.api.analysis": ("Analysis",),
    "lab.api.begin": ("aoptimize", "begin", "import_run", "open", "optimize"),
    "lab.api.compare": ("Comparison", "acompare", "compare"),
    "lab.api.diff": ("Diff",),
    "lab.api.human": ("HumanReport", "Tried"),
    "lab.api.judging": ("Judge",),
    "lab.api.look": ("Looked",),
    "lab.api.names": ("load", "register"),
    "lab.api.run": ("Run",),
    "lab.api.step": ("Step", "StepItem"),
    "lab.api.task": ("Task",),
    "lab.api.values": ("MeasuredScore", "ScoredPrompt", "TestResult", "VariedPrompt"),
    "lab.core.review": ("ACCEPT", "Mark", "Verdict"),
    "lab.core.task": ("Example",),
    "lab.errors": (
        "AwaitedError",
        "BookError",
        "BudgetError",
        "DataError",
        "LabError",
        "MisuseError",
        "ModelError",
        "RecordedError",
    ),
    "lab.models.connect": ("Connection", "connect", "use"),
    "lab.models.roles": ("Ceiling", "Models"),
    "lab.optimizers": ("Optimizer",),
    "lab.session": ("Session",),
    "lab.session.pasted": ("OpenRequest",),
    "lab.store": ("Book",),
    "lab.tasks.own": ("metric",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name == "learn":  # a room, and no name in one
        return import_module("lab.learn")
    if name not in _HOME:
        raise AttributeError(f"module 'lab' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
