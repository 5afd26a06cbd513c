"""`python -m lab bench client`: what the way to a model costs, measured against the practice server over HTTP.

Each figure stands beside what it should hold. Times are the best of three rounds in one run, on one machine with
whatever else it does: read them as ratios. The servers run in processes of their own. The practice server itself
takes about a thousand calls a second, which on two cores may be what decides; so the same is measured against a
plain server that takes many thousands, and through a bare HTTP client.
"""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from types import MappingProxyType
from typing import Any, cast
from urllib.parse import urlsplit

from lab.bench.tables import table
from lab.core.asks import Candidate, Evaluate, Example, Score, Task
from lab.core.history import Node
from lab.models.calls import Answer, Call, MemoryCache
from lab.models.endpoint import Endpoint
from lab.models.perform import Performer
from lab.models.plan import evaluate_calls
from lab.models.roles import Limits, ModelConfig, Models
from lab.optimizers import optimizer
from lab.optimizers.protegi import Minibatch
from lab.store import Account, Book, Branch
from lab.tasks import bundled

__all__ = ["MEASURES", "measure", "tables"]

N = 1000  # calls of a round
ROUNDS = 3
# calls at once, latency in ms: how much longer than the ideal the wall clock may take
WALL: Mapping[tuple[int, int], float] = MappingProxyType({(64, 50): 1.45, (64, 200): 1.12, (256, 200): 2.0})
CPU_MS = 1.2
OVER_BARE = 1.15
WARM_S = 0.06
WARM_GROWTH = 1.5
STEP = 1.15
LATENCIES_MS = (200, 500)
MEMORY_MB = 50.0
FAULTY_CALLS, SEEDS = 1023, 5
QUEUED, QUEUE_MS, QUEUE_HOLD, GONE_S = 60, 100, 1.3, 30.0


def _task(n: int) -> Task:
    """Make a task of `n` examples out of the bundled one on sentiment."""
    given = bundled.load("sentiment")
    texts = (f"{given.train[i % len(given.train)].input} ({i})" for i in range(n))
    return replace(given, train=tuple(Example.of(text, given.labels[0]) for text in texts), test=())


@contextmanager
def _server(latency_ms: int, kind: str = "practice", port: int = 0, seed: int = 0) -> Iterator[Endpoint]:
    command = ("lab.bench.servers", kind, *map(str, (latency_ms, port, seed)))
    server = subprocess.Popen([sys.executable, "-m", *command], stdout=subprocess.PIPE, text=True)  # noqa: S603
    try:
        assert server.stdout is not None
        yield Endpoint("practice", json.loads(server.stdout.readline())["base_url"])
    finally:
        server.terminate()
        server.wait()


@contextmanager
def _book() -> Iterator[tuple[Book, str]]:
    """Open a new book with one branch, and return the node that it stands at."""
    with TemporaryDirectory() as folder:
        book = Book(Path(folder) / "lab.sqlite")
        run = book.add_context(_task(N), "protegi", optimizer("protegi").configure(), 0)
        root = Node(run, Minibatch(0, (Candidate("Which?"),)))
        book.add_branch(Branch("b", "me", "w", "main", root.id, Models(), ()), root)
        try:
            yield book, root.id
        finally:
            book.close()


def _ask(task: Task, prompt: str) -> Evaluate:
    return Evaluate((prompt,), tuple(example.id for example in task.train))


Round = Callable[[int], Awaitable[None]]


async def _best(once: Round) -> tuple[float, float]:
    """Return the least wall seconds and CPU milliseconds a call of some rounds, after one to open connections."""
    await once(0)
    walls, cpus = [], []
    for i in range(1, ROUNDS + 1):
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        await once(i)
        walls.append(time.perf_counter() - wall)
        cpus.append((time.process_time() - cpu) / N * 1000)
    return min(walls), min(cpus)


async def _ours(endpoint: Endpoint, at_once: int) -> tuple[float, float]:
    task, models = _task(N), Models.single(ModelConfig(endpoint, limits=Limits(concurrency=at_once)))
    with _book() as (book, node):
        performer = Performer(task, models, Account(book, "b", node, "bench"))

        async def once(i: int) -> None:
            await performer(_ask(task, f"Is it positive or negative? ({i})"))

        found = await _best(once)
        await performer.aclose()
        if book.n_calls() != (ROUNDS + 1) * N:
            raise AssertionError("a reply is not in the book")
    return found


def _bodies(endpoint: Endpoint, i: int, n: int) -> list[dict[str, Any]]:
    task = _task(n)
    return [call.body for call in evaluate_calls(_ask(task, f"Is it? ({i})"), task, ModelConfig(endpoint))]


async def _bare_sdk(endpoint: Endpoint, at_once: int) -> tuple[float, float]:
    """Do the same with the SDK's own method on its aiohttp transport, storing nothing."""
    import openai

    async with openai.AsyncOpenAI(
        base_url=endpoint.base_url, api_key="none", http_client=openai.DefaultAioHttpClient()
    ) as sdk:

        async def send(body: dict[str, Any]) -> None:
            await sdk.chat.completions.create(**body)

        return await _best(lambda i: _spread(_bodies(endpoint, i, N), at_once, send))


async def _bare_http(endpoint: Endpoint, at_once: int) -> tuple[float, float]:
    """Do the same with a bare HTTP client, to see what the server can take."""
    async with _http(endpoint) as send:
        return await _best(lambda i: _spread(_bodies(endpoint, i, N), at_once, send))


async def _bare_asks(endpoint: Endpoint, at_once: int, asks: Iterable[int]) -> float:
    """Return the seconds that a bare HTTP client takes for asks of so many calls, one after another."""
    asked = [_bodies(endpoint, i, n) for i, n in enumerate(asks)]
    async with _http(endpoint) as send:
        begun = time.perf_counter()
        for bodies in asked:
            await _spread(bodies, at_once, send)
        return time.perf_counter() - begun


@asynccontextmanager
async def _http(endpoint: Endpoint) -> AsyncIterator[Callable[[Any], Awaitable[None]]]:
    import aiohttp

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def send(body: dict[str, Any]) -> None:
            async with session.post(f"{endpoint.base_url}/chat/completions", json=body) as response:
                response.raise_for_status()  # a refusal comes at once, and would be measured as a quick answer
                await response.read()

        yield send


async def _spread(bodies: Iterable[dict[str, Any]], at_once: int, send: Callable[[Any], Awaitable[None]]) -> None:
    queue = iter(bodies)

    async def work() -> None:
        for body in queue:
            await send(body)

    await asyncio.gather(*(work() for _ in range(at_once)))


def wall() -> list[dict[str, Any]]:
    """Measure 1 prompt on 1,000 examples, every reply stored, beside the bare SDK and a bare HTTP client."""
    return [_wall(server, *at, hold) for server in ("practice", "plain") for at, hold in WALL.items()]


def _wall(server: str, at_once: int, latency_ms: int, hold: float) -> dict[str, Any]:
    ideal = ceil(N / at_once) * latency_ms / 1000
    with _server(latency_ms, server) as endpoint:
        http, http_cpu = asyncio.run(_bare_http(endpoint, at_once))
        sdk, sdk_cpu = asyncio.run(_bare_sdk(endpoint, at_once))
        ours, ours_cpu = asyncio.run(_ours(endpoint, at_once))
    return {
        "server": server, "at_once": at_once, "latency_ms": latency_ms, "ideal_s": ideal,
        "over_ideal": ours / ideal, "hold": hold, "bare_sdk": sdk / ideal, "bare_http": http / ideal,
        "cpu_ms": ours_cpu, "cpu_hold": max(CPU_MS, OVER_BARE * sdk_cpu), "cpu_bare_sdk": sdk_cpu,
        "cpu_bare_http": http_cpu,
    }  # fmt: skip


def warm() -> dict[str, Any]:
    """Measure an ask whose 1,000 replies are known, from disk, in a small book and in a large one."""
    task, models = _task(N), Models()
    ask = _ask(task, "Is it positive or negative?")
    calls = evaluate_calls(ask, task, models["target"])
    found: dict[str, Any] = {"hold_s": WARM_S, "growth_hold": WARM_GROWTH}
    for size in (N, 100 * N):
        with _book() as (book, node):
            others = (Call.of("http://localhost/v1", calls[i % N].body, str(i)) for i in range(size - N))
            answer = Answer("positive", None, 60, 1, False, 0.2, "practice", "fp_1")
            book.keep([(call.key, call, answer) for call in (*others, *calls)])

            async def once(i: int, book: Book = book, node: str = node) -> None:
                reopened = Book(book.path)  # nothing is at hand but the file
                await Performer(task, models, Account(reopened, "b", node, "bench"))(ask)
                reopened.close()

            found[f"s_with_{size}"] = asyncio.run(_best(once))[0]
    found["growth"] = found[f"s_with_{100 * N}"] / found[f"s_with_{N}"]
    return found


def step(latencies_ms: Iterable[int] = LATENCIES_MS, at_once: int = 64) -> list[dict[str, Any]]:
    """Measure a round of ProTeGi with the paper's settings against its critical path, beside a bare HTTP client.

    That path is the latency times the turns that each ask takes: its calls over the calls at once, rounded up. The
    bare client sends as many calls in as many asks, and does nothing else.
    """
    rows = []
    for latency_ms in latencies_ms:
        with _server(latency_ms) as endpoint:
            asks, took = _protegi(endpoint, at_once)
            bare = asyncio.run(_bare_asks(endpoint, at_once, asks))
        critical = sum(ceil(calls / at_once) for calls in asks) * latency_ms / 1000
        rows.append(
            {
                "latency_ms": latency_ms, "at_once": at_once, "calls": sum(asks), "critical_s": critical,
                "over_critical": took / critical, "hold": STEP, "bare_http": bare / critical,
            }
        )  # fmt: skip
    return rows


def _protegi(endpoint: Endpoint, at_once: int) -> tuple[list[int], float]:
    """Return the calls of each ask of the second round, and the seconds that it took."""
    from lab.session import Session

    with TemporaryDirectory() as folder:
        session = Session(Path(folder) / "lab.sqlite")
        models = Models.single(ModelConfig(endpoint, limits=Limits(concurrency=at_once)))
        kind = optimizer("protegi")
        branch = session.begin(bundled.load("triage"), settings=kind.configure("paper"), models=models)
        work = session.branch(branch).run

        async def rounds() -> tuple[int, float]:
            await session.autopilot(branch, 1)  # opens the connections, which a page keeps
            before, begun = len(session.book.spends(work)), time.perf_counter()
            await session.autopilot(branch, 1)
            return before, time.perf_counter() - begun

        before, took = asyncio.run(rounds())
        asks = [spend.calls for _, spend in session.book.spends(work)[before:]]
        session.book.close()
    return asks, took


def memory(n_calls: int = 10 * N) -> dict[str, Any]:
    """Measure by how much this process grows over many calls, after the first 3,000."""
    with _server(0) as endpoint, _book() as (book, node):
        return asyncio.run(_grown(endpoint, book, node, n_calls))


async def _grown(endpoint: Endpoint, book: Book, node: str, n_calls: int) -> dict[str, Any]:
    import resource

    task, models = _task(N), Models.single(ModelConfig(endpoint))
    performer = Performer(task, models, Account(book, "b", node, "bench"))
    before = 0
    for i in range(ceil(n_calls / N)):
        await performer(_ask(task, f"Is it positive or negative? ({i})"))
        if i < 3:  # until then, what is needed for any call at all is imported, opened and compiled
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    await performer.aclose()
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / unit
    return {"calls": book.n_calls(), "grown_mb": grown, "hold_mb": MEMORY_MB}


def rough() -> list[dict[str, Any]]:
    """Measure what is missing, or other than on a good day: by faults, at a server that queues or is killed."""
    with _server(0) as endpoint:
        whole, _ = _scored(endpoint, FAULTY_CALLS)
    rows = []
    for seed in range(SEEDS):
        with _server(0, "faulty", seed=seed) as endpoint:
            rows.append(_rough("a fifth fails", *_scored(endpoint, FAULTY_CALLS), whole.hits))
    with _server(QUEUE_MS, "queue") as endpoint:
        limits = Limits(timeout_s=Limits().timeout_s * QUEUE_MS / 5000)  # as 5 s a call are to the usual time-out
        queued = _rough("one call at a time", *_scored(endpoint, QUEUED, limits), (1.0,) * QUEUED)
    over = queued["wall_s"] * 1000 / (QUEUED * QUEUE_MS)
    rows.append({**queued, "over_ideal": over, "over_hold": QUEUE_HOLD})
    return [*rows, _rough("killed in mid-step, and back", *_killed(), (1.0,) * QUEUED)]


def _rough(day: str, score: Score, took_s: float, hits: Sequence[float | None]) -> dict[str, Any]:
    missing = sum(hit is None for hit in score.hits)
    other = sum(a != b for a, b in zip(score.hits, hits, strict=True))
    return {
        "day": day, "calls": len(score.hits), "wall_s": took_s, "missing": missing, "other": other, "hold": 0,
        "over_ideal": None, "over_hold": None,
    }  # fmt: skip


def _scored(
    endpoint: Endpoint, n: int, limits: Limits | None = None, meanwhile: Callable[[], object] = bool
) -> tuple[Score, float]:
    """Return how a prompt does on `n` examples, and the seconds it took once the client was there.

    `meanwhile` is called when it begins.
    """
    task, models = _task(n), Models.single(ModelConfig(endpoint, limits=limits or Limits()))

    async def measured() -> tuple[Score, float]:
        performer = Performer(task, models, MemoryCache())
        await performer(_ask(_task(1), "What is it?"))
        begun = time.perf_counter()
        meanwhile()
        (score,) = cast("tuple[Score, ...]", await performer(_ask(task, "Is it positive or negative?")))
        took_s = time.perf_counter() - begun
        await performer.aclose()
        return score, took_s

    return asyncio.run(measured())


def _killed() -> tuple[Score, float]:
    """Score against a server that is killed while it answers, and started again after some seconds."""
    with ExitStack() as stack:
        endpoint = stack.enter_context(first := _server(QUEUE_MS, "queue"))
        port = urlsplit(endpoint.base_url).port or 0

        def restart() -> None:
            time.sleep(QUEUED * QUEUE_MS / 1000 / 3)
            first.__exit__(None, None, None)
            time.sleep(GONE_S)
            stack.enter_context(_server(QUEUE_MS, "queue", port))

        other = Thread(target=restart)
        found = _scored(endpoint, QUEUED, meanwhile=other.start)
        other.join()
    return found


MEASURES: Mapping[str, Callable[[], Any]] = MappingProxyType(
    {"wall": wall, "warm": warm, "step": step, "memory": memory, "rough": rough}
)


def measure(only: Iterable[str] = (), calls: int = 10 * N) -> dict[str, Any]:
    """Measure all, or the parts named; `calls` are those of the part memory."""
    parts: dict[str, Callable[[], Any]] = {**MEASURES, "memory": lambda: memory(calls)}
    return {name: parts[name]() for name in tuple(only) or MEASURES}


_TITLES: Mapping[str, str] = MappingProxyType(
    {
        "wall": "1 prompt on 1,000 examples, all stored: wall over ideal, CPU ms a call",
        "warm": "1,000 known replies from disk: seconds",
        "step": "A round of ProTeGi, the paper's settings: wall over critical path",
        "memory": "Memory: growth in MB",
        "rough": "Rough days: calls that are missing, or answered otherwise than on a good one",
    }
)


def tables(found: Mapping[str, Any]) -> str:
    """Write what was measured as Markdown tables, each figure beside what it should hold."""
    many = {name: got if isinstance(got, list) else [got] for name, got in found.items()}
    return "\n\n".join(table(_TITLES[name], rows[0], (row.values() for row in rows)) for name, rows in many.items())
