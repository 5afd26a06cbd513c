"""Law 3: a person who accepts everything, autopilot and a run without a session are equal, byte for byte.

Every optimizer, two tasks, three seeds. Two processes with other hash seeds go another way each; a node is compared
by all that its id is made of, so that phases, proposals and verdicts are.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from support.paths import ROOT, TESTS
from support.scripted import KINDS, SMALL

from lab.bench.direct import Direct
from lab.core.asks import Context, Done, Task
from lab.core.codec import canonical, content_id, encode
from lab.core.history import PROPOSALS, Node, proposal_content
from lab.core.review import ACCEPT, decide, propose
from lab.optimizers import optimizer
from lab.session import Session
from lab.session.acts import act
from lab.tasks.bundled import load

pytestmark = pytest.mark.long
TASKS = ("triage", "contacts")  # labels; free text, partly right
SEEDS = (0, 1, 2)
CASES = [(kind.name, task, seed) for kind in KINDS for task in TASKS for seed in SEEDS]

Way = Callable[[Session, str], Awaitable[None]]
Walked = list[tuple[str, str]]  # of each node its id, and its content in canonical JSON


def small(name: str) -> Task:
    """A part of a bundled task: enough to err on, and little to measure on dev."""
    task = load(name)
    return replace(task, train=task.train[:40], dev=task.dev[:4], test=())


async def by_autopilot(session: Session, branch: str) -> None:
    """Goes in two stretches, which must not show."""
    await session.autopilot(branch, 1)
    await session.autopilot(branch, session.state(branch).context.settings.rounds)


async def by_hand(session: Session, branch: str) -> None:
    """Presses what the page has: every item is sent as it is shown."""
    await act(session, branch, {"act": "next"})
    await session.jobs.ended(branch)
    while pending := session.branch(branch).pending:
        shown = session.state(branch).proposal
        assert shown is not None
        marks = [{"place": i, "keep": shown.default(i), "text": item.text} for i, item in enumerate(shown.items)]
        await act(session, branch, {"act": "accept", "proposal": pending, "marks": marks})
        await session.jobs.ended(branch)


def in_a_session(way: Way, name: str, task: str, seed: int) -> Walked:
    with TemporaryDirectory() as folder:
        session = Session(Path(folder) / "book.sqlite")
        settings = optimizer(name).configure(**SMALL[name])
        branch = session.begin(small(task), optimizer_name=name, settings=settings, seed=seed)
        asyncio.run(way(session, branch))
        state = session.state(branch)
        assert state.done
        session.book.close()
        return [(id, canonical(state.nodes[id].content)) for id in state.path]


async def headless(name: str, task: str, seed: int) -> Walked:
    """Walks with the practice model below the client: no session, no book, no network protocol."""
    kind, whole = optimizer(name), small(task)
    settings = kind.configure(**SMALL[name])
    content = {
        "task": content_id("t", encode(whole)),
        "optimizer": name,
        "settings": encode(settings),
        "seed": seed,
    }
    context, direct = Context(whole.sealed(), settings, seed), Direct(whole.sealed(), seed=seed)
    node = Node(content_id("r", content), kind.start(context))
    walked = [(node.id, canonical(node.content))]
    while not isinstance(node.phase.ask(context), Done):
        proposal = await propose(context, node.phase, direct, node.sample)
        after = decide(context, node.phase, proposal, ACCEPT)
        made = content_id(PROPOSALS[0], proposal_content(node.id, proposal))
        node = Node(node.context, after.phase, after.sample, node.id, made, after.verdict)
        walked.append((node.id, canonical(node.content)))
    return walked


WAYS = {way.__name__: way for way in (by_autopilot, by_hand)}


def walk_all(way: str) -> None:
    """What a process of its own does: goes one way in every case, and prints where it came."""
    walks = {repr(case): in_a_session(WAYS[way], *case) for case in CASES}
    print(json.dumps({"hash": hash("lab"), "walks": walks}))


@pytest.fixture(scope="module")
def processes() -> dict[str, dict[str, Walked]]:
    """What each way came to, each in a process with a hash seed of its own."""
    running = []
    for seed, way in enumerate(WAYS, 1):
        path = os.pathsep.join(map(str, (ROOT, TESTS, TESTS / "session")))
        env = {**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": path}
        program = f"from test_same_everywhere import walk_all; walk_all({way!r})"
        running.append(subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=env))
    said = [json.loads(process.communicate()[0]) for process in running]
    assert [process.returncode for process in running] == [0] * len(WAYS)
    assert len({one["hash"] for one in said}) == len(WAYS), "the processes really had other hash seeds"
    return dict(zip(WAYS, (one["walks"] for one in said), strict=True))


@pytest.mark.parametrize(("name", "task", "seed"), CASES)
def test_headless_autopilot_and_accepting_by_hand_make_equal_histories(
    processes: dict[str, dict[str, Walked]], name: str, task: str, seed: int
) -> None:
    alone = asyncio.run(headless(name, task, seed))
    assert len(alone) > len(optimizer(name).phases), "it went through more than a round"
    for way in WAYS:
        walked = processes[way][repr((name, task, seed))]
        assert [tuple(node) for node in walked] == alone, way


def test_other_seeds_and_other_tasks_have_other_histories() -> None:
    walks = [asyncio.run(headless("opro", task, seed)) for task in TASKS for seed in SEEDS[:2]]
    assert len({walk[-1] for walk in walks}) == len(walks)
