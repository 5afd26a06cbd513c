"""From the replies of a target model to the calls that ask a judge about them. Pure.

A judge is asked about what was read of a reply, as sample 0: an equal answer to an example is one call, whichever
prompt it came from, and serves all rounds.
"""

from __future__ import annotations

from collections.abc import Sequence

from lab.core.task import Example, Task
from lab.models.calls import Answer, Call
from lab.models.roles import ModelConfig
from lab.tasks.outcomes import Reply, judged
from lab.tasks.rubric import request

__all__ = ["judge_call", "judge_calls", "to_grade", "verdict_of"]

TEMPERATURE = 0.0
MAX_TOKENS = 512
SEED = 0
SAMPLE = "0"


def to_grade(task: Task, example: Example, reply: Reply | None) -> str | None:
    """Return what of a reply a judge has to grade; None where nothing came or could be read, or no model judges."""
    found = None if reply is None else judged(task, example, reply._replace(verdict=None))
    return found.got if found is not None and found.form == "unjudged" else None


def judge_call(task: Task, example: Example, text: str, config: ModelConfig) -> Call:
    """Make the call that asks a judge about an answer."""
    how, endpoint = config.sampling, config.endpoint
    body = {
        "model": endpoint.model,
        "temperature": float(TEMPERATURE if how.temperature is None else how.temperature),
        "max_tokens": how.max_tokens or MAX_TOKENS,
        "seed": SEED,
        "messages": request(task, example, text),
        **({"stop": list(how.stop)} if how.stop else {}),
    }
    return Call.of(endpoint.base_url, body, SAMPLE + how.draw)


def judge_calls(
    task: Task, examples: Sequence[Example], replies: Sequence[Reply | None], config: ModelConfig
) -> tuple[Call | None, ...]:
    """Make a call for each reply that a judge has to grade, None for the others.

    Raises:
        ValueError: when there are not as many replies as examples.
    """
    texts = (to_grade(task, example, reply) for example, reply in zip(examples, replies, strict=True))
    return tuple(
        None if text is None else judge_call(task, example, text, config)
        for example, text in zip(examples, texts, strict=True)
    )


def verdict_of(answer: Answer | None) -> str | None:
    """Return what a judge said; None where no reply came."""
    return None if answer is None or answer.is_missing else answer.text
