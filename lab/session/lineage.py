"""Where a prompt of a run comes from, and each stretch of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from lab.core.history import Node
from lab.core.lineage import Kind, Origin, Settled, Writer, answered, blame, line, proposed, written
from lab.errors import MisuseError
from lab.i18n import gettext_lazy
from lab.optimizers import optimizer
from lab.session.state import State
from lab.store import Book, Flips, flips

__all__ = ["Blamed", "Lineage", "Made"]


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


class Lineage:
    """How the prompts and critiques of a run came to be, by the names that the book gave them.

    Only the steps that are asked for are read. Of a text that came twice, the first time counts.
    """

    def __init__(self, state: State, book: Book) -> None:
        self._state, self._book = state, book
        self._decided: dict[str, list[Node]] = defaultdict(list)  # by the proposal
        for node in state.nodes.values():
            if node.proposal is not None:
                self._decided[node.proposal].append(node)
        self.origin = cache(self._origin)

    def prompt(self, text: str) -> Origin | None:
        """Return how a prompt came to be; None where the run has none of this text."""
        return self.origin("prompt", text)

    def called(self, name: str) -> Origin | None:
        """Return how the prompt of a name, such as P7, came to be; None where the run has none."""
        return self._called("prompt", name)

    def critique_called(self, name: str) -> Origin | None:
        """Return how the critique of a name, such as C12, came to be; None where the run has none."""
        return self._called("critique", name)

    def _called(self, kind: Kind, name: str) -> Origin | None:
        names = self._state.names
        named = names.called(name)
        if named is None:
            return None
        by_hand = (self._state.context.task.start, *self._state.merged)
        made = self._of_step(named.proposal) if named.proposal else map(self.prompt, by_hand)
        texts = (one for one in made if one is not None and one.kind == kind)
        return next((one for one in texts if names.made(kind, one.text).name == name), None)

    def blamed(self, prompt: str) -> tuple[Blamed, ...]:
        """Return the stretches of a prompt, together the prompt, each with how it came to be.

        Raises:
            MisuseError: when the run has no such prompt.
        """
        origin = self.prompt(prompt)
        if origin is None:
            raise MisuseError(
                gettext_lazy("This run has no such prompt. Take one from run.scores() or from a step of it.")
            )
        return tuple(self._row(one.text, one.origin) for one in blame(origin, self.prompt))

    def made(self, prompt: str) -> tuple[Made, ...]:
        """Return how a prompt came about, its first forebear first; () for one of another run."""
        origin = self.prompt(prompt)
        return tuple(map(self._made, reversed(line(origin, self.prompt)))) if origin else ()

    def flips(self, prompt: str) -> tuple[str, Flips] | None:
        """Return what a prompt fixed and broke on dev against its parent, which is named; None where not known."""
        origin = self.prompt(prompt)
        before = self._state.measured.get(origin.parent or "") if origin else None
        after = self._state.measured.get(prompt)
        if before is None or after is None:
            return None
        return self._state.names.prompt(before.prompt), flips(before, after)

    def _made(self, origin: Origin) -> Made:
        names, node = self._state.names, self._state.nodes.get(origin.node)
        if node is None:
            return Made(origin, names.prompt(origin.text))
        critique = answered(origin, self.prompt) or ""
        return Made(
            origin=origin,
            name=names.prompt(origin.text),
            step=names.step(origin.proposal),
            phase=node.phase.title,
            round=node.phase.round + 1,
            optimizer=optimizer(self._book.context(node.context).optimizer).title,
            critique=self.origin("critique", critique),
            critique_name=names.critique(critique),
        )

    def _row(self, text: str, origin: Origin) -> Blamed:
        state, names = self._state, self._state.names
        node = state.nodes.get(origin.node)
        answers = answered(origin, self.prompt) or ""
        critique = self.origin("critique", answers)
        return Blamed(
            text=text, by=origin.by, prompt=names.prompt(origin.text), step=names.step(origin.proposal),
            round=node.phase.round + 1 if node else None, phase=node.phase.title if node else "",
            critique=answers, critique_name=names.critique(answers), critique_by=critique.by if critique else None,
            examples=critique.examples if critique else (), change=self._change(origin),
        )  # fmt: skip

    def _origin(self, kind: Kind, text: str) -> Origin | None:
        named = self._state.names.made(kind, text)
        if named.name and not named.proposal:
            merge = self._state.merged.get(text)
            if merge is None:
                return Origin(text, "start")
            return Origin(text, "person", merge.first, other=merge.second)
        found = self._of_step(named.proposal) if named.name else []
        return next((one for one in found if (one.kind, one.text) == (kind, text)), None)

    def _of_step(self, id: str) -> list[Origin]:
        """Return what was made in a step, by its model and by persons, in whatever branch."""
        proposal = self._book.proposal(id)
        decided = self._decided[id]
        at = self._book.made_at(id)
        steps = [Settled(id, at, proposal, node.verdict) for node in decided]
        return [*proposed(Settled(id, at, proposal)), *(one for step in steps for one in written(step))]

    def _change(self, origin: Origin) -> float | None:
        before = self._state.measured.get(origin.parent or "")
        after = self._state.measured.get(origin.text)
        if before is None or after is None:
            return None
        pairs = zip(before.hits, after.hits, strict=True)
        changes = [now - was for was, now in pairs if was is not None and now is not None]
        return sum(changes) / len(changes) if changes else None
