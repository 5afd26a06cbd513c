"""An example whose label a person flagged as wrong: out of what an optimizer holds, and marked where it counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from lab.core.asks import Candidate, Demonstration, ErrorSample, Flaw, Item, Phase, Pick, Score, TrajectoryRow
from lab.core.review import Proposal

__all__ = ["offered_without", "rests_on", "without"]


def without(phase: Phase, example: str) -> Phase:
    """Return the phase without the error samples and demonstrations of an example, and without groups left empty.

    Estimates that the example had a part in stay: they are sums, and cannot be taken apart.
    """
    kept: Phase = _without(phase, example)
    return kept


def offered_without(proposal: Proposal, example: str) -> Proposal | None:
    """Return a choice that waits without an example that it offers, all else as it was drawn.

    Drawn anew, the rest would come in another order and in other groups. None for a proposal that does not offer
    the example, or of which nothing would be left chosen.
    """
    ask = proposal.ask
    if not isinstance(ask, Pick) or proposal.regressions:
        return None
    left = [i for i, item in enumerate(proposal.items) if not _is_of(item, example)]
    if len(left) == len(proposal.items):
        return None
    place = {old: new for new, old in enumerate(left)}

    def moved(places: Sequence[int]) -> tuple[int, ...]:
        return tuple(place[i] for i in places if i in place)

    offered = Pick(tuple(ask.options[i] for i in left), moved(ask.chosen))
    chosen = None if proposal.chosen is None else moved(proposal.chosen)
    items = tuple(proposal.items[i] for i in left)
    return replace(proposal, ask=offered, items=items, chosen=chosen) if offered.chosen else None


def _without(value: Any, example: str) -> Any:
    if isinstance(value, tuple) and not isinstance(value, Flaw):
        left = ((item, _without(item, example)) for item in value if not _is_of(item, example))
        return tuple(new for old, new in left if new != () or old == ())
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{field.name: _without(getattr(value, field.name), example) for field in fields(value)}
        )
    return value


def _is_of(item: Any, example: str) -> bool:
    return isinstance(item, (ErrorSample, Demonstration)) and item.example == example


def rests_on(item: Item, measured: Iterable[Score], examples: Sequence[str]) -> bool:
    """Return whether the score of an item was measured on one of these examples.

    `measured` is how prompts did so far, the newest first. An estimate on `n_rows` rows rests on as many of the
    newest; one that does not say how many rests on all.
    """
    if isinstance(item, Score):
        return _has(item, examples)
    if not isinstance(item, (Candidate, TrajectoryRow)) or item.score is None:
        return False
    rows = getattr(item, "n_rows", 0)
    n = 0
    for score in measured:
        if score.text == item.text and not 0 < rows <= n:
            if _has(score, examples):
                return True
            n += sum(hit is not None for hit in score.hits)
    return False


def _has(score: Score, examples: Sequence[str]) -> bool:
    return any(id in examples and hit is not None for id, hit in zip(score.about, score.hits, strict=True))
