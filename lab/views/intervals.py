"""How an interval of a score reads to a person."""

from __future__ import annotations

from lab.core.task import Task
from lab.i18n import gettext
from lab.store.records import Measure
from lab.tasks.statistics import LEVEL, interval
from lab.views.numbers import percent, within


def with_interval(measure: Measure, task: Task) -> str:
    """Write a dev score with the interval that its examples leave likely, where there is one: 84 % (70 to 93)."""
    return within(percent(measure.score), interval(task, task.dev, measure.hits))


def in_brackets(told: str, measure: Measure, task: Task) -> str:
    """Add to what is told of a score what the brackets of `with_interval` hold; nothing where there are none."""
    if not interval(task, task.dev, measure.hits):
        return told
    return gettext("{told}; {level} interval in brackets", told=told, level=percent(LEVEL))
