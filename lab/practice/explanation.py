"""The glass box: why the practice model answered as it did. No real model can tell."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from lab.errors import LabError
from lab.practice.kind import LONGEST_INSTRUCTION, LONGEST_TEXT
from lab.practice.personality import Personality, personality_of
from lab.practice.reading import Reading
from lab.practice.target import Draw, answer, off_task, skills_at_work, understood

__all__ = ["Explanation", "explain"]


@dataclass(frozen=True)
class Explanation:
    """One answer taken apart.

    `on` are the skills at work, `needed` those the input asks for, `asked` those the prompt speaks of, `denied`
    those it tells to leave alone, each by its name; `about` says in words what a reader with a skill does.
    `any_needed` is True where one of the needed skills is enough. `harms` are what in the prompt misleads.
    """

    kind: str
    on: tuple[str, ...]
    needed: tuple[str, ...]
    asked: tuple[str, ...]
    denied: tuple[str, ...]
    harms: tuple[str, ...]
    about: tuple[tuple[str, str], ...]
    answer: str
    any_needed: bool = False

    @property
    def missing(self) -> tuple[str, ...]:
        """Name the skills that were needed and off."""
        off = tuple(skill for skill in self.needed if skill not in self.on)
        return () if self.any_needed and len(off) < len(self.needed) else off


def _explained(reading: Reading, who: Personality, prompt: str, input: str, reference: str | None) -> Explanation:
    kind = reading.kind
    harms = {"always": bool(reading.always), "off task": off_task(reading, prompt)}

    def named(some: Set[str]) -> tuple[str, ...]:
        return tuple(skill for skill in kind.by_name if skill in some)

    return Explanation(
        kind.name,
        named(skills_at_work(reading, who, prompt, input)),
        named(kind.needs(input, reference)),
        named(reading.skills),
        named(reading.denied),
        tuple(sorted(reading.harms | {harm for harm, there in harms.items() if there})),
        tuple((skill.name, skill.about) for skill in kind.skills),
        answer(prompt, input, Draw(), who),
        kind.alternatives,
    )


def explain(prompt: str, input: str, model: str = "practice", reference: str | None = None) -> Explanation | None:
    """Describe which skills were on, which the input needed, and what came out, at temperature 0.

    `reference` is the right answer, where it is known: some skills show only by it. None when the practice
    model has no rules for the input, or no such model.
    """
    try:
        who = personality_of(model)
        prompt, input = prompt[:LONGEST_INSTRUCTION], input[:LONGEST_TEXT]
        return _explained(understood(prompt, input), who, prompt, input, reference)
    except LabError:
        return None
