"""The review board: what is proposed, and what a person may do about it."""

from __future__ import annotations

from typing import cast

from lab.asks import Candidate, Critique, ErrorSample, Item, Score
from lab.state import State
from lab.text import shortened
from lab.views.actions import actions, result, way_on
from lab.views.cards import card
from lab.views.error_table import error_table
from lab.views.markup import attributes, button, esc
from lab.views.numbers import count
from lab.views.score_table import score_table
from lab.views.verdicts import Row, rows, sentence

_BUSY = "A step is under way. Stop it or wait until it ends."


def board(state: State, running: bool) -> str:
    """Draws what waits for a verdict, or the way on where nothing waits."""
    off = _BUSY if running else ""
    if state.done:
        return f"<section{attributes(class_='lab-board', data_at=state.branch.node)}>{result(state, off)}</section>"
    phase = state.node.phase
    if state.proposal is None:
        body = f"<h3>{esc(phase.title)}</h3>{way_on(state, off)}"
        return f"<section{attributes(class_='lab-board', data_at=state.branch.node)}>{body}</section>"
    marks = attributes(class_="lab-board", data_proposal=state.branch.pending, data_at=state.branch.node)
    here = rows(state)
    return (
        f'<section{marks}><div class="lab-row"><h3>{esc(phase.title)}</h3>{_said(state)}</div>'
        f"{_items(state, here)}{_add(state, off)}{actions(state, here, off)}</section>"
    )


def _items(state: State, here: tuple[Row, ...]) -> str:
    assert state.proposal is not None
    if not here:
        return '<p class="lab-muted">Nothing came of this step. Draw again, or go on without.</p>'
    if isinstance(here[0].item, Score):
        return score_table(cast("tuple[Score, ...]", state.proposal.items), f"{state.branch.pending}")
    if isinstance(here[0].item, ErrorSample):
        return error_table(state, here)
    return f'<div class="lab-cards">{"".join(card(state, row) for row in here)}</div>'


def _said(state: State) -> str:
    """Says what led here when it was not the machine alone."""
    verdict = state.node.verdict
    if verdict is None or verdict.kind == "accept":
        return ""
    return f'<span class="lab-muted">Before this: {esc(sentence(verdict))}.</span>'


def _add(state: State, off: str) -> str:
    """Lets a person write an item; it shares place and evidence with one that is there."""
    assert state.proposal is not None
    items = state.proposal.items
    if not items or not isinstance(items[0], (Critique, Candidate)):
        return ""
    label = "Add a critique" if isinstance(items[0], Critique) else "Add a prompt"
    lowest = min((place for place, _ in state.draft), default=0)
    choices = _choices(items)
    like = choices[0][0] if len(choices) == 1 else None
    add = button(
        label, "mark", kind="lab-small", off=off,
        data_place=min(lowest, 0) - 1, data_keep="true", data_text="", data_like=like,
    )  # fmt: skip
    if like is not None:
        return f'<div class="lab-add">{add}</div>'
    options = "".join(f'<option value="{index}">{esc(name)}</option>' for index, name in choices)
    marks = attributes(data_arg="like", data_key=f"{state.branch.pending}/like")
    return f'<div class="lab-add" data-form>{add}<label>for <select{marks}>{options}</select></label></div>'


def _choices(items: tuple[Item, ...]) -> list[tuple[int, str]]:
    """What an added item may stand beside: a group of errors, or a prompt to descend from."""
    found: dict[object, tuple[int, str]] = {}
    for i, item in enumerate(items):
        if isinstance(item, Critique):
            found.setdefault(item.about, (i, f"the errors of critique {count(i + 1)}: {_begins(item.errors)}"))
        elif isinstance(item, Candidate):
            found.setdefault((item.parent, item.member), (i, f"a new version of: {shortened(item.parent, 40)}"))
    return list(found.values())


def _begins(errors: tuple[ErrorSample, ...]) -> str:
    return shortened(errors[0].text, 40) if errors else ""
