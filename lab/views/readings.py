"""How answers are judged, in words: what the metric counts, and how a reply is read before."""

from __future__ import annotations

from lab.core.task import Task
from lab.i18n import gettext, gettext_lazy
from lab.tasks import readings
from lab.tasks.metrics import metric, usual_reading
from lab.tasks.rubric import points, rubric_of
from lab.views.prose import in_a_row


def judged(task: Task) -> str:
    """Describe how replies to a task are read and judged."""
    reading = task.reading or usual_reading(task.metric, task.labels)
    by = "" if points(task.metric) is None else gettext("The rubric: {rubric}", rubric=rubric_of(task))
    read = gettext("How a reply is read ({reading}): {how}", reading=reading, how=readings.about(reading))
    return in_a_row(metric(task.metric).about, by, read)


def readings_offered() -> list[tuple[str, str]]:
    """Return the readings to choose from, (title, code): the task's own first."""
    return [
        (gettext_lazy("As suits the task"), ""),
        *((one.title, code) for code, one in readings.READINGS.items()),
    ]
