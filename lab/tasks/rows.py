"""The rows of a table as examples: which can be used, which say the same, and what people wrote beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from lab.core.layout import joined
from lab.core.task import Example
from lab.tasks.columns import Mapping, accepted_columns, entries
from lab.tasks.names import GOOD
from lab.tasks.notes import Note, NoteCode
from lab.tasks.splits import part_of
from lab.tasks.table import Table

__all__ = ["Row", "examples_of", "remarks_of", "rows_of", "usable"]

_MOST_REMARKS = 200
_LONGEST_REMARK = 2_000  # characters


@dataclass(frozen=True)
class Row:
    """A row as it is used, by its number from 1; `part` counts train, dev and test from 0 where a column says it.

    `bad` says that what stands as its answer was marked as wrong, `is_header` that it is the names of the columns
    once more, as files that were put together have them.
    """

    number: int
    input: str
    answer: str
    accepted: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    part: int | None = 0
    id: str = ""
    bad: bool = False
    is_header: bool = False

    @property
    def right(self) -> frozenset[str]:
        """The answers that count as right, as they are compared."""
        return frozenset(text.strip().casefold() for text in (self.answer, *self.accepted))


def rows_of(table: Table, mapping: Mapping, *, sets: bool = False) -> tuple[list[Row], tuple[Note, ...]]:
    """Read the columns of a mapping, row by row.

    A list of answers is one that is right and others that are accepted, or all together one answer where they are
    `sets`, such as several labels.
    """
    answers, is_list = entries(table, mapping.answer)
    if sets and is_list:
        answers, is_list = tuple((", ".join(held),) for held in answers), False
    further = accepted_columns(table, answers, mapping)
    beside = [entries(table, column)[0] for column in further]
    inputs = zip(*map(table.column, mapping.inputs), strict=True)
    blank = ("",) * len(table.rows)
    parts, ids, marks = (
        table.column(name) if name else blank for name in (mapping.split, mapping.id, mapping.mark)
    )
    rows = []
    for at, fields in enumerate(inputs):
        right = [*answers[at], *(entry for held in beside for entry in held[at])] if beside else answers[at]
        answer, *accepted = dict.fromkeys(text.strip() for text in right) or [""]
        row = Row(at + 1, fields[0], answer, tuple(filter(None, accepted)))
        if len(fields) > 1:
            text = joined(zip(mapping.inputs, fields, strict=True)) if any(map(str.strip, fields)) else ""
            row = replace(row, input=text, fields=fields)
        if mapping.split or mapping.id or mapping.mark:
            bad = bool(marks[at].strip()) and marks[at].strip().casefold() not in GOOD
            part = part_of(parts[at]) if mapping.split else 0
            row = replace(row, part=part, id=ids[at].strip(), bad=bad)
        if table.rows[at] == table.columns:
            row = replace(row, is_header=True)
        rows.append(row)
    notes = [Note("answers_are_lists", texts=(mapping.answer,))] if is_list else []
    return rows, (*notes, Note("more_accepted", texts=further)) if further else tuple(notes)


def usable(
    rows: Iterable[Row], ragged: Sequence[int] = (), labels: Sequence[str] | None = None
) -> tuple[list[Row], tuple[Note, ...]]:
    """Keep the first of equal rows, and none of those that contradict each other or have an answer not wanted."""
    uneven = {at + 1 for at in ragged}
    wanted = {label.strip().casefold() for label in labels or ()}
    reasons: dict[NoteCode, list[tuple[int, ...]]] = {}
    by_input: dict[str, list[Row]] = {}
    for row in rows:
        flaw = "ragged" if row.number in uneven else _flaw(row, wanted)
        if flaw:
            reasons.setdefault(flaw, []).append((row.number,))
        else:
            by_input.setdefault(row.input.strip(), []).append(row)
    kept = []
    for same in by_input.values():
        if len(same) > 1 and not frozenset.intersection(*(row.right for row in same)):
            reasons.setdefault("conflicting", []).append(tuple(row.number for row in same))
            continue
        kept.append(same[0])
        for row in same[1:]:
            reasons.setdefault("repeated", []).append((row.number,))
    return kept, tuple(
        Note(why, sum(map(len, groups)), rows=tuple(sorted(groups))) for why, groups in reasons.items()
    )


def _flaw(row: Row, wanted: set[str]) -> NoteCode | None:
    if not row.input.strip():
        return "missing_input"
    if row.is_header:
        return "repeats_header"
    if row.bad:
        return "marked_bad"
    if not row.answer:
        return "missing_answer"
    if wanted and row.right.isdisjoint(wanted):
        return "not_a_label"
    return "no_part" if row.part is None else None


def examples_of(rows: Sequence[Row], mapping: Mapping) -> tuple[list[Example], tuple[Note, ...]]:
    """Make examples; an id column names them where each has a name of its own, else their content does."""
    examples = [Example.of(row.input, row.answer, row.accepted, row.fields) for row in rows]
    if not mapping.id:
        return examples, ()
    if any(not row.id or n > 1 for row, n in zip(rows, _times(rows), strict=True)):
        return examples, (Note("ids_not_unique", texts=(mapping.id,)),)
    return [replace(example, id=row.id) for row, example in zip(rows, examples, strict=True)], ()


def _times(rows: Sequence[Row]) -> list[int]:
    counts = Counter(row.id for row in rows)
    return [counts[row.id] for row in rows]


def remarks_of(table: Table, mapping: Mapping) -> tuple[str, ...]:
    """Return what people wrote on answers, each once."""
    if not mapping.remarks:
        return ()
    texts = (text.strip()[:_LONGEST_REMARK] for text in table.column(mapping.remarks))
    return tuple(dict.fromkeys(filter(None, texts)))[:_MOST_REMARKS]
