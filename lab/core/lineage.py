"""Where each stretch of a prompt comes from: who wrote it in which step, from which prompt, on which critique."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from lab.core.asks import Candidate, Critique, Generate, Item, TrajectoryRow
from lab.core.diff import matches, spans
from lab.core.history import Node
from lab.core.review import Proposal, Verdict

__all__ = [
    "Find",
    "Kind",
    "Origin",
    "Settled",
    "Stretch",
    "answered",
    "blame",
    "origins",
    "proposed",
    "settled",
    "written",
]

_WORD = re.compile(r"\w")

Writer = Literal["start", "model", "person"]
Kind = Literal["prompt", "critique"]


@dataclass(frozen=True)
class Settled:
    """A proposal, where it was made, and the verdict on it; None while it waits."""

    id: str
    node: str
    proposal: Proposal
    verdict: Verdict | None = None


@dataclass(frozen=True)
class Origin:
    """How a text came to be: who wrote it in which step, from which text, in answer to which critique.

    `parent` is None for what was written from nothing; `node` and `proposal` are "" for the start prompt.
    `examples` are the ids of the errors that a critique was written about. One that `rewords` its parent is a
    paraphrase of it, and answers what that answers. `other` is a second forebear: of a prompt that a person merged,
    and of one that a person edited, what the model's edit was made from.
    """

    text: str
    by: Writer
    parent: str | None = None
    node: str = ""
    proposal: str = ""
    critique: str | None = None
    examples: tuple[str, ...] = ()
    kind: Kind = "prompt"
    rewords: bool = False
    other: str | None = None

    @property
    def parents(self) -> tuple[str, ...]:
        """What it was made from, first what it has most of."""
        return tuple(text for text in (self.parent, self.other) if text is not None)


@dataclass(frozen=True)
class Stretch:
    """Characters of a prompt that follow each other and came into being together."""

    text: str
    origin: Origin


def settled(nodes: Iterable[Node], proposals: Mapping[str, Proposal]) -> Iterator[Settled]:
    """Yield the steps that led to these nodes, in their order."""
    for node in nodes:
        if node.proposal is not None and node.parent is not None:
            yield Settled(node.proposal, node.parent, proposals[node.proposal], node.verdict)


def origins(start: str, steps: Iterable[Settled]) -> dict[str, Origin]:
    """Return how each prompt and critique came to be; of a text that came twice, the first time counts."""
    found = {start: Origin(start, "start")}
    for step in steps:
        for origin in (*proposed(step), *written(step)):
            found.setdefault(origin.text, origin)
    return found


def proposed(step: Settled) -> Iterator[Origin]:
    """Yield the prompts and critiques that a model wrote; what is only offered to be chosen was written before."""
    made = step.proposal.items if isinstance(step.proposal.ask, Generate) else ()
    for item in made:
        if isinstance(item, Candidate | Critique):
            yield _origin(step, item, item.text, "model", _parent(item))


def written(step: Settled) -> Iterator[Origin]:
    """Yield the prompts and critiques that a person wrote.

    One that was edited was made from what it was before, one that was added from what the one beside it was made.
    """
    for mark in step.verdict.marks if step.verdict else ():
        like = step.proposal.items[mark.index if mark.index is not None else mark.like or 0]
        if mark.text is None or not mark.keep or not isinstance(like, Candidate | Critique | TrajectoryRow):
            continue
        if mark.index is None:
            yield _origin(step, like, mark.text, "person", _parent(like))
        else:
            edited = _origin(step, like, mark.text, "person", like.text)
            yield replace(edited, other=_parent(like))


def _origin(step: Settled, item: Item, text: str, by: Writer, parent: str | None) -> Origin:
    against = item.about[0] if isinstance(item, Candidate) and item.origin == "edit" and item.about else None
    shown = tuple(error.example for error in item.errors) if isinstance(item, Critique) else ()
    kind: Kind = "critique" if isinstance(item, Critique) else "prompt"
    rewords = isinstance(item, Candidate) and item.origin == "paraphrase"
    return Origin(text, by, parent, step.node, step.id, against, shown, kind, rewords)


def _parent(item: Item) -> str | None:
    return (item.parent or None) if isinstance(item, Candidate) else None


Find = Callable[[str], Origin | None]


def answered(origin: Origin, find: Find) -> str | None:
    """Return the critique that a prompt answers: its own, or that of what it rewords."""
    return next((one.critique for one in line(origin, find) if one.critique is not None or not one.rewords), None)


def blame(origin: Origin, find: Find) -> tuple[Stretch, ...]:
    """Return the stretches of a text, each with how it came to be; together they are the text.

    What a text keeps of its parent, in place or as a whole sentence that was moved, comes from where the parent has
    it from; the rest was written with the text. `find` says of a text how it came to be.
    """
    owners: dict[str, list[Origin]] = {}
    for one in _ancestors(origin, find):
        owners[one.text] = _inherited(one, owners)
    at = iter(origin.text)
    return tuple(Stretch("".join(next(at) for _ in some), its) for its, some in groupby(owners[origin.text]))


def _ancestors(origin: Origin, find: Find) -> list[Origin]:
    """Return all that a text was made from, each after what that was made from, itself last; a circle is cut."""
    found: dict[str, Origin] = {}
    opened = {origin.text}
    waiting = [(origin, iter(origin.parents))]
    while waiting:
        one, parents = waiting[-1]
        text = next((text for text in parents if text not in opened), None)
        if text is None:
            found[one.text] = one
            waiting.pop()
        elif (before := find(text)) is not None:
            opened.add(text)
            waiting.append((before, iter(before.parents)))
    return list(found.values())


def line(origin: Origin, find: Find) -> list[Origin]:
    """Return how a text and those that it was made from came to be, its own first; a circle is cut."""
    found, seen = [origin], {origin.text}
    while (parent := found[-1].parent) is not None and parent not in seen and (before := find(parent)) is not None:
        found.append(before)
        seen.add(parent)
    return found


def _inherited(origin: Origin, known: Mapping[str, list[Origin]]) -> list[Origin]:
    """Return the origin of each character of a text, given those of what it was made from."""
    owners = [origin] * len(origin.text)
    for parent in origin.parents:
        before = known.get(parent)
        for match in matches(spans(parent, origin.text)) if before else ():
            if before is None or not _WORD.search(origin.text, match.new, match.new + match.n):
                continue  # a mark that both have by chance
            for i in range(match.n):
                if owners[match.new + i] is origin:
                    owners[match.new + i] = before[match.old + i]
    return owners
