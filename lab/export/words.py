"""What is said of a prompt that is taken along, in whole sentences."""

from __future__ import annotations

from lab.core.task import Task
from lab.export.taken import Scored, Taken
from lab.i18n import gettext, gettext_lazy, ngettext
from lab.session.lineage import Made
from lab.tasks.metrics import METRICS, OWN, usual_reading
from lab.tasks.readings import about
from lab.tasks.rubric import points, rubric_of
from lab.views.evidence import sentences
from lab.views.numbers import percent, within
from lab.views.prose import in_a_row, listed
from lab.views.rating import judge_line
from lab.views.sealed import sentences as sentences_on_test

__all__ = ["NO_EDITS", "critique", "facts", "judged", "on_test", "origin", "proof", "score"]

NO_EDITS = gettext_lazy("Nothing: every step was accepted as it was proposed.")


def score(one: Scored | None) -> str:
    """Say a dev score with its interval and its size: 84 % (70 to 93) on 50 dev examples."""
    if one is None:
        return gettext("not measured")
    found = within(percent(one.measure.score), one.interval)
    return ngettext("{score} on {n} dev example", "{score} on {n} dev examples", one.measure.n_rows, score=found)


def facts(taken: Taken) -> tuple[str, ...]:
    """Say where a prompt comes from and how well it does."""
    names = dict(taken.models)
    return (
        ngettext(
            "Task {task}, run {run}: {optimizer}, {n} round, seed {seed}.",
            "Task {task}, run {run}: {optimizer}, {n} rounds, seed {seed}.",
            taken.n_rounds, task=taken.task.name, run=taken.run, optimizer=taken.optimizer, seed=taken.seed,
        ),
        gettext(
            "Target model: {target}. Optimizer model: {optimizer}.",
            target=names["target"], optimizer=names["optimizer"],
        ),
        gettext(
            "Score of this prompt: {score}. Start prompt: {start}.",
            score=score(taken.score), start=score(taken.start),
        ),
        *proof(taken),
        *on_test(taken),
    )  # fmt: skip


def on_test(taken: Taken) -> tuple[str, ...]:
    """Say what the sealed test split said, or that nobody has opened it; nothing of a task without one."""
    if taken.sealed.n_examples and not taken.sealed.openings:
        return (
            ngettext(
                "The test split of {n} example is sealed: nobody has opened it.",
                "The test split of {n} examples is sealed: nobody has opened it.",
                taken.sealed.n_examples,
            ),
        )
    return sentences_on_test(taken.sealed, taken.task.start)


def proof(taken: Taken) -> tuple[str, ...]:
    """Say what a judge's scores are worth, whether the prompt beats the start, and what choosing it pretends."""
    by = () if taken.judging is None else (judge_line(taken.judging),)
    return (*by, *sentences(taken.evidence))


def judged(task: Task) -> tuple[str, ...]:
    """Say how replies are read and judged."""
    reading = task.reading or usual_reading(task.metric, task.labels)
    own = gettext("A Python function of your own.") if task.metric.startswith(OWN) else ""
    known = METRICS.get(task.metric.partition(":")[0])
    rubric = () if points(task.metric) is None else (gettext("Rubric: {rubric}", rubric=rubric_of(task)),)
    labels = (gettext("Labels: {labels}.", labels=listed(task.labels)),) if task.labels else ()
    return (
        in_a_row(gettext("Metric {metric}.", metric=task.metric), own or (known.about if known else "")),
        *rubric,
        in_a_row(gettext("Reading {reading}.", reading=reading), about(reading)),
        *labels,
    )


def origin(one: Made) -> str:
    """Say in which step a prompt came about and who wrote it."""
    told = _written(one) if one.origin.node else gettext("the start prompt.")
    return gettext("{name}: {origin}", name=one.name, origin=told) if one.name else told


def _written(one: Made) -> str:
    """Say who wrote a prompt, and in which step."""
    step = gettext("{phase} ({step})", phase=one.phase, step=one.step) if one.step else one.phase
    where = gettext("round {round}, {optimizer}, {step}", round=one.round, optimizer=one.optimizer, step=step)
    if one.origin.by != "person":
        return gettext("written by a model in {place}.", place=where)
    if one.origin.parent:
        return gettext("edited by a person in {place}.", place=where)
    return gettext("written by a person in {place}.", place=where)


def critique(one: Made) -> str:
    """Say who wrote the critique that a prompt was written against; nothing where there was none."""
    if one.critique is None:
        return ""
    name = one.critique_name
    which = gettext("the critique {name}", name=name) if name else gettext("the critique")
    if one.critique.by != "person":
        return gettext("Against {critique}, written by a model", critique=which)
    if one.critique.parent is None:
        return gettext("Against {critique}, written by a person", critique=which)
    return gettext("Against {critique}, written by a model, edited by a person", critique=which)
