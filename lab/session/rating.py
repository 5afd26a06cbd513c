"""People rate answers that a judge has graded, its verdicts unseen, and hear how far it agrees with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice

from lab.core.task import Example, Task
from lab.errors import MisuseError
from lab.i18n import gettext_lazy
from lab.models.roles import ModelConfig
from lab.session.answers import Answers
from lab.session.branches import Branches, Position
from lab.store import Book
from lab.tasks.agreement import Agreement, agreement
from lab.tasks.outcomes import judged
from lab.tasks.rubric import hit_of, points, rubric_of, verdict

__all__ = ["Judging", "Rateable", "Rated", "RatingAnswers", "agreement_of", "rated_by"]

MOST_OPEN = 50
LONGEST_ANSWER = 100_000  # characters


@dataclass(frozen=True)
class Rateable:
    """An answer that a judge has graded and the person has not."""

    example: Example
    answer: str


@dataclass(frozen=True)
class Rated:
    """An answer with what a person gave it and the judge did, both in [0, 1]; None where that gave no verdict."""

    example: Example
    answer: str
    rating: float
    verdict: float | None
    made: str


@dataclass(frozen=True)
class Judging:
    """The judge of a branch, its rubric with `most` points (0: pass or fail), and what a person says of it."""

    judge: str
    rubric: str
    most: int
    is_simulated: bool
    open: tuple[Rateable, ...]
    rated: tuple[Rated, ...]
    agreement: Agreement


@dataclass(frozen=True, eq=False, repr=False)
class RatingAnswers:
    """Keeps the ratings of one owner, and compares them with what the judge of a branch says."""

    _book: Book
    _branches: Branches
    _answers: Answers

    def rate(self, branch: str, example: str, answer: str, given: int) -> None:
        """Keep what a person gives an answer: 1 (pass) or 0 (fail), or points from 1.

        Raises:
            MisuseError: when no model grades the answers of this task, it has no such example in train or dev, the
                answer is blank or too long, or what is given is not on the scale; nothing was kept.
        """
        at = self._branches.position(branch)
        task = at.context.task
        hit = hit_of(task.metric, given)
        if example not in _examples(task):
            raise MisuseError(
                gettext_lazy(
                    "The task {task!r} has no example {example!r} in train or dev. Nothing was kept.",
                    task=task.name,
                    example=example[:40],
                )
            )
        if not answer.strip() or len(answer) > LONGEST_ANSWER:
            raise MisuseError(gettext_lazy("The answer to rate is blank or too long. Nothing was kept."))
        self._book.put_rating(at.branch.owner, task.metric, rubric_of(task), example, answer, hit)

    def of(self, at: Position, prompts: Iterable[str]) -> Judging | None:
        """Return what a person may rate of the answers to some prompts on dev, and what they rated by this rubric.

        None where no model grades the answers.
        """
        task, judge = at.context.task, at.branch.models.get("judge")
        most = points(task.metric)
        if most is None or judge is None:
            return None
        rated = rated_by(self._book, at.branch.owner, task, judge)
        seen = {(one.example.id, one.answer) for one in rated}
        waits = (one for one in self._graded(at, prompts) if (one.example.id, one.answer) not in seen)
        return Judging(
            judge.spec, rubric_of(task), most, judge.endpoint.is_simulated, tuple(islice(waits, MOST_OPEN)), rated,
            agreement_of(task, rated),
        )  # fmt: skip

    def _graded(self, at: Position, prompts: Iterable[str]) -> list[Rateable]:
        """Return the distinct answers that have a verdict, in an order that says nothing of it."""
        task = at.context.task
        found = dict[tuple[str, str], Rateable]()
        for prompt in prompts:
            replies = self._answers.raw(at, prompt, [one.id for one in task.dev])
            for example, reply in zip(task.dev, replies, strict=True):
                if reply is None or reply.verdict is None:
                    continue
                one = judged(task, example, reply)
                if one.hit is not None:
                    found[example.id, one.got] = Rateable(example, one.got)
        return [found[key] for key in sorted(found, key=_shuffled)]


def rated_by(book: Book, owner: str, task: Task, judge: ModelConfig) -> tuple[Rated, ...]:
    """Return what a person gave answers of a task by its rubric, each with the known verdict of a judge."""
    from lab.models.judging import judge_call  # as `answers`: brings the SDK

    known = _examples(task)
    mine = [one for one in book.ratings(owner, task.metric, rubric_of(task)) if one.example in known]
    keys = [judge_call(task, known[one.example], one.answer, judge).key for one in mine]
    found = book.find(keys)
    return tuple(
        Rated(
            known[one.example], one.answer, one.hit,
            verdict(task.metric, found[key].text) if key in found else None, one.made,
        )
        for one, key in zip(mine, keys, strict=True)
    )  # fmt: skip


def agreement_of(task: Task, rated: Iterable[Rated]) -> Agreement:
    """Compare what a person gave with the verdicts that are there."""
    pairs = [(one.rating, one.verdict) for one in rated if one.verdict is not None]
    return agreement(pairs, points(task.metric) or 0)


def _examples(task: Task) -> dict[str, Example]:
    return {one.id: one for one in (*task.train, *task.dev)}


def _shuffled(key: tuple[str, str]) -> str:
    return blake2b("\x1f".join(key).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
