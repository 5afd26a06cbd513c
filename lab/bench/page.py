"""`prompt-lab bench page`: how soon the page shows what a person asks for, and how many it serves at once.

click   a step of the history is clicked in a run of some 200 and some 1,000 nodes, in Chromium: from the click to
        the frame that shows it; the first view; what a step of ProTeGi sends, until its next proposal is drawn
people  so many people step through runs of their own at once, on the practice model, as a page without a browser

The page is served as `prompt-lab` serves it, in a process of its own. `click` needs Playwright and a Chromium.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from types import MappingProxyType
from typing import Any

from lab.bench.book import run_of
from lab.bench.browser import chromium
from lab.bench.tables import figures
from lab.bench.visitor import Visitor
from lab.bench.visitors import served
from lab.session import Session
from lab.store import Book
from lab.tasks import bundled

__all__ = ["MEASURES", "REQUIRED", "measure", "tables"]

PEOPLE, STEPS, CLICKS = 30, 4, 9
REQUIRED: Mapping[str, float] = MappingProxyType(
    {
        "click_200_ms": 200, "click_1000_ms": 300, "first_view_ms": 2000, "step_kb": 60, "median_ms": 1000,
        "n_failed": 0,
    }
)  # fmt: skip
_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "nodes_200": "nodes of the smaller run", "click_200_ms": "click on one of them to paint, ms",
        "nodes_1000": "nodes of the larger run", "click_1000_ms": "click on one of them to paint, ms",
        "first_view_ms": "first view of a new run, ms", "step_kb": "what a step sends, kB",
        "n_people": "people who step at once", "median_ms": "median reaction to an act, ms",
        "slowest_ms": "slowest reaction, ms", "n_failed": "people who came to no proposal, or to another's",
    }
)  # fmt: skip
_ROUNDS = {"200": 48, "1000": 248}  # of OPRO, some four nodes each
_PAINTED = """node => new Promise((done) => {
  const frame = document.querySelector('.lab-frame'), began = performance.now();
  const shown = () => {
    if (frame.querySelector('[data-looked]')?.dataset.looked !== node) return;
    watch.disconnect();
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
  };
  const watch = new MutationObserver(shown);
  watch.observe(frame, {childList: true, subtree: true, attributes: true});
  frame.querySelector(`.lab-dot[data-node="${node}"]`).click();
})"""


def measure(only: Iterable[str] = (), people: int = PEOPLE) -> dict[str, dict[str, float]]:
    """Measure the page; of each figure what was `measured` and what is `required`.

    Args:
        only: "click" or "people"; both where nothing is named.
        people: how many step at once.

    Raises:
        MisuseError: when there is no Playwright or no Chromium to click in.
    """
    wanted = list(only) or list(MEASURES)
    found: dict[str, float] = {}
    if "click" in wanted:
        found.update(_clicked())
    if "people" in wanted:
        found.update(_stepping(people))
    return {
        name: {"measured": value, **({"required": REQUIRED[name]} if name in REQUIRED else {})}
        for name, value in found.items()
    }


MEASURES = MappingProxyType({"click": measure, "people": measure})


def tables(found: Mapping[str, Mapping[str, float]]) -> str:
    """Write what was measured as a Markdown table, what is required beside it."""
    return figures("The page: how soon it shows what is asked for", _NAMES, found, places=0)


# One person in a browser


def _clicked() -> dict[str, float]:
    with TemporaryDirectory() as folder:
        # Made first: the browser's own event loop would hinder what runs one of its own.
        paths = {size: Path(folder) / f"run-{size}.sqlite" for size in _ROUNDS}
        branches = {size: run_of(paths[size], rounds) for size, rounds in _ROUNDS.items()}
        new = Path(folder) / "new.sqlite"
        book = Book(new)
        begun = Session(book).begin(bundled.load("sentiment"))
        book.close()
        found = {f"nodes_{size}": float(_n_nodes(paths[size], branches[size])) for size in _ROUNDS}
        with chromium() as browser:
            for size in _ROUNDS:
                with served(paths[size], host="127.0.0.1") as url:
                    found[f"click_{size}_ms"] = _click(browser, url, branches[size])
            with served(new, host="127.0.0.1") as url:
                return found | _first(browser, url, begun)


def _n_nodes(path: Path, branch: str) -> int:
    book = Book(path)
    n = len(Session(book).state(branch).nodes)
    book.close()
    return n


def _click(browser: Any, url: str, branch: str) -> float:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{url}?branch={branch}")
    page.locator(".lab-dot").first.wait_for(state="attached", timeout=60_000)
    page.wait_for_timeout(1500)
    nodes = page.locator(".lab-dot").evaluate_all("all => all.map((one) => one.dataset.node)")
    apart = nodes[:: max(1, len(nodes) // (CLICKS + 1))][: CLICKS + 1]
    took: list[float] = []
    for node in apart:
        took.append(page.evaluate(_PAINTED, node))
        page.wait_for_timeout(900)  # the same act within 0.8 s is taken for a double click
    page.close()
    return median(took[1:])  # what is loaded once is loaded


def _first(browser: Any, url: str, branch: str) -> dict[str, float]:
    def view() -> tuple[Any, float]:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        began = perf_counter()
        page.goto(f"{url}?branch={branch}")
        page.locator(".lab-actions .lab-go").wait_for(timeout=60_000)
        return page, 1e3 * (perf_counter() - began)

    view()[0].close()  # the process has imported what it shows
    page, took = view()
    page.wait_for_timeout(1500)
    sent = [0]
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.on("Network.dataReceived", lambda event: sent.__setitem__(0, sent[0] + event["encodedDataLength"]))
    sizes = []
    for act in ("next", *("accept",) * STEPS):
        before = page.locator("[data-proposal]").get_attribute("data-proposal") if act != "next" else ""
        sent[0] = 0
        page.locator(f".lab-board [data-act={act}]").click()
        page.wait_for_function(
            """before => { const board = document.querySelector('[data-proposal]');
            return board && board.dataset.proposal !== before && !document.querySelector('.lab-running'); }""",
            arg=before,
        )
        page.wait_for_timeout(900)
        sizes.append(sent[0] / 1e3)
    page.close()
    return {"first_view_ms": took, "step_kb": max(sizes[1:])}


# Many people at once


def _stepping(people: int) -> dict[str, float]:
    with TemporaryDirectory() as folder, served(Path(folder) / "book.sqlite") as url:
        asyncio.run(_all(url, 2))  # what is loaded once is loaded
        ended = asyncio.run(_all(url, people))
    took = sorted(1e3 * took_s for one in ended for what, took_s in one.took_s if what in ("lab_act", "lab_mark"))
    branches = {one.branch for one in ended if one.branch and one.proposal}
    return {
        "n_people": people, "median_ms": median(took), "slowest_ms": took[-1], "n_failed": people - len(branches),
    }  # fmt: skip


async def _all(url: str, people: int) -> list[Visitor]:
    return await asyncio.gather(*(_one(url) for _ in range(people)))


async def _one(url: str) -> Visitor:
    async with Visitor(url) as visitor:
        await visitor.open()
        await visitor.trigger("begin", "click")
        await visitor.act("board", "next")
        for _ in range(STEPS):
            await _waits(visitor)
            await visitor.act("board", "accept", proposal=visitor.proposal)
        await _waits(visitor)
        return visitor


async def _waits(visitor: Visitor) -> None:
    while not visitor.proposal or visitor.is_running:
        await asyncio.sleep(0.35)
        await visitor.follow()
