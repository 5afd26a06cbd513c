"""How a run comes about: begun, found again by its name, or run to its end."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import count
from pathlib import Path
from typing import Any

from lab.api.door import (
    BookLike,
    ModelLike,
    OptimizerLike,
    TaskLike,
    models_of,
    optimizer_of,
    session_of,
    settings_of,
    task_of,
)  # fmt: skip
from lab.api.run import MOST_ROUNDS, Run
from lab.core import arguments
from lab.errors import MisuseError
from lab.models.roles import Ceiling, Models, Role
from lab.session import Session
from lab.session.background import call
from lab.session.setup import RunSetup
from lab.store import Branch
from lab.store.lab_file import is_lab_file, take_in
from lab.tasks.metrics import is_known
from lab.text import shortened

__all__ = ["begin", "import_run", "open", "optimize"]


def begin(
    task: TaskLike,
    optimizer: OptimizerLike = "protegi",
    *,
    preset: str = "",
    settings: Mapping[str, object] | object | None = None,
    rounds: int | None = None,
    model: ModelLike = "practice",
    optimizer_model: ModelLike | None = None,
    judge_model: ModelLike | None = None,
    seed: int = 0,
    ceiling: Ceiling | Mapping[str, float] | int | None = None,
    pauses: str | Iterable[str] | None = None,
    name: str | None = None,
    book: BookLike = None,
) -> Run:
    """Begin a run; one that began in the same way under this name is found again, so that a cell can be run twice.

    Args:
        task: a task, the name of a bundled one, a file, a DataFrame or records.
        optimizer: its name, or one that was registered.
        preset: "paper" (the default), "quick" or "thrifty".
        settings: some of the optimizer's, by name, over those of the preset.
        rounds: how many rounds; the optimizer's own where not given.
        model: the target model, which answers with the prompt: a name, NAME@URL, a connection, or a dict.
        optimizer_model: the model that writes critiques and prompts; the target model where not given.
        judge_model: the model that grades answers, where the metric is judge; the optimizer model where not given.
        seed: draws all that is drawn.
        ceiling: what the run may spend: a number of calls, or a dict of calls, tokens and cost_usd.
        pauses: where `next` waits, such as "critiques"; the optimizer's own places where not given.
        name: what it is called; a new run begins each time where it is not given.
        book: the lab book; LAB_BOOK, or the one in your data folder, where it is not given.

    Raises:
        MisuseError: when an argument is not of its kind, or another run has this name; nothing was changed.
        DataError: when the examples cannot be used.

    Example:
        >>> run = lab.begin("sentiment", "protegi", preset="quick", model="practice", name="by hand")
        >>> run
        Run('by hand', protegi on sentiment, round 1, next: Try the prompts)
        >>> run == lab.begin("sentiment", "protegi", preset="quick", model="practice", name="by hand")
        True
    """
    session = session_of(book)
    if name is not None:
        arguments.text("name", name, "a name that is not empty", empty=False)
    setup = _setup(
        session, task, optimizer, preset=preset, settings=settings, rounds=rounds, model=model,
        optimizer_model=optimizer_model, judge_model=judge_model, seed=seed, ceiling=ceiling, pauses=pauses,
        name=name or "main",
    )  # fmt: skip
    return Run(session, call(lambda: session.begin(setup) if name is None else _named(session, setup)))


def _setup(
    session: Session,
    task: TaskLike,
    optimizer: OptimizerLike,
    *,
    preset: str,
    settings: object,
    rounds: int | None,
    model: ModelLike,
    optimizer_model: ModelLike | None,
    judge_model: ModelLike | None,
    seed: int,
    ceiling: object,
    pauses: str | Iterable[str] | None = None,
    name: str = "",
) -> RunSetup:
    """Return what a run begins with; without a name it is called by its optimizer and its task."""
    kind = optimizer_of(optimizer)
    chosen = settings_of(kind, preset, settings, rounds)
    stops = None
    if pauses is not None:
        wanted = "where to wait, such as 'critiques', or several of these"
        given = () if isinstance(pauses, list | tuple) and not pauses else arguments.texts("pauses", pauses, wanted)
        stops = tuple(dict.fromkeys(phase for one in given for phase in kind.phases_called(one)))
    examples = task_of(task)
    return RunSetup.of(
        examples,
        kind.name,
        settings=chosen,
        models=models_of(session, model, optimizer_model, ceiling, judge_model),
        seed=arguments.whole("seed", seed, 0, 2**32 - 1),
        pauses=stops,
        name=name or f"{kind.name} on {examples.name}",
    )


def _named(session: Session, setup: RunSetup) -> str:
    """Return the branch of this name that began in the same way, or a new one where there is none of the name."""
    if (found := _same(session, setup)) is not None:
        return found
    mine = [one for one in session.branches() if one.name == setup.name]
    if not mine:
        return session.begin(setup)
    raise MisuseError(
        f"There is a run “{setup.name}” in this book already, with {_difference(session, mine[-1], setup)}. "
        f"Give this one another name, or go on with that one: lab.open(name={setup.name!r})."
    )


def _numbered(session: Session, setup: RunSetup) -> str:
    """Return the branch that began in the same way under this name, or the name with a number; or a new one."""
    taken = {one.name for one in session.branches()}
    for n in count(1):
        one = setup if n == 1 else replace(setup, name=f"{setup.name} ({n})")
        if (found := _same(session, one)) is not None:
            return found
        if one.name not in taken:
            return session.begin(one)
    raise AssertionError  # numbers do not end


def _same(session: Session, setup: RunSetup) -> str | None:
    """Return the newest branch of this name that began in the same way."""
    mine = (one for one in reversed(session.branches()) if one.name == setup.name)
    return next((one.id for one in mine if not _difference(session, one, setup)), None)


def _difference(session: Session, branch: Branch, setup: RunSetup) -> str:
    """Describe in what a run began otherwise than a set-up says; "" where it did not."""
    root = session.book.node(session.book.visited(branch.run)[0])
    optimizer_name, _, context = session.book.context(root.context)
    if context.task != setup.task.sealed():
        return f"other examples or another start prompt (task “{shortened(context.task.name, 40)}”)"
    if optimizer_name != setup.optimizer:
        return f"another optimizer ({optimizer_name}, not {setup.optimizer})"
    was, now = asdict(context.settings), asdict(setup.settings)
    changes = ", ".join(f"{one} {was[one]}, not {now[one]}" for one in now if was.get(one) != now[one])
    if changes:
        return f"other settings ({changes})"
    if context.seed != setup.seed:
        return f"another seed ({context.seed}, not {setup.seed})"
    return _other_models(branch.models, setup.models)


def _other_models(was: Models, now: Models) -> str:
    role: Role
    for role, config in now.items():
        if (was[role].endpoint, was[role].sampling) != (config.endpoint, config.sampling):
            return f"another {role} model ({was[role].endpoint.name}, not {config.endpoint.name})"
    return ""


def open(book: BookLike = None, name: str | None = None, *, model: ModelLike | None = None) -> Run:
    """Go on with a run of a lab book, or replay one of a .lab file: the one of a name, or the newest.

    A run of a file that `run.export` wrote is replayed as a recording in your lab book: its steps and replies are
    as they were, its models are asked for nothing, and it may be branched as far as the replies are known. Opened
    again, it is where you left it. `run.connect` goes on with a model; `lab.import_run` takes a run in to go on.

    Args:
        book: the lab book, or the .lab file; LAB_BOOK, or the book in your data folder, where it is not given.
        name: of the run or one of its branches, or an id.
        model: a connection whose key this process needs again, for keys are in no book.

    Raises:
        MisuseError: when there is no such book, or no such run in it.
        BookError: when the file is not a lab book, or a .lab file in which something is wrong.

    Example:
        >>> run = lab.begin("sentiment", preset="quick", name="by hand", book="mine.sqlite")
        >>> run == lab.open("mine.sqlite", name="by hand")
        True
        >>> lab.open(run.export("recorded.lab"))
        Run('by hand', protegi on sentiment, a recording, round 1, next: Try the prompts)
    """
    session, listed = _listing(book)
    if name is not None:
        arguments.text("name", name, "the name of a run", empty=False)
    if model is not None:
        models_of(session, model, None)
    run = Run(session, call(lambda: _called(session, listed(), name)))
    if not is_known(metric := run.task.metric):
        warnings.warn(
            f"This run is judged by a metric of your own, “{metric}”, which this process does not know: what was "
            "measured is shown, and to go on the function must be defined as it was, under @lab.metric.",
            stacklevel=2,
        )
    return run


def _listing(book: BookLike) -> tuple[Session, Callable[[], Sequence[Branch]]]:
    """Return the session of a lab book, and what lists the branches to choose from: all, or those of a file."""
    if not (isinstance(book, str | Path) and is_lab_file(book)):
        session = session_of(book, there=True)
        return session, session.branches
    session, file = session_of(), Path(book)

    def replayed() -> Sequence[Branch]:
        found = take_in(session.book, file, session.owner, recording=True)
        return [session.branch(id) for id in found.branches]

    return session, replayed


def _called(session: Session, mine: Sequence[Branch], name: str | None) -> str:
    """Return the newest of some branches that has this name or id."""
    called = [one for one in mine if name is None or name in (one.name, one.id)]
    if called:
        return called[-1].id
    if not mine:
        raise MisuseError(
            f"There is no run in the lab book “{session.book.path.name}” yet. Begin: lab.begin(task)."
        )
    known = ", ".join(f"“{one}”" for one in dict.fromkeys(shortened(one.name, 40) for one in mine[-20:]))
    raise MisuseError(f"There is no run “{shortened(name or '', 60)}” in this lab book. Choose one of: {known}.")


def import_run(path: str | Path, book: BookLike = None) -> Run:
    """Take in a run, or all runs of a book, from a file that `run.export` wrote; return the first of its runs.

    All of it is checked before anything is changed. What is here already stays as it is, so that a cell can be run
    twice.

    Args:
        path: of the .lab file.
        book: the lab book; LAB_BOOK, or the one in your data folder, where it is not given.

    Raises:
        BookError: when it is not such a file, or anything in it is wrong; nothing was changed.

    Example:
        >>> run = lab.begin("sentiment", preset="quick", name="by hand")
        >>> lab.import_run(run.export("my-run.lab"), book="other.sqlite").name
        'by hand'
    """
    session = session_of(book)
    file = Path(arguments.path("path", path, "the path of a file, such as 'my-run.lab'"))
    found = call(lambda: take_in(session.book, file, session.owner))
    if not found.branches:
        raise MisuseError(f"There is no run in “{file.name}”.")
    shown = [one.id for one in call(session.branches) if one.id in found.branches]
    return Run(session, next((id for id in found.branches if id in shown), found.branches[0]))


def optimize(
    task: TaskLike,
    optimizer: OptimizerLike = "protegi",
    *,
    preset: str = "",
    settings: Mapping[str, object] | object | None = None,
    rounds: int | None = None,
    model: ModelLike = "practice",
    optimizer_model: ModelLike | None = None,
    judge_model: ModelLike | None = None,
    seed: int = 0,
    ceiling: Ceiling | Mapping[str, float] | int | None = None,
    name: str | None = None,
    book: BookLike = None,
) -> Run:
    """Run an optimizer to its end as a reviewer who accepts everything, with a progress bar; return the run.

    Takes what `begin` takes. A run that began in the same way is found again and goes on where it is, so that a
    cell can be run twice; without a name too: it is called "protegi on sentiment" then, and one that begins
    otherwise "protegi on sentiment (2)". A ceiling that is given holds from here on, for a run that stopped at it.

    Raises:
        MisuseError: as `begin` does.
        ModelError: when a model call failed for good; what had arrived is kept.
        BudgetError: when the ceiling is reached; so too.

    Example:
        >>> run = lab.optimize("sentiment", "protegi", preset="thrifty", rounds=1)
        >>> run.done, run.best.score > run.baseline.score
        (True, True)
        >>> run == lab.optimize("sentiment", "protegi", preset="thrifty", rounds=1)
        True
    """
    run = _to_optimize(
        task, optimizer, preset=preset, settings=settings, rounds=rounds, model=model,
        optimizer_model=optimizer_model, judge_model=judge_model, seed=seed, ceiling=ceiling, name=name, book=book,
    )  # fmt: skip
    if not run.done:
        run.autopilot(rounds=MOST_ROUNDS)
    return run


async def aoptimize(
    task: TaskLike,
    optimizer: OptimizerLike = "protegi",
    *,
    preset: str = "",
    settings: Mapping[str, object] | object | None = None,
    rounds: int | None = None,
    model: ModelLike = "practice",
    optimizer_model: ModelLike | None = None,
    judge_model: ModelLike | None = None,
    seed: int = 0,
    ceiling: Ceiling | Mapping[str, float] | int | None = None,
    name: str | None = None,
    book: BookLike = None,
) -> Run:
    """Run an optimizer to its end, as `optimize` does, and let other work go on meanwhile.

    Example:
        >>> import asyncio
        >>> asyncio.run(lab.aoptimize("sentiment", preset="thrifty", rounds=1)).done
        True
    """
    run = _to_optimize(
        task, optimizer, preset=preset, settings=settings, rounds=rounds, model=model,
        optimizer_model=optimizer_model, judge_model=judge_model, seed=seed, ceiling=ceiling, name=name, book=book,
    )  # fmt: skip
    if not run.done:
        await run.aautopilot(rounds=MOST_ROUNDS)
    return run


def _to_optimize(
    task: TaskLike, optimizer: OptimizerLike, *, name: str | None, book: BookLike, ceiling: object, **how: Any
) -> Run:
    """Begin a run or find it again, and let it spend what is given now."""
    session = session_of(book)
    if name is not None:
        arguments.text("name", name, "a name that is not empty", empty=False)
    setup = _setup(session, task, optimizer, name=name or "", ceiling=ceiling, **how)

    def begun() -> str:
        branch = (_numbered if name is None else _named)(session, setup)
        most = setup.models.ceiling
        if ceiling is not None and session.branch(branch).models.ceiling != most:
            session.set_ceiling(branch, most)
        return branch

    return Run(session, call(begun))
