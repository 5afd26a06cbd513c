"""What the wording of the best prompt and each of its sentences are worth: tables, and the buttons that measure."""

from __future__ import annotations

from lab.i18n import gettext, gettext_lazy, ngettext
from lab.session.state import State
from lab.session.variations import TriedVariant, Varied
from lab.views.evidence import comparison
from lab.views.markup import button, details, esc, table
from lab.views.numbers import count, percent, points, whole_points, within
from lab.views.prose import in_a_row

__all__ = ["changed", "sentences", "variations"]

_BUTTONS = {
    "reworded": gettext_lazy("Score it in other wordings"),
    "shortened": gettext_lazy("Score it without each sentence"),
}
_HEADS = {"reworded": gettext_lazy("Reworded"), "shortened": gettext_lazy("Left out")}


def variations(state: State, off: str = "") -> str:
    """Draw what is known of the variants of the best prompt, and the way to measure them."""
    drawn = "".join(_drawn(one, off) for one in state.varied)
    grew = ngettext(
        "It has {n} word; the start prompt has {n_before}.", "It has {n} words; the start prompt has {n_before}.",
        len(state.result.split()), n_before=count(len(state.context.task.start.split())),
    )  # fmt: skip
    title = gettext("What the wording and each sentence of the best prompt are worth")
    return details("variations", title, f'<p class="lab-muted">{esc(grew)}</p>{drawn}') if drawn else ""


def _drawn(found: Varied, off: str) -> str:
    if not found.n_all:
        return ""
    left = found.n_all - len(found.tried) + (found.score is None)
    calls = ngettext(
        "It takes {n} call to the target model at most.", "It takes {n} calls to the target model at most.",
        left * found.n_examples,
    )  # fmt: skip
    about = in_a_row(_about(found), calls if left else "")
    measure = button(_BUTTONS[found.kind], "vary", kind="lab-small", off=off, data_kind=found.kind) if left else ""
    told = "".join(f"<p>{esc(line)}</p>" for line in sentences(found))
    return f'<p class="lab-muted">{esc(about)}</p>{measure}{told}{_table(found)}'


def _about(found: Varied) -> str:
    if found.kind == "reworded":
        return gettext(
            "The same prompt in {n_variants} small rewordings and layouts, made by rule: a first letter, a line "
            "end, “Please”, a synonym, another order. What says the same should score the same.",
            n_variants=count(found.n_all),
        )
    return gettext(
        "The prompt without each of its {n_sentences} sentences, one at a time: what costs nothing can go.",
        n_sentences=count(found.n_all),
    )


def _table(found: Varied) -> str:
    if not found.tried:
        return ""
    rows = (
        (f'<div class="lab-clip">{esc(one.variant.what)}</div>', percent(one.measure.score), esc(changed(one)))
        for one in _ranked(found)
    )
    return table((_HEADS[found.kind], gettext("Dev score"), gettext("Change")), rows)


def _ranked(found: Varied) -> tuple[TriedVariant, ...]:
    """Sort rewordings by their scores; sentences stay in their order."""
    if found.kind == "shortened":
        return found.tried
    return tuple(sorted(found.tried, key=lambda one: -one.measure.score))


def changed(one: TriedVariant) -> str:
    """Say how a variant differs from the prompt: −6 points (−12 to 0)."""
    if one.paired.change is None:
        return gettext("cannot be told")
    return within(points(0.0, one.paired.change), one.paired.interval)


def sentences(found: Varied) -> tuple[str, ...]:
    """Say what the variants show, once all were measured."""
    if len(found.tried) < found.n_all or found.score is None or found.spread is None:
        return ()
    return _of_wordings(found) if found.kind == "reworded" else _of_sentences(found)


def _of_wordings(found: Varied) -> tuple[str, ...]:
    scores = [found.score or 0.0, *(one.measure.score for one in found.tried)]
    told = ngettext(
        "In {n} small rewording it scores {low} to {high}: a spread of {spread}.",
        "In {n} small rewordings it scores {low} to {high}: a spread of {spread}.",
        len(found.tried),
        low=percent(min(scores)), high=percent(max(scores)), spread=whole_points(found.spread or 0.0),
    )  # fmt: skip
    if found.gain is None:
        return told, _beyond_chance(found)
    gain = whole_points(found.gain)
    if (found.spread or 0.0) >= abs(found.gain):
        weighed = gettext(
            "Its gain over the start prompt is {gain}: no more than its wording alone moves it.", gain=gain
        )
    else:
        weighed = gettext(
            "Its gain over the start prompt is {gain}: more than its wording alone moves it.", gain=gain
        )
    return told, _beyond_chance(found), weighed


def _beyond_chance(found: Varied) -> str:
    """Say how many rewordings surely do otherwise than the prompt."""
    off = [one for one in found.tried if one.paired.outcome in ("better", "worse")]
    if not off:
        return gettext("None of them differs from it beyond chance on these examples.")
    return ngettext(
        "{n} of them differs from it beyond chance on these examples.",
        "{n} of them differ from it beyond chance on these examples.",
        len(off),
    )


def _of_sentences(found: Varied) -> tuple[str, ...]:
    needed = [one for one in found.tried if one.paired.outcome == "worse"]
    spare = [one for one in found.tried if (one.paired.change or 0.0) >= 0 and one.paired.outcome != "worse"]
    lines = [
        ngettext(
            "Without {n} sentence of {n_all} it is surely worse; {spare} can go without a loss on these examples.",
            "Without {n} sentences of {n_all} it is surely worse; {spare} can go without a loss on these examples.",
            len(needed),
            n_all=count(len(found.tried)), spare=ngettext("{n} sentence", "{n} sentences", len(spare)),
        )
    ]  # fmt: skip
    if found.tried:
        worst = min(found.tried, key=lambda one: one.paired.change or 0.0)
        lines.append(
            gettext(
                "The dearest to leave out is “{sentence}”: {comparison}",
                sentence=worst.variant.what, comparison=comparison(worst.paired),
            )
        )  # fmt: skip
    return tuple(lines)
