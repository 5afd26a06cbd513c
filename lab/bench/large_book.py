"""A large lab book, made of one run: that run again and again with other seeds, and replies that nobody reads."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, Table, func, select
from sqlalchemy.dialects.sqlite import insert

from lab.core.codec import named
from lab.core.history import NODES, PROPOSALS
from lab.models.calls import Answer, Call
from lab.store import Account, Book
from lab.store.run_rows import Row, RunRows
from lab.store.schema import branches, moves, names, nodes, proposals, runs

__all__ = ["WRITERS", "add_answers", "add_runs", "lost", "reply"]

WRITERS = 4
_AT_ONCE = 500
_URL = "http://127.0.0.1:9/v1"

_WRITING = """
import sys
from lab.bench.large_book import reply
from lab.store import Account, Book
path, branch, writer, n = sys.argv[1:]
book = Book(path)
account = Account(book, branch, book.branch(branch, None).node, "propose")
for number in range(int(n)):
    account.keep([reply(f"{writer}.{number}")])
book.close()
"""


def add_runs(book: Book, n_nodes: int) -> None:
    """Add copies of the run of a book, each of another seed and so with other ids, until it has so many nodes."""
    with book.transaction() as db:
        first = db.scalar(select(branches.c.run).limit(1))
        copied = {
            table: list(RunRows(db, first or "").rows(table))
            for table in (runs, nodes, proposals, branches, moves, names)
        }
        for number in range(1, n_nodes):
            if (db.scalar(select(func.count()).select_from(nodes)) or 0) >= n_nodes:
                return
            _add_run(db, copied, number)


def _add_run(db: Connection, rows: dict[Table, list[Row]], number: int) -> None:
    new: dict[str, str] = {}
    for row in rows[runs]:
        content = {**json.loads(row["content"]), "seed": 1_000_000 + number}
        new[row["id"]], row_content = named("r", content)
        db.execute(insert(runs), {**row, "id": new[row["id"]], "content": row_content})
    asked = defaultdict[str, list[Row]](list)
    for row in rows[proposals]:
        asked[row["node"]].append(row)
    made: dict[Table, list[Row]] = {nodes: [], proposals: []}
    for row in rows[nodes]:  # a parent comes before its children, and what was asked at it as well
        content = json.loads(row["content"])
        told = {name: new.get(content[name], content[name]) for name in ("run", "parent", "proposal")}
        new[row["id"]], packed = named(NODES[0], {**content, **told})
        made[nodes].append({**row, "id": new[row["id"]], "parent": told["parent"], "content": packed})
        for one in asked[row["id"]]:
            content = {**json.loads(one["content"]), "node": new[row["id"]]}
            new[one["id"]], packed = named(PROPOSALS[0], content)
            made[proposals].append({**one, "id": new[one["id"]], "node": new[row["id"]], "content": packed})
    for table, some in made.items():
        db.execute(insert(table), some)
    for table in (branches, moves, names):
        db.execute(insert(table), [_renamed(row, new, number) for row in rows[table]])


def _renamed(row: Row, new: dict[str, str], number: int) -> Row:
    """Return a row of branches, moves or names as the copy of a number has it."""
    own = ("id", "run", "branch", "forked")  # of branches and runs, which are not named by content
    return {
        name: f"{value}.{number}" if name in own and value else new.get(value, value) for name, value in row.items()
    }


def add_answers(book: Book, n_answers: int) -> None:
    """Add replies, each paid for on one of the branches in turn, until the book has so many."""
    accounts = [Account(book, one.id, one.node, "propose") for one in book.all_branches()]
    numbers = iter(range(book.n_calls(), n_answers))
    turn = 0
    while some := list(islice(numbers, 20 * _AT_ONCE)):
        with book.transaction():
            for i in range(0, len(some), _AT_ONCE):
                accounts[turn % len(accounts)].keep([reply(number) for number in some[i : i + _AT_ONCE]])
                turn += 1


def reply(number: object) -> tuple[str, Call, Answer]:
    """Return a reply to a request that nobody else makes."""
    content = f"Is this review positive or negative? It is number {number}."
    call = Call.of(_URL, {"model": "bench", "messages": [{"role": "user", "content": content}]})
    return call.key, call, Answer("positive", None, 20, 1)


def lost(path: Path, branch: str, n_each: int) -> int:
    """Let several processes keep replies in one book at once, and return how many of them are not there."""
    command = [sys.executable, "-c", _WRITING, str(path), branch]
    writers = [subprocess.Popen([*command, f"w{number}", str(n_each)]) for number in range(WRITERS)]  # noqa: S603
    for one in writers:
        one.wait()
    book = Book(path)
    wanted = [reply(f"w{writer}.{number}")[0] for writer in range(WRITERS) for number in range(n_each)]
    there = book.find(wanted)
    book.close()
    return len(wanted) - len(there)
