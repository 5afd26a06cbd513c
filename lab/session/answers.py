"""The raw replies behind the scores of a branch, as its book keeps them, and what became of them.

Nothing is asked: each reply is found by the call that it answered, and read and judged as the task says.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lab.core.asks import Evaluate, Example
from lab.errors import MisuseError
from lab.session.branches import Position
from lab.store import Book, Models
from lab.tasks.outcomes import Outcomes, Reply, judged, outcomes
from lab.tasks.rubric import points

if TYPE_CHECKING:
    from lab.models.connections import Connections

__all__ = ["Answers"]

_MOST_KEPT = 2000


class Answers:
    """Finds the raw replies of the target models in a book; what is complete is read once."""

    def __init__(self, book: Book, connections: Connections) -> None:
        self._book = book
        self._connections = connections
        self._known: dict[tuple[str, str, str], Outcomes] = {}
        self._got: dict[tuple[str, str, str], tuple[str, ...]] = {}

    def raw(
        self, at: Position, prompt: str, examples: Sequence[str], split: str = "dev", models: Models | None = None
    ) -> tuple[Reply | None, ...]:
        """Return the raw replies to a prompt on examples of a split, None where there is none."""
        from lab.models.plan import evaluate_calls, said  # as `performers`: brings the SDK

        config, task = (models or at.branch.models)["target"], at.context.task
        can = self._connections.capabilities(config.endpoint)
        try:
            calls = evaluate_calls(Evaluate((prompt,), tuple(examples), split), task, config, can)
        except MisuseError:  # was forced to a label once, and cannot be any more
            return (None,) * len(examples)
        found = self._book.find([call.key for call in calls])
        answers = (found.get(call.key) for call in calls)
        raw = tuple(None if one is None else Reply(said(config, task, can, one), one.flaw) for one in answers)
        return self._graded(at, raw, examples, split, models or at.branch.models)

    def _graded(
        self, at: Position, raw: Sequence[Reply | None], examples: Sequence[str], split: str, models: Models
    ) -> tuple[Reply | None, ...]:
        """Return replies with what the judge said of them, where a model grades them."""
        from lab.models.judging import judge_calls, verdict_of

        task, judge = at.context.task, models.get("judge")
        if points(task.metric) is None or judge is None:
            return tuple(raw)
        known = {one.id: one for one in task.split(split)}
        calls = judge_calls(task, [known[id] for id in examples], raw, judge)
        found = self._book.find([call.key for call in calls if call is not None])
        return tuple(
            one if one is None or call is None else one._replace(verdict=verdict_of(found.get(call.key)))
            for one, call in zip(raw, calls, strict=True)
        )

    def on_dev(self, at: Position, prompt: str, models: Models | None = None) -> Outcomes:
        """Return what became of the replies to a prompt on the dev examples."""
        key = (at.task_id, prompt, (models or at.branch.models).answering)
        if key in self._known:
            return self._known[key]
        dev = at.context.task.dev
        found = self.of(at, prompt, dev, "dev", models)
        if not found.count("not_answered", "not_judged") and len(self._known) < _MOST_KEPT:
            self._known[key] = found
        return found

    def got(self, at: Position, prompt: str) -> tuple[str, ...]:
        """Return what was understood of the replies to a prompt on the dev examples, "" where none came.

        Raises:
            MisuseError: when the metric of the task is not known here.
        """
        key = (at.task_id, prompt, at.branch.models.answering)
        if key in self._got:
            return self._got[key]
        task = at.context.task
        raw = self.raw(at, prompt, [one.id for one in task.dev])
        got = tuple(
            "" if reply is None else judged(task, one, reply).got for one, reply in zip(task.dev, raw, strict=True)
        )
        if None not in raw and len(self._got) < _MOST_KEPT:
            self._got[key] = got
        return got

    def of(
        self, at: Position, prompt: str, examples: Sequence[Example], split: str, models: Models | None = None
    ) -> Outcomes:
        """Return what became of the replies to a prompt on some examples."""
        raw = self.raw(at, prompt, [example.id for example in examples], split, models)
        return outcomes(at.context.task, examples, raw)
