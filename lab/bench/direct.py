"""Runs an optimizer with the practice model below the client: the same asks, calls and replies, no network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from lab.core.asks import Ask, Context, Done, Evaluate, Generate, Phase, Replies, Task
from lab.core.review import ACCEPT, Proposal, Verdict, decide, propose
from lab.models.calls import Answer, Call
from lab.models.endpoint import PRACTICE_URL, Endpoint
from lab.models.plan import evaluate_calls, generate_calls, replies, scores
from lab.models.roles import ModelConfig
from lab.models.wire import read_answer
from lab.optimizers import Optimizer
from lab.practice.protocol.chat import complete
from lab.tasks.metrics import total

__all__ = ["Direct", "Reached", "autopilot", "best_at", "score"]

Reviewer = Callable[[Phase, Proposal], Verdict]


@dataclass(frozen=True)
class Reached:
    """Where a run stood when a round began: target answers asked for so far, repeats included; best dev score."""

    round: int
    calls: int
    best: float
    prompt: str


class Direct:
    """Performs asks with two practice models; equal calls are answered once, as by the cache of a lab book."""

    def __init__(self, task: Task, *, optimizer: str = "practice", target: str = "practice", seed: int = 0) -> None:
        self.task = task
        self.target = target
        self.calls = {"optimizer": 0, "target": 0}
        self.asked = 0  # answers asked of the target model, repeats included
        self.tokens = 0
        self._optimizer = ModelConfig(Endpoint(optimizer, PRACTICE_URL))
        self._target = ModelConfig(Endpoint(target, PRACTICE_URL))
        self._seed = seed
        self._known: dict[str, Answer] = {}

    async def __call__(self, ask: Ask, sample: str) -> Replies:
        """Answer an ask as the lab's performer would."""
        return self.perform(ask, sample)

    def perform(self, ask: Ask, sample: str = "0") -> Replies:
        """Answer an ask."""
        if isinstance(ask, Generate):
            calls = generate_calls(ask, sample, self._optimizer, self._seed)
            return replies(ask, [self._answer("optimizer", call) for call in calls])
        assert isinstance(ask, Evaluate)
        calls = evaluate_calls(ask, self.task, self._target)
        self.asked += len(calls)
        return scores(ask, self.task, [self._answer("target", call) for call in calls])

    def dev(self, prompts: Iterable[str]) -> dict[str, float]:
        """Score prompts on dev by the task's metric; these calls are not counted."""
        before = dict(self.calls), self.asked, self.tokens
        ask = Evaluate(tuple(prompts), tuple(example.id for example in self.task.dev), "dev")
        told: Any = self.perform(ask)
        self.calls, self.asked, self.tokens = before
        return {one.text: _total(self.task, one.got, one.hits) for one in told}

    def _answer(self, role: str, call: Call) -> Answer:
        if call.key not in self._known:
            answer = read_answer(complete(call.body), call.body, 0.0)
            assert answer is not None
            self.calls[role] += 1
            self.tokens += answer.n_input_tokens + answer.n_output_tokens
            self._known[call.key] = answer
        return self._known[call.key]


def _total(task: Task, got: tuple[str, ...], hits: tuple[float | None, ...]) -> float:
    return total(task.metric, task.labels, task.dev, got, hits) or 0.0


def score(task: Task, prompt: str, model: str) -> float:
    """Return the dev score of one prompt on one practice model."""
    return Direct(task, target=model).dev([prompt])[prompt]


def autopilot(
    kind: Optimizer, context: Context, direct: Direct, reviewer: Reviewer = lambda phase, proposal: ACCEPT
) -> tuple[Reached, ...]:
    """Run an optimizer to its end; says where it stood at the start of each round."""
    return asyncio.run(_autopilot(kind, context, direct, reviewer))


async def _autopilot(kind: Optimizer, context: Context, direct: Direct, reviewer: Reviewer) -> tuple[Reached, ...]:
    phase, known, way = kind.start(context), dict[str, float](), list[Reached]()
    sample = 0
    while True:
        if not way or phase.round > way[-1].round or isinstance(phase.ask(context), Done):
            known |= direct.dev([text for text in phase.prompts if text not in known])
            best = max(known, key=lambda text: known[text])
            way.append(Reached(phase.round, direct.asked, known[best], best))
        if isinstance(phase.ask(context), Done):
            return tuple(way)
        proposal = await propose(context, phase, direct, sample)
        decision = decide(context, phase, proposal, reviewer(phase, proposal))
        phase, sample = decision.phase, decision.sample


def best_at(way: Iterable[Reached], calls: int) -> float:
    """Return the best dev score that was reached within a number of target answers asked for."""
    return max((one.best for one in way if one.calls <= calls), default=0.0)
