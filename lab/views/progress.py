"""The line between the track and the board: what is running, or how one may move about."""

from __future__ import annotations

from lab.session.jobs import Progress
from lab.session.state import State
from lab.views.markup import attributes, button, esc
from lab.views.numbers import coordinate, count, counted

_ENDS = {
    "stopped": "Stopped. What had arrived is kept and will not be paid for again.",
    "failed": "",
    "awaited": "Stopped at a step whose replies you write.",
}


def progress_line(state: State, progress: Progress | None) -> str:
    """Draw the running step with its Stop, or undo, redo and branch."""
    if progress is not None and progress.state == "running":
        return running_line(progress)
    here = state.branch
    ended = _ENDS.get(progress.state, "") if progress is not None and not progress.error else ""
    moves = (
        button("Undo", "undo", kind="lab-small", off="" if here.can_undo else "Nothing to undo yet."),
        button("Redo", "redo", kind="lab-small", off="" if here.can_redo else "Nothing to redo."),
        button(
            "Branch from here", "fork", kind="lab-small", data_node=here.node,
            title="Start a second branch at this point; this one stays as it is.",
        ),
    )  # fmt: skip
    return (
        f'<div class="lab-line"><span class="lab-moves">{"".join(moves)}</span>'
        f'<span class="lab-muted lab-ended" role="status">{esc(ended)}</span></div>{_failure(progress)}'
    )


def running_line(progress: Progress) -> str:
    """Draw a step under way: what it does, how far it is, and Stop."""
    share = 100 * progress.done / progress.expected if progress.expected else 0
    attrs = attributes(
        class_="lab-bar", role="progressbar", aria_label="Progress of the step",
        aria_valuemin=0, aria_valuemax=max(progress.expected, 1), aria_valuenow=progress.done,
    )  # fmt: skip
    return (
        '<div class="lab-line lab-running">'
        f'<span class="lab-what" role="status">{esc(progress.what or "Getting ready")}</span>'
        f'<span{attrs}><i style="width:{coordinate(share)}%"></i></span>'
        f'<span class="lab-muted lab-calls">{esc(_calls(progress))}</span>'
        f"{button('Stop', 'stop', kind='lab-small lab-stop')}</div>"
    )


def _calls(progress: Progress) -> str:
    if not progress.expected:
        return ""
    known = f", {count(progress.cached)} already known" if progress.cached else ""
    return f"{count(progress.done)} of {counted(progress.expected, 'call')}{known}"


def _failure(progress: Progress | None) -> str:
    if progress is None or not progress.error:
        return ""
    if progress.state == "asks":
        note = "The step is not decided: look, and go on as you like."
        said = f"<strong>Autopilot stopped to ask you.</strong> {esc(progress.error)} {note}"
        return f'<div class="lab-asks" role="status">{said}</div>'
    ended = "The step stopped at the spending limit." if progress.state == "stopped" else "The step failed."
    message = f"<strong>{ended}</strong> {esc(progress.error)} What had arrived is kept."
    return f'<div class="lab-failure" role="alert">{message}</div>'
