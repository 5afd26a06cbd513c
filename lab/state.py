"""All there is to know of a branch at one moment: what the views are made of."""

from __future__ import annotations

from dataclasses import dataclass

from lab.asks import Done, Run
from lab.history import Node
from lab.optimizers import Optimizer
from lab.review import Mark, Proposal
from lab.store import Branch, Measure, Spend
from lab.tasks.task import Example


@dataclass(frozen=True)
class State:
    """All there is to know of a branch right now: what the views are made of."""

    branch: Branch
    branches: tuple[Branch, ...]
    optimizer: Optimizer
    run: Run
    task_id: str
    nodes: dict[str, Node]
    path: tuple[str, ...]
    proposal: Proposal | None
    draft: tuple[tuple[int, Mark], ...]  # (place, mark); added items have places below 0
    measured: dict[str, Measure]
    spends: tuple[tuple[str, Spend], ...]
    flagged: tuple[Example, ...] = ()  # left out from here on, because a person flagged their labels as wrong

    @property
    def node(self) -> Node:
        """Where the branch stands."""
        return self.nodes[self.branch.node]

    @property
    def sample(self) -> int:
        """The sample that the next proposal here uses."""
        return self.node.sample if self.branch.sample is None else self.branch.sample

    @property
    def baseline(self) -> Measure | None:
        """The dev score of the start prompt; None when it was not measured yet."""
        return self.measured.get(self.run.task.start)

    @property
    def best(self) -> Measure | None:
        """The prompt with the best dev score on the way here; the earlier of equals."""
        prompts = dict.fromkeys(text for id in self.path for text in self.nodes[id].phase.prompts)
        known = [self.measured[text] for text in prompts if text in self.measured]
        return max(known, key=lambda measure: measure.score, default=None)

    @property
    def done(self) -> bool:
        """Whether the optimizer has ended here."""
        return isinstance(self.node.phase.ask(self.run), Done)
