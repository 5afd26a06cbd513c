"""The page in a real browser: fixtures that serve and open it, and what a person does on it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from support.browser import Seen, chromium, free_port

from lab.store import Book


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    from lab.web.build import launch

    demo, url = launch(Book(tmp_path_factory.mktemp("web") / "lab.sqlite"), port=free_port())
    yield url
    demo.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def seen() -> Iterator[Seen]:
    """What all pages of a test did; checked at its end."""
    taken = Seen()
    yield taken
    try:
        taken.check()
    finally:
        taken.close()


@pytest.fixture(scope="module")
def slow_model() -> Iterator[str]:
    """A model server that takes its time over every answer."""
    import asyncio

    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    few = asyncio.Semaphore(2)

    async def answer(request: Request) -> JSONResponse:
        asked = await request.json()
        async with few:
            await asyncio.sleep(0.2)
        message = {"role": "assistant", "content": "positive"}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        return JSONResponse(
            {"id": "1", "object": "chat.completion", "created": 0, "model": asked["model"], "choices": [choice]}
        )

    port = free_port()
    app = Starlette(routes=[Route("/v1/chat/completions", answer, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"slow@http://127.0.0.1:{port}/v1"
    server.should_exit = True
    thread.join(10)


def opened(context, address: str):
    page = context.new_page()
    page.goto(address)
    page.locator("#begin:not([disabled])").wait_for()
    return page


def field(page, label: str):
    """The field of that name that is shown: each optimizer has its own."""
    return page.get_by_label(label, exact=True).filter(visible=True)


def begin(page, *, model: str = "practice") -> None:
    field(page, "Rounds").fill("2")
    if model != "practice":
        page.get_by_label("Target model", exact=True).fill(model)
        page.get_by_label("Target model", exact=True).press("Enter")
    page.locator("#begin").click()
    page.locator("[data-act=next]").wait_for()


def board(page) -> str | None:
    """The proposal that waits, or None."""
    found = page.locator("[data-proposal]")
    return found.get_attribute("data-proposal") if found.count() else None


def settled(page, before: str | None) -> None:
    """Waits until another proposal waits and nothing runs."""
    page.wait_for_function(
        """before => { const board = document.querySelector('[data-proposal]');
        return board && board.dataset.proposal !== before && !document.querySelector('.lab-running'); }""",
        arg=before,
    )


def press(page, act: str) -> None:
    before = board(page)
    page.locator(f".lab-board [data-act={act}]").click()
    settled(page, before)


def evidence(page, name: str) -> None:
    """Shows evidence of a kind in its pane: Examples, Compare, Model talk, Rules, Test and export, or Models."""
    page.locator("#lab-sections").get_by_role("tab", name=name).click()


def open_card(page, n: int) -> None:
    """Opens a card, of which one is open at a time, by its place on the page."""
    page.locator(".lab-decision .lab-card").nth(n).locator("h4").click()


def settings(page) -> None:
    """Shows the models, limits and spending of the run."""
    page.locator("#lab-tools").get_by_role("button", name="Settings").click()
    page.locator("#lab-models .lab-using").wait_for()


def title(page) -> str:
    return page.locator(".lab-board h3").first.inner_text()
