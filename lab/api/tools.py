"""What other programs can ask of a page that is open: to read its runs, and to do what a person can do in them.

Each tool is a function of plain values, so that a face can offer it as an endpoint or over MCP. Those that read
change nothing; those that act are the acts of `lab.session.acts`, and one that begins a run. The acts of the loop
have a tool each; `act` does any of them: every tool makes each page that is opened a little heavier.
"""

from __future__ import annotations

import inspect
import json
from asyncio import to_thread, wait_for
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from lab.api.begin import begin
from lab.api.door import task_of
from lab.api.run import Run
from lab.api.step import Step, StepItem
from lab.api.values import ScoredPrompt
from lab.core import arguments
from lab.core.asks import Critique
from lab.errors import MisuseError
from lab.session import Session
from lab.session.acts import ACTS, Act, act_now
from lab.session.background import call, run_async
from lab.session.commands import arguments_of
from lab.session.listing import listed
from lab.session.state import State
from lab.tasks import bundled
from lab.views.human import records

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Tool", "tools"]

LONGEST_WAIT_S = 60
_READING = (
    "list_tasks", "list_runs", "read_run", "list_scores", "list_errors", "list_critiques", "list_history",
    "list_calls", "compare", "blame", "human_report", "list_acts",
)  # fmt: skip
_LOOP = ("next", "autopilot", "stop", "accept", "reject", "again", "mark", "fork", "goto", "undo", "redo", "test")
_OF_A_PAGE = ("look", "switch")  # which change what is shown, and nothing else

_KINDS: Mapping[type, str] = MappingProxyType({
    str: "text", int: "whole number", float: "number", bool: "true or false", list[str]: "list of texts",
    list[int]: "list of whole numbers", list[dict[str, object]]: "list of marks",
})  # fmt: skip

Record = dict[str, object]


@dataclass(frozen=True)
class Tool:
    """A function that another program can call: its name, and whether it changes anything."""

    name: str
    function: Callable[..., object]
    acts: bool

    @property
    def about(self) -> str:
        """What it does, in words."""
        return inspect.getdoc(self.function) or ""


def tools(session: Session) -> tuple[Tool, ...]:
    """Return what another program can ask of a person's session: what reads first, then what acts.

    Example:
        >>> from lab.api.tools import tools
        >>> found = {one.name: one for one in tools(lab.Session("mine.sqlite"))}
        >>> found["list_runs"].acts, found["accept"].acts
        (False, True)
    """
    reading = _Reading(session)
    return (*(Tool(one, getattr(reading, one), acts=False) for one in _READING), *_acting(session))


class _Reading:
    """What reads, of one person's session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def list_tasks(self) -> list[str]:
        """Return the names of the bundled tasks, which a run can begin with."""
        return list(bundled.names())

    def list_runs(self, text: str = "") -> list[Record]:
        """Return the runs, branch by branch, the newest first; `text` is looked for in names, tasks and notes."""
        return [asdict(one) for one in call(lambda: listed(self._session, text))]

    async def read_run(self, branch: str, wait_s: float = 0) -> Record:
        """Return where a branch stands: its round, the step that waits with its items, the best prompt, the score.

        `branch` is an id, as list_runs has it. With `wait_s`, up to 60, it is waited for a step that is under way.
        """
        longest = min(max(0.0, wait_s), LONGEST_WAIT_S)
        with suppress(TimeoutError):
            await run_async(wait_for(self._session.jobs.ended(self._session.branch(branch).id), longest))
        return await to_thread(_where, self._session, branch)

    def list_scores(self, branch: str) -> list[Record]:
        """Return the prompts that were measured on dev, best first, with their intervals and what each changed."""
        return _records(Run(self._session, branch).scores())

    def list_errors(self, branch: str) -> list[Record]:
        """Return the wrong answers on train of each prompt that was tried on the way."""
        return _records(Run(self._session, branch).errors())

    def list_critiques(self, branch: str) -> list[Record]:
        """Return the critiques of a branch: how each was proposed, what a person made of it, what came of it."""
        return _records(Run(self._session, branch).critiques())

    def list_history(self, branch: str) -> list[Record]:
        """Return the steps of a branch, the first one first: what was proposed, and what the verdict was."""
        return _records(Run(self._session, branch).history())

    def list_calls(self, branch: str) -> list[Record]:
        """Return what each step of a run took: calls, tokens, cost, time."""
        return _records(Run(self._session, branch).calls())

    def compare(self, branch: str, before: str = "", after: str = "") -> Record:
        """Return what changed between two prompts or places of a run: words, scores, examples, edits.

        Each is named as the page names it (P7, S31) or by its text; without names it is from the start prompt to
        the best one. `sentence` says whether the difference can be told from chance.
        """
        return Run(self._session, branch).diff(before, after).record()

    def blame(self, branch: str, prompt: str = "") -> list[Record]:
        """Return where each stretch of a prompt comes from: who wrote it, in which step, on which critique."""
        return _records(Run(self._session, branch).blame(prompt))

    def human_report(self, branch: str) -> list[Record]:
        """Return what a person did in a run, and what each edit changed where that was tried."""
        return records(call(lambda: self._session.state(branch)).deeds)

    def list_acts(self) -> list[Record]:
        """Return what a person can do in a run: the name of each act, what it does, and what arguments it takes."""
        return [_described(one) for one in ACTS.values() if one.name not in _OF_A_PAGE]


def _acting(session: Session) -> Iterator[Tool]:
    def begin_run(
        task: str,
        optimizer: str = "protegi",
        name: str = "",
        preset: str = "quick",
        model: str = "practice",
        optimizer_model: str = "",
        start: str = "",
        rounds: int = 0,
        most_calls: int = 0,
    ) -> Record:
        """Begin a run of a bundled task, and return where it stands; `next` makes its first step.

        `model` answers with the prompt, `optimizer_model` writes critiques and prompts: a name, or NAME@URL; a
        key is entered in the page. `start` is another start prompt, `most_calls` what the run may spend.
        """
        arguments.one_of("task", task, bundled.names())
        made = begin(
            task_of(task, start), optimizer, name=name or None, preset=preset, model=model, book=session,
            optimizer_model=optimizer_model or None, rounds=rounds or None, ceiling=most_calls or None,
        )  # fmt: skip
        return _where(session, made.id)

    def act(branch: str, name: str, given: dict[str, object] | None = None) -> Record:
        """Do any act of list_acts on a branch, with its arguments, and return where the branch stands then."""
        if name in _OF_A_PAGE:
            raise MisuseError(f"The act “{name}” changes what a page shows, and nothing else.")
        return _act(session, branch, name, given or {})

    yield Tool("begin_run", begin_run, acts=True)
    yield from (Tool(name, _function(session, ACTS[name]), acts=True) for name in _LOOP)
    yield Tool("act", act, acts=True)


def _act(session: Session, branch: str, name: str, given: Mapping[str, object]) -> Record:
    event = {**given, "act": name}
    return _where(session, call(lambda: act_now(session, session.branch(branch).id, event)))


def _function(session: Session, act: Act[object]) -> Callable[..., Record]:
    """Return an act as a function of a branch and its arguments."""
    declared = arguments_of(act.command, act.given)

    def done(branch: str, *given: object, **named: object) -> Record:
        event = dict(zip((one.name for one in declared), given, strict=False)) | named
        return _act(session, branch, act.name, event)

    parameters = [
        inspect.Parameter(
            one.name, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=one.kind,
            default=None if one.optional else inspect.Parameter.empty,
        )
        for one in declared
    ]  # fmt: skip
    first = inspect.Parameter("branch", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=str)
    done.__signature__ = inspect.Signature([first, *parameters], return_annotation=Record)  # type: ignore[attr-defined]
    done.__annotations__ = {"branch": str, **{one.name: one.kind for one in declared}, "return": Record}
    done.__name__ = done.__qualname__ = act.name
    done.__doc__ = f"{act.help} Returns where the branch stands then; a step that it begins goes on meanwhile."
    return done


def _described(act: Act[object]) -> Record:
    declared = arguments_of(act.command, act.given)
    kinds = {one.name: f"{_KINDS[one.kind]}{', optional' if one.optional else ''}" for one in declared}
    return {"name": act.name, "about": act.help, "arguments": kinds}


def _where(session: Session, branch: str) -> Record:
    """Return where a branch stands, as plain values."""
    state, progress = call(lambda: (session.state(branch), session.jobs.progress(branch)))
    phase, step, found = state.node.phase, Step(session, branch, state), Run(session, branch)
    return {
        "branch": state.branch.id,
        "run": state.branch.run,
        "name": state.branch.name,
        "task": state.context.task.name,
        "optimizer": state.optimizer.name,
        "round": phase.round + 1,
        "phase": phase.title,
        "about": phase.about,
        "running": progress is not None and progress.state == "running",
        "problem": progress.error if progress is not None else "",
        "done": step.done,
        "node": state.branch.node,
        "proposal": state.branch.pending,
        "items": [_item(state, place, one) for place, one in enumerate(step.items) if one.proposed or one.kept],
        "start": _scored(found.baseline, state.names.prompt),
        "best": _scored(found.best, state.names.prompt),
    }


def _item(state: State, place: int, one: StepItem) -> Record:
    called = state.names.critique if isinstance(one.value, Critique) else state.names.prompt
    return {
        "place": place,
        "kind": type(one.value).__name__,
        "name": called(one.text),
        "text": one.text,
        "proposed": one.proposed,
        "kept": one.kept,
        "note": one.note,
        "score": one.score,
        "errors": [{"input": error.text, "expected": error.answer, "got": error.got} for error in one.errors],
    }


def _scored(one: ScoredPrompt, called: Callable[[str], str]) -> Record:
    score = one.score
    low, high = (score.interval if score is not None else None) or (None, None)
    return {
        "name": called(one.prompt),
        "prompt": one.prompt,
        "score": None if score is None else float(score),
        "low": low,
        "high": high,
        "n": 0 if score is None else score.n_examples,
        "split": "dev",
    }


def _records(frame: pd.DataFrame) -> list[Record]:
    """Return a table as plain values, in which what is missing is null."""
    rows: list[Record] = json.loads(frame.to_json(orient="records"))
    return rows
