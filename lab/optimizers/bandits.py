"""Which candidates to try next, on how many examples: the selection algorithms of ProTeGi.

Each takes what was measured so far and the budget, and gives the next pull, or None when the budget is
spent. Nothing here draws at random: the caller shuffles its arms once, and ties go to the earlier arm.

Pryzant et al. 2023, section 3.2.2; Audibert and Bubeck 2010 (UCB-E, successive rejects); Karnin et al. 2013
(successive halving). A budget is counted in examples and is never spent over. Where it allows, every arm is
pulled once; an arm that was not pulled is not measured. Each correction of the authors' code is named below.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from math import ceil, inf, log, sqrt
from types import MappingProxyType
from typing import Literal

from lab.core.asks import By


@dataclass(frozen=True)
class Arms:
    """What is known of each candidate: `counts` examples measured, `sums` of their hits, in the arms' order.

    `tries` counts the pulls that an arm was in, whatever came of them; it is empty before the first. `by` says
    what a hit is.
    """

    counts: tuple[int, ...]
    sums: tuple[float, ...]
    pulls: int = 0
    tries: tuple[int, ...] = ()
    by: By = "answers"

    @classmethod
    def unmeasured(cls, n: int) -> Arms:
        """Return `n` arms of which nothing is known."""
        return cls((0,) * n, (0.0,) * n)

    def mean(self, arm: int) -> float | None:
        """The mean hit of an arm; None, never 0, when it was not measured."""
        return self.sums[arm] / self.counts[arm] if self.counts[arm] else None

    def pulled(self, results: dict[int, tuple[int, float]], by: By = "answers") -> Arms:
        """Add one pull: {arm: (examples measured, sum of hits)}.

        What was measured by something else than this pull does not compare with it, and is forgotten.
        """
        known = self if self.by == by else Arms.unmeasured(len(self.counts))
        counts, sums = list(known.counts), list(known.sums)
        tries = list(self.tries or (0,) * len(counts))
        for arm, (n, total) in results.items():
            counts[arm] += n
            sums[arm] += total
            tries[arm] += 1
        return Arms(tuple(counts), tuple(sums), self.pulls + 1, tuple(tries), by)

    def ranked(self, staged: bool = False, behind: Container[int] = ()) -> tuple[int, ...]:
        """The measured arms, best mean first, ties in order; `staged` puts those first that stayed in longest.

        Arms `behind` come after what they tie with.
        """
        stays = self.tries if staged and self.tries else (0,) * len(self.counts)
        measured = (arm for arm, n in enumerate(self.counts) if n)
        means = {arm: self.sums[arm] / self.counts[arm] for arm in measured}
        return tuple(sorted(means, key=lambda arm: (-stays[arm], -means[arm], arm in behind, arm)))


@dataclass(frozen=True)
class Budget:
    """`rounds` pulls of `arms` candidates on `rows` examples each; `c` weighs exploration, `keep` arms are sought.

    Algorithms that plan their own pulls spend the same total.
    """

    rounds: int
    arms: int
    rows: int
    c: float = 1.0
    keep: int = 1

    @property
    def total(self) -> int:
        """What may be spent, in examples."""
        return self.rounds * self.arms * self.rows


@dataclass(frozen=True)
class Pull:
    """The arms to try now, all on the same `rows` examples."""

    arms: tuple[int, ...]
    rows: int


def ucb(arms: Arms, budget: Budget) -> Pull | None:
    """Upper confidence bound: mean + c * sqrt(ln t / n), t and n counted in examples.

    differs: the authors' code takes t as the index of the round, so that ln 1 = 0 makes the second round a
    repeat of the first; here t is the number of examples spent. And every arm is pulled once before any is
    pulled twice, so that no arm is judged unseen. c is in the unit of a hit, as in their code: 1 is the whole
    range where answers are right or wrong, and one nat where log-probabilities are compared.
    """
    return _most_promising(arms, budget, log(max(1, sum(arms.counts))))


def ucb_e(arms: Arms, budget: Budget) -> Pull | None:
    """UCB-E: mean + c * sqrt(c / n), a doubt that does not grow with what others were given.

    differs: every arm is pulled once before any is pulled twice, as in `ucb`.
    """
    return _most_promising(arms, budget, budget.c)


def _most_promising(arms: Arms, budget: Budget, doubt: float) -> Pull | None:
    """Pull the arms with the highest mean + c * sqrt(doubt / n); an arm that was not measured comes first."""
    if arms.pulls >= budget.rounds:
        return None

    def bound(arm: int) -> float:
        n = arms.counts[arm]
        return arms.sums[arm] / n + budget.c * sqrt(doubt / n) if n else inf

    chosen = sorted(range(len(arms.counts)), key=lambda arm: (-bound(arm), arm))[: budget.arms]
    return Pull(tuple(sorted(chosen)), budget.rows)


def uniform(arms: Arms, budget: Budget) -> Pull | None:
    """Spend the budget evenly: every arm once, on the same examples."""
    if arms.pulls:
        return None
    total, n = budget.total, len(arms.counts)
    return Pull(tuple(range(min(n, total))), max(1, total // n))


def successive_rejects(arms: Arms, budget: Budget) -> Pull | None:
    """Successive rejects: after each phase the arm with the worst mean is out, until `keep` are left.

    By the end of phase k an arm has seen n_k = ceil((B - K) / (L * (K + 1 - k))) examples, where K is the number
    of arms, B the budget and L = 1/2 + 1/2 + 1/3 + ... + 1/K.

    differs: the authors' code puts the number of arms to reject for K and asks for 4 examples or more a phase,
    which spends the budget several times over, and it rejects by the last phase alone; here the mean is over
    all phases. It returns ranks, so that the arms kept are tied; here they are ranked by their means.
    """
    n = min(len(arms.counts), budget.total)
    harmonic = max(1.0, 0.5 + sum(1 / i for i in range(2, n + 1)))  # below 1 for a single arm only

    def seen(phase: int) -> int:
        return max(1, ceil((budget.total - n) / (harmonic * (n + 1 - phase)))) if phase else 0

    phases = range(1, max(1, n - budget.keep) + 1)
    return _staged(arms, tuple((n + 1 - k, seen(k) - seen(k - 1)) for k in phases))


def successive_halving(arms: Arms, budget: Budget) -> Pull | None:
    """Successive halving: after each phase the better half goes on, until at most `keep` would be left.

    An equal share of the budget, B / ceil(log2 K), is planned for each phase, on equally many examples an arm.

    differs: the authors' code drops what is below the average of the phase, which may be none or nearly all, and
    does not stop at the beam size; here half is dropped, by the mean over all phases.
    """
    size = min(len(arms.counts), budget.total)
    share, left = budget.total // max(1, (size - 1).bit_length()), budget.total
    stages: list[tuple[int, int]] = []
    while not stages or size > budget.keep:
        rows = min(share, left) // size
        stages.append((size, rows if stages else max(1, rows)))
        left -= size * stages[-1][1]
        size = ceil(size / 2)
    return _staged(arms, tuple(stages))


def _staged(arms: Arms, stages: tuple[tuple[int, int], ...]) -> Pull | None:
    """Return the next stage (arms, examples) to the best of those that were in the last one."""
    planned = [stage for stage in stages if stage[1]]
    if arms.pulls >= len(planned):
        return None
    size, rows = planned[arms.pulls]
    tries = arms.tries or (0,) * len(arms.counts)
    longest = max(tries)

    def standing(arm: int) -> tuple[float, int]:
        mean = arms.mean(arm)
        return (inf if mean is None else -mean), arm

    left = sorted((arm for arm, n in enumerate(tries) if n == longest), key=standing)
    return Pull(tuple(sorted(left[:size])), rows)


Selection = Literal["ucb", "uniform", "ucb_e", "successive_rejects", "successive_halving"]
SELECTIONS: Mapping[Selection, Callable[[Arms, Budget], Pull | None]] = MappingProxyType({
    "ucb": ucb, "uniform": uniform, "ucb_e": ucb_e, "successive_rejects": successive_rejects,
    "successive_halving": successive_halving,
})  # fmt: skip
STAGED = ("successive_rejects", "successive_halving")  # what was rejected on the way ranks behind what was kept
