"""What a person does with branches beside deciding: begin, look, go back, branch, undo."""

from __future__ import annotations

import os
import secrets
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.core.asks import Context, Evaluate, Score
from lab.core.history import Node, path, with_ancestors
from lab.errors import MisuseError
from lab.models.status import model_status
from lab.optimizers import Optimizer, optimizer
from lab.session.jobs import Jobs
from lab.session.setup import RunSetup, check_pauses
from lab.session.state import State
from lab.store import TRANSFER, Book, Branch, Measure, Models, Spend
from lab.text import shortened, whole

if TYPE_CHECKING:
    from lab.core.task import Task
    from lab.models.connections import Connections


def default_book() -> Path:
    """Where the lab book is when no --book is given: LAB_BOOK, or `lab.sqlite` in the user's data folder."""
    if given := os.environ.get("LAB_BOOK"):
        return Path(given)
    from platformdirs import user_data_path

    return user_data_path("prompt-lab", appauthor=False) / "lab.sqlite"


class Branches:
    """One person's branches in a lab book."""

    def __init__(
        self,
        book: Book | str | Path | None = None,
        owner: str = "me",
        jobs: Jobs | None = None,
        connections: Connections | None = None,
    ) -> None:
        from lab.models.connections import Connections

        self.book = book if isinstance(book, Book) else Book(book or default_book())
        self.owner = owner
        self.jobs = jobs or Jobs()
        self.connections = connections or Connections(known=self.book)

    # Beginning

    def begin(
        self,
        task: Task | RunSetup,
        *,
        optimizer_name: str = "protegi",
        settings: Any = None,
        seed: int = 0,
        models: Models | None = None,
        name: str = "main",
        stops: Collection[str] | None = None,
    ) -> str:
        """Begin a run of an optimizer on a task, or what a `RunSetup` says; return the id of its first branch.

        Raises:
            MisuseError: for what `RunSetup.of` refuses, or a model whose key is missing; nothing was changed.
        """
        setup = task
        if not isinstance(setup, RunSetup):
            setup = RunSetup.of(
                setup, optimizer_name, settings=settings, models=models, seed=seed, pauses=stops, name=name
            )
        for config in setup.models.values():
            self.connections.client(config.endpoint)  # refuses an endpoint whose key is missing; sends nothing
        with self.book.transaction():
            for spec, price in setup.prices:
                self.book.set_price(spec, price)
            context_id = self.book.add_context(setup.task, setup.optimizer, setup.settings, setup.seed)
            root = Node(context_id, setup.kind.start(setup.context))
            branch = Branch(new_id(), self.owner, new_id(), setup.name, root.id, setup.models, setup.pauses)
            self.book.add_branch(branch, root)
        return branch.id

    # Looking

    def branches(self) -> tuple[Branch, ...]:
        """Return all branches of this owner, the newest last."""
        return self.book.branches(self.owner)

    def branch(self, branch: str) -> Branch:
        """Return a branch of this owner.

        Raises:
            MisuseError: when the owner has none of that id.
        """
        return self.book.branch(branch, self.owner)

    def state(self, branch: str) -> State:
        """Read all that the views need of a branch."""
        here = self.branch(branch)
        siblings = tuple(b for b in self.branches() if b.run == here.run)  # before the nodes: these only grow
        book, visited = self.book, self.book.visited(here.run)
        nodes = book.nodes(with_ancestors(book.parents(visited), visited))
        name, task_id, context = book.context(nodes[here.node].context)
        measured, spends = book.measured(task_id, here.models.answering), book.spends(here.run)
        seen = {text for node in nodes.values() for text in node.phase.prompts}
        way = path(nodes, here.node)
        root = book.context(nodes[way[0]].context)[2].task
        kept = {example.id for example in (*context.task.train, *context.task.dev)}
        flagged = tuple(example for example in (*root.train, *root.dev) if example.id not in kept)
        return State(
            here,
            siblings,
            optimizer(name),
            context,
            task_id,
            nodes,
            way,
            book.proposal(here.pending) if here.pending else None,
            book.draft(branch, here.pending) if here.pending else (),
            {text: score for text, score in measured.items() if text in seen},
            spends,
            flagged,
            self._measurings(nodes, way) if any(example in root.train for example in flagged) else (),
            model_status(here.models, self.connections, book.price),
            self._elsewhere(here, siblings, spends, task_id),
        )

    def _elsewhere(
        self, here: Branch, siblings: Sequence[Branch], spends: Sequence[tuple[str, Spend]], task: str
    ) -> dict[str, dict[str, Measure]]:
        """Return what was measured under other target models: of sibling branches, or tried."""
        branches = (branch.models["target"].spec for branch in siblings)
        tried = (spend.model for _, spend in spends if spend.what == TRANSFER)
        home = here.models["target"].spec
        others = (model for model in dict.fromkeys((*branches, *tried)) if model not in ("", home))
        return {model: self.book.measured(task, here.models.using("target", model).answering) for model in others}

    # Moving about

    def goto(self, branch: str, node: str) -> None:
        """Move a branch to a node of its tree.

        Raises:
            MisuseError: when the node is not in the tree of this branch.
        """
        self._reachable(branch, node)
        self.book.move(branch, node)

    def fork(self, branch: str, node: str, name: str = "") -> str:
        """Make a new branch at a node and return its id; the old branch stays where it is.

        Where the old one had only come back to this node, it returns to where it came from.
        """
        here = self._reachable(branch, node)
        siblings = sum(b.run == here.run for b in self.branches())
        name = named(name, f"branch {siblings + 1}")
        forked = Branch(new_id(), self.owner, here.run, name, node, here.models, here.stops)
        self.book.add_branch(forked)
        before = self.book.previous_node(branch)
        if node == here.node and before is not None and node in self.book.parents([before]) and node != before:
            self.book.undo(branch)
        return forked.id

    def undo(self, branch: str) -> None:
        """Move a branch to where it was before its last move; nothing is lost."""
        self._idle(branch)
        self.book.undo(branch)

    def redo(self, branch: str) -> None:
        """Move a branch to where it was before the last undo."""
        self._idle(branch)
        self.book.redo(branch)

    def rename(self, branch: str, name: str) -> None:
        """Return a branch another name."""
        self.branch(branch)
        self.book.rename(branch, named(name, "branch"))

    def pause_at(self, branch: str, stops: Collection[str]) -> None:
        """Set the phases at which a branch waits for a person; those of an optimizer before this one stay."""
        here = self.branch(branch)
        kind = self._optimizer(here)
        check_pauses(kind, stops)
        phases = {phase.__name__ for phase in kind.phases}
        self.book.pause_at(branch, (*stops, *(stop for stop in here.stops if stop not in phases)))

    # Within

    def _at(self, here: Branch) -> tuple[Node, Context]:
        node = self.book.node(here.node)
        return node, self.book.context(node.context)[2]

    def _asking(self, here: Branch) -> str:
        """Name the place of what a person words otherwise: a node and the sample asked there next."""
        return f"{here.node}/{self._sample(here)}"

    def _sample(self, here: Branch) -> int:
        return self.book.node(here.node).sample if here.sample is None else here.sample

    def _optimizer(self, here: Branch) -> Optimizer:
        return optimizer(self.book.context(self.book.node(here.node).context)[0])

    def _measurings(self, nodes: Mapping[str, Node], way: Sequence[str]) -> tuple[Score, ...]:
        """Read how prompts did on train on a way, the newest first."""
        settled = (self.book.proposal(id) for node in reversed(way) if (id := nodes[node].proposal))
        asked = (one for one in settled if isinstance(one.ask, Evaluate))
        return tuple(score for one in asked for score in one.items if isinstance(score, Score))

    def _idle(self, branch: str) -> Branch:
        here = self.branch(branch)
        if self.jobs.running(branch):
            raise MisuseError("A step is under way on this branch. Stop it or wait until it ends.")
        return here

    def _reachable(self, branch: str, node: str) -> Branch:
        here = self._idle(branch)
        visited = self.book.visited(here.run)
        if node not in self.book.parents(visited):
            raise MisuseError("There is no such place in the history of this branch.")
        return here


def named(name: str, otherwise: str) -> str:
    return shortened(whole(name), 80) or otherwise


def new_id() -> str:
    return secrets.token_urlsafe(9)
