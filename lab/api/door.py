"""What people type, as the lab takes it: a task, a model, an optimizer, settings, a book. Checked at the door."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, Union

from lab.api.task import Task
from lab.core import arguments
from lab.core import task as core
from lab.errors import MisuseError
from lab.models.connect import Connection, connect, hand
from lab.models.roles import Ceiling, ModelConfig, Models
from lab.optimizers import Optimizer, optimizer
from lab.session import Session, default_book
from lab.store import Book
from lab.tasks import bundled

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "BookLike", "ModelLike", "OptimizerLike", "TaskLike", "ceiling_of", "model_of", "models_of", "optimizer_of",
    "session_of", "settings_of", "task_of",
]  # fmt: skip

TaskLike: TypeAlias = Union[core.Task, str, Path, "pd.DataFrame", list[Mapping[str, object]]]
ModelLike: TypeAlias = str | Connection | ModelConfig | Mapping[str, object]
OptimizerLike: TypeAlias = str | Optimizer
BookLike: TypeAlias = str | Path | Book | Session | None

_TASK = (
    "a task, the name of a bundled one (" + ", ".join(map(repr, bundled.names())) + "), the path of a file, a "
    "DataFrame, or a list of records"
)
_MODEL = (
    "a model: 'practice', 'NAME', 'NAME@URL', 'gguf:PATH', what lab.connect() returns, or its arguments as a dict "
    "such as {'model': 'llama3.2', 'base_url': 'http://localhost:11434/v1'}"
)
_OPTIMIZER = "the name of an optimizer, such as 'protegi', or one that was given to lab.register()"
_BOOK = "the path of a lab book, such as 'mine.sqlite', or an open Book"


def task_of(given: TaskLike, start: str = "") -> Task:
    """Return the task that is meant, with another start prompt where one is given.

    Raises:
        MisuseError: when it is nothing of that kind.
        DataError: when its examples cannot be used.
    """
    found = _task(given)
    return replace(found, start=start) if arguments.text("start", start).strip() else found


def _task(given: TaskLike) -> Task:
    if isinstance(given, core.Task):
        return Task.of(given)
    if isinstance(given, str) and given in bundled.names():
        return Task.of(bundled.load(given))
    if isinstance(given, str | os.PathLike):
        if not _is_file(given):
            raise arguments.wrong("task", _TASK, given)
        return Task.from_file(given)
    if isinstance(given, list | tuple):
        return Task.from_records(given)
    if hasattr(given, "columns"):
        return Task.from_frame(given)
    raise arguments.wrong("task", _TASK, given)


def _is_file(given: str | os.PathLike[str]) -> bool:
    try:
        return Path(given).is_file()
    except (OSError, ValueError):
        return False


def models_of(
    session: Session,
    model: ModelLike,
    optimizer_model: ModelLike | None,
    ceiling: object = None,
    judge_model: ModelLike | None = None,
) -> Models:
    """Return the models of a run, with their keys in the hands of the session; one for both where one is given.

    Raises:
        MisuseError: when one of them is not a model.
    """
    target = model_of("model", session, model)
    writes = target if optimizer_model is None else model_of("optimizer_model", session, optimizer_model)
    models = Models(optimizer=writes, target=target, ceiling=ceiling_of(ceiling))
    return models if judge_model is None else models.using("judge", model_of("judge_model", session, judge_model))


def model_of(name: str, session: Session, given: ModelLike) -> ModelConfig:
    """Return one model, with its key in the hands of the session; `name` is that of the argument.

    Raises:
        MisuseError: when it is not a model.
    """
    if isinstance(given, Mapping):
        how = arguments.mapping(name, given, _MODEL)
        try:
            given = connect(**how)  # type: ignore[arg-type]  # checked there, one by one
        except TypeError as problem:  # a name that connect() does not have, or none for the model
            raise MisuseError(f"{name} must be {_MODEL}; this dict does not fit: {problem}.") from None
    if isinstance(given, str | Connection):
        return hand(session, given)
    if isinstance(given, ModelConfig):
        return given
    raise arguments.wrong(name, _MODEL, given)


def ceiling_of(given: object) -> Ceiling:
    """Return what a run may spend: a Ceiling, a number of calls, or a dict of calls, tokens and cost_usd.

    Raises:
        MisuseError: when it is none of these.
    """
    wanted = "a number of calls, a lab.Ceiling, or a dict such as {'calls': 500, 'cost_usd': 2.0}"
    if given is None:
        return Ceiling()
    if isinstance(given, Ceiling):
        return given
    if isinstance(given, Mapping):
        fields = arguments.mapping("ceiling", given, wanted)
        if set(fields) <= {"calls", "tokens", "cost_usd"} and all(_is_number(one) for one in fields.values()):
            return Ceiling(**fields)  # type: ignore[arg-type]
    elif _is_number(given):
        return Ceiling(calls=arguments.whole("ceiling", given, 0, 10**9))
    raise arguments.wrong("ceiling", wanted, given)


def _is_number(given: object) -> bool:
    return isinstance(given, int | float) and not isinstance(given, bool)


def optimizer_of(given: OptimizerLike) -> Optimizer:
    """Return an optimizer by name, or as it was registered.

    Raises:
        MisuseError: when there is none of that name.
    """
    if isinstance(given, Optimizer):
        return optimizer(given.name)
    return optimizer(arguments.text("optimizer", given, _OPTIMIZER, empty=False).strip().lower())


def settings_of(kind: Optimizer, preset: str, settings: object, rounds: int | None) -> object:
    """Return the settings of an optimizer, of a preset, what is given by name, and a number of rounds.

    Raises:
        MisuseError: for what the optimizer does not have, or a value of another kind.
    """
    presets = ", ".join(map(repr, kind.presets)) or "none"
    if isinstance(settings, str):
        preset, settings = preset or settings, None
    preset = arguments.text("preset", preset, f"the name of a preset of {kind.title} ({presets})")
    more = {} if rounds is None else {"rounds": arguments.whole("rounds", rounds, 1, 10_000)}
    if isinstance(settings, kind.settings):
        return replace(settings, **more)
    if settings is None:
        settings = {}
    example = next(iter(kind.presets.get("quick", {"rounds": 2}).items()))
    wanted = f"a dict of settings of {kind.title} such as {dict([example])}, or a preset ({presets})"
    return kind.configure(preset, **{**arguments.mapping("settings", settings, wanted), **more})


_sessions: dict[str, Session] = {}


def session_of(book: BookLike = None, *, there: bool = False) -> Session:
    """Return the one session of this process on a book, with its keys and the steps under way.

    Args:
        book: its path, LAB_BOOK or the one in the user's data folder where none is given, or an open one.
        there: whether it must be there already.

    Raises:
        MisuseError: when it is not a book, or is not there.
        BookError: when the file cannot be opened.
    """
    if isinstance(book, Session):
        return book
    if isinstance(book, Book):
        return _sessions.setdefault(_key(book.path), Session(book))
    named = str(default_book()) if book is None else arguments.path("book", book, _BOOK)
    if "\0" in named:
        raise arguments.wrong("book", _BOOK, book)
    path = Path(named).expanduser()
    known = _sessions.get(_key(path))
    if known is not None and _is_file(path):
        return known
    if there and not _is_file(path):
        raise MisuseError(
            f"There is no lab book at “{path}”. Begin a run in it: lab.begin(task, book={str(path)!r})."
        )
    session = _sessions[_key(path)] = Session(path)
    return session


def _key(path: Path) -> str:
    return str(path.expanduser().absolute())


def sessions() -> tuple[Session, ...]:
    """Return the sessions of this process."""
    return tuple(_sessions.values())
