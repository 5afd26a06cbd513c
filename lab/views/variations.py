"""What the wording of the best prompt and each of its sentences are worth: tables, and the buttons that measure."""

from __future__ import annotations

from lab.session.state import State
from lab.session.variations import TriedVariant, Varied
from lab.views.evidence import comparison
from lab.views.markup import button, details, esc, table
from lab.views.numbers import between, count, counted, percent, points, whole_points

__all__ = ["changed", "sentences", "variations"]

_ABOUT = {
    "reworded": "The same prompt in {n} small rewordings and layouts, made by rule: a first letter, a line end, "
    "“Please”, a synonym, another order. What says the same should score the same.",
    "shortened": "The prompt without each of its {n} sentences, one at a time: what costs nothing can go.",
}
_BUTTONS = {"reworded": "Score it in other wordings", "shortened": "Score it without each sentence"}
_HEADS = {"reworded": "Reworded", "shortened": "Left out"}


def variations(state: State, off: str = "") -> str:
    """Draw what is known of the variants of the best prompt, and the way to measure them."""
    drawn = "".join(_drawn(one, off) for one in state.varied)
    n = len(state.result.split())
    grew = f" It has {counted(n, 'word')}; the start prompt has {count(len(state.context.task.start.split()))}."
    title = "What the wording and each sentence of the best prompt are worth"
    return details("variations", title, f'<p class="lab-muted">{esc(grew.strip())}</p>{drawn}') if drawn else ""


def _drawn(found: Varied, off: str) -> str:
    if not found.n_all:
        return ""
    about = _ABOUT[found.kind].format(n=count(found.n_all))
    left = found.n_all - len(found.tried) + (found.score is None)
    calls = f" It takes {counted(left * found.n_examples, 'call')} to the target model at most." if left else ""
    measure = button(_BUTTONS[found.kind], "vary", kind="lab-small", off=off, data_kind=found.kind) if left else ""
    told = "".join(f"<p>{esc(line)}</p>" for line in sentences(found))
    return f'<p class="lab-muted">{esc(about + calls)}</p>{measure}{told}{_table(found)}'


def _table(found: Varied) -> str:
    if not found.tried:
        return ""
    rows = (
        (f'<div class="lab-clip">{esc(one.variant.what)}</div>', percent(one.measure.score), esc(changed(one)))
        for one in _ranked(found)
    )
    return table((_HEADS[found.kind], "Dev score", "Change"), rows)


def _ranked(found: Varied) -> tuple[TriedVariant, ...]:
    """Sort rewordings by their scores; sentences stay in their order."""
    if found.kind == "shortened":
        return found.tried
    return tuple(sorted(found.tried, key=lambda one: -one.measure.score))


def changed(one: TriedVariant) -> str:
    """Say how a variant differs from the prompt: −6 points (−12 to 0)."""
    if one.paired.change is None:
        return "cannot be told"
    span = f" ({between(*one.paired.interval)})" if one.paired.interval else ""
    return f"{points(0.0, one.paired.change)}{span}"


def sentences(found: Varied) -> tuple[str, ...]:
    """Say what the variants show, once all were measured."""
    if len(found.tried) < found.n_all or found.score is None or found.spread is None:
        return ()
    return _of_wordings(found) if found.kind == "reworded" else _of_sentences(found)


def _of_wordings(found: Varied) -> tuple[str, ...]:
    scores = [found.score or 0.0, *(one.measure.score for one in found.tried)]
    told = (
        f"In {counted(len(found.tried), 'small rewording')} it scores {percent(min(scores))} to "
        f"{percent(max(scores))}: a spread of {whole_points(found.spread or 0.0)}."
    )
    off = [one for one in found.tried if one.paired.outcome in ("better", "worse")]
    n_off = counted(len(off), "of them differs", "of them differ") if off else "None of them differs"
    sure = f"{n_off} from it beyond chance on these examples."
    if found.gain is None:
        return told, sure
    beside = f"Its gain over the start prompt is {whole_points(found.gain)}"
    more = (found.spread or 0.0) >= abs(found.gain)
    weighed = "no more than its wording alone moves it" if more else "more than its wording alone moves it"
    return told, sure, f"{beside}: {weighed}."


def _of_sentences(found: Varied) -> tuple[str, ...]:
    needed = [one for one in found.tried if one.paired.outcome == "worse"]
    spare = [one for one in found.tried if (one.paired.change or 0.0) >= 0 and one.paired.outcome != "worse"]
    lines = [
        f"Without {counted(len(needed), 'sentence')} of {count(len(found.tried))} it is surely worse; "
        f"{counted(len(spare), 'sentence')} can go without a loss on these examples."
    ]
    if found.tried:
        worst = min(found.tried, key=lambda one: one.paired.change or 0.0)
        lines.append(f"The dearest to leave out is “{worst.variant.what}”: {comparison(worst.paired)}")
    return tuple(lines)
