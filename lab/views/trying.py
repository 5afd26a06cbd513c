"""A prompt tried on an input that a person types: the form, and what the target model replied."""

from __future__ import annotations

from lab.core.flaws import sentence
from lab.i18n import gettext, gettext_lazy
from lab.session.trying import LONGEST, Trial
from lab.views.markup import attributes, button, details, esc, part, pre

__all__ = ["asking", "form", "tried"]

_ABOUT = gettext_lazy(
    "The prompt of the open card is tried as it stands; where none is open, the best one so far. It takes one "
    "call to the target model, and changes no score and nothing in the history."
)


def asking() -> str:
    """Draw that the reply is on its way."""
    return part("tried", f'<p class="lab-muted" role="status">{gettext("The target model is asked…")}</p>')


def form() -> str:
    """Draw the form; which prompt is meant is told by the card that is open."""
    field = attributes(
        data_arg="text", data_key="try/text", rows=2, maxlength=LONGEST, aria_label=gettext("Your input"),
        placeholder=gettext("An input of yours"),
    )  # fmt: skip
    body = (
        f'<div class="lab-try" data-form><textarea{field}></textarea>'
        f"{button(gettext('Try it'), 'try', kind='lab-small', data_chosen='prompt')}</div>"
        f'<p class="lab-muted">{esc(_ABOUT)}</p>'
    )
    return part("trying", details("try", gettext("Try the prompt on an input of yours"), body))


def tried(trial: Trial) -> str:
    """Draw the reply as it came, and what was read in it: what a metric would judge."""
    nothing = f'<p class="lab-muted">{gettext("Nothing that counts as an answer.")}</p>'
    read = pre(trial.read) if trial.read else nothing
    flaw = f'<p class="lab-flaw">{esc(sentence(trial.flaw))}</p>' if trial.flaw else ""
    return part(
        "tried",
        f'<p class="lab-label">{gettext("Input")}</p>{pre(trial.input)}'
        f'<p class="lab-label">{gettext("Reply as received")}</p>{pre(trial.reply)}{flaw}'
        f'<p class="lab-label">{gettext("What is read from it")}</p>{read}'
        f"{details('try/prompt', gettext('With this prompt'), pre(trial.prompt))}",
        role="status",
    )
