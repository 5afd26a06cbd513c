"""A run that was recorded: marked as one, and the way to go on from it with models that are asked."""

from __future__ import annotations

from lab.models.roles import Role
from lab.session.state import State
from lab.views.markup import attributes, button, esc
from lab.views.models import TITLES

__all__ = ["connecting", "mark"]

_NAMED: tuple[Role, ...] = ("optimizer", "target")  # a judge stays the one that it is
_ABOUT = (
    "This is a recording: its steps and replies are as they were, and nothing is sent to its models. You may "
    "branch from any step as far as the replies are known. Models of your own (practice, by-hand or MODEL@URL) go "
    "on from here on a branch of its own, and the recording stays as it is."
)


def mark(state: State) -> str:
    """Draw that a run is a recording; nothing for any other."""
    return (
        f'<span class="lab-chip" title="{esc(_ABOUT)}">recording</span>' if state.branch.models.are_recorded else ""
    )


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
    go = button("Go on with these models", "connect", kind="lab-small", off=off)
    return (
        f'<div class="lab-use" data-form><h4>Connect a model</h4><p class="lab-muted">{_ABOUT}</p>'
        f'<div class="lab-fields">{fields}</div>{go}</div>'
    )
