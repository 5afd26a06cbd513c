"""What changed between two places of a run, or two of its prompts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from lab.core.asks import Context
from lab.core.history import Node, path
from lab.errors import MisuseError
from lab.i18n import gettext_lazy
from lab.session.evidence import by_hits
from lab.session.lineage import Lineage
from lab.session.looking import node_called
from lab.session.reviewed import Edit, edits
from lab.session.state import State
from lab.store import Book, Measure
from lab.tasks.evidence import Paired, paired

__all__ = ["Flip", "NodeDiff", "Place", "best_at", "node_diff", "place_called", "places"]


@dataclass(frozen=True)
class Flip:
    """A dev example that two prompts answer differently, with the hit and the understood answer of each."""

    example: str
    input: str
    answer: str
    before: float
    after: float
    got_before: str
    got_after: str


@dataclass(frozen=True)
class NodeDiff:
    """What changed between two places of a run: prompts, settings, scores, examples, and what a person did.

    The prompt of a place is the best that it holds. `paired` is None and `flips` are () where not both prompts were
    measured on dev, and so are the `scores`. `edits` are what a person did from where both lines part
    to the second place.
    """

    before: str
    after: str
    settings: tuple[tuple[str, object, object], ...]
    paired: Paired | None
    flips: tuple[Flip, ...]
    edits: tuple[Edit, ...]
    scores: tuple[float, float] | None = None


@dataclass(frozen=True)
class Place:
    """A prompt of a run, and the node that it is looked at in; None where it was named by itself."""

    prompt: str
    node: str | None = None


def place_called(state: State, book: Book, named: str) -> Place:
    """Return what is meant by the id or a name of a node, or the name or the text of a prompt.

    Raises:
        MisuseError: when the run has nothing of that name.
    """
    node = node_called(state, book, named)
    if node is not None:
        return Place(best_at(state, state.nodes[node]), node)
    lineage = Lineage(state, book)
    origin = lineage.called(named) or lineage.prompt(named)
    if origin is not None:
        return Place(origin.text)
    raise MisuseError(
        gettext_lazy(
            "This run has no “{named}”. Name a node by its id, as run.history() has it, by the step that led "
            "there (S31) or by a branch; or a prompt by its name (P7) or its text.",
            named=named[:60],
        )
    )


def best_at(state: State, node: Node) -> str:
    """Return the best prompt by dev score that a node holds; the first one where none was measured."""
    measured = [state.measured[text] for text in node.prompts if text in state.measured]
    return max(measured, key=lambda one: one.score).prompt if measured else node.prompts[0]


def places(state: State, book: Book, before: str = "", after: str = "") -> tuple[Place, Place]:
    """Return what is compared: by its name, else the start prompt, and the best prompt where the branch stands.

    Raises:
        MisuseError: when the run has nothing of that name.
    """
    return (
        place_called(state, book, before) if before else Place(state.context.task.start, state.path[0]),
        place_called(state, book, after) if after else Place(state.result, state.branch.node),
    )


def node_diff(state: State, book: Book, before: Place, after: Place, got: Mapping[str, Sequence[str]]) -> NodeDiff:
    """Return what changed from one place to another; `got` are the understood answers on dev, by prompt."""
    one, other = state.measured.get(before.prompt), state.measured.get(after.prompt)
    task = state.context.task
    return NodeDiff(
        before.prompt,
        after.prompt,
        _settings(state, book, before, after),
        paired(by_hits(task), task.dev, one.hits, other.hits) if one and other else None,
        tuple(_flips(state, one, other, got)) if one and other else (),
        tuple(_edits(state, book, before, after)),
        (one.score, other.score) if one and other else None,
    )


def _flips(state: State, before: Measure, after: Measure, got: Mapping[str, Sequence[str]]) -> Iterator[Flip]:
    dev = state.context.task.dev
    unknown = ("",) * len(dev)
    texts = zip(got.get(before.prompt) or unknown, got.get(after.prompt) or unknown, strict=True)
    for example, was, now, (then, since) in zip(dev, before.hits, after.hits, texts, strict=True):
        if was is not None and now is not None and was != now:
            yield Flip(example.id, example.input, example.answer, was, now, then, since)


def _settings(state: State, book: Book, before: Place, after: Place) -> tuple[tuple[str, object, object], ...]:
    if before.node is None or after.node is None:
        return ()
    one, other = (book.context(state.nodes[place.node].context) for place in (before, after) if place.node)
    rows: list[tuple[str, object, object]] = []
    if one.optimizer != other.optimizer:
        return ((gettext_lazy("optimizer"), one.optimizer, other.optimizer),)
    for field in fields(one.context.settings):
        was, now = getattr(one.context.settings, field.name), getattr(other.context.settings, field.name)
        if was != now:
            rows.append((field.name, was, now))
    return (*rows, *_of_context(one.context, other.context))


def _of_context(one: Context, other: Context) -> Iterator[tuple[str, object, object]]:
    if one.seed != other.seed:
        yield gettext_lazy("seed"), one.seed, other.seed
    if len(one.task.train) != len(other.task.train):
        yield gettext_lazy("train examples"), len(one.task.train), len(other.task.train)
    if len(one.task.dev) != len(other.task.dev):
        yield gettext_lazy("dev examples"), len(one.task.dev), len(other.task.dev)


def _edits(state: State, book: Book, before: Place, after: Place) -> Iterator[Edit]:
    if before.node is None or after.node is None:
        return
    there = set(path(state.nodes, before.node))
    yield from edits(state, book, [id for id in path(state.nodes, after.node) if id not in there])
