"""A run that is killed at moments nobody chose loses no reply that was kept, and ends as one that was left alone."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from support.drawn import SMALL

from lab.session import Session
from lab.store.verify import verify
from lab.tasks.bundled import load

KILLS = int(os.environ.get("LAB_KILLS", "8"))  # 200 take most of an hour
pytestmark = pytest.mark.long

RUN = """
import asyncio, sys
from dataclasses import replace
from support.drawn import SMALL
from lab.models.roles import Models
from lab.session import Session
from lab.tasks.bundled import load
path, url = sys.argv[1:]
session = Session(path)
task = load("sentiment")
small = replace(task, train=task.train[:24], dev=task.dev[:8], test=())
models = Models(optimizer=f"practice@{url}", target=f"practice@{url}")
mine = [one.id for one in session.branches()]
branch = mine[0] if mine else session.begin(small, settings=SMALL, models=models, stops=())
left = 1 - session.state(branch).node.phase.round
print("begun", flush=True)
asyncio.run(session.autopilot(branch, left) if left else asyncio.sleep(0))
print("ended", session.branch(branch).node, flush=True)
session.book.close()
"""


@pytest.fixture
def slow() -> Iterator[str]:
    """Gives the address of a practice server whose calls take a while."""
    command = [sys.executable, "-m", "lab", "practice-server", "--port", "0", "--latency-ms", "40", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield json.loads(server.stdout.readline())["base_url"]
        server.terminate()


def kept(book: Path) -> dict[str, str]:
    with closing(sqlite3.connect(book)) as db:
        return dict(db.execute("SELECT key, answer_id FROM calls"))


async def test_a_run_killed_again_and_again_ends_as_one_that_was_left_alone(slow: str, tmp_path: Path) -> None:
    book, draw, known, n_kills = tmp_path / "killed.sqlite", Random(7), dict[str, str](), 0
    tests = Path(__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": f"{tests}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
    command = [sys.executable, "-c", RUN, str(book), slow]
    while True:
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as victim:
            assert victim.stdout is not None
            assert victim.stdout.readline() == "begun\n"
            if n_kills < KILLS:
                time.sleep(draw.random())
                victim.send_signal(signal.SIGKILL)
            said = victim.stdout.read()
        now = kept(book)
        assert known.items() <= now.items(), "what was kept stays, as it was"
        known = now
        if said.startswith("ended"):
            break
        n_kills += 1
        if n_kills % 4 == 0:
            assert verify(book).wrong == ()
    assert n_kills > 1
    assert verify(book).wrong == ()

    alone = Session(tmp_path / "alone.sqlite")
    task = load("sentiment")
    branch = alone.begin(replace(task, train=task.train[:24], dev=task.dev[:8], test=()), settings=SMALL, stops=())
    await alone.autopilot(branch, 1)
    assert said.split()[1] == alone.branch(branch).node, "the same nodes, by their content"
    assert len(known) == alone.book.n_calls()
