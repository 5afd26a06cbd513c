"""What a visitor of a shared page may spend of what its host offers: a share, however many runs ask at once."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.core.task import Example, Task
from lab.errors import LabError, MisuseError
from lab.models.access import Access
from lab.models.client import Client
from lab.models.connections import Connections
from lab.models.endpoint import Endpoint
from lab.models.roles import Models
from lab.session import Session
from lab.store import Book

OFFERED = Endpoint("offered", "http://offered.test/v1")
ROWS = tuple(Example.of(f"number {n}", "yes" if n % 2 else "no") for n in range(60))
TASK = Task("numbers", "Yes or no?", ROWS[:30], ROWS[30:], labels=("no", "yes"))
SHARE = 40


class Host:
    """A server that takes a moment, and counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.app = Starlette(routes=[Route("/v1/chat/completions", self._answer, methods=["POST"])])

    async def _answer(self, request: Request) -> Response:
        self.asked.append(json.loads(await request.body())["messages"][-1]["content"])
        await asyncio.sleep(0.02)
        return JSONResponse({"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]})

    def visitor(self, book: Book, owner: str) -> Session:
        def open_client(endpoint: Endpoint, **how: Any) -> Client:
            return Client(endpoint, app=self.app, **how)

        access = Access(is_shared=True, offered=(OFFERED,), calls=SHARE)
        return Session(book, owner, connections=Connections(open_client=open_client, access=access))


def begun(session: Session, start: str) -> str:
    task = Task(TASK.name, start, TASK.train, TASK.dev, labels=TASK.labels)
    return session.begin(task, models=Models(target=OFFERED.spec))


async def test_runs_at_once_spend_no_more_than_one_share(tmp_path: Path) -> None:
    host, book = Host(), Book(tmp_path / "lab.sqlite")
    ann = host.visitor(book, "ann")
    branches = [begun(ann, f"Is it odd, way {i}?") for i in range(4)]
    ended = await asyncio.gather(*(ann.advance(one) for one in branches), return_exceptions=True)
    assert len(host.asked) <= SHARE
    refused = [one for one in ended if isinstance(one, MisuseError)]
    assert len(refused) == 3
    assert all("Another run of yours" in str(one) for one in refused)


async def test_when_one_run_is_through_another_has_what_is_left(tmp_path: Path) -> None:
    host, book = Host(), Book(tmp_path / "lab.sqlite")
    ann = host.visitor(book, "ann")
    for way in range(3):
        try:
            await ann.advance(begun(ann, f"Is it odd, way {way}?"))
        except LabError:
            continue
    assert 0 < len(host.asked) <= SHARE


async def test_a_share_is_one_visitors_alone(tmp_path: Path) -> None:
    host, book = Host(), Book(tmp_path / "lab.sqlite")
    ann, ben = host.visitor(book, "ann"), host.visitor(book, "ben")
    runs = ((ann, begun(ann, "Is it odd?")), (ben, begun(ben, "Is it uneven?")))
    ended = await asyncio.gather(*(who.advance(branch) for who, branch in runs), return_exceptions=True)
    assert not any(isinstance(one, MisuseError) for one in ended)
    assert SHARE < len(host.asked) <= 2 * SHARE
