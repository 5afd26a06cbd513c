"""How evidence is written in a meta-prompt."""

from __future__ import annotations

from collections.abc import Callable

from lab.core.asks import Demonstration, ErrorSample
from lab.core.layout import filled


def errors(samples: tuple[ErrorSample, ...], put: Callable[[str], str] = str) -> str:
    """Write error samples, numbered from 1, with what was expected and given; `put` writes each text."""
    return "\n\n".join(
        f"Example {i}\nInput: {put(error.text)}\nExpected answer: {put(error.answer)}\n"
        f"Given answer: {put(error.got)}"
        for i, error in enumerate(samples, 1)
    )


def demonstrations(samples: tuple[Demonstration, ...], put: Callable[[str], str] = str) -> str:
    """Write inputs with their reference answers; `put` writes each text."""
    return "\n\n".join(f"Input: {put(one.text)}\nOutput: {put(one.answer)}" for one in samples)


def text(content: str) -> str:
    """Write a text of several lines so that its end can be seen; one of a single line as it is."""
    return f"<<<\n{content}\n>>>" if "\n" in content.strip() else content


def template(prompt: str, inputs: tuple[str, ...] = ()) -> str:
    """Write how a prompt and an input stand together when the target model gets them."""
    slots = filled(prompt, inputs)
    if len(slots) == 1:
        return f"User: [the instructions, with the input in place of {slots[0]}]"
    if slots:
        return f"User: [the instructions, with the parts of the input in place of {', '.join(slots)}]"
    return "System: [the instructions]\nUser: [the input]"
