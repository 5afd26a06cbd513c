"""What one optimizer leaves to another that goes on from its place: prompts, the best first.

Scores are not carried over: each optimizer measures on examples of its own drawing, and a mean over other rows
does not compare. What was answered before is known and costs nothing. Error samples, critiques and trajectories
are found or made anew by the optimizer that goes on; they stay where they are in the history.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from lab.core.asks import Candidate, Phase
from lab.i18n import gettext_lazy

__all__ = ["LEFT_BEHIND", "MOST", "held"]

MOST = 20
LEFT_BEHIND = gettext_lazy(
    "Scores are measured again on its own train examples, known answers cost nothing; error samples, critiques and "
    "reasoning stay behind in the history."
)


def held(phase: Phase) -> tuple[str, ...]:
    """Return the prompts that a phase holds, best first, then the candidates on their way; at most MOST."""
    waiting = (item.text for item in _candidates(phase) if item.flaw is None)
    return tuple(dict.fromkeys((*phase.prompts, *waiting)))[:MOST]


def _candidates(phase: Any) -> list[Candidate]:
    values = (getattr(phase, field.name) for field in fields(phase))
    return [item for value in values if isinstance(value, tuple) for item in value if isinstance(item, Candidate)]
