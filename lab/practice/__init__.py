"""The practice model: a simulated model that needs no key, no network and no download.

It is a set of rules behind the OpenAI protocol, always labelled as simulated. As target model it answers
six kinds of task by real, rule-based skills, on unseen inputs too; which skills are on is decided by what the
instruction says. As optimizer model it induces, criticises, edits and rewords instructions, knowing only the
text that it is sent. The same text, seed and temperature give the same reply in every process.

    kind         what a kind of task is; kinds/ has one file each
    personality  three models that have to be told different things
    reading      what an instruction asks for: the kind of task, the skills it switches on, what harms
    target       answering as target model
    metaprompt   what a meta-prompt asks for and shows
    optimizer    answering as optimizer model: critiques, rewriting, induction
    judge        answering as judge of an answer
    explanation  why it answered as it did
    protocol/    the OpenAI protocol; serve runs it over HTTP

The rest of the lab imports this port alone, but for the server's command and the benchmarks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from lab.practice.personality import BY_MODEL

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from lab.core.task import Task
    from lab.practice.explanation import Explanation
    from lab.practice.target import Draw

__all__ = ["MODELS", "Explanation", "answers", "asgi_app", "explain", "guesses", "infill", "knows", "respond"]

MODELS: Mapping[str, str] = MappingProxyType({model: who.about for model, who in BY_MODEL.items()})
_LOOKED_AT = 20
_ENOUGH = 0.8


def asgi_app() -> ASGIApp:
    """Return the practice model as a server in this process, which speaks the OpenAI protocol."""
    from lab.practice.protocol.app import app

    return app()


def explain(prompt: str, input: str, model: str = "practice", reference: str | None = None) -> Explanation | None:
    """Return why the practice model answered as it did; None where it answers by no rule."""
    from lab.practice import explanation

    return explanation.explain(prompt, input, model, reference)


def respond(model: str, messages: Sequence[Mapping[str, str]], draw: Draw) -> str:
    """Answer a conversation: as optimizer model where it is a meta-prompt, as judge of an answer, or as target.

    Raises:
        ModelError: when it is neither, and not of a kind that there are rules for.
        MisuseError: when there is no such model.
    """
    from lab.practice.judge import grading_of, verdict
    from lab.practice.metaprompt import role_of
    from lab.practice.optimizer import reply
    from lab.practice.personality import personality_of
    from lab.practice.target import answer, split_messages

    asked = [message["content"] for message in messages if message["role"] == "user"]
    told = any(m["content"].strip() for m in messages if m["role"] in ("system", "developer"))
    if not told and len(asked) == 1 and role_of(asked[0]):
        return reply(asked[0], draw)
    if (grading := grading_of(messages)) is not None:
        return verdict(grading)
    return answer(*split_messages(messages), draw, personality_of(model))


def infill(model: str, before: str, after: str, draw: Draw) -> str:
    """Fill the gap between two texts: an instruction, where the texts show examples of it."""
    from lab.practice.optimizer import reply

    return reply(f"Reply with the instruction that belongs in place of [BLANK].\n\n{before}[BLANK]{after}", draw)


def answers(task: Task) -> bool:
    """Return whether the practice model answers any of the first inputs under the start prompt; else it refuses.

    Of any few labels it takes one, as soon as a prompt lists them.
    """
    from lab.practice.reading import kind_of
    from lab.practice.target import kind_by_text

    seen = (*task.train[:_LOOKED_AT], *task.dev[:_LOOKED_AT])
    return (
        guesses(task)
        or kind_of(task.start) is not None
        or any(kind_by_text(example.input) is not None for example in seen)
    )


def guesses(task: Task) -> bool:
    """Return whether a task has a few labels of which the practice model knows no more than what a prompt says."""
    from lab.practice.kinds.own_labels import MOST_LABELS

    return 1 < len(task.labels) <= MOST_LABELS and not knows(task)


def knows(task: Task) -> bool:
    """Return whether the practice model has rules for a task, by its labels, start prompt and first inputs."""
    from lab.practice.kinds import KINDS
    from lab.practice.reading import kind_of
    from lab.practice.target import kind_by_text

    labels = {label.strip().casefold() for label in task.labels}
    if labels:
        return any(labels <= set(kind.labels) for kind in KINDS)
    named = kind_of(task.start)
    seen = task.train[:_LOOKED_AT]
    fits = sum(
        kind is not None and not kind.labels and kind.shown_by(example.input, example.answer)
        for example in seen
        for kind in (named or kind_by_text(example.input),)
    )
    return bool(seen) and fits >= _ENOUGH * len(seen)
