"""The glass box: why the practice model answered as it did."""

from __future__ import annotations

from dataclasses import dataclass

from lab.practice.target import answer, kind_and_skills


@dataclass(frozen=True)
class Explanation:
    """One answer taken apart; `on` are the skills the prompt switched on, `needed` those the input asks
    for.
    """

    kind: str
    on: tuple[str, ...]
    needed: tuple[str, ...]
    answer: str

    @property
    def missing(self) -> tuple[str, ...]:
        """Names the skills that were needed and off."""
        return tuple(skill for skill in self.needed if skill not in self.on)


def explain(prompt: str, input: str) -> Explanation:
    """Says which skills were on, which the input needed, and what came out, at temperature 0.

    Raises:
        ModelError: when neither the prompt nor the input is of a kind the practice model has rules for.
    """
    kind, on, needed = kind_and_skills(prompt, input)
    return Explanation(kind, tuple(sorted(on)), tuple(sorted(needed)), answer(prompt, input))
