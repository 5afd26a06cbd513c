"""Going on with other models: scoring prompts there as a job, and branches that go on there."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from lab.core import arguments
from lab.core.asks import Context
from lab.core.constraints import handed
from lab.core.history import Node
from lab.errors import MisuseError
from lab.i18n import gettext_lazy, kept
from lab.optimizers import optimizer
from lab.session.branches import Branches, branch_name, new_id
from lab.session.comparison import default_prompts
from lab.session.jobs import Jobs
from lab.session.measuring import Measuring
from lab.session.reader import StateReader
from lab.store import Book, Branch, Measure, Models


@dataclass(frozen=True, eq=False, repr=False)
class Transfer:
    """Takes prompts of a branch to other target models."""

    _book: Book
    _branches: Branches
    _measuring: Measuring
    _reader: StateReader
    _jobs: Jobs

    def start_scoring(self, branch: str, model: str, prompts: Sequence[str] | None = None) -> None:
        """Begin to score prompts on another target model, as a job; without `prompts`, the default ones.

        Raises:
            MisuseError: when the model cannot be used or is the one at home, or a step is under way.
        """
        home = self._branches.branch(branch).models
        models = home.using("target", model)
        if models["target"].spec == home["target"].spec:
            raise MisuseError(gettext_lazy("That is the target model of this branch already. Name another one."))
        self._branches.check_idle(branch)
        self._branches.check_keys(models)
        asked = default_prompts(self._reader.state(branch)) if prompts is None else prompts
        self._jobs.start(branch, lambda report: self._measuring.score_on(branch, asked, models, report))

    def connect(self, branch: str, models: Models) -> str:
        """Make a branch that goes on from where this one stands with models that are asked; return its id.

        A recording stays as it is. With another target model the optimizer begins again, as with `move_to`.

        Raises:
            MisuseError: while a step is under way, or when a model's endpoint lacks its key; nothing was changed.
        """
        self._branches.check_idle(branch)
        if not isinstance(models, Models):
            raise arguments.wrong("models", "lab.Models, such as lab.Models(target='practice')", models)
        models = models.as_recorded(False)
        self._branches.check_keys(models)
        row = self._branches.branch(branch)
        if models["target"].endpoint != row.models["target"].endpoint:
            return self.move_to(branch, row.node, models)
        name = branch_name(f"with {kept(models['optimizer'].endpoint.name)}", "branch")
        new = replace(row, id=new_id(), name=name, models=models, forked=row.id)
        self._book.add_branch(new, waits=row.pending or "")
        return new.id

    def move_to(
        self,
        branch: str,
        node: str,
        models: Models,
        optimizer_name: str | None = None,
        settings: object = None,
    ) -> str:
        """Make a branch that goes on from a node with other models, and return its id; the old one stays as it is.

        The optimizer begins again with the prompts held there, those that score best on the new model first: its
        estimates of another model do not compare. Undo leads back to the node.

        Raises:
            MisuseError: when the node is not in the tree of this branch, the optimizer is unknown, or a model's
                endpoint lacks its key; nothing was changed.
        """
        row = self._branches.branch(branch)
        visited = self._book.visited(row.run)
        history = self._book.parents(visited)
        if node not in history:
            raise MisuseError(
                gettext_lazy("There is no such place in the history of this branch. Nothing was changed.")
            )
        self._branches.check_keys(models)
        there = self._book.node(node)
        name, task_id, context = self._book.context(there.context)
        kind = optimizer(optimizer_name or name)
        settings = settings or (context.settings if kind.name == name else kind.settings())
        known = self._book.measured(task_id, models.answering)
        prompts = _best_first(handed(there.phase, there.constraints), known)
        first = kind.start(Context(context.task, settings, context.seed), prompts)
        pauses = () if kind.name == name else kind.pauses
        new = Branch(
            id=new_id(),
            owner=row.owner,
            run=row.run,
            name=branch_name(f"on {kept(models['target'].endpoint.name)}", "branch"),
            node=node,
            models=models,
            stops=tuple(dict.fromkeys((*row.stops, *pauses))),
            forked=row.id,
        )
        with self._book.transaction():
            task = self._book.whole_task(there.context)
            context_id = self._book.add_context(task, kind.name, settings, context.seed)
            self._book.add_branch(new)
            begun = Node(context_id, first, parent=node, constraints=there.constraints)
            self._book.move(new.id, _unvisited(begun, history))
        return new.id


def _best_first(prompts: Sequence[str], known: Mapping[str, Measure]) -> tuple[str, ...]:
    """Sort prompts by their scores; those without one come last, as they stand."""
    return tuple(sorted(prompts, key=lambda text: -known[text].score if text in known else 1.0))


def _unvisited(node: Node, history: Collection[str]) -> Node:
    """Return the node with the first sample that leads to a place of its own.

    A node does not name its models: two branches there would share what waits, though another model answered.
    """
    while node.id in history:
        node = replace(node, sample=node.sample + 1)
    return node
