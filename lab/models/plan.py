"""From an ask to the calls it takes, and from their answers to what the ask is told. Pure.

Calls stand in the order of the ask, repeats included; whoever sends them sends equal ones once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

from lab.asks import Evaluate, Example, Generate, Reply, Score, Task
from lab.errors import MisuseError
from lab.models.calls import CUT_OFF, Answer, Call
from lab.models.capabilities import UNKNOWN, Capabilities
from lab.models.endpoint import Endpoint
from lab.models.limits import Use

__all__ = ["evaluate_calls", "generate_calls", "replies", "scores"]


# How a target model is asked unless a person says otherwise: as deterministic as a server allows, so that answers
# can be reused.
TARGET_TEMPERATURE = 0.0
TARGET_MAX_TOKENS = 256
TARGET_SEED = 0


def generate_calls(
    ask: Generate, sample: str | int, use: Use, seed: int, capabilities: Capabilities = UNKNOWN
) -> tuple[Call, ...]:
    """Makes `n` calls a request; equal meta-prompts are counted, so that each may be answered differently.

    Each reply is a call of its own, whatever the endpoint makes of `n`: kept, tried again and reused on its own.
    """
    endpoint, how = use.endpoint, use.sampling
    seen: Counter[str] = Counter()
    calls: list[Call] = []
    for request in ask.requests:
        occurrence = seen[request.meta_prompt]
        seen[request.meta_prompt] += 1
        for i in range(request.n):
            tag = f"{sample}.{occurrence}.{i}"
            body = _body(
                endpoint,
                ({"role": "user", "content": request.meta_prompt},),
                request.temperature if how.temperature is None else how.temperature,
                how.max_tokens or request.max_tokens,
                _call_seed(seed, tag),
            )
            calls.append(Call.of(endpoint.base_url, body, tag))
    return tuple(calls)


def evaluate_calls(ask: Evaluate, task: Task, use: Use, capabilities: Capabilities = UNKNOWN) -> tuple[Call, ...]:
    """Makes a call for every prompt on every example, always as sample 0: an answer serves all rounds.

    Raises:
        MisuseError: when the split or an example is not the task's.
    """
    from lab.tasks.layout import messages

    examples = _examples(ask, task)
    endpoint, how = use.endpoint, use.sampling
    return tuple(
        Call.of(
            endpoint.base_url,
            _body(
                endpoint,
                messages(prompt, example.input),
                TARGET_TEMPERATURE if how.temperature is None else how.temperature,
                how.max_tokens or TARGET_MAX_TOKENS,
                TARGET_SEED,
            ),
        )
        for prompt in ask.prompts
        for example in examples
    )


def replies(ask: Generate, answers: Sequence[Answer]) -> tuple[tuple[Reply, ...], ...]:
    """Sorts the answers of `generate_calls` by request."""
    rest = iter(answers)
    return tuple(
        tuple(Reply(answer.text, answer.flaw) for _, answer in zip(range(request.n), rest, strict=False))
        for request in ask.requests
    )


def scores(
    ask: Evaluate, task: Task, answers: Sequence[Answer], capabilities: Capabilities = UNKNOWN
) -> tuple[Score, ...]:
    """Judges the answers of `evaluate_calls`: one Score a prompt, in the order asked."""
    examples = _examples(ask, task)
    rest = iter(answers)
    made = []
    for prompt in ask.prompts:
        judged = [_judged(task, example, next(rest)) for example in examples]
        got, hits = tuple(got for got, _ in judged), tuple(hit for _, hit in judged)
        made.append(Score(prompt, about=ask.examples, hits=hits, got=got))
    return tuple(made)


def _judged(task: Task, example: Example, answer: Answer) -> tuple[str, float | None]:
    """Judges one answer.

    A model that spent its tokens before a first word was not measured; one that refused, or had nothing
    to say, was, and leaving it out would flatter the prompt that made it do so.
    """
    from lab.tasks.metrics import judge

    if answer.flaw == CUT_OFF and not answer.text.strip():
        return "", None
    judged = judge(task.metric, task.labels, example, answer.text)
    return judged.got, judged.hit


def _examples(ask: Evaluate, task: Task) -> list[Example]:
    if ask.split not in ("train", "dev"):
        raise MisuseError(f"The split {ask.split!r} cannot be evaluated in a step. Use train or dev.")
    known = {example.id: example for example in task.split(ask.split)}
    unknown = [id for id in ask.examples if id not in known]
    if unknown:
        raise MisuseError(
            f"The {ask.split} split of the task {task.name!r} has no example {unknown[0]!r}"
            f"{f' (nor {len(unknown) - 1} more)' if len(unknown) > 1 else ''}. "
            "Ask for examples by the ids that the split has."
        )
    return [known[id] for id in ask.examples]


def _body(
    endpoint: Endpoint,
    messages: Sequence[dict[str, str]],
    temperature: float,
    max_tokens: int,
    seed: int,
) -> dict[str, Any]:
    return {
        "model": endpoint.model,
        "messages": list(messages),
        "temperature": float(temperature),  # 1 and 1.0 are one key
        "max_tokens": max_tokens,
        "seed": seed,
    }


def _call_seed(seed: int, tag: str) -> int:
    """Draws 31 bits, which every server takes, from the run's seed and the call's sample."""
    return int.from_bytes(blake2b(f"{seed}/{tag}".encode(), digest_size=4).digest(), "big") >> 1
