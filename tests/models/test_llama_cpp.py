"""A llama.cpp server, started by hand as llama_cpp.md says: its log-probabilities are read as it means them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import httpx2
import pytest
from support.servers.asking import answered, body, measured, task_of

from lab.core.asks import Evaluate, Example, Score, Task
from lab.core.layout import messages
from lab.models.calls import MemoryCache
from lab.models.connections import Connections
from lab.models.endpoint import Endpoint
from lab.models.likelihood import laid_out
from lab.models.perform import Performer
from lab.models.roles import Limits, ModelConfig, Models

pytestmark = pytest.mark.llama

WORDS = ("Positive", "Negative", "True", "False", "Yes", "No")
SAID = 124  # the tokens that servers/tiny_gguf.py lets be said; the single bytes below them are spelled alike


@pytest.fixture(scope="session")
def llama() -> ModelConfig:
    url = os.environ.get("LLAMA_SERVER_URL", "")
    if not url:
        pytest.skip("LLAMA_SERVER_URL is not set (tests/models/llama_cpp.md says how to start a llama.cpp server)")
    return ModelConfig(Endpoint("tiny", url), limits=Limits(concurrency=4, timeout_s=120))


def completed(use: ModelConfig, before: str, **fields: Any) -> dict[str, Any]:
    """Gives the log-probabilities of a completion of one token."""
    asked = {"model": "tiny", "prompt": before, "max_tokens": 1, "temperature": 0, "logprobs": SAID, **fields}
    said = httpx2.post(f"{use.endpoint.base_url}/completions", json=asked, timeout=60).json()
    found: dict[str, Any] = said["choices"][0]["logprobs"]
    return found


def echoes_rightly(use: ModelConfig) -> bool:
    """Whether a token is echoed with the log-probability that it was generated with."""
    made = completed(use, "The film was")
    (token,), (logprob,) = made["tokens"], made["token_logprobs"]
    echo = completed(use, f"The film was{token}", echo=True)
    pairs = zip(echo["tokens"], echo["token_logprobs"], strict=True)
    return any(one == token and beside == pytest.approx(logprob, abs=0.01) for one, beside in pairs)


def scored_step_by_step(use: ModelConfig, before: str, answer: str) -> float:
    """Gives the mean log-probability of a token of what follows a text, each as the next token of a completion."""
    told, rest = [], answer
    while rest:
        (likely,) = completed(use, before)["top_logprobs"]
        token = max((token for token in likely if token and rest.startswith(token)), key=len)
        told.append(likely[token])
        before, rest = before + token, rest.removeprefix(token)
    return sum(told) / len(told)


def own_words(use: ModelConfig, said: Sequence[dict[str, str]]) -> tuple[str, float]:
    """Gives what a model says by itself, and the mean log-probability of a token of it."""
    asked = body(messages=list(said), max_tokens=4, logprobs=True, top_logprobs=1)
    reply = answered(use.endpoint.base_url, asked, use.limits)
    assert "".join(token.text for token in reply.tokens) == reply.text
    return reply.text, sum(token.logprob or 0.0 for token in reply.tokens) / len(reply.tokens)


async def test_the_lab_scores_answers_on_llama_as_llama_generates_them(llama: ModelConfig) -> None:
    prompt, inputs = "Say what it is.", [f"The film was dull, part {i}." for i in range(len(WORDS))]
    connections = Connections()
    way = (await connections.check(llama)).likelihood
    said = [messages(prompt, one) for one in inputs]
    assert way == ("echo" if echoes_rightly(llama) else "grammar")
    if way == "echo":
        expected = [
            (word, scored_step_by_step(llama, laid_out(one), f" {word}"))
            for word, one in zip(WORDS, said, strict=True)
        ]
    else:
        expected = [own_words(llama, one) for one in said]
    rows = tuple(Example.of(one, answer) for one, (answer, _) in zip(inputs, expected, strict=True))
    task = Task("films", prompt, rows[:1], rows)

    async def run() -> Score:
        performer = Performer(task, Models.single(llama), MemoryCache(), connections=connections)
        try:
            (score,) = await performer(Evaluate((prompt,), tuple(row.id for row in rows), "dev", "likelihood"))
            return score
        finally:
            await performer.aclose()

    score = await run()
    assert score.by == "likelihood"
    assert score.hits == pytest.approx([logprob for _, logprob in expected], abs=0.01)


async def test_what_the_lab_finds_of_llama_is_so(llama: ModelConfig) -> None:
    found = await Connections().check(llama)
    assert (found.token_limit, found.temperature, found.seed, found.stop) == ("max_tokens", True, True, True)
    assert found.log_probabilities == "chat"
    assert found.infill


def test_a_step_on_llama_that_answers_one_call_at_a_time_is_whole(llama: ModelConfig) -> None:
    task, cache = task_of(24), MemoryCache()
    score = measured(llama.endpoint.base_url, task, cache, llama.limits)
    assert len(score.got) == len(cache.rows) == 24
    assert all(answer.text for _, answer in cache.rows.values())
