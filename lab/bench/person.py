"""A scripted person: a fixed policy that knows a task's page and reads what the review board shows.

At the critiques, and nowhere else:

1. A critique that names something hard about the task (by the words of the task's page) is kept when one of
   the errors shown with it has a sign of that, and dropped when none has: the errors contradict it.
2. A critique that names nothing of the kind is dropped as a superstition, and so is one about politeness, or about
   texts that are too short or unclear, whatever else it names.
3. One dropped critique a round is mended, the one about which there is the most to say: its words are replaced by
   what the person sees in its errors, which are the two signs that the most of them have and that its prompt does
   not speak of.

The policy sees inputs, expected and given answers, critiques and prompts. It never asks a model.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lab.core.asks import Critique, ErrorSample, Phase
from lab.core.review import ACCEPT, Mark, Proposal, Verdict
from lab.tasks.bundled import Sign

__all__ = ["review"]

_AT_ONCE = 2
_SUPERSTITION = re.compile(r"polite|friendly|too short|unclear|ambiguous|exclamation|strong words", re.IGNORECASE)


def review(signs: Sequence[Sign], phase: Phase, proposal: Proposal) -> Verdict:
    """Return the person's verdict on a proposal."""
    items = [(i, item) for i, item in enumerate(proposal.items) if isinstance(item, Critique) and not item.flaw]
    kept = [item for _, item in items if any(_is_supported(sign, item) for sign in signs)]
    dropped = [(i, item) for i, item in items if item not in kept]
    if not dropped:
        return ACCEPT
    seen = {i: _seen(signs, item, phase.prompts[item.prompt]) for i, item in dropped}
    mended = max(seen, key=lambda i: (len(seen[i]), -i))
    words = " ".join(sign.say for _, sign in seen[mended])
    return Verdict("edit", tuple(
        Mark(i, text=words) if i == mended and words else Mark(i, False, why="the errors do not show this")
        for i, _ in dropped
    ))  # fmt: skip


def _is_supported(sign: Sign, critique: Critique) -> bool:
    if _SUPERSTITION.search(critique.text):
        return False
    return sign.is_named_in(critique.text) and any(_has(sign, error) for error in critique.errors)


def _has(sign: Sign, error: ErrorSample) -> bool:
    return sign.fits(error.text, error.answer, error.got)


def _seen(signs: Sequence[Sign], critique: Critique, prompt: str) -> list[tuple[int, Sign]]:
    """Return the two signs that the most errors of a critique have and its prompt does not name, and how many."""
    counts = [(sum(_has(sign, error) for error in critique.errors), sign) for sign in signs]
    unsaid = [(n, sign) for n, sign in counts if n and not sign.is_named_in(prompt)]
    return sorted(unsaid, key=lambda row: -row[0])[:_AT_ONCE]
