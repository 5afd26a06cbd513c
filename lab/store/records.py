"""What a lab book gives and takes besides nodes and proposals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lab.core.flaws import Flaw
from lab.models.calls import Call
from lab.models.roles import Models, Role

OWNER = "me"  # whose book it is: the page on this machine, notebooks, Python and the command line are one person
TRANSFER = "transfer"  # what a spend is called that scored prompts on another model
TRIAL = "trial"  # that tried a prompt on an input that a person typed
VARIANTS = "variants"  # that scored a prompt in other wordings, or without its sentences

# Whether a branch is in the lists. An undone fork comes back by redo until its parent moves on, as moves do.
SHOWN, WITH_RUN, UNDONE, LEFT = range(4)


@dataclass(frozen=True)
class Branch:
    """A named pointer into the tree: where it stands, and which proposal waits there for a verdict.

    `run` is shared by the branches that grew from one beginning: one tree, one owner, the models of its roles.
    `sample` is the sample to use next at its node when it was drawn again there. `forked` is the branch that it was
    made from, "" for the first of a run. One that is `archived` is put away with its run and in no list; nor is one
    that is `undone`.
    """

    id: str
    owner: str
    run: str
    name: str
    node: str
    models: Models
    stops: tuple[str, ...]
    pending: str | None = None
    sample: int | None = None
    can_undo: bool = False
    can_redo: bool = False
    forked: str = ""
    archived: bool = False
    undone: bool = False


@dataclass(frozen=True)
class Spend:
    """Calls of one attempt at a step, or of several: `calls` were paid for, `cached` were known already.

    What is added up over is "", and has the sample 0.

    `model` is "" where an older book does not say. Of the calls paid for, the server did not count the tokens of
    `n_estimated`, and nobody had set the price of `n_unpriced`; `cost_usd` is that of the others, None where there
    are none. `latency_s` is a mean over the calls paid for, 0 where that is not known.
    """

    node: str
    what: str
    sample: int
    role: str
    calls: int
    cached: int
    n_input_tokens: int
    n_output_tokens: int
    model: str = ""
    n_estimated: int = 0
    n_unpriced: int = 0
    cost_usd: float | None = None
    latency_s: float = 0.0
    branch: str = ""

    @property
    def n_tokens(self) -> int:
        """The tokens sent and answered."""
        return self.n_input_tokens + self.n_output_tokens


COST_KEYS = ("branch", "node", "what", "role", "model")


def costs(spends: Iterable[tuple[str, Spend]], by: Collection[str] = COST_KEYS) -> tuple[Spend, ...]:
    """Add up (branch, spend) by any of `COST_KEYS`, in the order in which each group first spent."""
    groups: dict[tuple[str, ...], list[Spend]] = defaultdict(list)
    for branch, spend in spends:
        at = {"branch": branch, "node": spend.node, "what": spend.what, "role": spend.role, "model": spend.model}
        groups[tuple(at[key] if key in by else "" for key in COST_KEYS)].append(spend)
    return tuple(_summed(key, some) for key, some in groups.items())


def _summed(key: tuple[str, ...], spends: Sequence[Spend]) -> Spend:
    branch, node, what, role, model = key
    calls, unpriced = sum(s.calls for s in spends), sum(s.n_unpriced for s in spends)
    usd = sum(s.cost_usd or 0.0 for s in spends)
    timed = [s for s in spends if s.latency_s]
    return Spend(
        node,
        what,
        0,
        role,
        calls,
        sum(s.cached for s in spends),
        sum(s.n_input_tokens for s in spends),
        sum(s.n_output_tokens for s in spends),
        model,
        sum(s.n_estimated for s in spends),
        unpriced,
        None if calls and calls == unpriced else usd,
        sum(s.latency_s * s.calls for s in timed) / (sum(s.calls for s in timed) or 1),
        branch,
    )


@dataclass(frozen=True)
class Missing:
    """A call of a run that no reply came to: who was asked what in which role, and why nothing came."""

    call: Call
    role: Role
    flaw: Flaw


@dataclass(frozen=True)
class Measure:
    """The score of a prompt on a split under a target model: the metric over its `n_rows` measured rows."""

    prompt: str
    score: float
    n_rows: int
    hits: tuple[float | None, ...]

    @property
    def n_missing(self) -> int:
        """The rows that were not measured."""
        return len(self.hits) - self.n_rows

    def beats(self, other: Measure) -> bool:
        """Return whether it scores higher: where rows are missing, by the hits on those that both have."""
        if not (self.n_missing or other.n_missing):
            return self.score > other.score
        pairs = zip(self.hits, other.hits, strict=False)
        both = [(mine, theirs) for mine, theirs in pairs if mine is not None and theirs is not None]
        return sum(mine for mine, _ in both) > sum(theirs for _, theirs in both)


class Flips(NamedTuple):
    """How many examples a prompt answers better than another one, and how many worse."""

    fixed: int
    broken: int


def flips(before: Measure, after: Measure) -> Flips:
    """Count what a second prompt fixed and broke, on the examples that both answered."""
    pairs = [(b, a) for b, a in zip(before.hits, after.hits, strict=False) if b is not None and a is not None]
    return Flips(sum(a > b for b, a in pairs), sum(a < b for b, a in pairs))


def best_of(measures: Iterable[Measure]) -> Measure | None:
    """Return the measure that no later one beats, the earlier of equals; None of none."""
    best: Measure | None = None
    for one in measures:
        if best is None or one.beats(best):
            best = one
    return best
