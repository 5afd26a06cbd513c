"""Prompts side by side: measured on the same examples, with intervals of what differs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from lab.api.door import BookLike, ModelLike, TaskLike, ceiling_of, models_of, session_of, task_of
from lab.api.values import MeasuredScore, ScoredPrompt
from lab.core import arguments
from lab.core.asks import Evaluate, Score
from lab.core.task import Example, Task
from lab.models.calls import Answer, Call, Price, Spent
from lab.models.roles import Models, Role
from lab.session import Session
from lab.session.background import run, run_async
from lab.session.rating import agreement_of, rated_by
from lab.session.setup import with_judge
from lab.store import Book
from lab.tasks.evidence import Paired, paired, selected
from lab.tasks.metrics import total
from lab.tasks.statistics import METHOD, interval
from lab.views.evidence import comparison, selection
from lab.views.markup import esc, rows_of_value, value
from lab.views.numbers import counted
from lab.views.rating import agreement_line

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Comparison", "acompare", "compare"]

SPLITS = ("dev", "train")
_COLUMNS = ("prompt", "score", "low", "high", "n", "change", "change_low", "change_high",
            "improved", "regressed", "p_value")  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A prompt with its score, and how it does against the first prompt on the same examples."""

    prompt: str
    score: MeasuredScore | None
    paired: Paired | None = None
    hits: tuple[float | None, ...] = ()


@dataclass(frozen=True, repr=False)
class Comparison:
    """Prompts that were measured on the same examples of a `split` under one target model.

    Changes are from the first prompt, paired by example. `n_calls` were paid for, the others were known.

    Example:
        >>> compared = lab.compare("sentiment", ["Is it positive?", "Answer positive or negative, one word."])
        >>> compared.best.prompt
        'Answer positive or negative, one word.'
    """

    rows: tuple[Row, ...]
    model: str
    task: str
    n_calls: int = 0
    split: str = "dev"
    judge: str = ""  # what the judge's verdicts are worth, in a sentence, where a model grades the answers

    @property
    def best(self) -> ScoredPrompt:
        """The prompt with the best score, the earlier of equals."""
        known = [row for row in self.rows if row.score is not None]
        top = max(known, key=lambda row: row.score or 0.0, default=self.rows[0])
        return ScoredPrompt(top.prompt, top.score)

    def sentences(self) -> tuple[str, ...]:
        """Say of each prompt but the first whether it is better; then what choosing, and a judge, are worth."""
        found = [comparison(row.paired) for row in self.rows if row.paired is not None]
        chosen = selected([row.hits for row in self.rows])
        best = (selection(chosen),) if chosen is not None and len(self.rows) > 2 else ()
        return (*found, *best, *((self.judge,) if self.judge else ()))

    def frame(self) -> pd.DataFrame:
        """Return a DataFrame, a row a prompt in the order given: scores, changes from the first, 95 % intervals."""
        import pandas as pd

        return pd.DataFrame([_cells(row) for row in self.rows], columns=list(_COLUMNS))

    def __repr__(self) -> str:
        scores = ", ".join("not measured" if row.score is None else str(row.score) for row in self.rows[:6])
        more = ", …" if len(self.rows) > 6 else ""
        return f"Comparison({counted(len(self.rows), 'prompt')} on {self.task} by {self.model}: {scores}{more})"

    def _repr_html_(self) -> str:
        rows = (
            (
                esc(row.prompt),
                esc("not measured" if row.score is None else row.score.words),
                esc("" if row.paired is None else comparison(row.paired)),
            )
            for row in self.rows
        )
        heads = ("prompt", f"{self.split} score", "against the first")
        chosen = "".join(f"<p>{esc(line)}</p>" for line in self.sentences()[len(self.rows) - 1 :])
        return value(f"{rows_of_value(heads, rows)}{chosen}<p><small>{esc(METHOD)}</small></p>")


def _cells(row: Row) -> tuple[object, ...]:
    low, high = (row.score.interval if row.score is not None else None) or (None, None)
    score = None if row.score is None else float(row.score)
    n = row.score.n_examples if row.score is not None else 0
    found = row.paired
    if found is None:
        return row.prompt, score, low, high, n, *(None,) * 6
    less, more = found.interval or (None, None)
    return (
        row.prompt, score, low, high, n, found.change, less, more, found.improved, found.regressed, found.p_value,
    )  # fmt: skip


def compare(
    task: TaskLike,
    prompts: Sequence[str] | Mapping[str, str],
    *,
    model: ModelLike = "practice",
    judge_model: ModelLike | None = None,
    split: str = "dev",
    ceiling: object = None,
    book: BookLike = None,
) -> Comparison:
    """Measure prompts on the same examples, and say how sure a difference is.

    Args:
        task: a task, the name of a bundled one, a file, a DataFrame or records.
        prompts: at least one; the others are compared with the first.
        model: the target model.
        judge_model: the model that grades answers, where the metric is judge; the target model where not given.
        split: "dev", which chooses prompts, or "train"; the test split stays sealed.
        ceiling: what it may spend.
        book: where known replies are taken from, and new ones kept.

    Raises:
        MisuseError: when an argument is not of its kind.
        ModelError: when a model call failed for good; what had arrived is kept.

    Example:
        >>> lab.compare("sentiment", ["Is it positive?", "Answer positive or negative, one word."]).frame().shape
        (2, 11)
    """
    arguments.one_of("split", split, SPLITS)
    return run(_compared(*_asked(task, prompts, model, judge_model, ceiling, book), split))


async def acompare(
    task: TaskLike,
    prompts: Sequence[str] | Mapping[str, str],
    *,
    model: ModelLike = "practice",
    judge_model: ModelLike | None = None,
    split: str = "dev",
    ceiling: object = None,
    book: BookLike = None,
) -> Comparison:
    """Measure prompts as `compare` does, and let other work go on meanwhile.

    Example:
        >>> import asyncio
        >>> asyncio.run(lab.acompare("sentiment", ["Is it positive?"])).best.prompt
        'Is it positive?'
    """
    arguments.one_of("split", split, SPLITS)
    return await run_async(_compared(*_asked(task, prompts, model, judge_model, ceiling, book), split))


def _asked(
    task: TaskLike,
    prompts: object,
    model: ModelLike,
    judge_model: ModelLike | None,
    ceiling: object,
    book: BookLike,
) -> tuple[Session, Task, tuple[str, ...], Models]:
    session, wanted = session_of(book), "a list of prompts, each a text that is not empty"
    given = prompts.values() if isinstance(prompts, Mapping) else prompts
    texts = arguments.texts(
        "prompts", list(given) if isinstance(given, Iterable) and not isinstance(given, str) else given, wanted
    )
    if not all(text.strip() for text in texts):
        raise arguments.wrong("prompts", wanted, prompts)
    taken = task_of(task)
    models = with_judge(taken, models_of(session, model, None, ceiling_of(ceiling), judge_model))
    for role in models:
        session.connections.client(models[role].endpoint)  # refuses one whose key is missing
    return session, taken, tuple(dict.fromkeys(texts)), models


async def _compared(
    session: Session, task: Task, prompts: tuple[str, ...], models: Models, split: str
) -> Comparison:
    from lab.models.perform import Performer

    examples = task.split(split)
    performer = Performer(task, models, _Kept(session.book), connections=session.connections)
    try:
        ask = Evaluate(prompts, tuple(example.id for example in examples), split)
        scores = cast("tuple[Score, ...]", await performer(ask, "0"))
    finally:
        await performer.aclose()
    paid = sum(one.n_paid for one in performer.spent.values())
    rows = tuple(_rows(task, examples, scores))
    return Comparison(rows, models["target"].endpoint.name, task.name, paid, split, _checked(session, task, models))


def _checked(session: Session, task: Task, models: Models) -> str:
    judge = models.get("judge")
    if judge is None:
        return ""
    found = agreement_of(task, rated_by(session.book, session.owner, task, judge))
    return f"Graded by {judge.endpoint.name}. {agreement_line(found)}"


def _rows(task: Task, examples: Sequence[Example], scores: Sequence[Score]) -> Iterable[Row]:
    first = scores[0]
    yield Row(first.text, _score(task, examples, first), None, first.hits)
    for one in scores[1:]:
        found = paired(task, examples, first.hits, one.hits, (first.got, one.got))
        yield Row(one.text, _score(task, examples, one), found, one.hits)


def _score(task: Task, examples: Sequence[Example], score: Score) -> MeasuredScore | None:
    whole = total(task.metric, task.labels, examples, score.got, score.hits)
    n = sum(hit is not None for hit in score.hits)
    return None if whole is None else MeasuredScore(whole, interval(task, examples, score.hits, score.got), n)


class _Kept:
    """The replies of a book, for calls that belong to none of its runs: kept there, and counted here."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._spent = Spent()

    def find(self, keys: Sequence[str]) -> dict[str, Answer]:
        return self._book.find(keys)

    def keep(self, rows: Sequence[tuple[str, Call, Answer]], role: Role = "target") -> None:
        self._book.keep(rows, role)
        self._spent = sum((Spent.on(answer, self.price(call.model)) for _, call, answer in rows), self._spent)

    def keep_missing(self, rows: Sequence[tuple[str, Call, Answer]], role: Role = "target") -> None:
        """Note nothing: whoever compares again asks anew for what did not come."""

    def spent(self) -> Spent:
        return self._spent

    def price(self, model: str) -> Price | None:
        return self._book.price(model)

    def mean_reply(self, model: str, role: Role) -> float | None:
        return self._book.mean_reply(model, role)
