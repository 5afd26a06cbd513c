"""`prompt-lab bench visitors`: one visitor of a shared page does the worst, and another one works.

The page is served as `prompt-lab --host` serves it, in a process of its own; the bad visitor is another, who does
one thing over and over. The other one begins a run on the practice model and steps through it; what is measured is
the slowest of their requests: the page, an act until what came of it is there, a look whether something changed.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from urllib.parse import urlsplit

import httpx2

from lab.bench.tables import table
from lab.bench.visitor import Visitor

__all__ = ["MEASURES", "REQUIRED_MS", "measure", "served", "tables"]

REQUIRED_MS = 500
STEPS = 12  # that the other one goes on with
_LOOK_S = 0.35  # how often a page asks whether something changed
_MB = 10**6
_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "nobody": "nobody",
        "uploads": "uploads files of 60 MB",
        "tables": "reads tables of 40 MB and 1,000 columns, eight at a time",
        "json": "reads JSON of 45 MB, eight at a time",
        "texts": "pastes 40 MB into the start prompt",
        "regexes": "begins runs whose replies an expression reads that never ends",
        "pages": "asks a server that answers with 2 MB of tags",
        "ids": "acts on forged branches, on texts that are not events",
        "connections": "holds 300 connections that send nothing",
        "autopilot": "has eight runs on autopilot",
    }
)


def measure(only: Iterable[str] = (), steps: int = STEPS) -> dict[str, dict[str, float | str]]:
    """Let the other one go on by so many steps, once for each bad visitor; return each slowest request."""
    wanted = list(only) or list(_NAMES)
    return {kind: _beside(kind, steps) for kind in wanted}


MEASURES = MappingProxyType(dict.fromkeys(_NAMES, measure))


def tables(found: Mapping[str, Mapping[str, float | str]]) -> str:
    """Write what was measured as a Markdown table, what is required beside it."""
    heads = (
        "what the bad visitor does",
        "slowest request, ms",
        "which",
        "median, ms",
        "requests",
        "required below",
    )
    rows = (
        (_NAMES[kind], f"{row['slowest_ms']:,.0f}", row["slowest"], f"{row['median_ms']:,.0f}", row["requests"],
         row["required"])
        for kind, row in found.items()
    )  # fmt: skip
    return table("What another visitor of a shared page waits for", heads, rows)


def _beside(kind: str, steps: int) -> dict[str, float | str]:
    with (
        TemporaryDirectory() as folder,
        _hostile_server() as offered,
        served(Path(folder) / "book.sqlite", offered) as url,
    ):
        asyncio.run(_works(url, 2))  # what is loaded once is loaded
        with _bad(kind, url, Path(folder), offered):
            took = sorted((1e3 * took_s, what) for what, took_s in asyncio.run(_works(url, steps)))
    return {
        "slowest_ms": took[-1][0],
        "slowest": took[-1][1],
        "median_ms": took[len(took) // 2][0],
        "requests": len(took),
        "required": REQUIRED_MS,
    }


# The other one


async def _works(url: str, steps: int) -> list[tuple[str, float]]:
    async with Visitor(url) as visitor:
        await visitor.open()
        await visitor.trigger("begin", "click")
        await visitor.act("board", "next")
        for _ in range(steps):
            while not visitor.proposal or visitor.is_running:
                await asyncio.sleep(_LOOK_S)
                await visitor.follow()
            await visitor.act("board", "mark", proposal=visitor.proposal, place=0, keep=True)
            await visitor.act("board", "accept", proposal=visitor.proposal)
        return visitor.took_s


# The page and the bad visitor, each a process


@contextmanager
def served(book: Path, offered: str = "", host: str = "0.0.0.0") -> Iterator[str]:  # noqa: S104, what is measured
    """Serve the page over a book in a process of its own, and return its address."""
    port = _free_port()
    command = [sys.executable, "-m", "lab", "--host", host, "--port", str(port), "--book", str(book)]
    with _process([*command, *(("--offer", offered) if offered else ())]) as lines:
        for line in lines:
            if str(port) in line:
                break
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _hostile_server() -> Iterator[str]:
    with _process([sys.executable, "-m", "lab.bench.visitors", "server"]) as lines:
        yield f"hostile@{next(lines).strip()}/v1"


@contextmanager
def _bad(kind: str, url: str, folder: Path, offered: str) -> Iterator[None]:
    with _process([sys.executable, "-m", "lab.bench.visitors", kind, url, str(folder), offered]) as lines:
        next(lines)  # it is at it
        yield


@contextmanager
def _process(command: list[str]) -> Iterator[Iterator[str]]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603, a program of ours
        assert process.stdout is not None
        try:
            yield iter(process.stdout)
        finally:
            process.kill()


def _free_port() -> int:
    from socket import create_server

    with create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


# What the bad visitor does; each is begun anew when it has ended


async def _nobody(url: str, folder: Path, offered: str) -> None:
    await asyncio.sleep(1)


async def _uploads(url: str, folder: Path, offered: str) -> None:
    file = _written(folder / "large.csv", b"text,label\n" + b"x" * (60 * _MB - 20))
    async with Visitor(url) as visitor:
        await visitor.open()
        await visitor.upload("file", file)


async def _reads(url: str, file: Path) -> None:
    async with Visitor(url) as visitor:
        await visitor.open()
        visitor.fill("source", "own")
        await visitor.upload("file", file)
        await asyncio.gather(*(visitor.trigger("file", "change") for _ in range(8)))


async def _tables(url: str, folder: Path, offered: str) -> None:
    head = ",".join(f"c{i}" for i in range(999)) + ",label\n"
    row = ",".join(["word"] * 999) + ",yes\n"
    await _reads(url, _written(folder / "wide.csv", (head + row * (40 * _MB // len(row))).encode()))


async def _json(url: str, folder: Path, offered: str) -> None:
    rows = [{"text": f"some text {i}", "label": ("yes", "no")[i % 2]} for i in range(45 * _MB // 45)]
    await _reads(url, _written(folder / "many.json", json.dumps(rows).encode()))


async def _texts(url: str, folder: Path, offered: str) -> None:
    async with Visitor(url) as visitor:
        await visitor.open()
        visitor.fill("start", "word " * (8 * _MB))
        await visitor.trigger("begin", "click")


async def _regexes(url: str, folder: Path, offered: str) -> None:
    async with Visitor(url) as visitor:
        await visitor.open()
        visitor.fill("reading", r"regex:(\w+\s?)+$|(a|aa)+$")
        visitor.fill(visitor.labelled("Target model"), offered)
        await visitor.trigger("begin", "click")
        await _steps(visitor, 3)


async def _pages(url: str, folder: Path, offered: str) -> None:
    async with Visitor(url) as visitor:
        await visitor.open()
        for label in ("Optimizer model", "Target model"):
            visitor.fill(visitor.labelled(label), offered)
        await visitor.trigger("begin", "click")
        await _steps(visitor, 6)


async def _ids(url: str, folder: Path, offered: str) -> None:
    async with Visitor(url) as visitor:
        await visitor.open()
        await visitor.trigger("begin", "click")
        for forged in ("x", "x" * 100_000, "../../etc/passwd", "%00", "' OR 1=1 --"):
            visitor.fill("branch", forged)
            await visitor.act("board", "accept", proposal=forged, marks=[{"place": 0, "text": forged}] * 5_000)
            await visitor.act("tree", forged[:50], typed=[[[]]] * 10_000)


async def _connections(url: str, folder: Path, offered: str) -> None:
    parts = urlsplit(url)
    opened = [await asyncio.open_connection(parts.hostname, parts.port) for _ in range(300)]
    for _, writer in opened:
        writer.write(b"POST /gradio_api/queue/join HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999\r\n\r\n{")
    await asyncio.sleep(5)
    for _, writer in opened:
        writer.close()


async def _autopilot(url: str, folder: Path, offered: str) -> None:
    async def one() -> None:
        async with Visitor(url) as visitor:
            await visitor.open()
            await visitor.trigger("begin", "click")
            await visitor.act("board", "autopilot", rounds=100)
            for _ in range(60):
                await asyncio.sleep(_LOOK_S)
                await visitor.follow()

    await asyncio.gather(*(one() for _ in range(8)))


async def _steps(visitor: Visitor, steps: int) -> None:
    await visitor.act("board", "next")
    for _ in range(steps * 10):
        await asyncio.sleep(_LOOK_S)
        await visitor.follow()
        if visitor.proposal and not visitor.is_running:
            await visitor.act("board", "accept", proposal=visitor.proposal)


def _written(file: Path, content: bytes) -> Path:
    if not file.exists():
        file.write_bytes(content)
    return file


_BAD: Mapping[str, Callable[[str, Path, str], Awaitable[None]]] = MappingProxyType({
    "nobody": _nobody, "uploads": _uploads, "tables": _tables, "json": _json, "texts": _texts, "regexes": _regexes,
    "pages": _pages, "ids": _ids, "connections": _connections, "autopilot": _autopilot,
})  # fmt: skip


async def _bad_visitor(kind: str, url: str, folder: Path, offered: str) -> None:
    _say("begins")
    while True:
        with suppress(httpx2.HTTPError, OSError, ValueError, KeyError):
            await _BAD[kind](url, folder, offered)
        await asyncio.sleep(0.05)


def _serve_hostile() -> None:
    """Answer whatever is asked with a reply that takes long to read, or an error page that does."""
    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import HTMLResponse, JSONResponse, Response
    from starlette.routing import Route

    replies = ["<START>" * 300_000, "<think>" * 300_000, "a" * 40 + "!", "{[" * 500_000, "- " * 500_000, "`" * _MB]
    n_asked = 0

    async def answer(request: Request) -> Response:
        nonlocal n_asked
        n_asked += 1
        if n_asked % 10 == 0:
            return HTMLResponse("<" * (2 * _MB), 400)
        message = {"role": "assistant", "content": replies[n_asked % len(replies)]}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        return JSONResponse(
            {"id": "1", "object": "chat.completion", "created": 0, "model": "hostile", "choices": [choice]}
        )

    port = _free_port()
    _say(f"http://127.0.0.1:{port}")
    app = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])
    uvicorn.run(app, port=port, log_level="critical")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    os.nice(10)  # it is on a machine of its own, as it were
    if sys.argv[1] == "server":
        _serve_hostile()
    else:
        asyncio.run(_bad_visitor(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4]))
