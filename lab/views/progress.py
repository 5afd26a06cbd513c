"""The line between the track and the board: what is running, or how one may move about."""

from __future__ import annotations

from lab.i18n import gettext, gettext_lazy, ngettext
from lab.session.jobs import Progress
from lab.session.state import State
from lab.views.markup import attributes, button, esc
from lab.views.numbers import coordinate, count
from lab.views.prose import in_a_row
from lab.views.recording import NOT_IN_IT

_ENDS = {
    "stopped": gettext_lazy("Stopped. What had arrived is kept and will not be paid for again."),
    "failed": "",
    "awaited": gettext_lazy("Stopped at a step whose replies you write."),
}


def progress_line(state: State, progress: Progress | None) -> str:
    """Draw undo, redo and branch, and with a step under way how far it is."""
    if progress is not None and progress.state == "running":
        return running_line(progress)
    here = state.branch
    ended = _ENDS.get(progress.state, "") if progress is not None and not progress.error else ""
    no_undo = "" if here.can_undo else gettext("Nothing to undo yet.")
    no_redo = "" if here.can_redo else gettext("Nothing to redo.")
    moves = _moves(no_undo, no_redo, "", here.node)
    return (
        f'<div class="lab-line">{moves}<span class="lab-muted lab-ended" role="status">{esc(ended)}</span></div>'
        f"{_failure(progress)}"
    )


def _moves(no_undo: str, no_redo: str, no_branch: str, node: str) -> str:
    """Draw the moves in the history, each with why it cannot be made, or "" where it can."""
    fork = gettext("Start a second branch at this point; this one stays as it is.")
    buttons = (
        button(gettext("Undo"), "undo", kind="lab-small", off=no_undo),
        button(gettext("Redo"), "redo", kind="lab-small", off=no_redo),
        button(gettext("Branch from here"), "fork", kind="lab-small", off=no_branch, data_node=node, title=fork),
    )
    return f'<span class="lab-moves">{"".join(buttons)}</span>'


def running_line(progress: Progress) -> str:
    """Draw a step under way: what it does, how far it is, and Stop; the moves stay in their places."""
    busy = gettext("A step is running.")
    share = 100 * progress.done / progress.expected if progress.expected else 0
    attrs = attributes(
        class_="lab-bar", role="progressbar", aria_label=gettext("Progress of the step"),
        aria_valuemin=0, aria_valuemax=max(progress.expected, 1), aria_valuenow=progress.done,
    )  # fmt: skip
    return (
        f'<div class="lab-line">{_moves(busy, busy, busy, "")}</div><div class="lab-line lab-running">'
        f'<span class="lab-what" role="status">{esc(progress.what or gettext("Getting ready"))}</span>'
        f'<span{attrs}><i style="width:{coordinate(share)}%"></i></span>'
        f'<span class="lab-muted lab-calls">{esc(_calls(progress))}</span>'
        f"{button(gettext('Stop'), 'stop', kind='lab-small lab-stop')}</div>"
    )


def _calls(progress: Progress) -> str:
    if not progress.expected:
        return ""
    done = ngettext("{n_done} of {n} call", "{n_done} of {n} calls", progress.expected, n_done=count(progress.done))
    if not progress.cached:
        return done
    return gettext("{calls}, {n_known} already known", calls=done, n_known=count(progress.cached))


def _failure(progress: Progress | None) -> str:
    if progress is not None and progress.state == "recorded":
        return f'<div class="lab-asks" role="alert">{NOT_IN_IT}</div>'
    if progress is None or not progress.error:
        return ""
    if progress.state == "asks":
        who = f"<strong>{gettext('Autopilot stopped to ask you.')}</strong>"
        note = gettext("The step is not decided: look, and go on as you like.")
        said = in_a_row(who, esc(progress.error), note)
        return f'<div class="lab-asks" role="status">{said}</div>'
    at_limit = progress.state == "stopped"
    ended = gettext("The step stopped at the spending limit.") if at_limit else gettext("The step failed.")
    message = in_a_row(f"<strong>{ended}</strong>", esc(progress.error), gettext("What had arrived is kept."))
    return f'<div class="lab-failure" role="alert">{message}</div>'
