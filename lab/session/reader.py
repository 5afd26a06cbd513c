"""Reading a state: all there is to know of a branch at one moment, from the lab book."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lab.core.asks import Ask, Critique, Done, ErrorSample, Evaluate, Item, Pick, Score, n_calls
from lab.core.history import Node, path, with_ancestors
from lab.core.review import Decision, draw_of
from lab.core.task import Example, Task
from lab.errors import MisuseError
from lab.models.calls import Spent
from lab.models.endpoint import BY_HAND
from lab.models.status import model_status
from lab.session.analysis import dev_answers
from lab.session.answers import Answers
from lab.session.branches import Branches, Position
from lab.session.by_hand import ByHand
from lab.session.comparison import default_prompts
from lab.session.human import human_report
from lab.session.lineage import Lineage
from lab.session.looking import tips
from lab.session.no_gain import Cause, Tally, causes, facts
from lab.session.performers import Performers
from lab.session.rating import RatingAnswers
from lab.session.reviewed import reviewed, steps_to
from lab.session.sealed import SealedTest
from lab.session.state import State
from lab.session.variations import KINDS, Variations
from lab.store import TRANSFER, Book, Branch, Measure, Spend
from lab.tasks.analysis import Answered
from lab.tasks.outcomes import Outcomes

if TYPE_CHECKING:
    from lab.models.connections import Connections
    from lab.models.perform import Estimate

MOST_BESIDE = 60  # steps of other lines that are looked through
MOST_ESTIMATED = 2000  # calls; to look up more takes longer than a page should


@dataclass(frozen=True, eq=False, repr=False)
class StateReader:
    """Reads the states of one owner's branches."""

    _book: Book
    _branches: Branches
    _connections: Connections
    _performers: Performers
    _answers: Answers
    _sealed: SealedTest
    _by_hand: ByHand
    _variations: Variations
    _rating: RatingAnswers
    _tallies: dict[str, Tally] = field(default_factory=dict)  # by node; what was decided there stays

    def state(self, branch: str) -> State:
        """Read all that the views need of a branch at one moment, with an estimate of its next step."""
        with self._book.snapshot():
            return self._state(branch)

    def _state(self, branch: str) -> State:
        at, book = self._branches.position(branch), self._book
        row, context = at.branch, at.context
        siblings = self._branches.run(row.run)  # before the nodes: these only grow
        visits = book.visits(row.run)
        visited = tuple(dict.fromkeys(one.node for one in visits))
        nodes = book.nodes(with_ancestors(book.parents(visited), visited))
        way = path(nodes, row.node)
        measured, spends = book.measured(at.task_id, row.models.answering), book.spends(row.run)
        merged = book.merges(row.run)
        seen = {*(text for node in nodes.values() for text in node.prompts), *merged}
        root = book.context(nodes[way[0]].context).context.task
        flagged = _flagged(root, context.task)
        state = State(
            branch=row,
            branches=siblings,
            optimizer=at.optimizer,
            context=context,
            task_id=at.task_id,
            nodes=nodes,
            path=way,
            proposal=book.proposal(row.pending) if row.pending else None,
            draft=book.draft(branch, row.pending) if row.pending else (),
            words=book.words(branch, row.node, at.sample),
            measured={text: score for text, score in measured.items() if text in seen},
            spends=spends,
            flagged=flagged,
            measurings=self._measurings(nodes, way) if any(one in root.train for one in flagged) else (),
            model_status=model_status(row.models, self._connections, book.price),
            missing=book.missing(row.run),
            names=book.names(row.run),
            merged=merged,
            notes=book.notes(row.run),
            tips=tips(nodes, [one.node for one in siblings], visits),
            sealed=self._sealed.sealed(at),
            elsewhere=self._elsewhere(row, siblings, spends, at.task_id),
        )
        lineage, others = Lineage(state, book), self._other_critiques(state)
        blame, flipped = lineage.blamed(state.result), lineage.flips(state.result)
        deeds = human_report(state, book)
        state = replace(
            self._with_answers(at, state),
            blame=blame,
            other_critiques=others,
            deeds=deeds,
            flips=flipped,
            varied=tuple(self._variations.of(at, kind, state.result, measured) for kind in KINDS)
            if state.best
            else (),
        )
        prompts = dict.fromkeys(one.prompt for one in (state.baseline, state.best) if one)
        state = replace(state, judging=self._rating.of(at, prompts))
        requests = self._by_hand.of(at, state.ask)
        return state.with_estimate(self._estimate(at, state), self._causes(state) if state.done else (), requests)

    def _other_critiques(self, state: State) -> tuple[str, ...]:
        """Read the critiques that were kept on other lines, where critiques wait; the newest first."""
        waits = state.proposal is not None and any(isinstance(one, Critique) for one in state.proposal.items)
        if not waits:
            return ()
        way = set(state.path)
        beside = [id for id, node in state.nodes.items() if id not in way and node.proposal is not None]
        kept = (
            one.item.text
            for step in steps_to(state, self._book, reversed(beside[-MOST_BESIDE:]))
            for one in reviewed(step.proposal, step.marks)
            if one.kept and isinstance(one.item, Critique)
        )
        return tuple(dict.fromkeys(kept))

    def no_gain(self, branch: str) -> tuple[Cause, ...]:
        """Return why a branch has no gain that is sure, as far as it is; none where it has one."""
        state = self.state(branch)
        return state.no_gain or self._causes(state)

    def _causes(self, state: State) -> tuple[Cause, ...]:
        return causes(facts(state, self._tally(state), _spent(state.spends)))

    def _tally(self, state: State) -> Tally:
        """Count what became of the proposals on the way; each is read and counted once."""
        way = ((id, state.nodes[id]) for id in state.path if id not in self._tallies)
        new = {id: (node.proposal, node.verdict) for id, node in way if node.proposal and node.verdict}
        proposals = self._book.proposals([proposal for proposal, _ in new.values()])
        for id, (proposal, verdict) in new.items():
            self._tallies[id] = Tally.of(proposals[proposal], verdict)
        return sum((self._tallies[id] for id in state.path if id in self._tallies), Tally())

    def _with_answers(self, at: Position, state: State) -> State:
        """Read what became of the replies behind the scores that are shown.

        A metric of a person's own that is not known here, or fails, judges nothing: the scores stay as they were
        measured.
        """
        scored = dict.fromkeys(one.prompt for one in (state.baseline, state.best) if one)
        items = state.proposal.items if state.proposal else ()
        try:
            outcomes = {prompt: self._answers.on_dev(at, prompt) for prompt in scored}
            by_model = self._by_model(at, state)
            of_items = self._item_outcomes(at, items)
            answered = self.answered(at, state, state.best.prompt) if state.best else None
        except MisuseError:
            outcomes, by_model, of_items, answered = {}, {}, (), None
        return replace(
            state, outcomes=outcomes, outcomes_by_model=by_model, item_outcomes=of_items,
            answered=answered, raw_replies=self._raw_replies(at, items),
        )  # fmt: skip

    def answered(self, at: Position, state: State, prompt: str) -> Answered | None:
        """Return what the prompts on the way here got on dev, one of them first; None where it was not measured.

        Raises:
            MisuseError: when the metric of the task is not known here.
        """
        return dev_answers(state, prompt, lambda text: self._answers.got(at, text))

    def _by_model(self, at: Position, state: State) -> dict[tuple[str, str], Outcomes]:
        """Return what became of the replies behind the scores that are compared with those under other models."""
        models, home = state.branch.models, state.branch.models["target"].spec
        measured = {home: state.measured, **state.elsewhere} if state.elsewhere else {}
        return {
            (model, prompt): self._answers.on_dev(at, prompt, models.using("target", model))
            for prompt in default_prompts(state)
            for model, known in measured.items()
            if prompt in known
        }

    def _item_outcomes(self, at: Position, items: Sequence[Item]) -> tuple[Outcomes, ...]:
        """Return what became of the replies behind scores that wait to be looked at."""
        known = {example.id: example for example in at.context.task.train}
        measured = (one for one in items if isinstance(one, Score) and one.by == "answers")
        scores = [one for one in measured if set(one.about) <= set(known)]
        if len(scores) < len(items):
            return ()
        return tuple(self._answers.of(at, one.text, [known[id] for id in one.about], "train") for one in scores)

    def _raw_replies(self, at: Position, items: Sequence[Item]) -> dict[int, str]:
        """Return the raw replies of error samples, by their places, where another text was read in them."""
        prompts, known = at.node.phase.prompts, {example.id for example in at.context.task.train}
        places: dict[str, list[int]] = {}
        for place, one in enumerate(items):
            if isinstance(one, ErrorSample) and one.example in known and one.prompt < len(prompts):
                places.setdefault(prompts[one.prompt], []).append(place)
        found: dict[int, str] = {}
        for prompt, some in places.items():
            samples = [items[place] for place in some]
            examples = [one.example for one in samples if isinstance(one, ErrorSample)]
            for place, reply in zip(some, self._answers.raw(at, prompt, examples, "train"), strict=True):
                sample = items[place]
                if reply and isinstance(sample, ErrorSample) and reply[0].strip() != sample.got.strip():
                    found[place] = reply[0]
        return found

    def _estimate(self, at: Position, state: State) -> Estimate | None:
        """Return what comes next will take: where a proposal waits, the step after it as it is drafted."""
        ask: Ask | None = state.ask
        phase, sample = state.node.phase, state.sample
        if state.proposal is not None:
            if not isinstance(state.after, Decision):
                return None
            ask, phase, sample = state.next_ask, state.after.phase, state.after.sample
        if ask is None or isinstance(ask, Pick | Done) or n_calls(ask) > MOST_ESTIMATED:
            return None
        return self._performers.estimate(at, ask, draw_of(phase, sample))

    def _measurings(self, nodes: Mapping[str, Node], way: Sequence[str]) -> tuple[Score, ...]:
        """Read how prompts did on train on a way, the newest first."""
        settled = (self._book.proposal(id) for node in reversed(way) if (id := nodes[node].proposal))
        asked = (one for one in settled if isinstance(one.ask, Evaluate))
        return tuple(score for one in asked for score in one.items if isinstance(score, Score))

    def _elsewhere(
        self, row: Branch, siblings: Sequence[Branch], spends: Sequence[tuple[str, Spend]], task: str
    ) -> dict[str, dict[str, Measure]]:
        """Return what was measured under other target models: of sibling branches, or tried."""
        branches = (branch.models["target"].spec for branch in siblings)
        tried = (spend.model for _, spend in spends if spend.what == TRANSFER)
        home = row.models["target"].spec
        others = (model for model in dict.fromkeys((*branches, *tried)) if model not in ("", home))
        return {model: self._book.measured(task, row.models.using("target", model).answering) for model in others}


def _spent(spends: Sequence[tuple[str, Spend]]) -> Spent:
    """Add up what was paid for; what people wrote by hand costs nothing and counts nowhere."""
    paid = (one for _, one in spends if one.model != BY_HAND)
    each = (
        Spent(
            one.calls,
            0,
            one.n_input_tokens,
            one.n_output_tokens,
            one.n_estimated,
            one.cost_usd or 0.0,
            one.n_unpriced,
        )
        for one in paid
    )
    return sum(each, Spent())


def _flagged(root: Task, task: Task) -> tuple[Example, ...]:
    """Return the examples that a task has left out since the root of its history."""
    kept = {example.id for example in (*task.train, *task.dev)}
    return tuple(example for example in (*root.train, *root.dev) if example.id not in kept)
