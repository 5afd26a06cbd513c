"""Instructions that a reader writes: tried on inputs by the practice model, which can be asked without a call."""

from __future__ import annotations

from collections.abc import Sequence

from lab.core.task import Example, Task
from lab.learn.checked import Finding, not_yet, right
from lab.practice import explain
from lab.tasks.outcomes import Reply, outcomes
from lab.text import shortened

__all__ = ["fits"]


def fits(words: object, task: Task, examples: Sequence[Example], most_wrong: int, look: str) -> Finding:
    """Say on how many examples an instruction leads to the right answer, and show one on which it does not."""
    if not isinstance(words, str):
        return not_yet(f"An instruction is a text, not {type(words).__name__}.", "Put it between quotes.")
    if " ".join(words.split()) == " ".join(task.start.split()):
        return not_yet("This is the start prompt.", look)
    answers = [
        found.answer if (found := explain(words, one.input, reference=one.answer)) else "" for one in examples
    ]
    wrong = [
        (one, told)
        for one, told in zip(examples, answers, strict=True)
        if outcomes(task, [one], [Reply(told)]).count("right") == 0
    ]
    said = f"It leads to the right answer on {len(examples) - len(wrong)} of these {len(examples)}."
    if len(wrong) <= most_wrong:
        return right(said)
    one, told = wrong[0]
    shown = f"{shortened(one.input, 90)!r} becomes {shortened(told, 60)!r}, and should be {one.answer!r}."
    return not_yet(f"{said} {shown}", look)
