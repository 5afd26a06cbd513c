"""Loads a task from a file, and reports what was kept, what was dropped, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass
from pathlib import Path

from lab.core.task import Example, Task
from lab.errors import DataError
from lab.tasks.columns import Mapping, accepted_columns, entries, guess_mapping
from lab.tasks.formats.file import MAX_BYTES, read_table, safe_name, table_of
from lab.tasks.labels import labels_of
from lab.tasks.metrics import is_number
from lab.tasks.splits import FRACTIONS, split
from lab.tasks.table import Table

__all__ = [
    "MAX_BYTES", "MIN_ROWS", "Dropped", "Loaded", "Mapping", "Report", "Table",
    "guess_mapping", "load_records", "load_task", "read_table",
]  # fmt: skip

MIN_ROWS = 8
_SHOWN = 12


@dataclass(frozen=True)
class Dropped:
    """Rows left out for one reason: groups of row numbers, from 1, the header not counted.

    A group is one row, or all rows that contradict each other.
    """

    why: str
    groups: tuple[tuple[int, ...], ...]

    @property
    def n(self) -> int:
        """How many rows were left out."""
        return sum(map(len, self.groups))

    def sentence(self) -> str:
        """Describe it to a person."""
        shown = ", ".join("/".join(map(str, group)) for group in self.groups[:_SHOWN])
        more = f" and {len(self.groups) - _SHOWN} more" if len(self.groups) > _SHOWN else ""
        rows, were = ("row", "was") if self.n == 1 else ("rows", "were")
        return f"{self.n} {rows} {were} dropped: {self.why} ({rows} {shown}{more})."


@dataclass(frozen=True)
class Report:
    """What became of the rows of a file."""

    n_rows: int
    n_kept: int
    n_train: int
    n_dev: int
    n_test: int
    dropped: tuple[Dropped, ...] = ()
    notes: tuple[str, ...] = ()

    def sentences(self) -> tuple[str, ...]:
        """Describe it to a person, a sentence a fact."""
        counted = ("Rows are counted from 1; the header and blank lines are not counted.",) if self.dropped else ()
        return (
            f"{self.n_rows} rows were read, {self.n_kept} kept: "
            f"{self.n_train} train, {self.n_dev} dev, {self.n_test} test.",
            *(dropped.sentence() for dropped in self.dropped),
            *counted,
            *self.notes,
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

    @property
    def right(self) -> frozenset[str]:
        return frozenset(text.strip().casefold() for text in (self.answer, *self.accepted))


def load_task(
    path: str | Path,
    *,
    input: str | None = None,
    answer: str | None = None,
    start: str = "",
    seed: int = 0,
    name: str | None = None,
    fractions: Sequence[float] = FRACTIONS,
) -> Loaded:
    """Load a task; columns, labels, metric and a start prompt are found where they are not given.

    Raises:
        DataError: when the file cannot be used, in a sentence that says why.
        MisuseError: when the fractions cannot split a task.
    """
    return _load(
        read_table(path), safe_name(path), name or safe_name(Path(path).stem), input, answer, start, seed, fractions
    )


def load_records(
    records: Sequence[AnyMapping[str, object]],
    *,
    input: str | None = None,
    answer: str | None = None,
    start: str = "",
    seed: int = 0,
    name: str = "records",
    fractions: Sequence[float] = FRACTIONS,
) -> Loaded:
    """Make a task of records as `load_task` makes one of a file.

    Raises:
        DataError: when they cannot be used, in a sentence that says why.
        MisuseError: when the fractions cannot split a task.
    """
    return _load(table_of(records, name), name, name, input, answer, start, seed, fractions)


def _load(
    table: Table,
    file: str,
    name: str,
    input: str | None,
    answer: str | None,
    start: str,
    seed: int,
    fractions: Sequence[float],
) -> Loaded:
    mapping = guess_mapping(table, input=input, answer=answer)
    _refuse_nested(table, mapping, file)
    rows, notes = _rows(table, mapping)
    kept, dropped = _kept(rows, table.ragged)
    _refuse_unusable(rows, kept, dropped, mapping, file)
    examples = [Example.of(row.input, row.answer, row.accepted) for row in kept]
    answers = [row.answer for row in kept]
    labels = labels_of(answers)
    metric = "numeric" if not labels and all(map(is_number, answers)) else "exact"
    train, dev, test = split(examples, labels, seed, fractions)
    task = Task(
        name,
        start if start.strip() else _start(labels),
        train,
        dev,
        test,
        metric,
        labels,
    )
    sizes = (len(train), len(dev), len(test))
    notes = (mapping.why, *table.notes, *notes, *_rare(answers, labels))
    report = Report(len(rows), len(kept), *sizes, dropped, notes)
    return Loaded(task, mapping, report, table)


def _start(labels: tuple[str, ...]) -> str:
    return f"Classify the input as one of: {', '.join(labels)}." if labels else "Answer the question."


def _rare(answers: Sequence[str], labels: tuple[str, ...]) -> tuple[str, ...]:
    counts = Counter(answer.casefold() for answer in answers)
    rare = [label for label in labels if counts[label.casefold()] == 1]
    return (f"Labels of one row only, perhaps mistakes: {', '.join(map(repr, rare))}.",) if rare else ()


def _rows(table: Table, mapping: Mapping) -> tuple[list[_Row], tuple[str, ...]]:
    answers, is_list = entries(table, mapping.answer)
    further = accepted_columns(table, answers, mapping)
    beside = [entries(table, column)[0] for column in further]
    rows = [
        _row(number, text, [*answers[number - 1], *(entry for held in beside for entry in held[number - 1])])
        for number, text in enumerate(table.column(mapping.input), 1)
    ]
    notes = []
    if is_list:
        notes.append(
            f"Column {mapping.answer[:60]!r} holds lists: the first entry is the answer, the others are "
            "accepted too."
        )
    if further:
        notes.append(f"What {', '.join(name[:60] for name in further)} lists is accepted as an answer too.")
    return rows, tuple(notes)


def _row(number: int, input: str, answers: Iterable[str]) -> _Row:
    answer, *accepted = dict.fromkeys(text.strip() for text in answers) or [""]
    return _Row(number, input, answer, tuple(filter(None, accepted)))


def _kept(rows: Iterable[_Row], ragged: Sequence[int]) -> tuple[list[_Row], tuple[Dropped, ...]]:
    """Keep the first of equal rows, and none of those that contradict each other."""
    uneven = {at + 1 for at in ragged}
    reasons: dict[str, list[tuple[int, ...]]] = {}
    by_input: dict[str, list[_Row]] = {}
    for row in rows:
        flaw = "another number of fields than the other rows" if row.number in uneven else _flaw(row)
        if flaw:
            reasons.setdefault(flaw, []).append((row.number,))
        else:
            by_input.setdefault(row.input.strip(), []).append(row)
    kept = []
    for same in by_input.values():
        if not frozenset.intersection(*(row.right for row in same)):
            why = "same input with conflicting answers"
            reasons.setdefault(why, []).append(tuple(row.number for row in same))
            continue
        kept.append(same[0])
        for row in same[1:]:
            reasons.setdefault("repeated row", []).append((row.number,))
    return kept, tuple(Dropped(why, tuple(sorted(groups))) for why, groups in reasons.items())


def _flaw(row: _Row) -> str:
    if not row.input.strip():
        return "missing input"
    return "" if row.answer else "missing answer"


def _refuse_nested(table: Table, mapping: Mapping, file: str) -> None:
    for column in (mapping.input, mapping.answer):
        if column in table.nested:
            raise DataError(
                f"In the file {file!r} the column {column[:60]!r} holds nested values. "
                "Use texts, numbers or plain lists there, or name another column."
            )


def _refuse_unusable(
    rows: Sequence[_Row], kept: Sequence[_Row], dropped: Sequence[Dropped], mapping: Mapping, file: str
) -> None:
    if not any(row.answer for row in rows):
        raise DataError(
            f"In the file {file!r} the answer column {mapping.answer[:60]!r} is blank in every row. "
            "Name another column as the answer, or fill it in."
        )
    if len(kept) < MIN_ROWS:
        why = " ".join(reason.sentence() for reason in dropped)
        left = f"{len(kept)} usable row{'' if len(kept) == 1 else 's'}" if kept else "no usable row"
        raise DataError(
            f"The file {file!r} has {left}; at least {MIN_ROWS} are needed. {why} Add rows.".replace("  ", " ")
        )
    if len({row.answer.casefold() for row in kept}) == 1:
        raise DataError(
            f"In the file {file!r} every answer is {kept[0].answer[:60]!r}: there is nothing to learn. "
            "Add rows with other answers, or name another column as the answer."
        )
