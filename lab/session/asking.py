"""When autopilot stops to ask a person: at a step that waits, or where a round begins. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

from lab.core.asks import Candidate, Critique, Generate, TrajectoryRow
from lab.core.review import Proposal
from lab.errors import MisuseError
from lab.i18n import Message, gettext_lazy
from lab.models.calls import Spent
from lab.models.roles import Ceiling
from lab.store import Measure, best_of

__all__ = ["REASONS", "Reason", "When", "check_when", "half_spent", "of_proposal", "of_round", "sentence"]

When = Literal["drop", "break", "no-gain", "half", "mend", "unread"]
REASONS: Mapping[When, Message] = MappingProxyType(
    {
        "drop": gettext_lazy("a score drops"),
        "break": gettext_lazy("an example that must not break is broken"),
        "no-gain": gettext_lazy("no gain for two rounds"),
        "half": gettext_lazy("half of the spending limit is spent"),
        "mend": gettext_lazy("a text is flawed in a way that a person could mend"),
        "unread": gettext_lazy("the optimizer model's replies stop being usable"),
    }
)
ROUNDS_WITHOUT_GAIN = 2
_MOST_UNREAD = 0.5  # of the items that were read from replies
_NOT_MENDED = frozenset({"duplicate", "near_duplicate", "not_answered", "breaks_example"})


@dataclass(frozen=True)
class Reason:
    """Why autopilot stopped to ask: what happened, and its numbers: scores before and after, or a count of many."""

    when: When
    before: float = 0.0
    after: float = 0.0
    n: int = 0
    of: int = 0


def check_when(when: Collection[str]) -> frozenset[When]:
    """Return the reasons to stop.

    Raises:
        MisuseError: for one that there is not.
    """
    known = get_args(When)
    unknown = [one for one in when if one not in known]
    if unknown:
        raise MisuseError(
            gettext_lazy(
                "There is no reason “{reason}” to ask at. Choose of: {known}.",
                reason=unknown[0],
                known=", ".join(known),
            )
        )
    return frozenset(one for one in known if one in when)


def of_proposal(proposal: Proposal, when: Collection[When]) -> Reason | None:
    """Return why a person is asked about a step that waits; None where there is nothing to ask."""
    return next((found for name in when if (found := _LOOKS.get(name, _never)(proposal))), None)


def _never(_: Proposal) -> Reason | None:
    return None


def _breaks(proposal: Proposal) -> Reason | None:
    n = len({(one.item, one.example) for one in proposal.regressions})
    return Reason("break", n=n, of=len(proposal.items)) if n else None


def _mendable(proposal: Proposal) -> Reason | None:
    texts = [item for item in proposal.items if isinstance(item, Candidate | Critique | TrajectoryRow)]
    flawed = [item for item in texts if item.flaw and not item.flaw.is_unreadable]
    n = sum(item.flaw is not None and item.flaw.code not in _NOT_MENDED for item in flawed)
    return Reason("mend", n=n, of=len(texts)) if n else None


def _unread(proposal: Proposal) -> Reason | None:
    items = proposal.items if isinstance(proposal.ask, Generate) else ()
    n = sum(item.flaw is not None and item.flaw.is_unreadable for item in items)
    asked = isinstance(proposal.ask, Generate) and not items
    return Reason("unread", n=n, of=len(items)) if asked or (n and n >= _MOST_UNREAD * len(items)) else None


_LOOKS: Mapping[str, Callable[[Proposal], Reason | None]] = MappingProxyType(
    {"break": _breaks, "mend": _mendable, "unread": _unread}
)


def of_round(held: Sequence[Sequence[Measure]], when: Collection[When]) -> Reason | None:
    """Return why a person is asked where a round begins; `held` are the scores held at each round's beginning."""
    bests = [one for some in held if (one := best_of(some)) is not None]
    if len(bests) < 2:
        return None
    *before, now = bests
    last, best = before[-1], best_of(before)
    if "drop" in when and last.beats(now):
        return Reason("drop", last.score, now.score)
    n = ROUNDS_WITHOUT_GAIN
    if "no-gain" in when and len(bests) > n and best is not None:
        earlier = best_of(bests[:-n])
        if earlier is not None and not any(one.beats(earlier) for one in bests[-n:]):
            return Reason("no-gain", earlier.score, now.score, n=n)
    return None


def half_spent(ceiling: Ceiling, before: Spent, now: Spent) -> Reason | None:
    """Return that half of a spending limit was passed since; None where it was not."""
    for most, was, told in (
        (ceiling.calls, before.n_paid, now.n_paid),
        (ceiling.tokens, _n_tokens(before), _n_tokens(now)),
        (ceiling.cost_usd, before.cost_usd, now.cost_usd),
    ):
        if most and was < most / 2 <= told:
            return Reason("half", after=told / most)
    return None


def _n_tokens(spent: Spent) -> int:
    return spent.n_input_tokens + spent.n_output_tokens


def sentence(reason: Reason) -> Message:
    """Say why autopilot stopped to ask."""
    return _SENTENCES[reason.when](reason)


def _percent(score: float) -> str:
    return f"{100 * score:.1f}".removesuffix(".0") + " %"


_SENTENCES: Mapping[When, Callable[[Reason], Message]] = MappingProxyType(
    {
        "drop": lambda one: gettext_lazy(
            "The best prompt held now scores {after} on dev, after {before} a round before.",
            after=_percent(one.after),
            before=_percent(one.before),
        ),
        "break": lambda one: gettext_lazy(
            "An example that must not break is broken {n_times} times by the prompts that wait.", n_times=one.n
        ),
        "no-gain": lambda one: gettext_lazy(
            "In {n_rounds} rounds nothing beat {score} on dev.", n_rounds=one.n, score=_percent(one.before)
        ),
        "half": lambda one: gettext_lazy("{share} of the spending limit is spent.", share=_percent(one.after)),
        "mend": lambda one: gettext_lazy(
            "{n_flawed} of {n_texts} texts that wait have a flaw that you could mend.",
            n_flawed=one.n,
            n_texts=one.of,
        ),
        "unread": lambda one: (
            gettext_lazy(
                "Of {n_texts} texts that came, {n_unread} could not be read.", n_texts=one.of, n_unread=one.n
            )
            if one.of
            else gettext_lazy("Nothing could be read from what the optimizer model replied.")
        ),
    }
)
