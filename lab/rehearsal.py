"""What a run would take, rehearsed with stand-ins for both models before the first call is made.

The stand-ins answer with usable replies and errors enough, so that every phase comes on, and patience is left out
of account; the counts are what is asked for, before any reply is known already. Tokens are a rough guess: four
characters each.
"""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

from lab.asks import Ask, Done, Evaluate, Generate, Phase, Reply, Run, Score
from lab.optimizers import Optimizer
from lab.review import ACCEPT, decide, propose

__all__ = ["Expense", "rehearse"]

_MOST_STEPS = 120
_CHARACTERS_A_TOKEN = 4
_WORDS_A_REPLY = 45
_TOKENS_AN_ANSWER = 8
_SHARE_RIGHT = 0.6


@dataclass(frozen=True)
class Expense:
    """Calls by role, and tokens roughly; `rounds` is how many rounds they are for."""

    rounds: int = 0
    optimizer_calls: int = 0
    target_calls: int = 0
    n_input_tokens: int = 0
    n_output_tokens: int = 0

    def __add__(self, other: Expense) -> Expense:
        return Expense(
            self.rounds + other.rounds,
            self.optimizer_calls + other.optimizer_calls,
            self.target_calls + other.target_calls,
            self.n_input_tokens + other.n_input_tokens,
            self.n_output_tokens + other.n_output_tokens,
        )

    def times(self, n: float) -> Expense:
        """Gives the expense of `n` times as much."""
        return Expense(*(round(n * value) for value in (
            self.rounds, self.optimizer_calls, self.target_calls, self.n_input_tokens, self.n_output_tokens
        )))  # fmt: skip


def rehearse(kind: Optimizer, run: Run, phase: Phase | None = None) -> Expense:
    """Says what a run takes from a phase (or its start) to its end: calls at most, tokens roughly.

    A long run is rehearsed for its first rounds, and the rest is taken to be like the last of them.
    """
    if "patience" in run.settings.__dataclass_fields__:
        run = replace(run, settings=replace(run.settings, patience=0))
    return _at_once(_rehearse(run, phase or kind.start(run)))


def _at_once(work: Coroutine[Any, Any, Expense]) -> Expense:
    """Drives work that never waits to its end, also where an event loop is running."""
    try:
        work.send(None)
    except StopIteration as end:
        expense: Expense = end.value
        return expense
    raise AssertionError("a stand-in never waits")


async def _rehearse(run: Run, phase: Phase) -> Expense:
    first = phase.round
    by_round: dict[int, Expense] = {}
    for _ in range(_MOST_STEPS):
        ask = phase.ask(run)
        if isinstance(ask, Done):
            return _summed(by_round, phase.round - first)
        by_round[phase.round] = by_round.get(phase.round, Expense()) + expense(run, ask)
        phase = decide(run, phase, await propose(run, phase, _stand_in), ACCEPT).phase
    left = run.settings.rounds - phase.round
    whole = [round for round in by_round if round < phase.round]
    return _summed({round: by_round[round] for round in whole}, phase.round - first) + replace(
        by_round[whole[-1]] if whole else by_round[phase.round], rounds=1
    ).times(left)


def _summed(by_round: dict[int, Expense], rounds: int) -> Expense:
    total = Expense()
    for one in by_round.values():
        total = total + one
    return replace(total, rounds=rounds)


def expense(run: Run, ask: Ask) -> Expense:
    """Says what one ask takes: calls at most, tokens roughly."""
    if isinstance(ask, Generate):
        sent = sum(len(request.meta_prompt) * request.n for request in ask.requests)
        n = sum(request.n for request in ask.requests)
        return Expense(0, n, 0, sent // _CHARACTERS_A_TOKEN, n * _WORDS_A_REPLY * 2)
    if isinstance(ask, Evaluate):
        inputs = {example.id: len(example.input) for example in run.task.split(ask.split)}
        texts = sum(len(prompt) for prompt in ask.prompts) * len(ask.examples)
        shown = sum(inputs.get(id, 0) for id in ask.examples) * len(ask.prompts)
        n = len(ask.prompts) * len(ask.examples)
        return Expense(0, 0, n, (texts + shown) // _CHARACTERS_A_TOKEN, n * _TOKENS_AN_ANSWER)
    return Expense()


async def _stand_in(ask: Ask, sample: str) -> Any:
    if isinstance(ask, Generate):
        return tuple(
            tuple(_reply(request.meta_prompt, sample, k) for k in range(request.n)) for request in ask.requests
        )
    assert isinstance(ask, Evaluate)
    return tuple(
        Score(
            prompt,
            ask.examples,
            None,
            tuple(float(_chance(prompt, id) < _SHARE_RIGHT) for id in ask.examples),
            ("",) * len(ask.examples),
        )
        for prompt in ask.prompts
    )


def _reply(meta_prompt: str, sample: str, k: int) -> Reply:
    words = f"stand-in {_digest(meta_prompt, sample, k)} " + "word " * (_WORDS_A_REPLY - 3)
    return Reply(f"<START>{words.strip()}<END>" if "<START>" in meta_prompt else words.strip())


def _digest(*parts: object) -> str:
    return blake2b("|".join(map(str, parts)).encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def _chance(*parts: object) -> float:
    return int(_digest(*parts), 16) / 16**12
