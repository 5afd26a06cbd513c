"""All there is to know of a branch at one moment: what the views are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lab.core.asks import Context, Done, Item, Score
from lab.core.constraints import Constraints
from lab.core.flagging import rests_on
from lab.core.history import Node
from lab.core.review import Decision, Mark, Proposal, Verdict, decide
from lab.core.task import Example
from lab.models.status import ModelStatus
from lab.optimizers import Optimizer
from lab.store import Branch, Measure, Spend

if TYPE_CHECKING:
    from lab.models.perform import Estimate


@dataclass(frozen=True)
class State:
    """All there is to know of a branch right now: what the views are made of."""

    branch: Branch
    branches: tuple[Branch, ...]
    optimizer: Optimizer
    context: Context
    task_id: str
    nodes: dict[str, Node]
    path: tuple[str, ...]
    proposal: Proposal | None
    draft: tuple[tuple[int, Mark], ...]  # (place, mark); added items have places below 0
    measured: dict[str, Measure]
    spends: tuple[tuple[str, Spend], ...]
    flagged: tuple[Example, ...] = ()  # left out from here on, because a person flagged their labels as wrong
    measurings: tuple[Score, ...] = ()  # how prompts did on train on the way, newest first; read after a flag only
    model_status: tuple[ModelStatus, ...] = ()  # both models, the one that optimizes first
    elsewhere: Mapping[str, Mapping[str, Measure]] = field(default_factory=dict)  # scores under other target models
    estimate: Estimate | None = None  # of the step that is next, where it asks a model

    @property
    def node(self) -> Node:
        """Where the branch stands."""
        return self.nodes[self.branch.node]

    @property
    def constraints(self) -> Constraints:
        """What a person wants to last, here."""
        return self.node.constraints

    def after(self) -> Decision:
        """Decide the waiting proposal as it is drafted; change nothing.

        Raises:
            MisuseError: when the draft does not fit the proposal.
        """
        assert self.proposal is not None
        marks = tuple(mark for _, mark in self.draft)
        verdict = Verdict("edit", marks) if marks else Verdict()
        return decide(self.context, self.node.phase, self.proposal, verdict, self.constraints)

    def is_doubtful(self, item: Item) -> bool:
        """Return whether the estimate of an item was measured with an example that was flagged since."""
        return rests_on(item, self.measurings, tuple(example.id for example in self.flagged))

    @property
    def sample(self) -> int:
        """The sample that the next proposal here uses."""
        return self.node.sample if self.branch.sample is None else self.branch.sample

    @property
    def baseline(self) -> Measure | None:
        """The dev score of the start prompt; None when it was not measured yet."""
        return self.measured.get(self.context.task.start)

    @property
    def best(self) -> Measure | None:
        """The prompt with the best dev score on the way here, hidden ones left out; the earlier of equals."""
        return max(self.on_the_way, key=lambda measure: measure.score, default=None)

    @property
    def on_the_way(self) -> tuple[Measure, ...]:
        """What was measured on dev of the prompts on the way here, hidden ones left out, in the order they came."""
        prompts = dict.fromkeys(text for id in self.path for text in self.nodes[id].phase.prompts)
        hidden = self.constraints.hidden
        return tuple(self.measured[text] for text in prompts if text in self.measured and text not in hidden)

    @property
    def result(self) -> str:
        """The prompt to take along: the best on dev, else the first that is held; a hidden one only at need."""
        best, held = self.best, self.node.phase.prompts
        return best.prompt if best else next((t for t in held if t not in self.constraints.hidden), held[0])

    @property
    def done(self) -> bool:
        """Whether the optimizer has ended here."""
        return isinstance(self.node.phase.ask(self.context), Done)
