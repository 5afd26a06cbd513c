"""How much a prompt depends on its wording, and on each of its sentences: measured on dev, paired, by example."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from lab.core.task import Task
from lab.errors import MisuseError
from lab.i18n import gettext_lazy
from lab.session.answers import Answers
from lab.session.branches import Branches, Position
from lab.session.evidence import by_hits
from lab.session.jobs import Jobs, Report
from lab.session.measuring import Measuring
from lab.store import VARIANTS, Book, Measure
from lab.tasks.evidence import Paired, paired
from lab.tasks.variants import Variant, reworded, without_sentences

__all__ = ["KINDS", "Kind", "TriedVariant", "Variations", "Varied"]

Kind = Literal["reworded", "shortened"]
KINDS: tuple[Kind, ...] = ("reworded", "shortened")
_TITLES = {
    "reworded": gettext_lazy("Score the prompt in small rewordings"),
    "shortened": gettext_lazy("Score the prompt without each sentence"),
}
_NONE = {
    "reworded": gettext_lazy("Nothing of this prompt can be worded otherwise by rule. Nothing was asked."),
    "shortened": gettext_lazy("This prompt is one sentence: there is none to leave out. Nothing was asked."),
}


@dataclass(frozen=True)
class TriedVariant:
    """A variant of a prompt: its dev score, and how it does against the prompt itself on the same examples."""

    variant: Variant
    measure: Measure
    paired: Paired


@dataclass(frozen=True)
class Varied:
    """A prompt and its variants of a kind; `tried` are those that were measured, of `n_all`.

    `gain` is the prompt's dev score less the start prompt's; None for that one, and where either is not known.
    """

    kind: Kind
    prompt: str
    score: float | None
    tried: tuple[TriedVariant, ...]
    n_all: int
    n_examples: int
    gain: float | None = None

    @property
    def spread(self) -> float | None:
        """How far the scores of the prompt and its variants lie apart."""
        scores = [one.measure.score for one in self.tried]
        scores += [] if self.score is None else [self.score]
        return max(scores) - min(scores) if len(scores) > 1 else None


@dataclass(frozen=True, eq=False, repr=False)
class Variations:
    """Measures variants of the prompts of one owner's branches."""

    _book: Book
    _branches: Branches
    _measuring: Measuring
    _answers: Answers
    _jobs: Jobs

    async def vary(self, branch: str, kind: Kind, prompt: str, report: Report | None = None) -> None:
        """Measure the variants of a prompt on dev, and itself; what is known is not asked again.

        Raises:
            MisuseError: when there is no variant.
            ModelError: when a call failed for good; what had arrived is kept.
            BudgetError: when the ceiling of the run is reached; so too.
        """
        at = self._branches.position(branch)
        asked = (prompt, *(one.text for one in self._checked(at, kind, prompt)))
        known = self._book.measured(at.task_id, at.branch.models.answering)
        new = [text for text in asked if text not in known or known[text].n_missing]

        async def step(report: Report | None) -> None:
            if new:
                await self._measuring.measure(at, new, at.branch.models, VARIANTS, _TITLES[kind], report)

        await self._jobs.attend(branch, step, report)

    def start_varying(self, branch: str, kind: Kind, prompt: str) -> None:
        """Begin to measure the variants of a prompt, as a job.

        Raises:
            MisuseError: when there is no variant, or a step is under way.
        """
        at = self._branches.idle(branch)
        self._checked(at, kind, prompt)
        self._branches.check_keys(at.branch.models)
        self._jobs.start(branch, lambda report: self.vary(branch, kind, prompt, report))

    def varied(self, branch: str, kind: Kind, prompt: str) -> Varied:
        """Return what is known of the variants of a prompt."""
        at = self._branches.position(branch)
        return self.of(at, kind, prompt, self._book.measured(at.task_id, at.branch.models.answering))

    def of(self, at: Position, kind: Kind, prompt: str, known: Mapping[str, Measure]) -> Varied:
        """Return what is `known` of the variants of a prompt, under the task and the target model of a place."""
        task = at.context.task
        base, start, made = known.get(prompt), known.get(task.start), variants(task, kind, prompt)
        tried = (
            ()
            if base is None
            else self._tried(at, base, [(one, known[one.text]) for one in made if one.text in known])
        )
        gain = base.score - start.score if base and start and prompt != task.start else None
        return Varied(kind, prompt, base.score if base else None, tried, len(made), len(task.dev), gain)

    def _tried(
        self, at: Position, base: Measure, found: Sequence[tuple[Variant, Measure]]
    ) -> tuple[TriedVariant, ...]:
        task = by_hits(at.context.task)
        return tuple(
            TriedVariant(one, known, paired(task, task.dev, base.hits, known.hits)) for one, known in found
        )

    def _checked(self, at: Position, kind: Kind, prompt: str) -> tuple[Variant, ...]:
        if made := variants(at.context.task, kind, prompt):
            return made
        raise MisuseError(_NONE[kind])


def variants(task: Task, kind: Kind, prompt: str) -> tuple[Variant, ...]:
    """Return the variants of a prompt for a task."""
    if kind == "reworded":
        return reworded(prompt, task.labels, task.inputs)
    return without_sentences(prompt, task.inputs)
