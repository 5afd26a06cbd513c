"""A place of the history as it was, to read: what was held there, what was proposed, what a person made of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lab.core.asks import Demonstration, ErrorSample, Item, Score
from lab.i18n import gettext, gettext_lazy, ngettext
from lab.session.looking import Look
from lab.session.reviewed import Reviewed, Step, reviewed
from lab.session.state import State
from lab.views.diff import diff
from lab.views.markup import attributes, button, details, esc, named, table
from lab.views.noting import note_form, written
from lab.views.numbers import count, known_percent, mean
from lab.views.verdicts import sentence

__all__ = ["as_it_was", "looking", "nowhere", "title"]

_EMPTY = gettext_lazy("(no text)")
_MOST = 30  # items of a step that are listed


def looking(state: State, found: Look, off: str) -> str:
    """Draw a place as it was, and the two ways to act on it: to go back there, or to branch there."""
    here = found.id == state.branch.node
    back = "" if here else button(gettext("Go back here"), "goto", kind="lab-small", off=off, data_node=found.id)
    branch = button(gettext("Branch here"), "fork", kind="lab-small", off=off, data_node=found.id)
    close = button(gettext("Close"), "look", kind="lab-small", data_node="")
    marks = attributes(type="button", class_="lab-button lab-small", data_pin=found.led or found.id)
    pin = f"<button{marks}>{gettext('Compare')}</button>"
    note = (
        gettext("This is where you are.")
        if here
        else gettext("You only look: nothing has moved. Undo takes either act back.")
    )
    marks = attributes(class_="lab-look", data_looked=found.id, aria_label=gettext("A place of the history"))
    return (
        f'<section{marks}><div class="lab-row"><h4>{esc(title(found))}</h4>'
        f'<span class="lab-verdict">{back}{branch}{pin}{close}</span></div>'
        f'<p class="lab-muted">{esc(note)}</p>{written(state, found.id)}{as_it_was(state, found)}'
        f"{note_form(state, found.id)}</section>"
    )


def nowhere(problem: str) -> str:
    """Say why a place that was asked for, by an address for example, cannot be shown."""
    close = button(gettext("Close"), "look", kind="lab-small", data_node="")
    marks = attributes(class_="lab-look", data_looked="", aria_label=gettext("A place of the history"))
    return (
        f'<section{marks}><div class="lab-row"><p role="alert">{esc(problem)}</p>'
        f'<span class="lab-verdict">{close}</span></div></section>'
    )


def as_it_was(state: State, found: Look) -> str:
    """Draw what was held at a place, and each step that was decided there."""
    named = zip(found.steps, found.names, strict=True)
    steps = "".join(_step(state, step, name, i == 0) for i, (step, name) in enumerate(named))
    nothing = f'<p class="lab-muted">{gettext("Nothing was decided here yet.")}</p>'
    return _held(found) + (steps or nothing)


def title(found: Look) -> str:
    """Say which place it is: its round, its phase, and how it was come to."""
    node = found.node
    place = gettext("Round {round}, {phase}", round=count(node.phase.round + 1), phase=node.phase.title)
    if found.led:
        return gettext(
            "{place}, after {step} ({verdict})", place=place, step=found.led, verdict=sentence(node.verdict)
        )
    return gettext("{place}, after a change of what applies from there on", place=place) if node.parent else place


def _held(found: Look) -> str:
    rows = (
        (
            f'<div class="lab-clip" tabindex="0"><b>{esc(one.name)}</b> {esc(one.prompt)}</div>',
            esc(known_percent(one.measure.score if one.measure else None)),
        )
        for one in found.prompts
    )
    held = ngettext("The {n} prompt held here", "The {n} prompts held here", len(found.prompts))
    return details(f"look/{found.id}", held, table((gettext("Prompt"), gettext("On dev")), rows))


def _step(state: State, step: Step, name: str, first: bool) -> str:
    told = {"step": name, "phase": step.at.phase.title, "verdict": sentence(state.nodes[step.node].verdict)}
    summary = (
        gettext("{step}: {phase}, {verdict} on this line", **told)
        if step.node in state.path
        else gettext("{step}: {phase}, {verdict}", **told)
    )
    rows = list(reviewed(step.proposal, step.marks))
    drawn = "".join(_items(state, rows[:_MOST]))
    left = gettext("and {n} more", n=count(len(rows) - _MOST))
    more = f"<p class='lab-muted'>{left}</p>" if len(rows) > _MOST else ""
    return details(f"look/{step.node}", summary, f'<ul class="lab-looked">{drawn}</ul>{more}', first)


def _items(state: State, rows: Iterable[Reviewed]) -> Iterator[str]:
    for one in rows:
        pale = "" if one.kept else ' class="lab-pale"'
        why = f" ({esc(one.why)})" if one.why else ""
        text = (
            diff(one.proposed, one.item.text) if one.is_edited else f"<span>{esc(one.item.text) or _EMPTY}</span>"
        )
        told = "".join(f" · {esc(phrase)}" for phrase in _told(one))
        about = f'<span class="lab-muted">{told}{why}</span>'
        yield f"<li{pale}>{named(_name(state, one.item))} {text} {about}</li>"


def _name(state: State, item: Item) -> str:
    if isinstance(item, ErrorSample | Demonstration):
        return ""
    return state.names.critique(item.text) or state.names.prompt(item.text)


def _told(one: Reviewed) -> Iterator[str]:
    """Yield what there is to know of an item beside its text."""
    item = one.item
    if isinstance(item, ErrorSample):
        yield gettext("expected {expected}, got {given}", expected=item.answer, given=item.got)
    if isinstance(item, Score):
        yield ngettext(
            "{score} on {n} train example", "{score} on {n} train examples",
            sum(hit is not None for hit in item.hits), score=mean(item.mean, item.by),
        )  # fmt: skip
    if one.is_added:
        yield gettext("added by a person")
    elif one.is_edited:
        yield gettext("edited by a person")
    if not one.kept:
        yield gettext("left out")
