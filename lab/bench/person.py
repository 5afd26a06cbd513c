"""A scripted person: a fixed policy that knows a task's page and reads what the review board shows.

At the critiques, and nowhere else:

1. A critique that names something hard about the task (by the words of the task's page) is kept when one of
   the errors shown with it has a sign of that, and dropped when none has: the errors contradict it.
2. A critique that names nothing of the kind is dropped as a superstition.
3. One dropped critique a round is mended: its words are replaced by what the person sees in its errors, which
   is the sign that the most of them have and that neither the prompt nor a kept critique speaks of.

The policy sees inputs, expected and given answers, critiques and prompts. It never asks a model.
"""

from __future__ import annotations

from collections.abc import Sequence

from lab.asks import Critique, ErrorSample, Phase
from lab.review import ACCEPT, Mark, Proposal, Verdict
from lab.tasks.bundled import Sign

__all__ = ["review"]


def review(signs: Sequence[Sign], phase: Phase, proposal: Proposal) -> Verdict:
    """Gives the person's verdict on a proposal."""
    items = [(i, item) for i, item in enumerate(proposal.items) if isinstance(item, Critique) and not item.flaw]
    if not items:
        return ACCEPT
    kept = [(i, item) for i, item in items if any(_borne_out(sign, item) for sign in signs)]
    dropped = [(i, item) for i, item in items if (i, item) not in kept]
    told = " ".join(item.text for _, item in kept)
    marks: list[Mark] = []
    for i, item in dropped:
        mended = (
            None if any(mark.text for mark in marks) else _seen(signs, item, f"{phase.prompts[item.prompt]} {told}")
        )
        marks.append(Mark(i, text=mended) if mended else Mark(i, False, why="the errors do not show this"))
    return Verdict("edit", tuple(marks)) if marks else ACCEPT


def _borne_out(sign: Sign, critique: Critique) -> bool:
    return sign.is_named_in(critique.text) and any(_has(sign, error) for error in critique.errors)


def _has(sign: Sign, error: ErrorSample) -> bool:
    return sign.fits(error.text, error.answer, error.got)


def _seen(signs: Sequence[Sign], critique: Critique, known: str) -> str | None:
    """Says in the words of the task's page what the most errors of a critique have in common and nobody named."""
    counts = [
        (sum(_has(sign, error) for error in critique.errors), -i)
        for i, sign in enumerate(signs)
        if not sign.is_named_in(known)
    ]
    best = max(counts, default=(0, 0))
    return signs[-best[1]].say if best[0] else None
