"""A copy of a lab book while it is used, and a new book of what can be read of a damaged one."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Table, delete, func, select, update

from lab.core.codec import content_id
from lab.core.history import NODES, PROPOSALS
from lab.errors import BookError
from lab.models.calls import Call
from lab.store.book import Book
from lab.store.lab_file import TABLES
from lab.store.schema import (
    answer_id,
    branches,
    calls,
    deleted_spends,
    findings,
    measures,
    moves,
    nodes,
    payments,
    prices,
    proposals,
    runs,
    tasks,
    unpacked,
)

__all__ = ["backup", "repair"]

_LOCAL = (prices, findings, deleted_spends)  # what a `.lab` file leaves where it is


def backup(source: Path, to: Path) -> None:
    """Copy one moment of a book to a new file, whoever writes to it meanwhile.

    Raises:
        BookError: when there is no such book, the new file is there already, or it cannot be written.
    """
    _check(source, to)
    try:
        with closing(_opened(source)) as book, closing(sqlite3.connect(to)) as copy:
            book.backup(copy)
    except sqlite3.Error as error:
        to.unlink(missing_ok=True)
        raise BookError(f"The lab book “{source.name}” cannot be copied: {error}.") from None


def repair(source: Path, to: Path) -> Mapping[str, tuple[int, int]]:
    """Put what can be read of a book, and is what its name says, in a new one; the old one is only read.

    A branch goes as far as its moves can be followed. What the old book had is counted as far as it can be.

    Returns:
        Of each table how many rows were read, and how many of them are in the new book.

    Raises:
        BookError: when there is no such book, the new file is there already, or nothing can be read.
    """
    _check(source, to)
    found: dict[str, int] = {}
    book = Book(to)
    try:
        with closing(_opened(source)) as old:
            old.text_factory = lambda text: text.decode("utf-8", "replace")
            with book.transaction() as db:
                db.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
                for table in (*TABLES, *_LOCAL):
                    found[table.name] = _copied(old, db, table)
                if not any(found.values()):
                    raise BookError(f"Nothing can be read of “{source.name}”: it is not a lab book, or lost.")
                _made_whole(db)
                kept = {table.name: _count(db, table) for table in (*TABLES, *_LOCAL)}
    except BookError:
        book.close()
        to.unlink(missing_ok=True)
        raise
    book.close()
    return MappingProxyType({name: (n, kept[name]) for name, n in found.items()})


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=30)


def _check(source: Path, to: Path) -> None:
    if not source.is_file():
        raise BookError(f"There is no lab book at “{source}”.")
    if to.exists():
        raise BookError(f"There is a file “{to.name}” already. Name a new one.")


def _copied(old: sqlite3.Connection, db: Connection, table: Table) -> int:
    """Copy the rows that can be read and are what they are named; return how many were read."""
    n = 0
    for row in _rows(old, table):
        n += 1
        if _is_itself(table, row):
            with suppress(Exception), db.begin_nested():  # a row twice, or of another kind
                db.execute(table.insert().values(row))
    return n


def _rows(old: sqlite3.Connection, table: Table) -> Iterator[dict[str, Any]]:
    """Read a table row by row; where one cannot be read, those after it are looked for by their numbers."""
    columns = [column.name for column in table.columns]
    named = ", ".join(f'"{name}"' for name in columns)
    last = 0
    try:
        top = old.execute(f'SELECT max(rowid) FROM "{table.name}"').fetchone()[0] or 0  # noqa: S608  # our own names
    except sqlite3.Error:
        top = 0
    while True:
        try:
            query = f'SELECT rowid, {named} FROM "{table.name}" WHERE rowid > ? ORDER BY rowid'  # noqa: S608
            for number, *values in old.execute(query, (last,)):
                last = number
                with suppress(ValueError):
                    yield {
                        name: unpacked(value) if isinstance(value, bytes) else value
                        for name, value in zip(columns, values, strict=True)
                    }
            return
        except sqlite3.Error:
            last += 1  # over the row that is lost
            if last >= top:
                return


def _is_itself(table: Table, row: Mapping[str, Any]) -> bool:
    check = _CHECKS.get(table)
    try:
        return check is None or check(row)
    except (ValueError, TypeError, KeyError):
        return False


def _named(*prefixes: str) -> Callable[[Mapping[str, Any]], bool]:
    def check(row: Mapping[str, Any]) -> bool:
        prefix = row["id"].partition("-")[0]
        return prefix in prefixes and content_id(prefix, json.loads(row["content"])) == row["id"]

    return check


def _is_call(row: Mapping[str, Any]) -> bool:
    asked: str = Call(row["endpoint"], row["request"], row["sample"]).key
    return asked == row["key"] and bool(row["answer_id"] == answer_id(row["answer"]))


_CHECKS: Mapping[Table, Callable[[Mapping[str, Any]], bool]] = MappingProxyType(
    {
        tasks: _named("t"), runs: _named("r"), nodes: _named(*NODES), proposals: _named(*PROPOSALS),
        calls: _is_call, measures: lambda row: isinstance(json.loads(row["hits"]), list),
    }
)  # fmt: skip


def _made_whole(db: Connection) -> None:
    """Let go of what names something that is lost, until nothing does; and end branches where their moves do."""
    while True:
        n = _orphans(db)
        n += _cut_branches(db)
        if not n:
            break
    unpaid = select(payments.c.call)
    db.execute(update(calls).where(calls.c.key.not_in(unpaid)).values(paid=0))


def _orphans(db: Connection) -> int:
    lost = {(row[0], row[1]) for row in db.exec_driver_sql("PRAGMA foreign_key_check").fetchall()}
    for table, number in lost:
        db.exec_driver_sql(f'DELETE FROM "{table}" WHERE rowid = ?', (number,))  # noqa: S608  # as SQLite names it
    contents = {row.id: json.loads(row.content) for row in db.execute(select(nodes.c.id, nodes.c.content))}
    known, contexts = set(db.scalars(select(proposals.c.id))), set(db.scalars(select(runs.c.id)))
    gone = [
        id
        for id, content in contents.items()
        if content["run"] not in contexts or (content["proposal"] or None) not in {None, *known}
    ]
    for id in gone:
        db.execute(delete(nodes).where(nodes.c.id == id))
    return len(lost) + len(gone)


def _cut_branches(db: Connection) -> int:
    """End each branch before the first of its moves that is lost; one without any is let go."""
    n = 0
    for id, cursor in db.execute(select(branches.c.id, branches.c.cursor)).all():
        seqs = list(db.scalars(select(moves.c.seq).where(moves.c.branch == id).order_by(moves.c.seq)))
        whole = next((i for i, seq in enumerate(seqs) if i != seq), len(seqs))
        if whole < len(seqs):
            n += db.execute(delete(moves).where(moves.c.branch == id, moves.c.seq >= whole)).rowcount
        if whole == 0:
            n += db.execute(delete(branches).where(branches.c.id == id)).rowcount
        elif cursor >= whole:
            db.execute(update(branches).where(branches.c.id == id).values(cursor=whole - 1))
    return n


def _count(db: Connection, table: Table) -> int:
    return db.scalar(select(func.count()).select_from(table)) or 0
