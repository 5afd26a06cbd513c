"""How evidence is written in a meta-prompt."""

from __future__ import annotations

from lab.core.asks import Demonstration, ErrorSample
from lab.core.layout import filled


def errors(samples: tuple[ErrorSample, ...]) -> str:
    """Write error samples, numbered from 1, with what was expected and what was given."""
    return "\n\n".join(
        f"Example {i}\nInput: {error.text}\nExpected answer: {error.answer}\nGiven answer: {error.got}"
        for i, error in enumerate(samples, 1)
    )


def demonstrations(samples: tuple[Demonstration, ...]) -> str:
    """Write inputs with their reference answers."""
    return "\n\n".join(f"Input: {one.text}\nOutput: {one.answer}" for one in samples)


def template(prompt: str, inputs: tuple[str, ...] = ()) -> str:
    """Write how a prompt and an input stand together when the target model gets them."""
    slots = filled(prompt, inputs)
    if len(slots) == 1:
        return f"User: [the instructions, with the input in place of {slots[0]}]"
    if slots:
        return f"User: [the instructions, with the parts of the input in place of {', '.join(slots)}]"
    return "System: [the instructions]\nUser: [the input]"
