"""Loads a task from a file, and reports what was kept, what was dropped, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping as AnyMapping
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, Unpack

from lab.core.quoting import near
from lab.core.task import Example, Task
from lab.errors import DataError, MisuseError
from lab.i18n import gettext_lazy, ngettext_lazy
from lab.tasks import splits
from lab.tasks.columns import Mapping, guess_mapping, notes_on_start
from lab.tasks.formats.file import MAX_BYTES, is_hub, named, read_table, safe_name, table_of
from lab.tasks.labels import labels_of
from lab.tasks.metrics import METRICS, is_metric, is_number, usual_reading
from lab.tasks.notes import Note, sentence
from lab.tasks.readings import check, is_objects
from lab.tasks.rows import Row, examples_of, remarks_of, rows_of, usable
from lab.tasks.rubric import check_rubric
from lab.tasks.splits import Splits
from lab.tasks.table import Table
from lab.text import paragraph

__all__ = [
    "MAX_BYTES", "MIN_ROWS", "Chosen", "Loaded", "Mapping", "Report", "Table",
    "guess_mapping", "is_hub", "load_records", "load_task", "read_table",
]  # fmt: skip

MIN_ROWS = 8
_LOOKED_AT = 20_000  # rows of train
_MOSTLY = 0.8  # of all answers: a label that so many rows have makes a score say little


@dataclass(frozen=True)
class Report:
    """What became of the rows of a file."""

    n_rows: int
    n_kept: int
    n_train: int
    n_dev: int
    n_test: int
    dropped: tuple[Note, ...] = ()
    notes: tuple[Note, ...] = ()

    def sentences(self) -> tuple[str, ...]:
        """Describe it to a person, a sentence a fact."""
        counted = gettext_lazy("Rows are counted from 1; the header and blank lines are not counted.")
        return (
            gettext_lazy(
                "{n_rows} rows were read, {n_kept} kept: {n_train} train, {n_dev} dev, {n_test} test.",
                n_rows=self.n_rows, n_kept=self.n_kept,
                n_train=self.n_train, n_dev=self.n_dev, n_test=self.n_test,
            ),
            *map(sentence, self.dropped),
            *((counted,) if self.dropped else ()),
            *map(sentence, self.notes),
        )  # fmt: skip


@dataclass(frozen=True)
class Loaded:
    """A task with how it was read: the columns taken, what became of the rows, and the whole table."""

    task: Task
    mapping: Mapping
    report: Report
    table: Table


class Chosen(TypedDict, total=False):
    """What a person may choose of what is found in a file otherwise.

    Attributes:
        input: the column of the input, or several; a start prompt with slots such as `{text}` names them too.
        answer: the column of the answer.
        split: the column that says train, dev or test; else one that is called so, else the split is drawn.
        id: the column that names the examples.
        start: the start prompt.
        metric: how answers are judged, by a name of `lab.tasks.metrics`.
        rubric: by what a judge grades answers, where the metric is one; "" is the usual one.
        reading: how replies are read, by a code of `lab.tasks.readings`.
        labels: what the answers are; rows with another one are left out. Empty: answers are free text.
        seed: draws the splits.
        fractions: the shares of train, dev and test; else of a large file more is train.
    """

    input: str | Sequence[str] | None
    answer: str | None
    split: str | None
    id: str | None
    start: str
    metric: str | None
    rubric: str
    labels: Sequence[str] | None
    reading: str
    seed: int
    fractions: Sequence[float] | None


def load_task(path: str | Path, *, name: str | None = None, **chosen: Unpack[Chosen]) -> Loaded:
    """Load a task; columns, split, labels, metric and a start prompt are found where they are not `Chosen`.

    Raises:
        DataError: when the file cannot be used, in a sentence that says why.
        MisuseError: when the fractions cannot split a task, or there is no such metric or reading.

    Example:
        `load_task("nli.csv", input=["premise", "hypothesis"], answer="label", metric="macro_f1")`
    """
    return _load(read_table(path), named(path), name or safe_name(Path(path).stem), **chosen)


def load_records(
    records: Sequence[AnyMapping[str, object]], *, name: str = "records", what: str = "", **chosen: Unpack[Chosen]
) -> Loaded:
    """Make a task of records as `load_task` makes one of a file; `what` messages call them, else a table by `name`.

    Raises:
        DataError: when they cannot be used, in a sentence that says why.
        MisuseError: when the fractions cannot split a task, or there is no such metric or reading.
    """
    what = what or gettext_lazy("table {name!r}", name=name)
    return _load(table_of(records, what), what, name, **chosen)


def _load(
    table: Table,
    what: str,
    name: str,
    *,
    input: str | Sequence[str] | None = None,
    answer: str | None = None,
    split: str | None = None,
    id: str | None = None,
    start: str = "",
    metric: str | None = None,
    rubric: str = "",
    labels: Sequence[str] | None = None,
    reading: str = "",
    seed: int = 0,
    fractions: Sequence[float] | None = None,
) -> Loaded:
    reading = check(reading)
    if metric is not None and not is_metric(metric):
        raise MisuseError(
            gettext_lazy(
                "There is no metric {metric!r}. Choose one of: {metrics}.",
                metric=metric,
                metrics=", ".join(METRICS),
            )
        )
    start = start if start.strip() else table.start
    mapping = guess_mapping(table, what, input=input, answer=answer, split=split, id=id, start=start)
    _refuse_nested(table, mapping, what)
    rows, on_rows = rows_of(table, mapping, sets=metric == "set_f1")
    kept, dropped = usable(rows, table.ragged, labels)
    _refuse_unusable(rows, kept, dropped, mapping, what)
    answers = [row.answer for row in kept]
    found = labels_of(answers) if labels is None else tuple(labels)
    examples, on_ids = examples_of(kept, mapping)
    parts, on_split = _split(kept, examples, found, mapping, seed, fractions)
    remarks = remarks_of(table, mapping)
    metric = metric or _metric(table, answers, found)
    reading = reading or usual_reading(metric, found)
    task = Task(
        name, start or _start(found), *parts, metric, found,
        inputs=mapping.inputs, reading=reading, remarks=remarks, rubric=check_rubric(rubric),
    )  # fmt: skip
    notes = (
        mapping.why, _kind(metric, found, reading), *table.notes, *on_rows, *on_ids, *on_split,
        *_on_remarks(remarks, mapping),
        *notes_on_start(table, mapping, start),
        *_on_labels(answers, found), *_near(kept), *_near_train(parts),
    )  # fmt: skip
    n_train, n_dev, n_test = map(len, parts)
    return Loaded(task, mapping, Report(len(rows), len(kept), n_train, n_dev, n_test, dropped, notes), table)


def _split(
    kept: Sequence[Row],
    examples: Sequence[Example],
    labels: tuple[str, ...],
    mapping: Mapping,
    seed: int,
    fractions: Sequence[float] | None,
) -> tuple[Splits, tuple[Note, ...]]:
    """Take the split that the file gives, or draw one."""
    if mapping.split:
        given = [(example, row.part) for row, example in zip(kept, examples, strict=True)]
        parts, drawn = splits.given(given, labels, seed)
        if parts is not None:
            notes = (Note("dev_drawn_from_train"),) if drawn else ()
            return parts, (Note("split_given", texts=(mapping.split,)), *notes, *_across(parts))
    shares = splits.FRACTIONS if fractions is None else fractions
    capped = splits.capped(len(examples), shares) if fractions is None else shares
    notes = (Note("dev_capped"),) if tuple(capped) != tuple(shares) else ()
    return splits.split(examples, labels, seed, capped), notes


def _across(parts: Splits) -> tuple[Note, ...]:
    """Say how many inputs of dev and test are in train too, where the file gives the split."""
    train = {splits.near_form(example.input) for example in parts[0]}
    n = [sum(splits.near_form(example.input) in train for example in part) for part in parts[1:]]
    return tuple(Note("in_train_too", many, (name,)) for many, name in zip(n, ("dev", "test"), strict=True) if many)


def _metric(table: Table, answers: Sequence[str], labels: tuple[str, ...]) -> str:
    if table.metric in METRICS:
        return table.metric
    if labels:
        return "exact"
    if all(map(is_number, answers)):
        return "numeric"
    return "field_f1" if all(map(is_objects, answers)) else "exact"


def _kind(metric: str, labels: tuple[str, ...], reading: str) -> Note:
    """Say what the answers were taken for, and how replies are read."""
    kinds = {"numeric": "numbers", "field_f1": "JSON"}
    return Note("answers_are", len(labels), ("labels" if labels else kinds.get(metric, "free text"), reading))


def _start(labels: tuple[str, ...]) -> str:
    return f"Classify the input as one of: {', '.join(labels)}." if labels else "Answer the question."


def _on_remarks(remarks: Sequence[str], mapping: Mapping) -> tuple[Note, ...]:
    return (Note("remarks_kept", len(remarks), (mapping.remarks,)),) if remarks else ()


def _on_labels(answers: Sequence[str], labels: tuple[str, ...]) -> tuple[Note, ...]:
    """Point out labels that may be mistakes, and one that nearly all rows have."""
    counts = Counter(answer.casefold() for answer in answers)
    rare = tuple(label for label in labels if counts[label.casefold()] == 1)
    notes = [Note("rare_labels", texts=rare)] if rare else []
    for label in labels:
        if (n := counts[label.casefold()]) >= _MOSTLY * len(answers):
            notes.append(Note("imbalanced", 100 * n // len(answers), (label,)))
    return tuple(notes)


def _near_train(parts: Splits) -> tuple[Note, ...]:
    """Say how many inputs of dev are nearly those of train."""
    found = near(parts[1], parts[0][:_LOOKED_AT])
    return (Note("near_train", len(found), tuple(parts[1][at].input for at in found[:3])),) if found else ()


def _near(kept: Sequence[Row]) -> tuple[Note, ...]:
    """Name the rows that differ from an earlier one only in case, spaces or final punctuation."""
    first: dict[str, int] = {}
    pairs = [(first.setdefault(splits.near_form(row.input), row.number), row.number) for row in kept]
    again = tuple(pair for pair in pairs if pair[0] != pair[1])
    return (Note("near_equal", len(again), rows=again),) if again else ()


def _refuse_nested(table: Table, mapping: Mapping, what: str) -> None:
    for column in (*mapping.inputs, mapping.answer):
        if column in table.nested:
            raise DataError(
                gettext_lazy(
                    "In the {what} the column {column!r} holds nested values. Use texts, numbers or plain lists "
                    "there, or name another column.",
                    what=what, column=column[:60],
                )
            )  # fmt: skip


def _refuse_unusable(
    rows: Sequence[Row], kept: Sequence[Row], dropped: Sequence[Note], mapping: Mapping, what: str
) -> None:
    if not any(row.answer for row in rows):
        raise DataError(
            gettext_lazy(
                "In the {what} the answer column {column!r} is blank in every row. Name another column as the "
                "answer, or fill it in.",
                what=what, column=mapping.answer[:60],
            )
        )  # fmt: skip
    if len(kept) < MIN_ROWS:
        few = (
            ngettext_lazy(
                "The {what} has {n} usable row; at least {least} are needed.",
                "The {what} has {n} usable rows; at least {least} are needed.",
                len(kept), what=what, least=MIN_ROWS,
            )
            if kept
            else gettext_lazy(
                "The {what} has no usable row; at least {least} are needed.", what=what, least=MIN_ROWS
            )
        )  # fmt: skip
        raise DataError(paragraph(few, *map(sentence, dropped), gettext_lazy("Add rows.")))
    if len({row.answer.casefold() for row in kept}) == 1:
        raise DataError(
            gettext_lazy(
                "In the {what} every answer is {answer!r}: there is nothing to learn. Add rows with other answers, "
                "or name another column as the answer.",
                what=what, answer=kept[0].answer[:60],
            )
        )  # fmt: skip
