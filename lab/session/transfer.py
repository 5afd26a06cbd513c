"""Moving a prompt to another model: scoring it there, and going on from it there.

Scores are kept with the others of the book, so nothing is measured twice; `comparison` sets them side by side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lab.core.asks import Context
from lab.core.constraints import handed
from lab.core.history import Node
from lab.errors import MisuseError
from lab.models.roles import Models
from lab.optimizers import optimizer
from lab.session.branches import named, new_id
from lab.session.comparison import default_prompts
from lab.store import Branch, Measure

if TYPE_CHECKING:
    from lab.session.jobs import Report
    from lab.session.session import Session
    from lab.session.state import State

__all__ = ["go_on", "score_on", "start_scoring"]


async def score_on(
    session: Session, branch: str, prompts: Sequence[str], models: Models, report: Report | None = None
) -> None:
    """Measure prompts on the dev examples of a branch under another target model; known answers cost nothing.

    Raises:
        MisuseError: when there is no such branch, or the model's endpoint lacks its key; nothing was sent.
        ModelError: when a call failed for good; no score is kept, the replies that had arrived are.
        BudgetError: when the ceiling of the work is reached; so too.
    """
    await session.measure_on(branch, tuple(dict.fromkeys(prompts)), models, report)


def go_on(
    session: Session,
    branch: str,
    node: str,
    models: Models,
    optimizer_name: str | None = None,
    settings: Any = None,
) -> str:
    """Make a branch that goes on from a node with other models, and return its id; the old one stays as it is.

    The optimizer begins again with the prompts held there, those that score best on the new model first: its
    estimates of another model do not compare. Undo leads back to the node.

    Raises:
        MisuseError: when the node is not in the tree of this branch, the optimizer is unknown, or a model's
            endpoint lacks its key; nothing was changed.
    """
    state = session.state(branch)
    if node not in state.nodes:
        raise MisuseError("There is no such place in the history of this branch. Nothing was changed.")
    for config in models.values():
        session.connections.client(config.endpoint)  # refuses an endpoint whose key is missing; sends nothing
    there = state.nodes[node]
    name, task_id, context = session.book.context(there.context)
    kind = optimizer(optimizer_name or name)
    settings = settings or (context.settings if kind.name == name else kind.settings())
    context_id = session.book.add_context(session.book.whole_task(there.context), kind.name, settings, context.seed)
    prompts = _best_first(handed(there.phase, there.constraints), session.book.measured(task_id, models.answering))
    first = kind.start(Context(context.task, settings, context.seed), prompts)
    pauses = () if kind.name == name else kind.pauses
    new = Branch(
        id=new_id(),
        owner=state.branch.owner,
        run=state.branch.run,
        name=named(f"on {models['target'].endpoint.name}", "branch"),
        node=node,
        models=models,
        stops=tuple(dict.fromkeys((*state.branch.stops, *pauses))),
    )
    session.book.add_branch(new)
    session.book.move(
        new.id, _unvisited(Node(context_id, first, parent=node, constraints=there.constraints), state)
    )
    return new.id


def _best_first(prompts: Sequence[str], known: Mapping[str, Measure]) -> tuple[str, ...]:
    """Sort prompts by their scores; those without one come last, as they stand."""
    return tuple(sorted(prompts, key=lambda text: -known[text].score if text in known else 1.0))


def _unvisited(node: Node, state: State) -> Node:
    """Return the node with the first sample that leads to a place of its own.

    A node does not name its models: two branches there would share what waits, though another model answered.
    """
    while node.id in state.nodes:
        node = replace(node, sample=node.sample + 1)
    return node


def start_scoring(session: Session, branch: str, model: str, prompts: Sequence[str] | None = None) -> None:
    """Begin to score prompts on another target model, as a job; without `prompts`, the default ones.

    Raises:
        MisuseError: when the model cannot be used or is the one at home, or a step is under way.
    """
    state = session.state(branch)
    models = state.branch.models.using("target", model)
    if models["target"].spec == state.branch.models["target"].spec:
        raise MisuseError("That is the target model of this branch already. Name another one.")
    if session.jobs.running(branch):
        raise MisuseError("A step is under way on this branch. Stop it or wait until it ends.")
    session.connections.client(models["target"].endpoint)  # refuses an endpoint whose key is missing; sends nothing
    asked = default_prompts(state) if prompts is None else prompts
    session.jobs.start(branch, lambda report: score_on(session, branch, asked, models, report))
