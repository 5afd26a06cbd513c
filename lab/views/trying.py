"""A prompt tried on an input that a person types: the form, and what the target model replied."""

from __future__ import annotations

from lab.core.flaws import sentence
from lab.session.trying import LONGEST, Trial
from lab.views.markup import attributes, button, details, esc, part, pre

__all__ = ["ASKING", "form", "tried"]

ASKING = part("tried", '<p class="lab-muted" role="status">The target model is asked…</p>')
_ABOUT = (
    "The prompt of the open card is tried as it stands; where none is open, the best one so far. It takes one "
    "call to the target model, and changes no score and nothing in the history."
)


def form() -> str:
    """Draw the form; which prompt is meant is told by the card that is open."""
    field = attributes(
        data_arg="text", data_key="try/text", rows=2, maxlength=LONGEST, aria_label="Your input",
        placeholder="An input of yours",
    )  # fmt: skip
    body = (
        f'<div class="lab-try" data-form><textarea{field}></textarea>'
        f"{button('Try it', 'try', kind='lab-small', data_chosen='prompt')}</div>"
        f'<p class="lab-muted">{esc(_ABOUT)}</p>'
    )
    return part("trying", details("try", "Try the prompt on an input of yours", body))


def tried(trial: Trial) -> str:
    """Draw the reply as it came, and what was read in it: what a metric would judge."""
    read = pre(trial.read) if trial.read else '<p class="lab-muted">Nothing that counts as an answer.</p>'
    flaw = f'<p class="lab-flaw">{esc(sentence(trial.flaw))}</p>' if trial.flaw else ""
    return part(
        "tried",
        f'<p class="lab-label">Input</p>{pre(trial.input)}<p class="lab-label">Reply as received</p>'
        f'{pre(trial.reply)}{flaw}<p class="lab-label">What is read from it</p>{read}'
        f"{details('try/prompt', 'With this prompt', pre(trial.prompt))}",
        role="status",
    )
