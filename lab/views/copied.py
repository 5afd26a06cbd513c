"""A mark on a prompt that quotes examples: what it scores on them says little of what it does on others."""

from __future__ import annotations

from lab.core.quoting import Quoted, quoted
from lab.session.state import State
from lab.text import shortened
from lab.views.markup import details, esc, table
from lab.views.numbers import counted

_SHOWN = 12
_BRIEF = 300  # characters of an input
_MEANS = {
    "train": "Errors are drawn from train.",
    "dev": "Dev chooses the best prompt, so its dev score is too high.",
}


def copied(state: State, text: str, key: str) -> str:
    """Draw which examples a prompt quotes, a fold for each split; nothing where it quotes none."""
    return "".join(_fold(one, key) for one in quoted(text, state.context.task))


def sentence(one: Quoted) -> str:
    """Describe what a prompt quotes.

    Example:
        `Copied from train: 5 examples.`
    """
    return f"Copied from {one.split}: {counted(len(one.examples), 'example')}."


def _fold(one: Quoted, key: str) -> str:
    rows = ((esc(shortened(each.input, _BRIEF)), esc(each.answer)) for each in one.examples[:_SHOWN])
    more = len(one.examples) - _SHOWN
    rest = f'<p class="lab-muted">and {counted(more, "more example")}</p>' if more > 0 else ""
    means = (
        f'<p class="lab-muted">{_MEANS[one.split]} Leave them out, unless examples are what the prompt needs.</p>'
    )
    fold = details(f"{key}/copied/{one.split}", sentence(one), means + table(("Input", "Answer"), rows) + rest)
    return f'<div class="lab-copied">{fold}</div>'
