"""What finds places of the history: the field, how large the history is drawn, and what was found."""

from __future__ import annotations

from collections.abc import Sequence

from lab.session.seeking import LONGEST, Hit
from lab.session.state import State
from lab.text import shortened
from lab.views.markup import attributes, esc, part
from lab.views.numbers import count, counted
from lab.views.tree import layout

__all__ = ["ZOOMS", "found", "seek_box"]

ZOOMS = {"": "Normal", "compact": "Compact", "fit": "Fit"}


def seek_box() -> str:
    """Draw the head of the history: its size, the field to search it, and the ways to what was found."""
    field = attributes(
        type="search", data_act="seek", data_value="text", maxlength=LONGEST, aria_label="Search the history",
        aria_keyshortcuts="/", placeholder="Search: words, P7, tag", title="Press / to search, Enter for the next",
    )  # fmt: skip
    sizes = "".join(f"<option{attributes(value=value)}>{name}</option>" for value, name in ZOOMS.items())
    ways = "".join(
        f"<button{attributes(type='button', class_='lab-button lab-small', data_hit_by=by, aria_label=name)}>"
        f"{sign}</button>"
        for by, name, sign in ((-1, "The place found before", "↑"), (1, "The next place found", "↓"))
    )
    whole = attributes(
        type="button", class_="lab-button lab-small", data_alone="", aria_pressed="false",
        title="The history alone in its pane, without chart and best prompt",
        aria_label="The history alone in its pane",
    )  # fmt: skip
    alone = f"<button{whole}>⤢</button>"
    return part(
        "seeking",
        '<div class="lab-row"><h3>History</h3><span class="lab-seek"><select data-zoom '
        f'aria-label="Size of the history">{sizes}</select>{alone}</span></div>'
        f'<div class="lab-seek"><input{field}><span hidden>{ways}</span></div>',
    )


def found(state: State, text: str, hits: Sequence[Hit]) -> str:
    """Say where the history holds a text: a line for each dot of its drawing, from above to below."""
    if not text.strip():
        return ""
    dot_of = {node: dot for dot in layout(state) for node in dot.nodes}
    by_dot: dict[str, list[Hit]] = {}
    for hit in sorted(hits, key=lambda one: dot_of[one.node].row):
        by_dot.setdefault(dot_of[hit.node].id, []).append(hit)
    if not by_dot:
        told = f"Nothing in this history holds “{shortened(text, 60)}”."
        return part("found", f'<p class="lab-muted">{esc(told)}</p>', role="status")
    lines = "".join(
        f"<li{attributes(data_hit=dot)}>{count(i)} of {count(len(by_dot))}: {_line(text, some)}</li>"
        for i, (dot, some) in enumerate(by_dot.items(), 1)
    )
    return part("found", f'<ol class="lab-muted">{lines}</ol>', role="status")


def _line(text: str, hits: Sequence[Hit]) -> str:
    first = hits[0]
    around = first.around(" ".join(text.split()).casefold())
    more = f" and {counted(len(hits) - 1, 'other')}" if len(hits) > 1 else ""
    return f"{esc(first.what)} “{esc(around)}”{more}"
