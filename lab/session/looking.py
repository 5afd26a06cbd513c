"""A place of the history, looked at as it was: nothing is moved. And how places are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lab.core.history import Node
from lab.errors import MisuseError
from lab.i18n import gettext_lazy
from lab.session.reviewed import Step, steps_to
from lab.session.state import State
from lab.store import Book, Measure
from lab.store.branches import Visit

__all__ = ["Held", "Look", "look", "node_called", "tips"]


@dataclass(frozen=True)
class Held:
    """A prompt that the optimizer held, by its name, with its dev score; None where it was not measured."""

    name: str
    prompt: str
    measure: Measure | None


@dataclass(frozen=True)
class Look:
    """A node as it was: what led to it, the prompts that it holds, and each step that was decided there.

    `names` are the names of the `steps`; of these the one on the way here comes first.
    """

    id: str
    node: Node
    led: str
    prompts: tuple[Held, ...]
    steps: tuple[Step, ...]
    names: tuple[str, ...]


def look(state: State, book: Book, id: str) -> Look:
    """Return a node of the run as it was.

    Raises:
        MisuseError: when it is not in the history of this run.
    """
    if id not in state.nodes:
        raise MisuseError(gettext_lazy("There is no such place in the history of this branch."))
    node, way = state.nodes[id], set(state.path)
    after = [child for child, one in state.nodes.items() if one.parent == id and one.proposal is not None]
    steps = tuple(steps_to(state, book, sorted(after, key=lambda child: child not in way)))
    held = (Held(state.names.prompt(text), text, state.measured.get(text)) for text in node.prompts)
    names = tuple(state.names.step(state.nodes[step.node].proposal) for step in steps)
    return Look(id, node, state.names.step(node.proposal), tuple(held), steps, names)


def node_called(state: State, book: Book, named: str) -> str | None:
    """Return the node that is meant by its id, the step that led to it (S31), a branch, or a tip left (main@17).

    Of several that a step led to, the one on the way here is meant, else the first.
    """
    if named in state.nodes:
        return named
    step = state.names.called(named)
    if step is not None and named.startswith("S"):
        led = [id for id, node in state.nodes.items() if node.proposal == step.proposal]
        return next((id for id in led if id in state.path), led[0] if led else None)
    heads = [branch.node for branch in state.branches if named in (branch.name, branch.id)]
    if heads:
        return heads[-1]
    visits = book.visits(state.branch.run)
    return next((one.node for one in reversed(visits) if f"{one.branch_name}@{one.move}" == named), None)


def tips(nodes: Mapping[str, Node], heads: Sequence[str], visits: Sequence[Visit]) -> dict[str, str]:
    """Return the ends of the lines that no branch stands at any more, each by what it is called: main@17.

    That is the branch that was there first, and the number of the move that led there, which never changes.
    """
    parents = {node.parent for node in nodes.values()}
    named: dict[str, str] = {}
    for one in visits:
        if one.node not in parents and one.node not in heads:
            named.setdefault(one.node, f"{one.branch_name}@{one.move}")
    return named
