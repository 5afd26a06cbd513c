"""Where a prompt of a run comes from, and each stretch of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lab.core.lineage import Origin, Settled, Writer, answered, blame, origins, settled
from lab.errors import MisuseError
from lab.session.state import State
from lab.store import Book

__all__ = ["Blamed", "Made", "blamed", "known_origins", "lineage"]


@dataclass(frozen=True)
class Blamed:
    """A stretch of a prompt, and how it came to be.

    `prompt` is the name of the prompt that it came with, `step` that of the step, "" for the start prompt; `round`
    counts from 1. `examples` are those that the critique was written about. `change` is in dev score, of that
    prompt against the one that it was made from; None where not both were measured.
    """

    text: str
    by: Writer
    prompt: str
    step: str
    round: int | None
    phase: str
    critique: str
    critique_name: str
    critique_by: Writer | None
    examples: tuple[str, ...]
    change: float | None


def blamed(state: State, book: Book, prompt: str) -> tuple[Blamed, ...]:
    """Return the stretches of a prompt of the run, together the prompt, each with how it came to be.

    Raises:
        MisuseError: when the run has no such prompt.
    """
    known = known_origins(state, book)
    if prompt not in known or known[prompt].kind != "prompt":
        raise MisuseError("This run has no such prompt. Take one from run.scores() or from a step of it.")
    names = state.names

    def row(text: str, origin: Origin) -> Blamed:
        node = state.nodes.get(origin.node)
        answers = answered(origin, known) or ""
        critique = known.get(answers)
        return Blamed(
            text=text, by=origin.by, prompt=names.prompt(origin.text), step=names.step(origin.proposal),
            round=node.phase.round + 1 if node else None, phase=node.phase.title if node else "",
            critique=answers, critique_name=names.critique(answers),
            critique_by=critique.by if critique else None, examples=critique.examples if critique else (),
            change=_change(state, origin),
        )  # fmt: skip

    return tuple(row(one.text, one.origin) for one in blame(prompt, known))


@dataclass(frozen=True)
class Made:
    """A prompt with how it came to be: its short name, and the step that made it; a start prompt has no step.

    `critique` is what it was written against, with who wrote that and what that was before a person edited it.
    """

    origin: Origin
    name: str
    step: str = ""
    phase: str = ""
    round: int = 0
    optimizer: str = ""
    critique: Origin | None = None
    critique_name: str = ""

    @property
    def prompt(self) -> str:
        """The text of the prompt."""
        return self.origin.text


def lineage(state: State, book: Book, prompt: str) -> tuple[Made, ...]:
    """Return how a prompt of the run came about, from the first that it was made of to itself."""
    known = known_origins(state, book)
    found: list[Made] = []
    text: str | None = prompt
    while text is not None and text in known and text not in {one.prompt for one in found}:
        found.append(_made(state, book, known, text))
        text = known[text].parent
    return tuple(reversed(found))


def _made(state: State, book: Book, known: Mapping[str, Origin], text: str) -> Made:
    from lab.optimizers import optimizer

    names, origin = state.names, known[text]
    if origin.node not in state.nodes:
        return Made(origin, names.prompt(text))
    at, critique = state.nodes[origin.node], answered(origin, known) or ""
    return Made(
        origin=origin,
        name=names.prompt(text),
        step=names.step(origin.proposal),
        phase=at.phase.title,
        round=at.phase.round + 1,
        optimizer=optimizer(book.context(at.context).optimizer).title,
        critique=known.get(critique),
        critique_name=names.critique(critique),
    )


def known_origins(state: State, book: Book) -> dict[str, Origin]:
    """Return how the texts of a run came to be: as on the way here, else as in other branches."""
    others = (id for id in state.nodes if id not in frozenset(state.path))
    nodes = [state.nodes[id] for id in (*state.path, *others)]
    steps = list(settled(nodes, {one.proposal: book.proposal(one.proposal) for one in nodes if one.proposal}))
    if state.proposal is not None and state.branch.pending:
        steps.append(Settled(state.branch.pending, state.branch.node, state.proposal))
    return origins(state.nodes[state.path[0]].prompts[0], steps)


def _change(state: State, origin: Origin) -> float | None:
    before, after = state.measured.get(origin.parent or ""), state.measured.get(origin.text)
    if before is None or after is None:
        return None
    pairs = zip(before.hits, after.hits, strict=True)
    changes = [now - was for was, now in pairs if was is not None and now is not None]
    return sum(changes) / len(changes) if changes else None
