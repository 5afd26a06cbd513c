"""A prompt tried on an input that a person types, before anything is decided about it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lab.core.asks import Evaluate
from lab.core.flaws import Flaw
from lab.core.layout import joined
from lab.core.task import Example, Task
from lab.errors import MisuseError, ModelError
from lab.i18n import gettext_lazy
from lab.session.answers import Answers
from lab.session.branches import Branches, Position
from lab.session.performers import Performers
from lab.store import TRIAL
from lab.tasks import readings
from lab.tasks.metrics import usual_reading

__all__ = ["Trial", "Trying"]

LONGEST = 20_000  # characters of an input


@dataclass(frozen=True)
class Trial:
    """What the target model replied to an input with a prompt, and what was read in it; None where nothing was.

    `flaw` says why the reply did not arrive whole.
    """

    prompt: str
    input: str
    reply: str
    flaw: Flaw | None
    read: str | None


@dataclass(frozen=True, eq=False, repr=False)
class Trying:
    """Asks the target model of one owner's branches about inputs that are in no split."""

    _branches: Branches
    _performers: Performers
    _answers: Answers

    async def try_on(self, branch: str, prompt: str, text: str) -> Trial:
        """Ask the target model about one input, with a prompt; a known reply costs nothing.

        Scores, splits and the history stay as they are; the call counts toward the spending limit.

        Args:
            branch: whose target model is asked.
            prompt: the instructions to try.
            text: the input; where the task has several input columns, a line for each.

        Raises:
            MisuseError: when the prompt or the input is empty or too long, or the endpoint lacks its key.
            ModelError: when no reply came.
            BudgetError: when the ceiling of the run is reached.

        Example:
            >>> await session.try_on(branch, "Is it positive or negative?", "Not bad at all.")
            Trial(prompt='Is it positive or negative?', input='Not bad at all.', reply='negative', ...)
        """
        at = self._branches.position(branch)
        task = at.context.task
        example = _example(task, prompt, text)
        reading = task.reading or usual_reading(task.metric, task.labels)
        # There is no right answer to judge by, so that no model is to be asked for a verdict either.
        alone = replace(task, train=(example,), metric="exact", reading=reading)
        there = replace(at, context=replace(at.context, task=alone))
        self._branches.check_keys(at.branch.models)
        async with self._performers.open(there, TRIAL, gettext_lazy("Try a prompt"), None) as performer:
            await performer(Evaluate((prompt,), (example.id,)), 0)
        return self._found(there, prompt, example)

    def _found(self, at: Position, prompt: str, example: Example) -> Trial:
        reply = self._answers.raw(at, prompt, [example.id], "train")[0]
        if reply is None:
            raise ModelError(
                gettext_lazy("The target model gave no reply to this input. Try again, or check its endpoint.")
            )
        return Trial(prompt, example.input, reply.text, reply.flaw, _read(at.context.task, reply.text))


def _example(task: Task, prompt: str, text: str) -> Example:
    if not prompt.strip():
        raise MisuseError(gettext_lazy("The prompt to try is empty. Open a card with a prompt, or write one."))
    if not text.strip():
        raise MisuseError(gettext_lazy("The input to try the prompt on is empty. Type one."))
    if len(text) > LONGEST:
        raise MisuseError(
            gettext_lazy(
                "The input has {n_characters:,} characters; at most {most:,} are taken.",
                n_characters=len(text),
                most=LONGEST,
            )
        )
    if len(task.inputs) < 2:
        return Example.of(text, "")
    fields = tuple(line.strip() for line in text.strip().splitlines())
    if len(fields) != len(task.inputs):
        raise MisuseError(
            gettext_lazy(
                "An input of this task has a line for each of {columns}; this one has {n_lines}.",
                columns=", ".join(task.inputs),
                n_lines=len(fields),
            )
        )
    return Example.of(joined(zip(task.inputs, fields, strict=True)), "", fields=fields)


def _read(task: Task, reply: str) -> str | None:
    reading = task.reading or usual_reading(task.metric, task.labels)
    if reading == readings.STRICT:
        return reply.strip()
    read = readings.read(reading, reply, task.labels, ())
    return None if read is None else readings.canonical(reading, read)
