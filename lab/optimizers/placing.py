"""Where an instruction stands about the input: the positions of OPRO, as whole prompts of the target model."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from lab.core.layout import filled, whole

Position = Literal["before_question", "question_start", "question_end", "answer_start"]


@dataclass(frozen=True)
class Place:
    """A position in words, as text `before` and `after` the instruction, and in a `problem` that is shown."""

    words: str
    before: str
    after: str
    problem: str


# Yang et al. 2024, section 5.1. The lab's own layout puts a prompt without a slot before the input.
PLACES = MappingProxyType({
    "before_question": Place("before the input", "", "", "<INS>\nInput: {input}\nOutput: {answer}"),
    "question_start": Place(
        "at the start of the input", "", "\n{input}", "Input: <INS>\n{input}\nOutput: {answer}"
    ),
    "question_end": Place("at the end of the input", "{input}\n", "", "Input: {input}\n<INS>\nOutput: {answer}"),
    "answer_start": Place(
        "at the start of the answer, which goes on from it", "Q: {input}\nA: ", "",
        "Input: {input}\nOutput: <INS> {answer}",
    ),
})  # fmt: skip


def framed(instruction: str, position: str, inputs: tuple[str, ...] = ()) -> str:
    """Put an instruction where the position says; one that places the input itself is whole already.

    Example:
        `framed("Why?", "answer_start")` is a question line with `{input}`, then the line `A: Why?`.
    """
    if not instruction.strip() or filled(instruction, inputs):
        return instruction
    before, after = _around(position, inputs)
    return f"{before}{instruction}{after}"


def bare(prompt: str, position: str, inputs: tuple[str, ...] = ()) -> str:
    """Take the instruction out of its frame; a prompt in another frame is its own instruction."""
    before, after = _around(position, inputs)
    if prompt.startswith(before) and prompt.endswith(after):
        return prompt.removeprefix(before).removesuffix(after)
    return prompt


def _around(position: str, inputs: tuple[str, ...]) -> tuple[str, str]:
    place, slot = PLACES[position], whole(inputs)
    return place.before.replace("{input}", slot), place.after.replace("{input}", slot)
