"""The calls of a run that no reply came to: how many, which, why, and the way to ask anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from lab.core.flaws import sentence
from lab.i18n import gettext, ngettext
from lab.session.state import State
from lab.store import Missing
from lab.text import shortened
from lab.views.markup import button, details, esc, table
from lab.views.names import role_name
from lab.views.numbers import count, counted

_SHOWN = 50
_BRIEF = 200  # characters of what was asked


def missing_replies(state: State, off: str) -> str:
    """Draw what was not answered, with the control that asks anew; nothing where all was."""
    if not state.missing:
        return ""
    rows = [(f"{esc(_asked(one))} {_role(one)}", esc(sentence(one.flaw))) for one in state.missing[:_SHOWN]]
    more = len(state.missing) - len(rows)
    left = f'<p class="lab-muted">{gettext("and {n} more", n=count(more))}</p>' if more else ""
    missing_calls = gettext(
        "They are left out of every score, and prompts are compared on the examples that were answered under both. "
        "What was decided before stays as it was decided."
    )
    ask = button(
        gettext("Ask again"), "retry", kind="lab-small", off=off,
        title=gettext("Ask for what is missing, and nothing else."),
    )  # fmt: skip
    heads = (gettext("What was asked"), gettext("Why nothing came"))
    body = f"<p>{missing_calls} {ask}</p>{table(heads, rows)}{left}"
    n = len(state.missing)
    return details("missing", ngettext("{n} call not answered", "{n} calls not answered", n), body)


def in_words(missing: Sequence[Missing]) -> str:
    """Describe for the command line which calls were not answered, and why; the commonest reason first."""
    why = Counter(sentence(one.flaw) for one in missing)
    reasons = "; ".join(f"{count(n)} x {shortened(reason, _BRIEF)}" for reason, n in why.most_common(3))
    first = shortened(_asked(missing[0]), 80)
    return (
        f"{counted(len(missing), 'call')} not answered and left out of the scores ({reasons}). The first asked: "
        f"“{first}”."
    )


def _role(one: Missing) -> str:
    return f'<span class="lab-muted">({esc(role_name(one.role))})</span>'


def _asked(one: Missing) -> str:
    """Return what a call asked last: of a target model, the input of an example."""
    body = one.call.body
    text = body["messages"][-1]["content"] if "messages" in body else body["prompt"]
    return shortened(str(text), _BRIEF)
