"""Which candidates to try next, on how many examples: the selection algorithms of ProTeGi.

Each takes what was measured so far and the budget, and gives the next pull, or None when the budget is
spent. Nothing here draws at random: the caller shuffles its arms once, and ties go to the earlier arm.

Pryzant et al. 2023, section 3.2.2. The authors' code is corrected in two places, both named below.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, log, sqrt
from types import MappingProxyType


@dataclass(frozen=True)
class Arms:
    """What is known of each candidate: `counts` examples seen, `sums` of their hits, in the arms' order."""

    counts: tuple[int, ...]
    sums: tuple[float, ...]
    pulls: int = 0

    @classmethod
    def unmeasured(cls, n: int) -> Arms:
        """Gives `n` arms of which nothing is known."""
        return cls((0,) * n, (0.0,) * n)

    def mean(self, arm: int) -> float | None:
        """The mean hit of an arm; None, never 0, when it was not measured."""
        return self.sums[arm] / self.counts[arm] if self.counts[arm] else None

    def pulled(self, results: dict[int, tuple[int, float]]) -> Arms:
        """Adds one pull: {arm: (examples, sum of hits)}."""
        counts, sums = list(self.counts), list(self.sums)
        for arm, (n, total) in results.items():
            counts[arm] += n
            sums[arm] += total
        return Arms(tuple(counts), tuple(sums), self.pulls + 1)

    def ranked(self) -> tuple[int, ...]:
        """The measured arms, best mean first, ties in order."""
        measured = (arm for arm, n in enumerate(self.counts) if n)
        return tuple(sorted(measured, key=lambda arm: (-(self.sums[arm] / self.counts[arm]), arm)))


@dataclass(frozen=True)
class Budget:
    """`rounds` pulls of `arms` candidates on `rows` examples each; `c` weighs exploration."""

    rounds: int
    arms: int
    rows: int
    c: float = 1.0


@dataclass(frozen=True)
class Pull:
    """The arms to try now, all on the same `rows` examples."""

    arms: tuple[int, ...]
    rows: int


def ucb(arms: Arms, budget: Budget) -> Pull | None:
    """Upper confidence bound: mean + c * sqrt(ln t / n), t and n counted in examples.

    differs: the authors' code takes t as the index of the round, so that ln 1 = 0 makes the second round a
    repeat of the first; here t is the number of examples spent. And every arm is pulled once before any is
    pulled twice, so that no arm is judged unseen.
    """
    if arms.pulls >= budget.rounds:
        return None
    t = sum(arms.counts)

    def bound(arm: int) -> float:
        n = arms.counts[arm]
        return arms.sums[arm] / n + budget.c * sqrt(log(t) / n) if n else inf

    chosen = sorted(range(len(arms.counts)), key=lambda arm: (-bound(arm), arm))[: budget.arms]
    return Pull(tuple(sorted(chosen)), budget.rows)


def uniform(arms: Arms, budget: Budget) -> Pull | None:
    """Spends the budget evenly: every arm once, on the same examples."""
    if arms.pulls:
        return None
    total, n = budget.rounds * budget.arms * budget.rows, len(arms.counts)
    return Pull(tuple(range(min(n, total))), max(1, total // n))


Selection = Callable[[Arms, Budget], Pull | None]
SELECTIONS = MappingProxyType({"ucb": ucb, "uniform": uniform})
