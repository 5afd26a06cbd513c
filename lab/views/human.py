"""What a person did in a run, and what it changed: each edit, with its counterfactual where that was tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from lab.i18n import Message, gettext, gettext_lazy, ngettext
from lab.session.human import Counterfactual, Deed
from lab.session.reviewed import Did, Edit
from lab.text import shortened
from lab.views.diff import diff
from lab.views.evidence import comparison
from lab.views.markup import button, details, esc, table
from lab.views.numbers import count, percent

__all__ = ["COLUMNS", "did", "fold", "lines", "outcome", "records", "report"]

COLUMNS = (
    "step", "round", "phase", "did", "before", "after", "why", "with_score", "without_score", "change", "fixed",
    "broken", "outcome",
)  # fmt: skip
_LONGEST = 90  # characters of a text on its line
_NOT_TRIED = gettext_lazy("not tried")
_DID: Mapping[Did, Message] = MappingProxyType(
    {
        "edited": gettext_lazy("edited"),
        "added": gettext_lazy("added"),
        "left out": gettext_lazy("left out"),
        "kept": gettext_lazy("kept"),
        "noted": gettext_lazy("noted"),
        "rejected": gettext_lazy("rejected"),
        "reworded": gettext_lazy("reworded"),
    }
)


def did(one: Edit) -> str:
    """Say in a word what a person did."""
    return str(_DID[one.did])


def outcome(found: Counterfactual) -> str:
    """Say what a step came to with what a person did, and without it, on the same dev examples."""
    if found.node == found.other:
        return gettext("{step} is what it would have been without: nothing differs.", step=found.step)
    change = found.found
    if change.paired is None or change.scores is None:
        return gettext(
            "Not both lines of {step} were measured on dev, so nothing can be said.", step=found.step
        )  # fmt: skip
    fixed = sum(one.after > one.before for one in change.flips)
    broken = sum(one.after < one.before for one in change.flips)
    return ngettext(
        "At the end of the round of {step}, on {n} dev example: with it {score_with}, without {score_without}; "
        "fixed {n_fixed}, broke {n_broken}. With it against without: {comparison}",
        "At the end of the round of {step}, on {n} dev examples: with it {score_with}, without {score_without}; "
        "fixed {n_fixed}, broke {n_broken}. With it against without: {comparison}",
        change.paired.n, step=found.step, score_with=percent(change.scores[1]),
        score_without=percent(change.scores[0]), n_fixed=count(fixed), n_broken=count(broken),
        comparison=comparison(change.paired),
    )  # fmt: skip


def lines(deeds: Sequence[Deed]) -> Iterator[str]:
    """Yield a line for each thing that a person did, and after those of a step what it changed."""
    for i, deed in enumerate(deeds):
        one = deed.edit
        texts = " -> ".join(repr(shortened(text, _LONGEST)) for text in (one.before, one.after) if text)
        why = f" ({one.why})" if one.why else ""
        yield f"{one.name}, round {count(one.round)}, {one.step}: {one.did}{': ' * bool(texts)}{texts}{why}"
        if deeds[i + 1 : i + 2] and deeds[i + 1].node == deed.node:
            continue
        yield f"  {_NOT_TRIED}" if deed.counterfactual is None else f"  {outcome(deed.counterfactual)}"


def records(deeds: Sequence[Deed]) -> list[dict[str, object]]:
    """Return what a person did as rows of plain values; what was not tried has no scores."""
    return [dict(zip(COLUMNS, _row(one), strict=True)) for one in deeds]


def _row(deed: Deed) -> tuple[object, ...]:
    one, tried = deed.edit, deed.counterfactual
    paired = tried.found.paired if tried else None
    flips = tried.found.flips if tried else ()
    before, after = (tried.found.scores if tried else None) or (None, None)
    scores = (after, before, paired.change if paired else None)
    fixed, broken = (sum((f.after - f.before) * sign > 0 for f in flips) if paired else None for sign in (1, -1))
    said = outcome(tried) if tried else ""
    return (
        one.name, one.round, one.step, one.did, one.before, one.after, one.why, *scores, fixed, broken, said,
    )  # fmt: skip


def report(deeds: Sequence[Deed], *, acts: bool = False, off: str = "") -> str:
    """Draw what a person did as a table; with `acts`, each step that was not tried can be."""
    rows = []
    for i, deed in enumerate(deeds):
        one = deed.edit
        text = diff(one.before, one.after) if one.did == "edited" else esc(one.after or one.before)
        why = f' <span class="lab-muted">({esc(one.why)})</span>' if one.why else ""
        first = i == 0 or deeds[i - 1].node != deed.node
        said = esc(outcome(deed.counterfactual)) if deed.counterfactual else esc(_NOT_TRIED)
        if acts and deed.counterfactual is None:
            said = button(gettext("Try without"), "without", kind="lab-small", off=off, data_step=deed.node)
        where = gettext("{step}, round {round}, {phase}", step=one.name, round=count(one.round), phase=one.step)
        done = gettext("{did}: {text}", did=esc(did(one)), text=text)
        rows.append((esc(where), f"{done}{why}", said if first else ""))
    heads = (gettext("Step"), gettext("What you did"), gettext("What it changed"))
    return table(heads, rows) if rows else ""


def fold(deeds: Sequence[Deed], off: str) -> str:
    """Draw the report, folded; nothing where a person did nothing."""
    if not deeds:
        return ""
    note = gettext(
        "“Try without” makes the same step again without what you did, on a branch of its own, goes on to the end "
        "of the round, and compares both on the same dev examples. Known replies cost nothing."
    )
    title = gettext("What you did, and what it changed ({n})", n=count(len(deeds)))
    return details("human", title, f'<p class="lab-muted">{note}</p>{report(deeds, acts=True, off=off)}')
