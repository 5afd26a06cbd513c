"""A run that was recorded: marked as one, and the way to go on from it with models that are asked."""

from __future__ import annotations

from lab.i18n import gettext, gettext_lazy, ngettext
from lab.models.roles import Role
from lab.session.state import State
from lab.views.markup import attributes, button, esc
from lab.views.models import TITLES
from lab.views.numbers import count
from lab.views.prose import in_a_row

__all__ = ["NOT_IN_IT", "connecting", "mark", "unknown", "ways_on"]

_NAMED: tuple[Role, ...] = ("optimizer", "target")  # a judge stays the one that it is
_ABOUT = gettext_lazy(
    "This is a recording: its steps and replies are as they were, and nothing is sent to its models. You may "
    "branch from any step as far as the replies are known. Models of your own (practice, by-hand or MODEL@URL) go "
    "on from here on a branch of its own, and the recording stays as it is."
)

_WAYS = gettext_lazy(
    "Connect a model of your own under Models, at the right, or go back in the history and branch where replies "
    "are known."
)
NOT_IN_IT = gettext_lazy(
    "This is a recording, and the replies that this step needs are not in it. {ways}", ways=_WAYS
)


def unknown(state: State) -> str:
    """Say that the next step needs replies that a recording does not hold; nothing where it holds them all."""
    taken = state.estimate
    if taken is None or taken.role is None or not taken.n_to_pay:
        return ""
    if not state.branch.models[taken.role].is_out_of_reach:
        return ""
    if not taken.n_cached:
        return ngettext(
            "This recording holds none of the {n} reply that this step needs.",
            "This recording holds none of the {n} replies that this step needs.",
            taken.n_calls,
        )
    return ngettext(
        "This recording holds {n_held} of the {n} reply that this step needs.",
        "This recording holds {n_held} of the {n} replies that this step needs.",
        taken.n_calls, n_held=count(taken.n_cached),
    )  # fmt: skip


def ways_on(state: State) -> str:
    """Draw what can be done where the next step needs replies that a recording does not hold."""
    told = unknown(state)
    return f'<p class="lab-asks">{in_a_row(esc(told), _WAYS)}</p>' if told else ""


def mark(state: State) -> str:
    """Draw that a run is a recording; nothing for any other."""
    if not state.branch.models.are_recorded:
        return ""
    return f"<span{attributes(class_='lab-chip', title=_ABOUT)}>{gettext('recording')}</span>"


def connecting(state: State, off: str) -> str:
    """Draw the form that goes on from a recording with models that are asked; nothing for any other run."""
    if not state.branch.models.are_recorded:
        return ""
    key = f"{state.branch.id}/connect"
    named = ((role, state.branch.models[role].spec) for role in _NAMED)
    fields = "".join(
        f'<label><span class="lab-label">{esc(TITLES[role])}</span>'
        f"<input{attributes(type='text', data_arg=role, data_key=f'{key}/{role}', value=spec)}></label>"
        for role, spec in named
    )
    go = button(gettext("Go on with these models"), "connect", kind="lab-small", off=off)
    return (
        f'<div class="lab-use" data-form><h4>{gettext("Connect a model")}</h4><p class="lab-muted">{_ABOUT}</p>'
        f'<div class="lab-fields">{fields}</div>{go}</div>'
    )
