"""How answers are judged, in words: what the metric counts, and how a reply is read before."""

from __future__ import annotations

from lab.core.task import Task
from lab.tasks import readings
from lab.tasks.metrics import metric, usual_reading
from lab.tasks.rubric import points, rubric_of


def judged(task: Task) -> str:
    """Describe how replies to a task are read and judged."""
    reading = task.reading or usual_reading(task.metric, task.labels)
    by = "" if points(task.metric) is None else f" The rubric: {rubric_of(task)}"
    return f"{metric(task.metric).about}{by} How a reply is read ({reading}): {readings.about(reading)}"


def readings_offered() -> list[tuple[str, str]]:
    """Return the readings to choose from, (title, code): the task's own first."""
    return [("As suits the task", ""), *((one.title, code) for code, one in readings.READINGS.items())]
