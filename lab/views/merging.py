"""Taking over from elsewhere: parts of a candidate, critiques and prompts of other lines, parts of two prompts."""

from __future__ import annotations

from lab.core.asks import Candidate, Critique, TrajectoryRow
from lab.core.diff import Hunk, hunks
from lab.i18n import gettext, ngettext
from lab.session.state import State
from lab.store import Measure
from lab.text import shortened
from lab.views.markup import attributes, button, details, esc, named
from lab.views.numbers import known_percent, percent

__all__ = ["from_other_lines", "in_parts", "merge"]

_BRIEF = 300  # characters of a text that is offered
_MOST, _MERGED = 20, 3  # texts that are offered; prompts that the best one may be merged with


def in_parts(item: Candidate, key: str, place: int, off: str) -> str:
    """Draw the changes of a candidate to its parent, each to be taken or not; nothing where there is only one."""
    drawn, n = _ticks(item.parent or "", item.text, key, checked=True)
    if not item.parent or n < 2:
        return ""
    take = button(gettext("Take what is ticked"), "hunks", kind="lab-small", off=off, data_place=place)
    return details(f"{key}/parts", gettext("Take it in parts"), f"<div data-form>{drawn}{take}</div>")


def from_other_lines(state: State, off: str) -> str:
    """Draw what other lines of the run hold that fits the step that waits, each to be taken over."""
    items = state.proposal.items if state.proposal else ()
    if not items:
        return ""
    if isinstance(items[0], Critique):
        offered = [(state.names.critique(text), text, "") for text in state.other_critiques]
    elif isinstance(items[0], Candidate | TrajectoryRow):
        offered = [
            (state.names.prompt(one.prompt), one.prompt, gettext(", {score} on dev", score=percent(one.score)))
            for one in _others(state)
        ]
    else:
        return ""
    here = {item.text for item in items} | {mark.text for _, mark in state.draft}
    rows = [
        f"<li>{button(gettext('Take over'), 'pick', kind='lab-small', off=off, data_name=name)}{named(name)} "
        f'<span dir="auto">{esc(shortened(text, _BRIEF))}</span><span class="lab-muted">{esc(score)}</span></li>'
        for name, text, score in offered
        if name and text not in here
    ]
    if not rows:
        return ""
    title = gettext("From other lines of this run ({n})", n=len(rows))
    return details(f"{state.branch.pending}/lines", title, f'<ul class="lab-looked">{"".join(rows[:_MOST])}</ul>')


def merge(state: State, off: str) -> str:
    """Draw how the best prompt of this line may be merged with those of others, change by change."""
    best = state.best
    forms = [_merge(state, best, one, off) for one in _others(state)[:_MERGED]] if best is not None else []
    shown = "".join(form for form in forms if form)
    return details("merge", gettext("Merge the best prompt with one of another line"), shown) if shown else ""


def _merge(state: State, best: Measure, other: Measure, off: str) -> str:
    names = state.names.prompt(best.prompt), state.names.prompt(other.prompt)
    drawn, n = _ticks(best.prompt, other.prompt, f"merge/{names[0]}/{names[1]}", checked=False)
    if n < 2 or not all(names):
        return ""
    go = button(
        gettext("Merge, and measure on dev"), "merge", kind="lab-small", off=off, data_first=names[0],
        data_second=names[1],
    )  # fmt: skip
    title = ngettext(
        "{name} with {other_name}: {score} and {other_score} on dev, {n} difference",
        "{name} with {other_name}: {score} and {other_score} on dev, {n} differences",
        n, name=names[0], other_name=names[1], score=known_percent(best.score),
        other_score=known_percent(other.score),
    )  # fmt: skip
    return details(f"merge/{names[0]}/{names[1]}", title, f"<div data-form>{drawn}{go}</div>")


def _others(state: State) -> list[Measure]:
    """Return the prompts measured on dev that this line does not have, the best first."""
    mine = {one.prompt for one in state.on_the_way}
    others = (one for text, one in state.measured.items() if text not in mine)
    return sorted(others, key=lambda one: -one.score)


def _ticks(old: str, new: str, key: str, *, checked: bool) -> tuple[str, int]:
    """Draw a text with a tick at each place where it may take the words of the other, and count these."""
    drawn, n = "", 0
    for one in hunks(old, new):
        if not isinstance(one, Hunk):
            drawn += f"<span>{esc(one)}</span>"
            continue
        marks = attributes(
            type="checkbox", data_arg="hunks", data_each=n, data_key=f"{key}/hunk/{n}", checked=checked,
            aria_label=gettext("Take change {place}", place=n + 1),
        )  # fmt: skip
        cut = f"<del>{esc(one.old)}</del>" if one.old else ""
        put = f"<ins>{esc(one.new)}</ins>" if one.new else ""
        drawn += f'<label class="lab-hunk"><input{marks}>{cut}{put}</label>'
        n += 1
    return f'<div class="lab-diff">{drawn}</div>', n
