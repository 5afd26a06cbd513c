"""Why a run found no better prompt: the causes that its own facts show, each with its numbers.

`facts` reads them of a branch, `causes` is pure: a cause is named only where its numbers hold.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from lab.core.asks import Candidate, Generate, Task
from lab.core.review import Proposal, Verdict
from lab.models.budget import Budget
from lab.models.calls import Spent
from lab.practice import guesses, knows
from lab.session.evidence import by_hits, evidence
from lab.session.state import State
from lab.store import Measure
from lab.tasks.evidence import GAIN, Paired, needed
from lab.tasks.outcomes import Outcomes

__all__ = ["CODES", "Cause", "CauseCode", "Facts", "Tally", "causes", "facts"]

CauseCode = Literal[
    "not_measured", "not_answered", "not_read", "start_at_the_top", "near_the_top", "conflicting_answers",
    "replies_unusable", "all_flawed", "all_rejected", "nothing_proposed", "budget_spent", "no_rules", "guesses",
    "may_be_chance", "too_few_examples", "none_better",
]  # fmt: skip
CODES: tuple[CauseCode, ...] = get_args(CauseCode)
_MUCH = 0.1  # of the replies to a prompt, not answered or not read
_MOST = 0.5  # of the optimizer model's replies, not usable


@dataclass(frozen=True)
class Cause:
    """One cause: `n` of `of` things, and a `score` where it is about one.

    Example:
        `Cause("not_read", 40, 50)`
    """

    code: CauseCode
    n: int = 0
    of: int = 0
    score: float | None = None


@dataclass(frozen=True)
class Tally:
    """What became of decided proposals.

    Attributes:
        n_replies: of the optimizer model; `n_unusable` of them could not be read as what was asked for.
        n_proposed: candidates that were proposed; `n_flawed` of them had a flaw and were not kept, `n_rejected` had
            none and were not kept.
    """

    n_replies: int = 0
    n_unusable: int = 0
    n_proposed: int = 0
    n_flawed: int = 0
    n_rejected: int = 0

    @classmethod
    def of(cls, proposal: Proposal, verdict: Verdict) -> Tally:
        """Count one proposal; only a generation has replies and candidates of its own."""
        if not isinstance(proposal.ask, Generate):
            return cls()
        replies = _unusable(proposal)
        dropped = {mark.index for mark in verdict.marks if not mark.keep}
        written = {mark.index for mark in verdict.marks if mark.keep and mark.text is not None}
        made = [(i, item) for i, item in enumerate(proposal.items) if isinstance(item, Candidate)]
        flawed = {i for i, item in made if item.flaw is not None} - written
        left_out = {i for i, _ in made if verdict.kind == "reject" or i in dropped} - flawed
        return cls(len(replies), sum(replies), len(made), len(flawed), len(left_out))

    def __add__(self, other: Tally) -> Tally:
        return Tally(*map(operator.add, vars(self).values(), vars(other).values()))


@dataclass(frozen=True)
class Facts:
    """What is known of a run that may have gained nothing.

    Attributes:
        n_dev: how many dev examples there are.
        start: the dev score of the start prompt; None where it was not measured.
        others: those of the other prompts on the way.
        paired: the best of them against the start prompt; None where the start prompt is the best.
        replies: what became of the replies to the best prompt on dev.
        n_conflicting: examples of train and dev whose input stands there again with another answer.
        tally: what became of the proposals that were decided on the way.
        is_spent: whether the next call would break the ceiling.
        target: what a simulated target has for the task; "" for others, and where it has rules.
    """

    n_dev: int
    start: Measure | None = None
    others: tuple[Measure, ...] = ()
    paired: Paired | None = None
    replies: Outcomes | None = None
    n_conflicting: int = 0
    tally: Tally = Tally()
    is_spent: bool = False
    target: Literal["", "no_rules", "guesses"] = ""


def causes(known: Facts) -> tuple[Cause, ...]:
    """Return why there is no gain that is sure, what explains most first; none where there is one."""
    if known.paired is not None and known.paired.outcome == "better":
        return ()
    return (
        *_of_scores(known),
        *_of_the_top(known),
        *_of_proposals(known.tally),
        *((Cause("budget_spent"),) if known.is_spent else ()),
        *_of_comparison(known),
    )


def _of_scores(known: Facts) -> Iterable[Cause]:
    """Name what keeps scores from telling anything."""
    if known.start is None:
        yield Cause("not_measured", of=known.n_dev)
    if known.replies is not None:
        n, n_answered = known.replies.n, known.replies.n_answered
        if n - n_answered > _MUCH * n:
            yield Cause("not_answered", n - n_answered, n)
        unread = known.replies.count("unread", "cut_off")
        if unread > _MUCH * n_answered:
            yield Cause("not_read", unread, n_answered)
    if known.target:
        yield Cause(known.target)
    if known.n_conflicting:
        yield Cause("conflicting_answers", known.n_conflicting)


def _of_the_top(known: Facts) -> Iterable[Cause]:
    """Name how little is left to gain."""
    if known.start is None or not known.start.n_rows:
        return
    wrong = sum(hit is not None and hit < 1 for hit in known.start.hits)
    if not wrong:
        yield Cause("start_at_the_top", known.start.n_rows, known.n_dev, known.start.score)
    elif 1 - known.start.score < GAIN:
        yield Cause("near_the_top", wrong, known.start.n_rows, known.start.score)


def _of_proposals(tally: Tally) -> Iterable[Cause]:
    """Name what became of the prompts that were proposed."""
    if tally.n_unusable > _MOST * tally.n_replies:
        yield Cause("replies_unusable", tally.n_unusable, tally.n_replies)
    if tally.n_replies and not tally.n_proposed:
        yield Cause("nothing_proposed", of=tally.n_replies)
    if tally.n_proposed and tally.n_flawed == tally.n_proposed:
        yield Cause("all_flawed", tally.n_flawed, tally.n_proposed)
    elif tally.n_rejected and tally.n_flawed + tally.n_rejected == tally.n_proposed:
        yield Cause("all_rejected", tally.n_rejected, tally.n_proposed)


def _of_comparison(known: Facts) -> Iterable[Cause]:
    """Name how the other prompts did, and whether as many examples could tell."""
    if known.paired is not None:
        yield Cause("may_be_chance", known.paired.improved, known.paired.regressed, known.paired.change)
        if known.paired.needed > known.paired.n:
            yield Cause("too_few_examples", known.paired.n, known.paired.needed)
    elif known.others and known.start is not None:
        yield Cause("none_better", len(known.others), known.start.n_rows, max(one.score for one in known.others))
        highest = max(one.score for one in (known.start, *known.others))
        if highest > 0 and (least := needed(GAIN)) > known.n_dev:  # where nothing is right, more rows show no more
            yield Cause("too_few_examples", known.n_dev, least)


def facts(state: State, tally: Tally, spent: Spent) -> Facts:
    """Gather the facts of a branch: `tally` counts what was decided on the way."""
    task, start, found = state.context.task, state.baseline, evidence(state)
    target = state.branch.models["target"].endpoint
    simulated = target.is_simulated and not knows(task)
    measured = state.outcomes.get(state.best.prompt) if state.best else None
    return Facts(
        n_dev=len(task.dev),
        start=start,
        others=tuple(one for one in state.on_the_way if one.prompt != task.start),
        paired=found.paired if found else None,
        replies=measured or state.outcomes.get(task.start),
        n_conflicting=conflicting(by_hits(task)),
        tally=tally,
        is_spent=not state.done and _is_spent(state, spent),
        target="" if not simulated else "guesses" if guesses(task) else "no_rules",
    )


def conflicting(task: Task) -> int:
    """Count the examples of train and dev whose input, but for case and spaces, has another answer elsewhere."""
    rows = [
        (" ".join(one.input.split()).casefold(), one.answer.strip().casefold()) for one in (*task.train, *task.dev)
    ]
    answers = Counter(text for text, _ in dict.fromkeys(rows))
    return sum(answers[text] > 1 for text, _ in rows)


def _unusable(proposal: Proposal) -> list[bool]:
    """Return of each reply that items were read from whether none of them could be read as it was asked for."""
    read: dict[int, list[bool]] = {}
    for item in proposal.items:
        if item.reply is not None:
            read.setdefault(item.reply, []).append(item.flaw is not None and item.flaw.is_unreadable)
    return [all(flaws) for flaws in read.values()]


def _is_spent(state: State, spent: Spent) -> bool:
    """Return whether the ceiling leaves no room for a call of the next step, as long as it may be."""
    step = state.estimate
    if step is None:
        call = Spent(1, 0, 1, 1)
    elif n := step.n_to_pay:
        tokens = step.n_input_tokens // n, step.n_output_tokens_at_most // n
        call = Spent(1, 0, *tokens, cost_usd=(step.cost_usd or 0.0) / n)
    else:
        return False
    return not Budget(state.branch.models.ceiling, spent).allows(call)
