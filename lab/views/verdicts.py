"""What was said of a proposal, in a sentence; and the items as a person has marked them so far."""

from __future__ import annotations

from dataclasses import dataclass

from lab.core.asks import Item
from lab.core.review import Mark, Proposal, Verdict
from lab.i18n import gettext, ngettext
from lab.session.state import State
from lab.views.prose import listed


@dataclass(frozen=True)
class Row:
    """An item as it stands on the board: `place` is below 0 when a person added it."""

    place: int
    item: Item
    keep: bool
    text: str
    why: str = ""
    like: int | None = None
    offered: bool = True  # whether it would be kept if nothing was said

    @property
    def changed(self) -> bool:
        """Whether a person wrote other words than the model."""
        return self.place >= 0 and self.text != self.item.text


def rows(state: State) -> tuple[Row, ...]:
    """Return the items of the waiting proposal with the marks of the draft, added ones last."""
    if state.proposal is None:
        return ()
    marks = dict(state.draft)
    here = [_row(state.proposal, i, marks.get(i)) for i in range(len(state.proposal.items))]
    added = [
        Row(place, state.proposal.items[mark.like or 0], mark.keep, mark.text or "", mark.why, mark.like or 0)
        for place, mark in state.draft
        if place < 0 and (mark.like or 0) < len(state.proposal.items)
    ]  # fmt: skip
    return (*here, *added)


def sentence(verdict: Verdict | None) -> str:
    """Describe what a verdict was; nothing where there was none."""
    if verdict is None:
        return ""
    if verdict.kind == "accept":
        return gettext("accepted as proposed")
    if verdict.kind == "reject":
        return gettext("rejected: {why}", why=verdict.why) if verdict.why else gettext("rejected")
    edited = sum(m.index is not None and m.keep and m.text is not None for m in verdict.marks)
    out = sum(m.index is not None and not m.keep for m in verdict.marks)
    taken = sum(m.index is not None and m.keep and m.text is None for m in verdict.marks)
    added = sum(m.index is None and m.keep for m in verdict.marks)
    return listed(
        (
            ngettext("{n} item changed", "{n} items changed", edited) if edited else "",
            ngettext("{n} item left out", "{n} items left out", out) if out else "",
            ngettext("{n} item added from the list", "{n} items added from the list", taken) if taken else "",
            ngettext("{n} item added", "{n} items added", added) if added else "",
        )
    )


def _row(proposal: Proposal, place: int, mark: Mark | None) -> Row:
    item, offered = proposal.items[place], proposal.default(place)
    if mark is None:
        return Row(place, item, offered, item.text, offered=offered)
    text = item.text if mark.text is None else mark.text
    return Row(place, item, mark.keep, text, mark.why, offered=offered)
