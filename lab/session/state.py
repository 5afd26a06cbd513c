"""All there is to know of a branch at one moment: what the views are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from lab.core.asks import Ask, Context, Done, Generate, Item, Pick, Score
from lab.core.constraints import Constraints, worded
from lab.core.flagging import rests_on
from lab.core.history import Node
from lab.core.review import Decision, Mark, Proposal, Verdict, decide, reworded
from lab.core.task import Example
from lab.errors import MisuseError
from lab.models.status import ModelStatus
from lab.optimizers import Optimizer
from lab.session.pasted import OpenRequest
from lab.session.rating import Judging
from lab.session.sealed import UNOPENED, Sealed
from lab.store import Branch, Flips, Measure, Missing, RunNames, Spend, best_of
from lab.store.merges import Merge
from lab.store.notes import Note
from lab.tasks.analysis import Answered
from lab.tasks.outcomes import Outcomes

if TYPE_CHECKING:
    from lab.models.perform import Estimate
    from lab.session.human import Deed
    from lab.session.lineage import Blamed
    from lab.session.no_gain import Cause
    from lab.session.variations import Varied


@dataclass(frozen=True, repr=False)
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
    words: Mapping[int, str] = field(default_factory=dict)  # a person's, by request, for the next proposal
    flagged: tuple[Example, ...] = ()  # left out from here on, because a person flagged their labels as wrong
    measurings: tuple[Score, ...] = ()  # how prompts did on train on the way, newest first; read after a flag only
    model_status: tuple[ModelStatus, ...] = ()  # both models, the one that optimizes first
    elsewhere: Mapping[str, Mapping[str, Measure]] = field(default_factory=dict)  # scores under other target models
    missing: tuple[Missing, ...] = ()  # the calls of the run that no reply came to
    outcomes: Mapping[str, Outcomes] = field(default_factory=dict)  # of the start prompt and the best, on dev
    outcomes_by_model: Mapping[tuple[str, str], Outcomes] = field(default_factory=dict)  # (model, prompt) -> on dev
    item_outcomes: tuple[Outcomes, ...] = ()  # of the scores that wait, on the train examples that they are of
    answered: Answered | None = None  # what prompts got on dev, the best first
    raw_replies: Mapping[int, str] = field(default_factory=dict)  # of error samples that wait, where read otherwise
    no_gain: tuple[Cause, ...] = ()  # why there is none, where the optimizer has ended
    sealed: Sealed = UNOPENED  # the test split: how large it is, and what was seen of it by those who opened it
    requests: tuple[OpenRequest, ...] = ()  # that wait for the reply of a person who is the optimizer model
    varied: tuple[Varied, ...] = ()  # the best prompt in other wordings, and without each of its sentences
    names: RunNames = field(default_factory=RunNames)  # of the prompts, critiques and steps of the run
    notes: tuple[Note, ...] = ()  # what people wrote on the things of the run
    tips: Mapping[str, str] = field(
        default_factory=dict
    )  # ends of lines that no branch is at, by what they are called
    merged: Mapping[str, Merge] = field(default_factory=dict)  # prompts that a person made of two others, by text
    other_critiques: tuple[str, ...] = ()  # that were kept on other lines, where critiques wait; the newest first
    deeds: tuple[Deed, ...] = ()  # what a person did, on any line
    flips: tuple[str, Flips] | None = None  # what the result fixed and broke on dev against its parent, by its name
    blame: tuple[Blamed, ...] = ()  # where each stretch of the result comes from
    judging: Judging | None = None  # who grades the answers, and how far that agrees with the person
    estimate: Estimate | None = None  # of the step that is next, where it asks a model

    def __repr__(self) -> str:
        where = f"round {self.node.phase.round}, {type(self.node.phase).__name__}"
        return f"State({self.branch.name!r}, {self.optimizer.name} on {self.context.task.name}, {where})"

    @property
    def node(self) -> Node:
        """Where the branch stands."""
        return self.nodes[self.branch.node]

    @property
    def constraints(self) -> Constraints:
        """What a person wants to last, here."""
        return self.node.constraints

    # What is asked: each once, however often the views look at it

    @cached_property
    def ask(self) -> Ask:
        """What is asked here: of the proposal that waits, else of the one to come, in a person's words."""
        return self.proposal.ask if self.proposal is not None else reworded(self.own_ask, self.words)

    @cached_property
    def own_ask(self) -> Ask:
        """What the optimizer asks here by itself."""
        phase, sample = self.node.phase, self.sample if self.proposal is None else self.proposal.sample
        return worded(phase, phase.ask(self.context, sample), self.constraints)

    @cached_property
    def _about(self) -> Mapping[str, str]:
        """What the optimizer says of its requests and options here, by how the book keeps it."""
        own = self.own_ask
        if isinstance(own, Generate):
            return {request.about: request.about for request in own.requests}
        return {text: text for item in own.options for text in item.about} if isinstance(own, Pick) else {}

    def about(self, text: str) -> str:
        """Return what the optimizer says of a request or an option here, for whoever will read it."""
        return self._about.get(text, text)

    @cached_property
    def can_redraw(self) -> bool:
        """Whether another draw can differ: texts always can, the best of known ones and fixed rows cannot."""
        if self.proposal is None or isinstance(self.ask, Generate):
            return self.proposal is not None
        return self.node.phase.ask(self.context, self.proposal.sample + 1) != self.ask

    @cached_property
    def after(self) -> Decision | MisuseError:
        """What deciding the waiting proposal as it is drafted leads to, or why the draft does not fit it."""
        assert self.proposal is not None
        marks = tuple(mark for _, mark in self.draft)
        verdict = Verdict("edit", marks) if marks else Verdict()
        try:
            return decide(self.context, self.node.phase, self.proposal, verdict, self.constraints)
        except MisuseError as problem:
            return problem

    @cached_property
    def next_ask(self) -> Ask | None:
        """What is asked after that decision; None where the draft does not fit."""
        if not isinstance(self.after, Decision):
            return None
        phase = self.after.phase
        return worded(phase, phase.ask(self.context, self.after.sample), self.constraints)

    @property
    def done(self) -> bool:
        """Whether the optimizer has ended here."""
        return isinstance(self.ask, Done)

    def with_estimate(
        self, estimate: Estimate | None, no_gain: tuple[Cause, ...] = (), requests: tuple[OpenRequest, ...] = ()
    ) -> State:
        """Return the state with what follows from it; what was asked already is not asked again.

        Args:
            estimate: of the next step.
            no_gain: why there is no gain, where the optimizer has ended.
            requests: what waits for the reply of a person who is the optimizer model.
        """
        state = replace(self, estimate=estimate, no_gain=no_gain, requests=requests)
        vars(state).update((name, vars(self)[name]) for name in _ASKED if name in vars(self))
        return state

    # What follows from it

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
        return best_of(self.on_the_way)

    @property
    def best_of_run(self) -> Measure | None:
        """The prompt with the best dev score of all lines of the run; of equals one of this line."""
        others = (one for text, one in self.measured.items() if text not in self.constraints.hidden)
        return best_of((*self.on_the_way, *others))

    @cached_property
    def on_the_way(self) -> tuple[Measure, ...]:
        """What was measured on dev of the prompts on the way here, hidden ones left out, in the order they came."""
        prompts = dict.fromkeys(text for id in self.path for text in self.nodes[id].prompts)
        hidden = self.constraints.hidden
        return tuple(self.measured[text] for text in prompts if text in self.measured and text not in hidden)

    @property
    def result(self) -> str:
        """The prompt to take along: the best on dev, else the first that is held; a hidden one only at need."""
        best, held = self.best, self.node.phase.prompts
        return best.prompt if best else next((t for t in held if t not in self.constraints.hidden), held[0])


_ASKED = ("ask", "own_ask", "can_redraw", "after", "next_ask")
