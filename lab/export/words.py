"""What is said of a prompt that is taken along, in whole sentences."""

from __future__ import annotations

from lab.core.task import Task
from lab.export.taken import Scored, Taken
from lab.session.lineage import Made
from lab.tasks.metrics import METRICS, OWN, usual_reading
from lab.tasks.readings import about
from lab.tasks.rubric import points, rubric_of
from lab.views.evidence import sentences
from lab.views.numbers import between, counted, percent
from lab.views.rating import judge_line
from lab.views.sealed import sentences as sentences_on_test

__all__ = ["critique", "facts", "judged", "on_test", "origin", "proof", "score"]


def score(one: Scored | None) -> str:
    """Say a dev score with its interval and its size: 84 % (70 to 93) on 50 dev examples."""
    if one is None:
        return "not measured"
    span = f" ({between(*one.interval)})" if one.interval else ""
    return f"{percent(one.measure.score)}{span} on {counted(one.measure.n_rows, 'dev example')}"


def facts(taken: Taken) -> tuple[str, ...]:
    """Say where a prompt comes from and how well it does."""
    names = dict(taken.models)
    return (
        f"Task {taken.task.name}, run {taken.run}: {taken.optimizer}, {counted(taken.n_rounds, 'round')}, "
        f"seed {taken.seed}.",
        f"Target model: {names['target']}. Optimizer model: {names['optimizer']}.",
        f"Score of this prompt: {score(taken.score)}. Start prompt: {score(taken.start)}.",
        *proof(taken),
        *on_test(taken),
    )


def on_test(taken: Taken) -> tuple[str, ...]:
    """Say what the sealed test split said, or that nobody has opened it; nothing of a task without one."""
    if taken.sealed.n_examples and not taken.sealed.openings:
        return (
            f"The test split of {counted(taken.sealed.n_examples, 'example')} is sealed: nobody has opened it.",
        )
    return sentences_on_test(taken.sealed, taken.task.start)


def proof(taken: Taken) -> tuple[str, ...]:
    """Say what a judge's scores are worth, whether the prompt beats the start, and what choosing it pretends."""
    by = () if taken.judging is None else (judge_line(taken.judging),)
    return (*by, *sentences(taken.evidence))


def judged(task: Task) -> tuple[str, ...]:
    """Say how replies are read and judged."""
    reading = task.reading or usual_reading(task.metric, task.labels)
    metric = "A Python function of your own." if task.metric.startswith(OWN) else ""
    known = METRICS.get(task.metric.partition(":")[0])
    rubric = () if points(task.metric) is None else (f"Rubric: {rubric_of(task)}",)
    labels = (f"Labels: {', '.join(task.labels)}.",) if task.labels else ()
    return (
        f"Metric {task.metric}. {metric or (known.about if known else '')}".strip(),
        *rubric,
        f"Reading {reading}. {about(reading)}",
        *labels,
    )


def origin(one: Made) -> str:
    """Say in which step a prompt came about and who wrote it."""
    named = f"{one.name}: " if one.name else ""
    if not one.origin.node:
        return f"{named}the start prompt."
    how = "written by a model"
    if one.origin.by == "person":
        how = "edited by a person" if one.origin.parent else "written by a person"
    step = f" ({one.step})" if one.step else ""
    return f"{named}{how} in round {one.round}, {one.optimizer}, {one.phase}{step}."


def critique(one: Made) -> str:
    """Say who wrote the critique that a prompt was written against; nothing where there was none."""
    if one.critique is None:
        return ""
    named = f" {one.critique_name}" if one.critique_name else ""
    by = "a model"
    if one.critique.by == "person":
        by = "a person" if one.critique.parent is None else "a model, edited by a person"
    return f"Against the critique{named}, written by {by}"
