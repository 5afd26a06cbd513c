"""How answers are judged, in words: what the metric counts, and how a reply is read before."""

from __future__ import annotations

from lab.core.task import Task
from lab.tasks import readings
from lab.tasks.metrics import metric, usual_reading


def judged(task: Task) -> str:
    """Describe how replies to a task are read and judged."""
    reading = task.reading or usual_reading(task.metric, task.labels)
    return f"{metric(task.metric).about} How a reply is read ({reading}): {readings.about(reading)}"
