"""Where the stretches of a prompt come from, and what changed between two prompts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from types import MappingProxyType

from lab.core.diff import spans
from lab.core.lineage import Writer
from lab.i18n import Message, gettext, gettext_lazy
from lab.session.diff import Flip, NodeDiff
from lab.session.lineage import Blamed
from lab.session.state import State
from lab.text import shortened
from lab.views.evidence import comparison
from lab.views.markup import details, esc, table
from lab.views.numbers import count, counted, points

__all__ = ["blame_fold", "blame_lines", "diff_lines", "record", "verdict", "wrote"]

_WRITERS: Mapping[Writer, Message] = MappingProxyType(
    {"start": gettext_lazy("start prompt"), "model": gettext_lazy("model"), "person": gettext_lazy("person")}
)
_WORDS = {"kept": "{}", "inserted": "{{+{}+}}", "deleted": "[-{}-]"}  # as `git diff --word-diff` writes them
_MOST = 10  # examples that are listed
_LONGEST = 90  # characters of a critique on its line
_NOT_MEASURED = gettext_lazy("Not both were measured on dev, so nothing can be said of their scores.")


def wrote(one: Blamed) -> str:
    """Say who wrote a stretch, and in which step."""
    if one.by == "start":
        return str(_WRITERS["start"])
    if not one.step:
        return gettext("{writer}, merged from two prompts", writer=_WRITERS[one.by])
    return gettext(
        "{writer}, {step}, round {round}, {phase}",
        writer=_WRITERS[one.by], step=one.step, round=count(one.round or 0), phase=one.phase,
    )  # fmt: skip


def blame_lines(stretches: Sequence[Blamed]) -> Iterator[str]:
    """Yield a line for each stretch, as `git blame` does, then the critiques that they answer, each once."""
    heads = [f"{one.prompt or '?':<4} {_came(one)}" for one in stretches]
    width = max((len(head) for head in heads), default=0)
    for head, one in zip(heads, stretches, strict=True):
        first, *more = one.text.split("\n")
        yield f"{head:<{width}} | {first}"
        yield from (f"{'':<{width}} | {line}" for line in more)
    answered = {one.critique: one for one in stretches if one.critique}
    if answered:
        yield ""
    for one in answered.values():
        by = "edited by a person" if one.critique_by == "person" else "model"
        shown = f", on {counted(len(one.examples), 'error')}" if one.examples else ""
        named = one.critique_name or "a critique"
        yield f"{one.prompt} answers {named} ({by}{shown}): {shortened(one.critique, _LONGEST)}"


def blame_fold(state: State) -> str:
    """Draw where the words of the best prompt come from, folded; nothing while it is the start prompt."""
    if all(one.by == "start" for one in state.blame):
        return ""
    marked = "".join(
        f'<span class="lab-by-{one.by}" title="{esc(_origin(one))}">{esc(one.text)}</span>' for one in state.blame
    )
    together: dict[str, list[Blamed]] = defaultdict(list)
    for one in state.blame:
        if one.by != "start":
            together[one.prompt].append(one)
    rows = ((_words(some), esc(_origin(some[0])), _reason(some[0])) for some in together.values())
    heads = (gettext("Words"), gettext("Where they come from"), gettext("In answer to"))
    legend = gettext(
        "Plain words are the start prompt\u2019s; {dotted} ones a model wrote, {underlined} ones a person.",
        dotted=f'<span class="lab-by-model">{gettext("dotted")}</span>',
        underlined=f'<span class="lab-by-person">{gettext("double underlined")}</span>',
    )
    body = (
        f'<div class="lab-prompt" tabindex="0">{marked}</div><p class="lab-muted">{legend}</p>{table(heads, rows)}'
    )
    return details("blame", gettext("Where its words come from"), body)


def _words(stretches: Sequence[Blamed]) -> str:
    return " … ".join(f'<span class="lab-by-{one.by}">{esc(one.text.strip())}</span>' for one in stretches)


def _origin(one: Blamed) -> str:
    return gettext("{prompt}: {origin}", prompt=one.prompt, origin=_came(one))


def _reason(one: Blamed) -> str:
    if not one.critique:
        return ""
    name, text = one.critique_name, shortened(one.critique, 2 * _LONGEST)
    if one.critique_by == "person":
        return esc(gettext("{critique} (edited by a person): {text}", critique=name, text=text))
    return esc(gettext("{critique}: {text}", critique=name, text=text))


def _came(one: Blamed) -> str:
    """Say who wrote a stretch, in which step, and how the prompt that it came with scored against its parent."""
    if one.change is None:
        return wrote(one)
    return gettext("{origin}, dev {change}", origin=wrote(one), change=points(0.0, one.change))


def diff_lines(found: NodeDiff) -> Iterator[str]:
    """Yield what changed: the words, the settings, the scores, the examples that flipped, a person's edits."""
    yield "".join(_WORDS[span.kind].format(span.text) for span in spans(found.before, found.after))
    yield ""
    yield verdict(found)
    for name, before, after in found.settings:
        yield f"{name}: {before} -> {after}"
    yield from _flips("Fixed", [one for one in found.flips if one.after > one.before])
    yield from _flips("Broken", [one for one in found.flips if one.after < one.before])
    for one in found.edits:
        texts = " -> ".join(repr(text) for text in (one.before, one.after) if text)
        done = f"{one.did}: {texts}" if texts else one.did
        yield f"A person, {one.name}, round {count(one.round)}, {one.step}: {done}{_why(one.why)}"


def verdict(found: NodeDiff) -> str:
    """Say how the second prompt does against the first on the same dev examples."""
    return str(_NOT_MEASURED) if found.paired is None else comparison(found.paired)


def record(found: NodeDiff) -> dict[str, object]:
    """Return what changed as plain values, with the sentence about it."""
    return {**asdict(found), "sentence": verdict(found)}


def _why(why: str) -> str:
    return f" ({why})" if why else ""


def _flips(title: str, flips: Sequence[Flip]) -> Iterator[str]:
    if flips:
        yield f"{title}: {counted(len(flips), 'example')}"
    for one in flips[:_MOST]:
        yield (
            f"  {shortened(one.input, _LONGEST)!r}, expected {shortened(one.answer, 40)!r}: "
            f"{shortened(one.got_before, 40)!r} -> {shortened(one.got_after, 40)!r}"
        )
    if len(flips) > _MOST:
        yield f"  and {count(len(flips) - _MOST)} more, which --json lists"
