"""A mark on a prompt that quotes examples: what it scores on them says little of what it does on others."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lab.core.quoting import Quoted, quoted
from lab.i18n import gettext, gettext_lazy, ngettext
from lab.session.state import State
from lab.text import shortened
from lab.views.markup import details, esc, table

_SHOWN = 12
_BRIEF = 300  # characters of an input
_MEANS: Mapping[str, str] = MappingProxyType(
    {
        "train": gettext_lazy(
            "Errors are drawn from train. Leave them out, unless examples are what the prompt needs."
        ),
        "dev": gettext_lazy(
            "Dev chooses the best prompt, so its dev score is too high. "
            "Leave them out, unless examples are what the prompt needs."
        ),
    }
)


def copied(state: State, text: str, key: str) -> str:
    """Draw which examples a prompt quotes, a fold for each split; nothing where it quotes none."""
    return "".join(_fold(one, key) for one in quoted(text, state.context.task))


def sentence(one: Quoted) -> str:
    """Describe what a prompt quotes.

    Example:
        `Copied from train: 5 examples.`
    """
    n = len(one.examples)
    if one.split == "train":
        return ngettext("Copied from train: {n} example.", "Copied from train: {n} examples.", n)
    return ngettext("Copied from dev: {n} example.", "Copied from dev: {n} examples.", n)


def _fold(one: Quoted, key: str) -> str:
    rows = ((esc(shortened(each.input, _BRIEF)), esc(each.answer)) for each in one.examples[:_SHOWN])
    more = len(one.examples) - _SHOWN
    left = ngettext("and {n} more example", "and {n} more examples", more)
    rest = f'<p class="lab-muted">{left}</p>' if more > 0 else ""
    shown = table((gettext("Input"), gettext("Answer")), rows)
    body = f'<p class="lab-muted">{_MEANS[one.split]}</p>{shown}{rest}'
    return f'<div class="lab-copied">{details(f"{key}/copied/{one.split}", sentence(one), body)}</div>'
