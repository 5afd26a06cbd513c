"""What a person may say of an example, and what that means for the scores it had a part in."""

from __future__ import annotations

from collections.abc import Iterable

from lab.core.asks import Item
from lab.core.flaws import Flaw, sentence
from lab.i18n import gettext, gettext_lazy, ngettext
from lab.session.state import State
from lab.views.markup import button, details, esc, table

DOUBT = gettext_lazy("Measured with an example that has been flagged since.")


def answer(text: str, example: str) -> str:
    """Draw a reference answer, and the control that flags it as wrong."""
    return f"{esc(text)} {button(gettext('Flag as wrong'), 'flag', kind='lab-flag', data_example=example)}"


def given(got: str, flaw: Flaw | None = None) -> str:
    """Draw what a model answered, and why it did not arrive whole where it did not."""
    why = f"<em>{esc(sentence(flaw))}</em>" if flaw else ""
    return " ".join(filter(None, (esc(got), why))) or f"<em>{gettext('nothing')}</em>"


def protect(state: State, example: str) -> str:
    """Draw the control that makes an example one that must not break, or take that back."""
    if example in state.constraints.protected:
        return button(gettext("May break again"), "unprotect", kind="lab-flag", data_example=example)
    return button(gettext("Must not break"), "protect", kind="lab-flag", data_example=example)


def asked(state: State, ids: Iterable[str]) -> str:
    """Draw the train examples that were asked, each once, with what may be said of it."""
    examples = {example.id: example for example in state.context.task.train}
    rows = [
        (esc(one.input), f"{answer(one.answer, one.id)} {protect(state, one.id)}")
        for one in (examples[id] for id in ids if id in examples)
    ]
    title = ngettext(
        "The {n} example asked, to flag or to protect", "The {n} examples asked, to flag or to protect", len(rows)
    )
    heads = (gettext("Input"), gettext("Expected answer"))
    return details(f"{state.branch.pending}/asked", title, table(heads, rows))


def doubt(state: State, item: Item) -> str:
    """Draw the sign beside an estimate that was measured with an example flagged since; else nothing."""
    return f' <abbr class="lab-doubt" title="{esc(DOUBT)}">†</abbr>' if state.is_doubtful(item) else ""
