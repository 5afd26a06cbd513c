"""When a call that failed is asked again, given up, or shows that its endpoint is lost. Pure.

A call is the one to blame where the endpoint refused it alone, or where others are answered while it fails. Where
nothing is answered at all, a question of one token included, the endpoint is: it is waited for, and lost when it
stays silent too long.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lab.i18n import gettext_lazy
from lab.models.failures import FailedCall
from lab.models.roles import Limits

__all__ = ["LEAST_JUDGED", "ROUNDS", "Health", "next_move", "stopped", "too_many"]

ROUNDS = 3  # of tries that a call gets while others are answered, each behind all that waits
LEAST_JUDGED = 20  # calls of a step of which a share says something while it is under way
LEAST_OF_STEP = 4  # and once it is over
LONGEST_PAUSE_S = 15.0
AT_FIRST_S = 10.0  # a server that only ever said that it fails is not waited for as one that has answered

Move = Literal["lost", "wait", "later", "give up"]


@dataclass(frozen=True)
class Health:
    """What is seen of an endpoint when a call has failed.

    `ever` it answered, and `since` this call began to fail; silent for `silent_s`. Where only calls are left
    that failed before while others were answered, `only_suspects`, silence says nothing of it.
    """

    ever: bool
    since: bool
    silent_s: float
    only_suspects: bool = False


def next_move(error: FailedCall, health: Health, n_round: int, limits: Limits) -> Move:
    """Return what to do about a call whose tries are used up, for the time `n_round`, counted from 1."""
    if error.is_own and error.status >= 500:
        return "later" if n_round == 1 else "give up"  # which fails by chance, too
    if error.is_own:
        # A key that may nothing is refused as a request is; what was answered before tells them apart.
        return "lost" if error.status == 403 and not health.ever else "give up"
    if not error.failure.may_pass:
        return "lost"
    if health.since or health.only_suspects:
        return "later" if n_round < ROUNDS and error.failure.kind != "time" else "give up"
    if not health.ever and error.failure.kind in ("connection", "time", "reading"):
        return "lost"  # nobody is there, or no chat model: an address is sooner mistyped than a server away
    patience_s = limits.lost_after_s if health.ever else min(limits.lost_after_s, AT_FIRST_S)
    return "lost" if health.silent_s >= patience_s else "wait"


def pause_s(n_waited: int) -> float:
    """Return how long to wait for an endpoint that is silent."""
    return min(LONGEST_PAUSE_S, 2.0 ** min(n_waited, 10))


def too_many(n_missing: int, n_ended: int, limits: Limits, *, is_over: bool) -> bool:
    """Return whether so large a share of the calls of a step was not answered that it must stop."""
    least = LEAST_OF_STEP if is_over else LEAST_JUDGED
    return n_ended >= least and n_missing > limits.most_failed * n_ended


def stopped(n_missing: int, n_ended: int, limits: Limits, last: FailedCall) -> str:
    """Describe that too many calls were not answered, and how to go on."""
    return gettext_lazy(
        "{n_missing} of {n_ended} calls went unanswered, and a step stops when more than {most:.0%} do. "
        "The last one: {last} What had arrived is kept. Fix this and go on, or allow a larger share to fail.",
        n_missing=n_missing, n_ended=n_ended, most=limits.most_failed, last=last.told,
    )  # fmt: skip


def lost(error: FailedCall, health: Health, limits: Limits) -> str:
    """Describe that an endpoint is lost, and how to go on."""
    if not (error.failure.may_pass and health.ever):
        return error.told
    return gettext_lazy(
        "{problem} Nothing was answered for {patience_s:g} s, so the step has stopped; what had arrived is "
        "kept. Go on when it answers again, or allow more time before it counts as lost.",
        problem=error.told, patience_s=limits.lost_after_s,
    )  # fmt: skip
