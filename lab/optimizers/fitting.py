"""What a meta-prompt says so that it fits a real model, beside the parts that the paper's has.

The setting `wording` leaves it on: "fitted" says how answers are judged and which labels there are, that slots and
the language stay, and reads as English whatever is counted; "paper" asks for the paper's own parts and no more.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal, get_args

from lab.core.asks import Context, Demonstration, ErrorSample
from lab.core.layout import filled, placeholders
from lab.i18n import gettext_lazy
from lab.optimizers.sections import section_of
from lab.optimizers.settings import choice
from lab.optimizers.shown import demonstrations as written_demonstrations
from lab.optimizers.shown import errors as written_errors
from lab.optimizers.shown import text

Wording = Literal["fitted", "paper"]
_SENTENCE = re.compile(r".*?(?:[.!?](?=\s)|\Z)", re.DOTALL)
_MOST_LABELS = 60  # that are written out


def wording() -> Wording:
    """Declare the setting; runs that were begun before there was one keep the paper's own wording."""
    return choice(
        "fitted",
        get_args(Wording),
        gettext_lazy(
            '"fitted" also tells the optimizer model how answers are judged, which labels there are, and that '
            'slots and language stay; "paper" is the paper\'s own wording, which says none of it'
        ),
        before="paper",
    )


def is_fitted(context: Context) -> bool:
    """Return whether meta-prompts are to fit a real model."""
    return bool(context.settings.wording == "fitted")


def described(context: Context) -> str:
    """Say what the task is, by the first sentence of its description.

    What follows says what is hard about it, which is to be found out; the paper's wording has it all.
    """
    about = context.task.about or context.task.name
    return _SENTENCE.match(about)[0] if is_fitted(context) else about  # type: ignore[index]  # it matches anything


def judging(context: Context) -> str:
    """Say in a paragraph how answers are judged, and which labels there are; nothing in the paper's wording."""
    return f"{_rule(context)}\n\n" if is_fitted(context) else ""


def _rule(context: Context) -> str:
    task = context.task
    if task.metric == "numeric":
        return "An answer counts as right only if the last number in it has the value of the expected answer."
    if task.metric == "field_f1":
        return (
            "An answer counts only if it is JSON and nothing else. The more of its fields agree with those of the "
            "expected answer, the more it counts."
        )
    if task.metric not in ("exact", "accuracy", "macro_f1"):
        return "A rule of the task's own compares each answer with the expected one."
    if not task.labels:
        return "An answer counts as right only if the whole of it is the expected one, with nothing around it."
    labels, more = task.labels[:_MOST_LABELS], len(task.labels) - _MOST_LABELS
    rest = f", and {more} more like these" if more > 0 else ""
    return (
        f"An answer counts as right only if the whole answer is exactly one of {', '.join(labels)}{rest}, and the "
        "right one of them, with nothing around it."
    )


def stays(context: Context, prompt: str, them: str = "the current instructions") -> str:
    """Ask that slots and language of a prompt stay; nothing in the paper's wording."""
    if not is_fitted(context):
        return ""
    slots = ", ".join(placeholders(prompt, context.task.inputs))
    keep = f" Keep {slots} exactly as it stands, and put in no other slot." if slots else ""
    return f"{keep} Write in the language of {them}."


def induced(context: Context) -> str:
    """Ask that a guessed instruction has the slots that inputs are put into, and is in their language."""
    if not is_fitted(context):
        return ""
    slots = ", ".join(filled(context.task.start, context.task.inputs))
    into = f" Where the input goes, write {slots}; there is no other slot." if slots else ""
    return f"{into} Write it in the language of the examples."


def instructions(context: Context, prompt: str, plain: str) -> dict[str, str]:
    """Return what shows a prompt: its part that may change, how this is called, and the whole around it.

    A prompt is not its part: where the start prompt has a section for the task, the whole prompt is shown with that
    part marked, and only the part is asked for.
    """
    before, part, after = section_of(prompt, context.task.start)
    if not (before or after):
        return {"prompt": prompt, "whole": "", "these": plain}
    if not is_fitted(context):
        return {"prompt": part, "whole": "", "these": "This is the part that may change:"}
    whole = (
        "This is all that the other model is told. Only what stands between <PART> and </PART> may change, and "
        f"only that is asked for:\n<WHOLE>\n{before}<PART>\n{part}\n</PART>{after}\n</WHOLE>\n\n"
    )
    return {"prompt": part, "whole": whole, "these": "This is the part that may change:"}


def many(context: Context, n: int, one: str, several: str, paper: str) -> str:
    """Return how so many are asked for, as English has it: `one`, or `several` with the number put before.

    Example:
        `many(context, 1, "one reason", "{n} different reasons", "{n} different reason(s)")`
    """
    said = paper if not is_fitted(context) else one if n == 1 else several
    return said.replace("{n}", str(n))


def delimited(context: Context) -> Callable[[str], str]:
    """Return how a text of an example is written: in the paper's wording as it is."""
    return text if is_fitted(context) else str


def errors(context: Context, samples: tuple[ErrorSample, ...]) -> str:
    """Write error samples; texts of several lines are delimited, but not in the paper's wording."""
    return written_errors(samples, delimited(context))


def demonstrations(context: Context, samples: tuple[Demonstration, ...]) -> str:
    """Write inputs with their answers; texts of several lines are delimited, but not in the paper's wording."""
    return written_demonstrations(samples, delimited(context))
