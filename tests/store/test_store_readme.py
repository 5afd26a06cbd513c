"""The README of the store: each of its ten queries runs on a real book and finds something; each table is in it."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from lab.session import Session
from lab.store.schema import MIGRATIONS, branches
from lab.tasks.bundled import load

README = Path(__file__).parents[2] / "lab" / "store" / "README.md"


async def test_each_query_of_the_readme_finds_something_in_a_book(tmp_path: Path) -> None:
    queries = re.findall(r"```sql\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert len(queries) == 10
    session = Session(tmp_path / "lab.sqlite")
    task = load("sentiment")
    branch = session.begin(replace(task, train=task.train[:24], dev=task.dev[:8], test=()))
    await session.autopilot(branch, 1)
    session.book.close()
    with closing(sqlite3.connect(tmp_path / "lab.sqlite")) as db:
        for query in queries:
            assert db.execute(query).fetchall(), query


def test_each_table_is_explained() -> None:
    told = README.read_text("utf-8")
    assert MIGRATIONS
    for table in branches.metadata.tables:
        assert table == "migrations" or f"`{table}`" in told, table
