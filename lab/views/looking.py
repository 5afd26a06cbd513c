"""A place of the history as it was, to read: what was held there, what was proposed, what a person made of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lab.core.asks import Demonstration, ErrorSample, Item, Score
from lab.session.looking import Look
from lab.session.reviewed import Reviewed, Step, reviewed
from lab.session.state import State
from lab.views.diff import diff
from lab.views.markup import attributes, button, details, esc, named, table
from lab.views.noting import note_form, written
from lab.views.numbers import count, counted, known_percent, mean
from lab.views.verdicts import sentence

__all__ = ["as_it_was", "looking", "nowhere", "title"]

_EMPTY = "(no text)"
_MOST = 30  # items of a step that are listed


def looking(state: State, found: Look, off: str) -> str:
    """Draw a place as it was, and the two ways to act on it: to go back there, or to branch there."""
    here = found.id == state.branch.node
    back = "" if here else button("Go back here", "goto", kind="lab-small", off=off, data_node=found.id)
    branch = button("Branch here", "fork", kind="lab-small", off=off, data_node=found.id)
    close = button("Close", "look", kind="lab-small", data_node="")
    marks = attributes(type="button", class_="lab-button lab-small", data_pin=found.led or found.id)
    pin = f"<button{marks}>Compare</button>"
    note = "This is where you are." if here else "You only look: nothing has moved. Undo takes either act back."
    marks = attributes(class_="lab-look", data_looked=found.id, aria_label="A place of the history")
    return (
        f'<section{marks}><div class="lab-row"><h4>{esc(title(found))}</h4>'
        f'<span class="lab-verdict">{back}{branch}{pin}{close}</span></div>'
        f'<p class="lab-muted">{esc(note)}</p>{written(state, found.id)}{as_it_was(state, found)}'
        f"{note_form(state, found.id)}</section>"
    )


def nowhere(problem: str) -> str:
    """Say why a place that was asked for, by an address for example, cannot be shown."""
    close = button("Close", "look", kind="lab-small", data_node="")
    marks = attributes(class_="lab-look", data_looked="", aria_label="A place of the history")
    return (
        f'<section{marks}><div class="lab-row"><p role="alert">{esc(problem)}</p>'
        f'<span class="lab-verdict">{close}</span></div></section>'
    )


def as_it_was(state: State, found: Look) -> str:
    """Draw what was held at a place, and each step that was decided there."""
    named = zip(found.steps, found.names, strict=True)
    steps = "".join(_step(state, step, name, i == 0) for i, (step, name) in enumerate(named))
    return _held(found) + (steps or '<p class="lab-muted">Nothing was decided here yet.</p>')


def title(found: Look) -> str:
    """Say which place it is: its round, its phase, and how it was come to."""
    node = found.node
    led = f", after {found.led} ({sentence(node.verdict)})" if found.led else ""
    changed = ", after a change of what applies from there on" if node.parent and not found.led else ""
    return f"Round {count(node.phase.round + 1)}, {node.phase.title}{led}{changed}"


def _held(found: Look) -> str:
    rows = (
        (
            f'<div class="lab-clip" tabindex="0"><b>{esc(one.name)}</b> {esc(one.prompt)}</div>',
            esc(known_percent(one.measure.score if one.measure else None)),
        )
        for one in found.prompts
    )
    n = len(found.prompts)
    return details(f"look/{found.id}", f"The {counted(n, 'prompt')} held here", table(("Prompt", "On dev"), rows))


def _step(state: State, step: Step, name: str, first: bool) -> str:
    verdict = sentence(state.nodes[step.node].verdict)
    rows = list(reviewed(step.proposal, step.marks))
    drawn = "".join(_items(state, rows[:_MOST]))
    more = f"<p class='lab-muted'>and {count(len(rows) - _MOST)} more</p>" if len(rows) > _MOST else ""
    summary = f"{name}: {step.at.phase.title}, {verdict}" + (" on this line" if step.node in state.path else "")
    return details(f"look/{step.node}", summary, f'<ul class="lab-looked">{drawn}</ul>{more}', first)


def _items(state: State, rows: Iterable[Reviewed]) -> Iterator[str]:
    for one in rows:
        pale = "" if one.kept else ' class="lab-pale"'
        fate = "" if one.kept else " · left out"
        why = f" ({esc(one.why)})" if one.why else ""
        by = " · added by a person" if one.is_added else " · edited by a person" if one.is_edited else ""
        text = (
            diff(one.proposed, one.item.text) if one.is_edited else f"<span>{esc(one.item.text) or _EMPTY}</span>"
        )
        about = f'<span class="lab-muted">{_about(one.item)}{by}{fate}{why}</span>'
        yield f"<li{pale}>{named(_name(state, one.item))} {text} {about}</li>"


def _name(state: State, item: Item) -> str:
    if isinstance(item, ErrorSample | Demonstration):
        return ""
    return state.names.critique(item.text) or state.names.prompt(item.text)


def _about(item: Item) -> str:
    if isinstance(item, ErrorSample):
        return esc(f" · expected {item.answer}, got {item.got}")
    if isinstance(item, Score):
        n = sum(hit is not None for hit in item.hits)
        return esc(f" · {mean(item.mean, item.by)} on {counted(n, 'train example')}")
    return ""
