"""A stand-in for both models: a fixed function of what is asked, that answers anything and remembers nothing."""

from __future__ import annotations

from collections.abc import Coroutine
from hashlib import blake2b
from typing import Any, TypeVar

from lab.core.asks import Ask, Context, Done, Evaluate, Example, Generate, Phase, Reply, Score, Task
from lab.optimizers import OPTIMIZERS, Optimizer

T = TypeVar("T")
EXAMPLES = tuple(Example.of(f"text {i} naïve “{i * 7 % 11}”", "yes" if i % 3 else "no") for i in range(60))
TASK = Task("toy", "Say yes or no.", EXAMPLES[:32], EXAMPLES[32:48], EXAMPLES[48:], labels=("no", "yes"))
SMALL: dict[str, dict[str, Any]] = {
    "ape": {"rounds": 2, "subsamples": 2, "demos": 3, "proposals": 4, "stage_rows": 8, "finalists": 2,
            "paraphrases": 3, "patience": 0},
    "opro": {"rounds": 2, "proposals": 3, "shown": 4, "exemplars": 2, "rows": 12},
    "pe2": {"rounds": 2, "beam": 2, "expand": 2, "batch": 2, "rows": 12, "history": "on", "init": "induction",
            "init_demos": 2, "init_prompts": 2},
    "protegi": {"rounds": 2, "beam": 2, "minibatch": 16, "groups": 2, "group_size": 3, "expansion": 3,
                "reject_on_errors": "on",
                "selection_rounds": 3, "selection_prompts": 4, "selection_rows": 8},
}  # fmt: skip


def run_of(kind: Optimizer, seed: int = 0, task: Task = TASK, **settings: Any) -> Context:
    return Context(task.sealed(), kind.configure(**{**SMALL.get(kind.name, {}), **settings}), seed)


def digest(*parts: object) -> str:
    return blake2b("|".join(map(str, parts)).encode(), digest_size=4).hexdigest()


async def perform(ask: Ask, sample: str) -> Any:
    """Answers with tags where tags are asked for; right on about six examples in ten, by a hash.

    By likelihood a reference answer has from -0.9 to 0 nats, and no answer is told.
    """
    if isinstance(ask, Generate):
        return tuple(
            tuple(_reply(request.meta_prompt, sample, k) for k in range(request.n)) for request in ask.requests
        )
    assert isinstance(ask, Evaluate)
    if ask.by == "likelihood":
        nats = [tuple(int(digest(p, x), 16) % 10 / -10 for x in ask.examples) for p in ask.prompts]
        said = ("",) * len(ask.examples)
        return tuple(Score(p, ask.examples, None, n, said, ask.by) for p, n in zip(ask.prompts, nats, strict=True))
    hits = [tuple(float(int(digest(p, x), 16) % 10 < 6) for x in ask.examples) for p in ask.prompts]
    return tuple(
        Score(prompt, ask.examples, None, row, tuple("yes" if hit else "maybe" for hit in row))
        for prompt, row in zip(ask.prompts, hits, strict=True)
    )


def _reply(meta_prompt: str, sample: str, k: int) -> Reply:
    text = f"wording {digest(meta_prompt, sample, k)}"
    return Reply(f"<START> {text} <END>" if "<START>" in meta_prompt else text)


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """Drives work that never waits, as stand-ins do not, to its end: no event loop is needed."""
    try:
        work.send(None)
    except StopIteration as end:
        found: T = end.value
        return found
    raise AssertionError("a stand-in never waits")


def walk(context: Context, kind: Optimizer, first: Phase | None = None) -> list[tuple[Phase, Any]]:
    """Runs an optimizer to its end with everything accepted; gives each phase with its ask."""
    from lab.core.review import ACCEPT, decide, propose

    phase, steps = first or kind.start(context), []
    while True:
        ask = phase.ask(context)
        steps.append((phase, ask))
        if isinstance(ask, Done):
            return steps
        phase = decide(context, phase, at_once(propose(context, phase, perform)), ACCEPT).phase


KINDS = list(OPTIMIZERS.values())
__all__ = ["EXAMPLES", "KINDS", "SMALL", "TASK", "at_once", "digest", "perform", "run_of", "walk"]
