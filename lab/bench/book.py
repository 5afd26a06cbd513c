"""`python -m lab bench book`: a long run of a lab book, read and drawn: how long it takes, and how much it is.

The run is OPRO's, 200 rounds of the preset `thrifty` without patience, on autopilot with the practice model: some
800 nodes, each of which holds the whole trajectory. A state is read first by a book that was just opened, then by
one that has its nodes at hand, as after every step; times are medians. With `--nodes` and `--answers` the book
holds copies of that run and replies beside it, until it has so many. Four processes then keep replies at once.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from types import MappingProxyType
from typing import TypeVar

from sqlalchemy import func, select

from lab.bench.large_book import add_answers, add_runs, lost, reply
from lab.bench.tables import figures
from lab.optimizers import optimizer
from lab.session import Session
from lab.session.diff import node_diff, places
from lab.session.lineage import Lineage
from lab.store import Account, Book, schema
from lab.tasks import bundled
from lab.views.page import Page, page

__all__ = ["MEASURES", "REQUIRED", "measure", "run_of", "tables"]

T = TypeVar("T")

ROUNDS = 200
TIMES = 7  # of which the median is taken
APPENDS = 50
REQUIRED: Mapping[str, float] = MappingProxyType(
    {
        "state_ms": 60, "page_ms": 250, "html_kb": 250, "book_mb": 20, "open_ms": 500, "blame_ms": 100,
        "diff_ms": 100, "append_ms": 5, "n_lost": 0,
    }
)  # fmt: skip
_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "n_nodes": "nodes of the run", "n_nodes_in_book": "nodes of the book", "n_answers": "replies in the book",
        "made_s": "make the book, s", "n_lost": "replies lost of those that four processes kept at once",
        "state_ms": "read a state, ms", "first_state_ms": "read it first, ms",
        "page_ms": "draw the page, ms", "html_kb": "the page, kB", "book_mb": "the book, MB",
        "open_ms": "open the book, ms", "blame_ms": "blame the best prompt, ms",
        "diff_ms": "diff of the first and the last node, ms", "append_ms": "keep one reply, ms",
    }
)  # fmt: skip


def measure(
    only: Iterable[str] = (), rounds: int = ROUNDS, nodes: int = 0, answers: int = 0
) -> dict[str, dict[str, float]]:
    """Make a run of this many rounds and measure it; of each figure what was `measured` and what is `required`.

    Args:
        only: nothing, or "run".
        rounds: of the run.
        nodes: how many the book has at least.
        answers: how many the book has at least.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / "book.sqlite"
        branch = run_of(path, rounds)
        n_bytes = sum(file.stat().st_size for file in path.parent.iterdir())
        making, (n_nodes, n_answers) = _timed(lambda: _enlarged(path, nodes, answers), 1)
        opening, opened = _timed(lambda: Book(path), 1)
        session = Session(opened)
        first, state = _timed(lambda: session.state(branch), 1)
        again, state = _timed(lambda: session.state(branch))
        fresh = [session.state(branch) for _ in range(TIMES)]  # a state keeps what was asked of it
        page(state)  # what draws is loaded once
        drawing, drawn = _timed(lambda: page(fresh.pop()))
        blaming, _ = _timed(lambda: Lineage(state, session.book).blamed(state.result))
        diffing, _ = _timed(lambda: node_diff(state, session.book, *places(state, session.book), {}))
        number = count()
        account = Account(session.book, branch, state.branch.node, "propose")
        appending, _ = _timed(lambda: account.keep([reply(f"one.{next(number)}")]), APPENDS)
        session.book.close()
        n_lost = lost(path, branch, APPENDS)
    measured = {
        "n_nodes": len(state.nodes), "n_nodes_in_book": n_nodes, "n_answers": n_answers, "made_s": making / 1e3,
        "n_lost": n_lost, "state_ms": again, "first_state_ms": first, "page_ms": drawing,
        "html_kb": _n_bytes(drawn) / 1e3, "book_mb": n_bytes / 1e6, "open_ms": opening, "blame_ms": blaming,
        "diff_ms": diffing, "append_ms": appending,
    }  # fmt: skip
    return {
        name: {"measured": value, **({"required": REQUIRED[name]} if name in REQUIRED else {})}
        for name, value in measured.items()
    }


MEASURES = MappingProxyType({"run": measure})


def tables(found: Mapping[str, Mapping[str, float]]) -> str:
    """Write what was measured as a Markdown table, what is required beside it."""
    return figures("A run of OPRO in a lab book, read and drawn", _NAMES, found, places=1)


def run_of(path: Path, rounds: int) -> str:
    """Make a book that holds one run; return its branch."""
    session = Session(Book(path))
    settings = optimizer("opro").configure("thrifty", rounds=rounds, patience=0)
    branch = session.begin(bundled.load("sentiment"), optimizer_name="opro", settings=settings, stops=())
    asyncio.run(session.autopilot(branch, rounds))
    session.book.close()  # the last to let go of the file writes its log into it
    return branch


def _enlarged(path: Path, n_nodes: int, n_answers: int) -> tuple[int, int]:
    """Bring a book to so many nodes and replies; return how many it has."""
    book = Book(path)
    add_runs(book, n_nodes)
    add_answers(book, n_answers)
    with book.reading() as db:
        n_nodes = db.scalar(select(func.count()).select_from(schema.nodes)) or 0
    n_answers = book.n_calls()
    book.close()
    return n_nodes, n_answers


def _timed(act: Callable[[], T], times: int = TIMES) -> tuple[float, T]:
    """Return the median time of an act in milliseconds, and what came of it."""
    taken: list[tuple[float, T]] = []
    for _ in range(times):
        began = perf_counter()
        result = act()
        taken.append((1e3 * (perf_counter() - began), result))
    return median(time for time, _ in taken), taken[-1][1]


def _n_bytes(drawn: Page) -> int:
    """Count the bytes of a page as they are sent, its chart as JSON."""
    parts = (getattr(drawn, field.name) for field in fields(drawn))
    return sum(len((part if isinstance(part, str) else json.dumps(part)).encode()) for part in parts if part)
