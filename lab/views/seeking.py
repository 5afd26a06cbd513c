"""What finds places of the history: the field, how large the history is drawn, and what was found."""

from __future__ import annotations

from collections.abc import Sequence

from lab.i18n import gettext, gettext_lazy, ngettext
from lab.session.seeking import LONGEST, Hit
from lab.session.state import State
from lab.text import shortened
from lab.views.markup import attributes, esc, part
from lab.views.numbers import count
from lab.views.tree import layout

__all__ = ["ZOOMS", "found", "seek_box"]

ZOOMS = {"": gettext_lazy("Normal"), "compact": gettext_lazy("Compact"), "fit": gettext_lazy("Fit")}


def seek_box() -> str:
    """Draw the head of the history: its size, the field to search it, and the ways to what was found."""
    field = attributes(
        type="search", data_act="seek", data_value="text", maxlength=LONGEST,
        aria_label=gettext("Search the history"), aria_keyshortcuts="/",
        placeholder=gettext("Search: words, P7, tag"),
        title=gettext("Press / to search, Enter for the next"),
    )  # fmt: skip
    sizes = "".join(f"<option{attributes(value=value)}>{name}</option>" for value, name in ZOOMS.items())
    ways = "".join(
        f"<button{attributes(type='button', class_='lab-button lab-small', data_hit_by=by, aria_label=name)}>"
        f"{sign}</button>"
        for by, name, sign in (
            (-1, gettext("The place found before"), "↑"),
            (1, gettext("The next place found"), "↓"),
        )
    )
    whole = attributes(
        type="button", class_="lab-button lab-small", data_alone="", aria_pressed="false",
        title=gettext("The history alone in its pane, without chart and best prompt"),
        aria_label=gettext("The history alone in its pane"),
    )  # fmt: skip
    alone = f"<button{whole}>⤢</button>"
    zoom = attributes(data_zoom=True, aria_label=gettext("Size of the history"))
    return part(
        "seeking",
        f'<div class="lab-row"><h3>{gettext("History")}</h3><span class="lab-seek"><select{zoom}>{sizes}</select>'
        f"{alone}</span></div>"
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
        told = gettext("Nothing in this history holds “{text}”.", text=shortened(text, 60))
        return part("found", f'<p class="lab-muted">{esc(told)}</p>', role="status")
    n = count(len(by_dot))
    told_of = (
        (dot, gettext("{number} of {n_all}: {found}", number=count(i), n_all=n, found=_line(text, some)))
        for i, (dot, some) in enumerate(by_dot.items(), 1)
    )
    lines = "".join(f"<li{attributes(data_hit=dot)}>{line}</li>" for dot, line in told_of)
    return part("found", f'<ol class="lab-muted">{lines}</ol>', role="status")


def _line(text: str, hits: Sequence[Hit]) -> str:
    first = hits[0]
    around = first.around(" ".join(text.split()).casefold())
    found = gettext("{what} “{words}”", what=esc(first.what), words=esc(around))
    if len(hits) == 1:
        return found
    return ngettext("{found} and {n} other", "{found} and {n} others", len(hits) - 1, found=found)
