"""What tests of real servers share: calls and what became of them, and a small task."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any

from lab.core.asks import Evaluate, Example, Score, Task
from lab.errors import ModelError
from lab.models.calls import Answer, MemoryCache
from lab.models.client import Client
from lab.models.endpoint import Endpoint
from lab.models.perform import Performer
from lab.models.roles import Limits, ModelConfig, Models

KEY = "sk-planted-0123456789"
ONE_SENTENCE = re.compile(r"[^\n]{20,700}")


def body(i: int = 0, **fields: Any) -> dict[str, Any]:
    asked = [{"role": "user", "content": f"Is part {i}. of the film dull?"}]
    return {"model": "m", "messages": asked, "temperature": 0.0, "max_tokens": 16, "seed": 0, **fields}


def outcomes(url: str, bodies: Sequence[dict[str, Any]], limits: Limits | None = None) -> list[Answer | ModelError]:
    """Asks everything at once and gives what became of each; anything but an answer or a report is raised."""
    limits = limits or Limits()

    async def run() -> list[Answer | ModelError]:
        client = Client(Endpoint("m", url), key=KEY, limits=limits)
        room = asyncio.Semaphore(limits.concurrency)

        async def one(request: dict[str, Any]) -> Answer | ModelError:
            async with room:
                try:
                    return await client.answer(request)
                except ModelError as error:
                    return error

        try:
            return await asyncio.gather(*map(one, bodies))
        finally:
            await client.aclose()

    return asyncio.run(run())


def answered(url: str, request: dict[str, Any], limits: Limits | None = None) -> Answer:
    (found,) = outcomes(url, [request], limits)
    assert isinstance(found, Answer), found
    return found


def reported(url: str, request: dict[str, Any], limits: Limits | None = None) -> str:
    (found,) = outcomes(url, [request], limits)
    assert isinstance(found, ModelError), found
    said = str(found)
    assert ONE_SENTENCE.fullmatch(said), said
    assert KEY not in repr(found) + said
    return said


def task_of(n: int) -> Task:
    rows = tuple(Example.of(f"The film was dull, part {i}.", "Positive") for i in range(n))
    return Task("films", "Is this review positive or negative?", rows[:2], rows, labels=("Positive", "Negative"))


def measured(url: str, task: Task, cache: MemoryCache, limits: Limits) -> Score:
    """Scores the start prompt on all of dev; where a call fails for good the step is begun again, as people do."""
    models = Models.single(ModelConfig(Endpoint("m", url), limits=limits))
    ask = Evaluate((task.start,), tuple(example.id for example in task.dev), "dev")

    async def run() -> Score:
        performer = Performer(task, models, cache)
        try:
            (score,) = await performer(ask)
            return score
        finally:
            await performer.aclose()

    for _ in range(20):
        try:
            return asyncio.run(run())
        except ModelError:
            continue
    raise AssertionError("The step failed twenty times.")
