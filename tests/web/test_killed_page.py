"""A page that is killed in the middle of a step is started anew on its book: the same place, and the step ends."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.browser import free_port

from lab.bench.visitor import Visitor
from lab.store import Book


@contextmanager
def served(book: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    port = free_port()
    command = [sys.executable, "-m", "lab", "--port", str(port), "--book", str(book)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if str(port) in line:
                    break
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.kill()


@pytest.mark.long
async def test_a_killed_page_goes_on_where_it_was_and_pays_for_nothing_twice(
    tmp_path: Path, slow_model: str
) -> None:
    path = tmp_path / "book.sqlite"
    with served(path) as (url, process):
        async with Visitor(url) as visitor:
            await visitor.open()
            visitor.fill(visitor.labelled("Target model"), slow_model)
            await visitor.trigger("begin", "click")
            branch = visitor.branch
            await visitor.act("board", "next")
            while "lab-running" not in visitor.html("lab-progress") or Book(path).spent().n_paid < 8:
                await asyncio.sleep(0.1)
                await visitor.follow()
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    book = Book(path)
    kept, node = book.spent().n_paid, book.branch(branch, None).node
    assert kept >= 8
    with served(path) as (url, _):
        async with Visitor(url) as visitor:
            await visitor.open(branch)
            assert visitor.branch == branch
            assert not visitor.is_running
            assert book.branch(branch, None).node == node
            await visitor.act("board", "next")
            while not visitor.proposal or visitor.is_running:
                await asyncio.sleep(0.2)
                await visitor.follow()
    paid = book.spent().n_paid
    with book._file.reading() as db:
        distinct = db.exec_driver_sql("SELECT count(*) FROM calls").scalar()
    assert paid == distinct, "each reply is paid for once"
    assert paid > kept
    assert book.verify()[1] == ()
    book.close()
