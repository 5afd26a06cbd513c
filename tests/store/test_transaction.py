"""Transactions of the lab book: all or nothing, nested, and never another thread's or task's."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

import pytest
from support.scripted import TASK

from lab.core.asks import Candidate
from lab.core.history import Node
from lab.core.review import Mark
from lab.optimizers.protegi import Minibatch, Settings
from lab.store import Book, Branch, Models


@pytest.fixture
def book(tmp_path: Path) -> Book:
    made = Book(tmp_path / "b.sqlite")
    root = Node(made.add_context(TASK, "protegi", Settings(), 0), Minibatch(0, (Candidate("Say yes or no."),)))
    made.add_branch(Branch("b1", "ann", "w", "main", root.id, Models(), ()), root)
    return made


def name(book: Book) -> str:
    return book.branch("b1", "ann").name


def kept_name(book: Book) -> str:
    """The name as another connection reads it."""
    with sqlite3.connect(book.path) as db:
        return str(db.execute("SELECT name FROM branches").fetchone()[0])


def test_writes_of_one_transaction_are_kept_together_at_its_end(book: Book) -> None:
    with book.transaction():
        book.rename("b1", "other")
        book.set_draft("b1", "p", 0, Mark(0))
        assert name(book) == "other", "what is read inside is what was written inside"
        assert kept_name(book) == "main", "nobody else sees it yet"
    assert kept_name(book) == "other"
    assert len(book.draft("b1", "p")) == 1


def test_an_exception_takes_back_all_writes_of_a_transaction(book: Book) -> None:
    with suppress(ZeroDivisionError), book.transaction():
        book.rename("b1", "other")
        with book.transaction():
            book.set_draft("b1", "p", 0, Mark(0))
        raise ZeroDivisionError
    assert (name(book), book.draft("b1", "p")) == ("main", ())
    book.rename("b1", "goes on")
    assert kept_name(book) == "goes on"


def test_an_exception_that_is_caught_takes_back_the_inner_transaction_only(book: Book) -> None:
    with book.transaction():
        book.rename("b1", "other")
        with suppress(ZeroDivisionError), book.transaction():
            book.set_draft("b1", "p", 0, Mark(0))
            raise ZeroDivisionError
    assert (name(book), book.draft("b1", "p")) == ("other", ())


def test_another_thread_writes_in_a_transaction_of_its_own(book: Book) -> None:
    under_way, done = Event(), Event()

    def write() -> None:
        under_way.set()
        book.set_draft("b1", "p", 0, Mark(0))  # waits for the lock
        done.set()

    thread = Thread(target=write)
    with suppress(ZeroDivisionError), book.transaction():
        book.rename("b1", "other")
        thread.start()
        assert under_way.wait(5)
        assert not done.wait(0.1)
        raise ZeroDivisionError
    thread.join(5)
    assert (name(book), len(book.draft("b1", "p"))) == ("main", 1)


async def test_a_transaction_that_spans_an_await_is_refused_to_other_tasks(book: Book) -> None:
    async def span() -> None:
        with book.transaction():
            book.rename("b1", "other")
            await asyncio.sleep(0.01)

    spanning = asyncio.create_task(span())
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="spans an await"):
        book.rename("b1", "mine")
    with pytest.raises(RuntimeError, match="spans an await"):
        name(book)
    await spanning
    assert kept_name(book) == "other"
