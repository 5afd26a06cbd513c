"""How a task is asked and judged, as Python that stands alone: the lab's own layout, reading and metric."""

from __future__ import annotations

import inspect
import textwrap
from contextlib import suppress
from dataclasses import replace

from lab.core.task import Task
from lab.errors import MisuseError
from lab.export.source import Name, Source, entry, extract, renamed
from lab.i18n import gettext_lazy
from lab.tasks.metrics import METRICS, OWN, is_known, metric, usual_reading
from lab.tasks.own import OwnMetric
from lab.tasks.readings import OWN_PATTERN, STRICT
from lab.tasks.rubric import points

__all__ = ["asking_source", "judging_source"]

_METRICS, _READINGS = "lab.tasks.metrics", "lab.tasks.readings"
_EXAMPLE = '''@dataclass(frozen=True)
class Example:
    """A reference answer, and further ones that count as right."""

    input: str
    answer: str
    accepted: tuple[str, ...] = ()
'''
_ERROR = '''class MisuseError(ValueError):
    """What cannot be used."""
'''
_TEXT = '''def gettext_lazy(message: str, /, **values: object) -> str:
    """Return a text, its {fields} filled with `values`."""
    return message.format(**values) if values else message
'''
_STRICTLY = '''def judge(
    task_metric: str, labels: tuple[str, ...], example: Example, reply: str, reading: str = ""
) -> Judged:
    """Judge a reply as it is: the form of the answer is part of the task."""
    how = metric(task_metric)
    return (how.strictly or how.judge)(labels, example, reply)
'''
_READ = '''def read(reading: str, reply: str, labels: tuple[str, ...], right: tuple[str, ...]) -> str | None:
    """Return what a reply says, as a label or a right answer is spelt where it is one; None without."""
    return {}
'''
_CANONICAL = '''def canonical(reading: str, answer: str) -> str:
    """Return a reference answer in the form in which replies are read."""
    return {}
'''
_METRIC = '''def metric(name: str) -> Metric:
    """Return how answers are judged."""
    {}
'''
_OWN_METRIC = """return Metric(
        {doc!r},
        lambda labels, example, reply: Judged(reply, float(own_metric(reply, example))),
    )"""
_OWN_NOTE = "# Your own metric, as it was defined; what it takes from elsewhere is to be imported here."


def judging_source(task: Task) -> Source:
    """Return Python that has `Example`, `judge` and `total`, for the metric and the reading of a task.

    Raises:
        MisuseError: when the metric is a person's own function whose source is not known here, or a model.
    """
    if points(task.metric) is not None:
        raise MisuseError(
            gettext_lazy(
                "A model grades the answers of this task, so that no program can judge them by itself. Export the "
                "prompt as text, markdown, html or messages; `prompt-lab score` measures it elsewhere."
            )
        )
    own, body = "", "return METRICS[name]"
    if task.metric.startswith(OWN):
        own, body = _own(task.metric)
    elif task.metric not in METRICS:  # one with a tolerance
        body = 'return _tolerant(name) or Metric("", _exact)'
    replaced: dict[Name, str] = {
        ("lab.core.task", "Example"): _EXAMPLE,
        ("lab.errors", "MisuseError"): _ERROR,
        ("lab.i18n", "gettext_lazy"): _TEXT,
        (_METRICS, "METRICS"): entry((_METRICS, "METRICS"), task.metric),
        (_METRICS, "metric"): _METRIC.format(body),
        **_reading(task.reading or usual_reading(task.metric, task.labels)),
    }
    roots = [("lab.core.task", "Example"), (_METRICS, "judge"), (_METRICS, "total")]
    found = extract(roots, replaced)
    return replace(found, body=found.body + own)


def asking_source() -> Source:
    """Return Python that has `messages`, by which a prompt and an input become what a model is sent."""
    return extract([("lab.core.layout", "messages"), ("lab.core.layout", "joined")])


def _reading(reading: str) -> dict[Name, str]:
    """Return the definitions that know this reading alone."""
    if reading == STRICT:
        return {(_METRICS, "judge"): _STRICTLY}
    if reading.startswith(OWN_PATTERN):
        how, answer = "_by_pattern(_pattern(reading), reply, _Wanted(labels, right))", "answer"
    else:
        how, answer = "READINGS[reading].read(reply, _Wanted(labels, right))", "READINGS[reading].answer(answer)"
    return {
        (_READINGS, "READINGS"): entry((_READINGS, "READINGS"), reading),
        (_READINGS, "read"): _READ.format(how),
        (_READINGS, "canonical"): _CANONICAL.format(answer),
    }


def _own(name: str) -> tuple[str, str]:
    """Return the source of a person's own metric, and what looks it up.

    Raises:
        MisuseError: when it is not known here, or its source cannot be read.
    """
    called, definition = name.split(":")[1], ""
    judged = getattr(metric(name).judge, "__self__", None) if is_known(name) else None
    if isinstance(judged, OwnMetric):
        with suppress(OSError, TypeError, SyntaxError, ValueError):  # its source is nowhere, or it is a lambda
            # By its own name it might take the place of something here, such as `score`.
            names = {called: "own_metric", "lab.Example": "Example"}
            definition = renamed(textwrap.dedent(inspect.getsource(judged.judge)), names)
    if not definition:
        raise MisuseError(
            gettext_lazy(
                "The source of the metric “{metric}” is not known here, so that nothing that judges can be "
                "exported. Define it under @lab.metric first, or export the prompt as text, markdown or messages.",
                metric=called,
            )
        )
    return f"\n\n{_OWN_NOTE}\n{definition}\n", _OWN_METRIC.format(doc=metric(name).about)
