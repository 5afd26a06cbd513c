"""Loads a task from a file, and reports what was kept, what was dropped, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass
from pathlib import Path

from lab.core.layout import joined
from lab.core.task import Example, Task
from lab.errors import DataError
from lab.tasks.columns import Mapping, accepted_columns, entries, guess_mapping, notes_on_start
from lab.tasks.formats.file import MAX_BYTES, read_table, safe_name, table_of
from lab.tasks.labels import labels_of
from lab.tasks.metrics import is_number, usual_reading
from lab.tasks.notes import Note, NoteCode, sentence
from lab.tasks.readings import check, is_objects
from lab.tasks.splits import FRACTIONS, near_form, split
from lab.tasks.table import Table

__all__ = [
    "MAX_BYTES", "MIN_ROWS", "Loaded", "Mapping", "Report", "Table",
    "guess_mapping", "load_records", "load_task", "read_table",
]  # fmt: skip

MIN_ROWS = 8
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
        counted = ("Rows are counted from 1; the header and blank lines are not counted.",) if self.dropped else ()
        return (
            f"{self.n_rows} rows were read, {self.n_kept} kept: "
            f"{self.n_train} train, {self.n_dev} dev, {self.n_test} test.",
            *map(sentence, self.dropped),
            *counted,
            *map(sentence, self.notes),
        )


@dataclass(frozen=True)
class Loaded:
    """A task with how it was read: the columns taken, what became of the rows, and the whole table."""

    task: Task
    mapping: Mapping
    report: Report
    table: Table


@dataclass(frozen=True)
class _Row:
    number: int
    input: str
    answer: str
    accepted: tuple[str, ...]
    fields: tuple[str, ...] = ()

    @property
    def right(self) -> frozenset[str]:
        return frozenset(text.strip().casefold() for text in (self.answer, *self.accepted))


def load_task(
    path: str | Path,
    *,
    input: str | Sequence[str] | None = None,
    answer: str | None = None,
    start: str = "",
    seed: int = 0,
    name: str | None = None,
    fractions: Sequence[float] = FRACTIONS,
    reading: str = "",
) -> Loaded:
    """Load a task; columns, labels, metric, reading and a start prompt are found where they are not given.

    Args:
        path: of the file.
        input: the column of the input, or several; a start prompt with slots such as `{text}` names them too.
        answer: the column of the answer.
        start: the start prompt.
        seed: draws the splits.
        name: of the task; the file's where it is not given.
        fractions: the shares of train, dev and test.
        reading: how replies are read, by a code of `lab.tasks.readings`.

    Raises:
        DataError: when the file cannot be used, in a sentence that says why.
        MisuseError: when the fractions cannot split a task, or there is no such reading.
    """
    return _load(
        read_table(path), safe_name(path), name or safe_name(Path(path).stem), input, answer, start, seed,
        fractions, reading,
    )  # fmt: skip


def load_records(
    records: Sequence[AnyMapping[str, object]],
    *,
    input: str | Sequence[str] | None = None,
    answer: str | None = None,
    start: str = "",
    seed: int = 0,
    name: str = "records",
    fractions: Sequence[float] = FRACTIONS,
    reading: str = "",
) -> Loaded:
    """Make a task of records as `load_task` makes one of a file.

    Raises:
        DataError: when they cannot be used, in a sentence that says why.
        MisuseError: when the fractions cannot split a task, or there is no such reading.
    """
    return _load(table_of(records, name), name, name, input, answer, start, seed, fractions, reading)


def _load(
    table: Table,
    file: str,
    name: str,
    input: str | Sequence[str] | None,
    answer: str | None,
    start: str,
    seed: int,
    fractions: Sequence[float],
    reading: str,
) -> Loaded:
    check(reading)
    mapping = guess_mapping(table, input=input, answer=answer, start=start)
    _refuse_nested(table, mapping, file)
    rows, notes = _rows(table, mapping)
    kept, dropped = _kept(rows, table.ragged)
    _refuse_unusable(rows, kept, dropped, mapping, file)
    examples = [Example.of(row.input, row.answer, row.accepted, row.fields) for row in kept]
    answers = [row.answer for row in kept]
    labels = labels_of(answers)
    metric = _metric(answers, labels)
    reading = reading or usual_reading(metric, labels)
    train, dev, test = split(examples, labels, seed, fractions)
    task = Task(
        name,
        start if start.strip() else _start(labels),
        train,
        dev,
        test,
        metric,
        labels,
        inputs=mapping.inputs,
        reading=reading,
    )
    sizes = (len(train), len(dev), len(test))
    said = (
        _kind(metric, labels, reading),
        *table.notes,
        *notes,
        *notes_on_start(table, mapping, start),
        *_on_labels(answers, labels),
        *_near(kept),
    )
    return Loaded(task, mapping, Report(len(rows), len(kept), *sizes, dropped, (mapping.why, *said)), table)


def _metric(answers: Sequence[str], labels: tuple[str, ...]) -> str:
    """Return how answers like these are judged."""
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


def _on_labels(answers: Sequence[str], labels: tuple[str, ...]) -> tuple[Note, ...]:
    """Point out labels that may be mistakes, and one that nearly all rows have."""
    counts = Counter(answer.casefold() for answer in answers)
    rare = tuple(label for label in labels if counts[label.casefold()] == 1)
    notes = [Note("rare_labels", texts=rare)] if rare else []
    for label in labels:
        if (n := counts[label.casefold()]) >= _MOSTLY * len(answers):
            notes.append(Note("imbalanced", 100 * n // len(answers), (label,)))
    return tuple(notes)


def _near(kept: Sequence[_Row]) -> tuple[Note, ...]:
    """Name the rows that differ from an earlier one only in case, spaces or final punctuation."""
    first: dict[str, int] = {}
    pairs = [(first.setdefault(near_form(row.input), row.number), row.number) for row in kept]
    again = tuple(pair for pair in pairs if pair[0] != pair[1])
    return (Note("near_equal", len(again), rows=again),) if again else ()


def _rows(table: Table, mapping: Mapping) -> tuple[list[_Row], tuple[Note, ...]]:
    answers, is_list = entries(table, mapping.answer)
    further = accepted_columns(table, answers, mapping)
    beside = [entries(table, column)[0] for column in further]
    texts = zip(*(table.column(name) for name in mapping.inputs), strict=True)
    rows = [
        _row(
            number,
            fields,
            mapping.inputs,
            [*answers[number - 1], *(entry for held in beside for entry in held[number - 1])],
        )
        for number, fields in enumerate(texts, 1)
    ]
    notes = [Note("answers_are_lists", texts=(mapping.answer,))] if is_list else []
    return rows, (*notes, Note("more_accepted", texts=further)) if further else tuple(notes)


def _row(number: int, fields: tuple[str, ...], names: Sequence[str], answers: Iterable[str]) -> _Row:
    answer, *accepted = dict.fromkeys(text.strip() for text in answers) or [""]
    right = answer, tuple(filter(None, accepted))
    if len(names) == 1:
        return _Row(number, fields[0], *right)
    input = joined(zip(names, fields, strict=True)) if any(map(str.strip, fields)) else ""
    return _Row(number, input, *right, fields)


def _kept(rows: Iterable[_Row], ragged: Sequence[int]) -> tuple[list[_Row], tuple[Note, ...]]:
    """Keep the first of equal rows, and none of those that contradict each other."""
    uneven = {at + 1 for at in ragged}
    reasons: dict[NoteCode, list[tuple[int, ...]]] = {}
    by_input: dict[str, list[_Row]] = {}
    for row in rows:
        flaw = "ragged" if row.number in uneven else _flaw(row)
        if flaw:
            reasons.setdefault(flaw, []).append((row.number,))
        else:
            by_input.setdefault(row.input.strip(), []).append(row)
    kept = []
    for same in by_input.values():
        if not frozenset.intersection(*(row.right for row in same)):
            reasons.setdefault("conflicting", []).append(tuple(row.number for row in same))
            continue
        kept.append(same[0])
        for row in same[1:]:
            reasons.setdefault("repeated", []).append((row.number,))
    return kept, tuple(
        Note(why, sum(map(len, groups)), rows=tuple(sorted(groups))) for why, groups in reasons.items()
    )


def _flaw(row: _Row) -> NoteCode | None:
    if not row.input.strip():
        return "missing_input"
    return None if row.answer else "missing_answer"


def _refuse_nested(table: Table, mapping: Mapping, file: str) -> None:
    for column in (*mapping.inputs, mapping.answer):
        if column in table.nested:
            raise DataError(
                f"In the file {file!r} the column {column[:60]!r} holds nested values. "
                "Use texts, numbers or plain lists there, or name another column."
            )


def _refuse_unusable(
    rows: Sequence[_Row], kept: Sequence[_Row], dropped: Sequence[Note], mapping: Mapping, file: str
) -> None:
    if not any(row.answer for row in rows):
        raise DataError(
            f"In the file {file!r} the answer column {mapping.answer[:60]!r} is blank in every row. "
            "Name another column as the answer, or fill it in."
        )
    if len(kept) < MIN_ROWS:
        why = " ".join(map(sentence, dropped))
        left = f"{len(kept)} usable row{'' if len(kept) == 1 else 's'}" if kept else "no usable row"
        raise DataError(
            f"The file {file!r} has {left}; at least {MIN_ROWS} are needed. {why} Add rows.".replace("  ", " ")
        )
    if len({row.answer.casefold() for row in kept}) == 1:
        raise DataError(
            f"In the file {file!r} every answer is {kept[0].answer[:60]!r}: there is nothing to learn. "
            "Add rows with other answers, or name another column as the answer."
        )
