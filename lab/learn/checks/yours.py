"""Checks of lesson 08."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from lab.api.door import ceiling_of
from lab.api.run import Run
from lab.api.task import Task
from lab.core.task import Example
from lab.errors import MisuseError
from lab.learn.checked import Finding, not_yet, open_, right
from lab.learn.checks import code
from lab.learn.checks.code import Case
from lab.learn.grading import grade
from lab.models.endpoint import Endpoint
from lab.views.numbers import counted

__all__ = ["CHECKS"]

_CALLS, _USD = 300, 0.5


def load(task: object) -> Finding:
    """Say what of the file became a task."""
    if not isinstance(task, Task):
        return not_yet(f"This is {type(task).__name__}, not a task.", "my_task = lab.Task.from_file(...)")
    if not task.labels:
        return not_yet(
            "Its answers are no labels: each is another text.",
            "Is the answer the column of the verdict, not of the comment?",
        )
    return right(
        f"{len(task.train)} train, {len(task.dev)} dev, {len(task.test)} test; labels {', '.join(task.labels)}."
    )


def metric(function: object) -> Finding:
    """Try the metric on nasty replies."""
    good, bad = Example.of("Fine.", "positive"), Example.of("Awful.", "negative")
    cases = (
        Case(("positive", good), 1.0, "The bare label is right."),
        Case(("The review seems Positive to me.", good), 1.0, "Words around it do not matter, nor does case."),
        Case(("negative", good), 0.0, "The other label is wrong."),
        Case(("I would say it is fine.", good), 0.0, "No label was said."),
        Case(
            ("It is either positive or negative.", bad),
            0.0,
            "Both labels are in it: it is not clear which one is meant.",
        ),
    )
    return code.tried(function, cases, "It is lenient, and is not fooled.")


def names(given: object) -> Finding:
    """Say which model is not named as it has to be."""
    if not isinstance(given, Mapping) or len(given) != 3:
        return not_yet("This is not the dict of the cell.", "Keep its three lines, and fill in the quotes.")
    told = [str(one).strip() for one in given.values()]
    if not any(told):
        return open_("No model has a name yet.")
    wanted = (_is_ollama, _is_the_file, _is_by_hand)
    for what, spec, fits in zip(given, told, wanted, strict=True):
        try:
            found = Endpoint.of(spec)
        except MisuseError as problem:
            return not_yet(f"{what}: {problem}", "The table above has a form for each.")
        if not fits(found):
            return not_yet(
                f"{what}: {spec!r} is {found.model!r} at {found.base_url}.", "The table above has a form for each."
            )
    return right("Each of them can be asked under this name.")


def ceiling(given: object) -> Finding:
    """Say whether the ceiling is the one that was asked for."""
    try:
        found = ceiling_of(given)
    except MisuseError as problem:
        return not_yet(str(problem), "help(lab.Ceiling) has the names.")
    if found.calls != _CALLS:
        return not_yet(
            f"It allows {'any number of' if found.calls is None else found.calls} calls.", f'"calls": {_CALLS}'
        )
    if found.cost_usd is None or abs(found.cost_usd - _USD) > 1e-9:
        return not_yet("It does not stop at half a dollar.", "The name is cost_usd, and the unit is one dollar.")
    return right(f"A run stops before call {_CALLS + 1}, and before it costs more than US$ {_USD:.2f}.")


def reply(text: object, run: Run) -> Finding:
    """Say what was read of the reply."""
    if not isinstance(text, str):
        return not_yet(f"A reply is a text, not {type(text).__name__}.", "Put it between quotes.")
    if run.step is None or run.step.kind != "candidates":
        return not_yet("No proposal waits.", "Run the cell that begins the run, and this one again.")
    usable = [one for one in run.step if not one.flaw]
    if not usable:
        return not_yet(
            f"It could not be used: {run.step[0].flaw}.",
            "Raise attempt by one, run that cell again, and answer anew.",
        )
    return right(f"{counted(len(usable), 'proposal was', 'proposals were')} read of it: “{usable[0].text}”.")


def capstone(run: object, report: object) -> Finding:
    """Say what the run still needs."""
    if not isinstance(run, Run):
        return not_yet(f"This is {type(run).__name__}, not a run.", "my_run = lab.begin(task, ...)")
    if not len(run.human_report()):
        return not_yet("Nothing in it is by you.", "step[0].edit(..., why=...) before run.accept().")
    if not run.round:
        return not_yet("No round is over.", "my_run.autopilot(rounds=1)")
    n = len(run.session.state(run.id).sealed.openings)
    if not n:
        return not_yet("The test was not opened.", 'my_run.test([task.start, my_run.best.prompt], reason="...")')
    path = Path(str(report))
    if not path.is_file() or "<html" not in path.read_text(encoding="utf-8", errors="replace")[:2000].lower():
        return not_yet(f"There is no report at {path.name}.", f'my_run.best.export("{path.name}")')
    looks = "once" if n == 1 else f"{n} times, which the report says"
    return right(f"{run.baseline.score} became {run.best.score} on dev; the test was opened {looks}.")


def file(path: object) -> Finding:
    """Say what whoever grades the file will see."""
    row = grade(Path(str(path)))
    if row.problem:
        return not_yet(f"It cannot be read: {row.problem}", "learn.hand_in gives back the path of the file.")
    if not row.edits:
        return not_yet("The run in it has no edit of yours.", "Hand in my_run, the run of the capstone.")
    return right(
        f"{row.student}: {row.task} with {row.optimizer}, {row.calls} calls, {counted(row.edits, 'edit')}, "
        f"test opened {counted(row.tests or 0, 'time')}, {row.wrong} wrong."
    )


def _is_the_file(one: Endpoint) -> bool:
    return one.model == f"gguf:{Path('tiny.gguf').absolute()}"


def _is_by_hand(one: Endpoint) -> bool:
    return one.by_hand


def _is_ollama(one: Endpoint) -> bool:
    return one.model == "llama3.2" and ":11434" in one.base_url


CHECKS: Mapping[str, Callable[..., Finding]] = {
    "load": load,
    "metric": metric,
    "names": names,
    "ceiling": ceiling,
    "reply": reply,
    "capstone": capstone,
    "file": file,
}
