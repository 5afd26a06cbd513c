"""The branch itself: what it is called, and where it waits for a person."""

from __future__ import annotations

from lab.i18n import gettext
from lab.session.state import State
from lab.views.markup import attributes, button, details, esc
from lab.views.track import shown_phases


def this_branch(state: State, off: str) -> str:
    """Draw the form that renames the branch, and the one that says at which steps it pauses."""
    here = state.branch
    name = attributes(type="text", data_arg="name", data_key=f"{here.id}/name", value=here.name, maxlength=80)
    body = (
        f'<div class="lab-rules"><div class="lab-inline" data-form><label>{gettext("Name")} <input{name}></label>'
        f"{button(gettext('Rename'), 'rename', kind='lab-small')}</div>"
        f'<div data-form><p class="lab-label">{gettext("Pause at")}</p>'
        f'<div class="lab-ticks">{"".join(_stops(state))}</div>'
        f"{button(gettext('Pause at these steps'), 'pause', kind='lab-small', off=off)}</div></div>"
    )
    return details("branch", gettext("This branch: its name, and where it pauses"), body)


def _stops(state: State) -> list[str]:
    return [
        f'<label class="lab-tick"><input{_mark(state, phase.__name__)}> {esc(phase.title)}</label>'
        for phase in shown_phases(state)
    ]


def _mark(state: State, name: str) -> str:
    key = f"{state.branch.id}/stops/{name}"
    checked = name in state.branch.stops
    return attributes(type="checkbox", data_arg="stops", data_each=name, data_key=key, checked=checked)
