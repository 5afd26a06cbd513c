"""The review board: what is proposed, and what a person may do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from lab.core.asks import Candidate, Critique, Demonstration, ErrorSample, Item, Pick, Score, TrajectoryRow
from lab.i18n import gettext, gettext_lazy, ngettext
from lab.session.state import State
from lab.text import shortened
from lab.views import sifting
from lab.views.actions import actions, after_result, before_step, next_step, result
from lab.views.analysis import error_groups
from lab.views.by_hand import requests
from lab.views.cards import card, kind, title
from lab.views.constraints import active_rules
from lab.views.demonstration_table import demonstration_table
from lab.views.error_table import error_table
from lab.views.markup import attributes, button, details, esc, named
from lab.views.merging import from_other_lines
from lab.views.missing import missing_replies
from lab.views.numbers import count
from lab.views.score_table import score_table, scored_by
from lab.views.tour import tour
from lab.views.trajectory_table import trajectory_table
from lab.views.verdicts import Row, rows, sentence

BUSY = gettext_lazy("A step is running. Stop it, or wait until it ends.")
_FEW = 4  # cards that need no fold
_BRIEF = 300  # characters of a remark
_MOST_REMARKS = 50
_SHOWN = gettext_lazy("The rows that you keep are those that the optimizer model is shown.")
_ADD: Mapping[str, str] = MappingProxyType(
    {
        "prompt": gettext_lazy("Add a prompt"),
        "critique": gettext_lazy("Add a critique"),
        "reasoning": gettext_lazy("Add a reasoning"),
        "note": gettext_lazy("Add a note"),
    }
)
_TABLES: Mapping[type[Item], Callable[[State, tuple[Row, ...]], str]] = MappingProxyType(
    {ErrorSample: error_table, Demonstration: demonstration_table, TrajectoryRow: trajectory_table}
)


def board(state: State, running: bool) -> str:
    """Draw what waits for a verdict, or the way on where nothing waits."""
    off = BUSY if running else ""
    marks = attributes(
        class_="lab-board", data_proposal=state.branch.pending, data_at=state.branch.node, data_done=state.done
    )
    here = rows(state)
    if state.done:
        decision, bar = result(state), after_result(state, off)
    elif state.proposal is None:
        asked = requests(state, off)
        ahead = asked or f"{_worked_on(state)}{tour(state.node.phase)}"
        decision, bar = f"{_head(state)}{before_step(state)}{ahead}", next_step(state, off)
    else:
        added = f"{error_groups(state, off)}{_add(state, off)}{_remarks(state, off)}{from_other_lines(state, off)}"
        decision = f"{_head(state)}{_items(state, here)}{added}{tour(state.node.phase)}"
        bar = actions(state, here, off)
    held = missing_replies(state, off) + active_rules(state, off)
    centre = attributes(class_="lab-decision", role="region", aria_label=gettext("Decision"))
    return f"<section{marks}><div{centre}>{held}{decision}</div>{bar}</section>"


def _head(state: State) -> str:
    """Draw what is to be decided: its title, what the step does, and what led here."""
    phase = state.node.phase
    before = _previous_verdict(state) if state.proposal is not None else ""
    return (
        f'<div class="lab-row"><h3>{esc(phase.title)}</h3>{before}</div>'
        f'<p class="lab-muted lab-about">{esc(phase.about)}</p>'
    )


def _worked_on(state: State) -> str:
    """Draw the prompts that the next step works on, where nothing else is to be seen of it yet."""
    held = state.node.prompts
    heading = ngettext("The prompt that it works on", "The {n} prompts that it works on", len(held))
    drawn = "".join(
        f'<div><span class="lab-label">{heading if i == 0 else ""}{named(state.names.prompt(text))}</span>'
        f'<div class="lab-prompt" tabindex="0">{esc(text)}</div></div>'
        for i, text in enumerate(held[:_FEW])
    )
    more = gettext("and {n_more} more", n_more=count(len(held) - _FEW))
    return drawn + (f'<p class="lab-muted">{more}</p>' if len(held) > _FEW else "")


def _items(state: State, here: tuple[Row, ...]) -> str:
    assert state.proposal is not None
    if not here:
        nothing = gettext("This step produced nothing. Draw again, or go on without it.")
        return f'<p class="lab-muted">{nothing}</p>'
    what = type(here[0].item)
    if what is Score:
        return score_table(state)
    if what not in _TABLES:
        return _cards(state, here)
    added = tuple(row for row in here if row.place < 0)
    table = _TABLES[what](state, tuple(row for row in here if row.place >= 0))
    return f'<p class="lab-muted">{_SHOWN}</p>{table}{_cards(state, added)}'


def _cards(state: State, here: tuple[Row, ...]) -> str:
    """Draw the texts; of a choice, the many that would be left out are in a fold."""
    assert state.proposal is not None
    others = [row for row in here if not row.offered and row.place >= 0]
    scored = scored_by(state, [row.item for row in here]) + _strip(state, here)
    if not isinstance(state.proposal.ask, Pick) or len(others) <= _FEW:
        return scored + _stack(state, here)
    note = ngettext(
        "{n} further prompt that the optimizer would leave out",
        "{n} further prompts that the optimizer would leave out",
        len(others),
    )
    more = details(f"{state.branch.pending}/others", note, _stack(state, others), any(row.keep for row in others))
    return scored + _stack(state, (row for row in here if row not in others)) + more


def _strip(state: State, here: tuple[Row, ...]) -> str:
    if len(here) <= sifting.FEW:
        return ""
    flawed = any(row.item.flaw for row in here)
    kinds = {"flawed": gettext("with a flaw")} if flawed else {}
    return sifting.strip(f"{state.branch.pending}/strip", kinds, sifting.orders(state, here), flaws=flawed)


def _stack(state: State, here: Iterable[Row]) -> str:
    drawn = "".join(card(state, row) for row in here)
    return f'<div class="lab-cards">{drawn}</div>' if drawn else ""


def _previous_verdict(state: State) -> str:
    """Describe what led here when it was not the machine alone."""
    verdict = state.node.verdict
    if verdict is None or verdict.kind == "accept":
        return ""
    before = gettext("Before this: {verdict}.", verdict=sentence(verdict))
    return f'<span class="lab-muted">{esc(before)}</span>'


def _add(state: State, off: str) -> str:
    """Let a person write an item; it shares place and evidence with one that is there."""
    assert state.proposal is not None
    items = state.proposal.items
    if not items or not isinstance(items[0], (Critique, Candidate, TrajectoryRow)):
        return ""
    choices = _choices(state, items)
    lowest = min((place for place, _ in state.draft), default=0)
    like = choices[0][0] if len(choices) == 1 else None
    add = button(
        _ADD[kind(state, items[0])], "mark", kind="lab-small", off=off,
        data_place=min(lowest, 0) - 1, data_keep="true", data_text="", data_like=like,
    )  # fmt: skip
    if like is not None:
        return f'<div class="lab-add">{add}</div>'
    options = "".join(f'<option value="{index}">{esc(name)}</option>' for index, name in choices)
    marks = attributes(data_arg="like", data_key=f"{state.branch.pending}/like")
    field = f"<select{marks}>{options}</select>"
    evidence = isinstance(items[0], Critique)
    beside = gettext("on {evidence}", evidence=field) if evidence else gettext("as {version}", version=field)
    return f'<div class="lab-add" data-form>{add}<label>{beside}</label></div>'


def _remarks(state: State, off: str) -> str:
    """Offer what people wrote on answers before as critiques, beside the evidence of the first."""
    assert state.proposal is not None
    items, taken = state.proposal.items, {mark.text for _, mark in state.draft}
    left = [text for text in state.context.task.remarks if text not in taken]
    if not left or not items or not isinstance(items[0], Critique):
        return ""
    place = min((place for place, _ in state.draft), default=0)
    marks = {"data_place": min(place, 0) - 1, "data_keep": "true", "data_like": 0}
    add = gettext("Add")
    offered = "".join(
        f"<li>{button(add, 'mark', kind='lab-small', off=off, data_text=text, **marks)} "
        f'<span dir="auto">{esc(shortened(text, _BRIEF))}</span></li>'
        for text in left[:_MOST_REMARKS]
    )
    heading = gettext("Remarks of your file ({n_remarks})", n_remarks=count(len(left)))
    return details(f"{state.branch.pending}/remarks", heading, f"<ul>{offered}</ul>")


def _choices(state: State, items: tuple[Item, ...]) -> list[tuple[int, str]]:
    """What an added item may stand beside: the evidence of another, or a prompt to descend from."""
    found: dict[object, tuple[int, str]] = {}
    for i, item in enumerate(items):
        if isinstance(item, Critique):
            found.setdefault(item.about, (i, _evidence(state, i, item)))
        elif isinstance(item, Candidate) and item.parent:
            version = gettext("a new version of: {prompt}", prompt=shortened(item.parent, 40))
            found.setdefault((item.parent, item.member), (i, version))
        else:
            found.setdefault("", (i, gettext("a prompt of its own")))
    return list(found.values())


def _evidence(state: State, i: int, item: Critique) -> str:
    critique = title(state, item, i).lower()
    if item.errors:
        first = shortened(item.errors[0].text, 40)
        return gettext("the errors behind {critique}: {text}", critique=critique, text=first)
    if item.about:
        text = shortened(item.about[0], 40)
        return gettext("the same evidence as {critique}: {text}", critique=critique, text=text)
    return gettext("the same evidence as {critique}", critique=critique)
