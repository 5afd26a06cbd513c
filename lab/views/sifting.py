"""The strip above the items of a decision: keep many at once, show some of them, put them in another order.

It happens in the browser: what is not shown is kept or left out as before, and the strip says how many those are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lab.core.asks import Candidate
from lab.i18n import gettext, gettext_lazy
from lab.session.state import State
from lab.store import flips
from lab.views.markup import attributes, esc
from lab.views.verdicts import Row

__all__ = ["FEW", "KEPT", "marks", "strip"]

FEW = 2  # items that need no strip
KEPT: Mapping[str, str] = {"kept": gettext_lazy("kept"), "left": gettext_lazy("left out")}
_ORDERS: Mapping[str, str] = {
    "score": gettext_lazy("by score, the best first"),
    "gain": gettext_lazy("by what was fixed, less what was broken"),
    "kind": gettext_lazy("by kind of wrong"),
    "length": gettext_lazy("the shortest first"),
}
_OF_SHOWN = gettext_lazy("Of those that are shown.")
_UNSHOWN = gettext_lazy("{n} not shown, of which {kept} kept")  # both filled in the browser


def strip(key: str, kinds: Mapping[str, str], orders: Iterable[str], *, flaws: bool) -> str:
    """Draw the strip of one decision.

    Args:
        key: what its fields are called, however the page is drawn anew.
        kinds: of the items that can be shown alone, by their code; kept and left out are always among them.
        orders: codes of the orders that say something here.
        flaws: whether some have flaws, so that all others can be kept at once.
    """
    shown = _select(gettext("Show"), "sift", f"{key}/show", {"": gettext("all"), **KEPT, **kinds})
    offered = {"": gettext("as proposed"), **{one: _ORDERS[one] for one in orders}}
    sorted_ = _select(gettext("Sorted"), "order", f"{key}/order", offered)
    bulk = {"all": gettext("Keep all"), "none": gettext("Keep none")}
    if flaws:
        bulk["whole"] = gettext("Keep all without a flaw")
    buttons = "".join(
        f"<button{attributes(type='button', class_='lab-button lab-small', data_bulk=name, title=_OF_SHOWN)}>"
        f"{title}</button>"
        for name, title in bulk.items()
    )
    return (
        f'<div class="lab-strip">{buttons}{shown}{sorted_}'
        f"<span{attributes(class_='lab-muted', data_unshown=_UNSHOWN, role='status')}></span></div>"
    )


def marks(state: State, row: Row) -> dict[str, object]:
    """Return what a card is shown and sorted by: its flaw, score, what it fixed less what it broke, length."""
    item = row.item
    flaw = (
        "" if not item.flaw or row.changed or row.place < 0 else "doubt" if item.flaw.may_be_overruled else "flaw"
    )
    found: dict[str, object] = {
        "data_kind": "flawed" if flaw else "",
        "data_flaw": flaw,
        "data_length": len(row.text),
    }
    if not isinstance(item, Candidate):
        return found
    known, parent = state.measured.get(item.text), state.measured.get(item.parent)
    if known and parent:
        changed = flips(parent, known)
        found["data_gain"] = changed.fixed - changed.broken
    return found if item.score is None else {**found, "data_score": item.score}


def orders(state: State, rows: Iterable[Row]) -> list[str]:
    """Return the orders that say something of these cards."""
    found = [marks(state, row) for row in rows]
    named = [name for name in ("score", "gain") if sum(f"data_{name}" in one for one in found) > 1]
    return [*named, "length"]


def _select(label: str, what: str, key: str, options: Mapping[str, str]) -> str:
    drawn = "".join(f'<option value="{esc(code)}">{esc(said)}</option>' for code, said in options.items())
    return f"<label>{label} <select{attributes(data_key=key, **{f'data_{what}': True})}>{drawn}</select></label>"
