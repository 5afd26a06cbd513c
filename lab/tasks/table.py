"""A table of texts, whatever file it was read from."""

from __future__ import annotations

from dataclasses import dataclass

from lab.errors import DataError
from lab.i18n import gettext_lazy
from lab.tasks.notes import Note

MOST_COLUMNS = 1_000


def refuse_wide(n_columns: int, what: str) -> None:
    """Refuse a table that is too wide to be one, before more is done with it.

    Raises:
        DataError: when it has more columns than a file may have.
    """
    if n_columns > MOST_COLUMNS:
        raise DataError(
            gettext_lazy(
                "The {what} has {n_columns:,} columns; at most {most:,} are read. Keep those of the input and the "
                "answer, and check which character separates them.",
                what=what, n_columns=n_columns, most=MOST_COLUMNS,
            )
        )  # fmt: skip


@dataclass(frozen=True)
class ListColumn:
    """A column that holds lists: the texts of each row's list, none where the row has no value."""

    name: str
    items: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Table:
    """A file as texts; `nested` columns and `ragged` rows (from 0) cannot be used, `notes` say more.

    Some formats say which columns are the `inputs` and the `answer`, the prompt to `start` with, and the `metric`;
    `options` are the column that belongs to any input, and those it was made of.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    format: str  # csv | tsv | json | jsonl | yaml | excel | parquet | hub | fasttext
    n_bytes: int = 0
    notes: tuple[Note, ...] = ()
    lists: tuple[ListColumn, ...] = ()
    nested: tuple[str, ...] = ()
    ragged: tuple[int, ...] = ()
    inputs: tuple[str, ...] = ()
    answer: str = ""
    start: str = ""
    metric: str = ""
    options: tuple[str, ...] = ()

    def column(self, name: str) -> tuple[str, ...]:
        """Return the texts of a column."""
        at = self.columns.index(name)
        return tuple(row[at] for row in self.rows)

    def answers(self, name: str) -> tuple[tuple[str, ...], ...]:
        """Return, for each row, the entries of a column of lists, or the one text of any other column."""
        for column in self.lists:
            if column.name == name:
                return column.items
        return tuple((text,) for text in self.column(name))
