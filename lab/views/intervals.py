"""How an interval of a score reads to a person."""

from __future__ import annotations

from lab.core.task import Task
from lab.store.records import Measure
from lab.tasks.statistics import LEVEL, interval
from lab.views.numbers import between, percent


def with_interval(measure: Measure, task: Task) -> str:
    """Write a dev score with the interval that its examples leave likely, where there is one: 84 % (70 to 93)."""
    span = interval(task, task.dev, measure.hits)
    return percent(measure.score) + (f" ({between(*span)})" if span else "")


def in_brackets(measure: Measure, task: Task) -> str:
    """Describe what the brackets of `with_interval` hold; nothing where there are none."""
    known = interval(task, task.dev, measure.hits)
    return f"; {percent(LEVEL)} interval in brackets" if known else ""
