"""Visitors of a shared page, over HTTP: none waits for another's step, and nothing of theirs is mixed."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest
from support.browser import free_port

from lab.bench.visitor import Visitor
from lab.models.access import Access
from lab.session.background import loop
from lab.store import Book
from lab.web.build import launch


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Book]]:
    book = Book(tmp_path_factory.mktemp("shared") / "book.sqlite")
    demo, url = launch(book, port=free_port(), access=Access(is_shared=True))
    yield url, book
    demo.close(verbose=False)
    book.close()


async def begun(visitor: Visitor, task: str) -> str:
    await visitor.open()
    visitor.fill("task", task)
    await visitor.trigger("task", "change")
    await visitor.trigger("begin", "click")
    return visitor.branch


async def stepped(visitor: Visitor, before: str = "") -> None:
    while not visitor.proposal or visitor.proposal == before or visitor.is_running:
        await asyncio.sleep(0.1)
        await visitor.follow()


async def test_what_a_visitor_does_waits_for_no_step(page: tuple[str, Book]) -> None:
    free = threading.Event()
    async with Visitor(page[0]) as ann:
        await begun(ann, "sentiment")
        loop().call_soon_threadsafe(free.wait, 30)  # as long as a step computes
        began = time.monotonic()
        try:
            await ann.act("header", "rename", name="mine")
            await ann.act("board", "next")
            await ann.follow()
            assert not free.is_set()
            assert time.monotonic() - began < 25
            assert "mine" in ann.html("lab-header")
        finally:
            free.set()
        await stepped(ann)


async def test_two_visitors_who_work_at_once_each_see_and_change_their_own_run_alone(
    page: tuple[str, Book],
) -> None:
    url, book = page
    async with Visitor(url) as ann, Visitor(url) as bob:

        async def works(visitor: Visitor, task: str, mine: str) -> None:
            await begun(visitor, task)
            await visitor.act("board", "next")
            for _ in range(3):
                await stepped(visitor)
                waits = visitor.proposal
                await visitor.act("board", "mark", proposal=waits, place=0, text=mine)
                await visitor.act("board", "accept", proposal=waits)
                await stepped(visitor, waits)

        await asyncio.gather(works(ann, "sentiment", "words of ann"), works(bob, "triage", "words of bob"))
        shown = {who.branch: "".join(who.html(f"lab-{part}") for part in PARTS) for who in (ann, bob)}
        assert "words of bob" not in shown[ann.branch]
        assert "words of ann" not in shown[bob.branch]
        assert "triage" not in ann.html("lab-header")
        assert "sentiment" not in bob.html("lab-header")
        owners = {one.owner: one for one in book.all_branches() if one.id in shown}
        assert len(owners) == 2
        for visitor, task in ((ann, "sentiment"), (bob, "triage")):
            branch = next(one for one in owners.values() if one.id == visitor.branch)
            assert book.context(book.node(branch.node).context).context.task.name == task
    n_ids, wrong = book.verify()
    assert n_ids
    assert wrong == ()


async def test_a_visitor_who_sends_the_branch_of_another_sees_and_changes_nothing_of_it(
    page: tuple[str, Book],
) -> None:
    url, book = page
    async with Visitor(url) as ann, Visitor(url) as eve:
        theirs = await begun(ann, "sentiment")
        await begun(eve, "triage")
        before = book.branch(theirs, None)
        eve.fill("branch", theirs)
        await eve.act("header", "rename", name="eve was here")
        await eve.act("board", "next")
        assert book.branch(theirs, None) == before
        assert "sentiment" not in "".join(eve.html(f"lab-{part}") for part in PARTS)


PARTS = ("header", "track", "progress", "board", "drawer", "tree", "models")
