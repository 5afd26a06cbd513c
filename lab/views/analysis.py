"""Where a prompt errs: groups of examples, what is answered for what, and hits of all prompts as one picture."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from lab.session.analysis import waiting_errors
from lab.session.state import State
from lab.tasks.analysis import (
    NO_LABEL,
    Answered,
    Confusion,
    Group,
    Heatmap,
    Suspect,
    by_likeness,
    by_wrong_answer,
    confusion,
    heatmap,
    slices,
    suspects,
    values,
)
from lab.text import shortened
from lab.views.markup import attributes, button, details, esc, table
from lab.views.numbers import between, count, counted, known_percent, percent

__all__ = ["analysis", "body", "error_groups"]

_MOST_GROUPS = 8
_MOST_LABELS = 8  # columns that a confusion matrix is drawn with
_LINE = 90  # characters of an input
_ROW, _MOST_ROWS, _MOST_COLUMNS, _SHADES = 14, 20, 160, 5  # of the heat map; a row is so many pixels high
_OTHER = "none of them"
_ANSWERED, _SHARED = "Label and answer", "Words in common"  # what groups of errors stand under


def analysis(state: State, off: str) -> str:
    """Draw where the best prompt errs on dev, folded; nothing before it was measured, or where it errs nowhere."""
    found = state.answered
    if found is None:
        return ""
    drawn = body(found, off)
    n = sum(hit is not None and hit < 1 for hit in found.hits[0])
    return details("analysis", f"Where the best prompt errs: {counted(n, 'dev example')}", drawn) if n else ""


def error_groups(state: State, off: str) -> str:
    """Draw the errors that wait by what they have in common, folded, each group to be chosen alone."""
    found = waiting_errors(state)
    if found is None:
        return ""
    parts = (
        _errors(title, head, groups, found, off)
        for title, head, groups in (
            ("By what was answered", _ANSWERED, by_wrong_answer(found)),
            ("By what the inputs have in common", _SHARED, by_likeness(found)),
        )
    )
    drawn = "".join(parts)
    return details("error-groups", "Choose errors that have something in common", drawn) if drawn else ""


def body(found: Answered, off: str | None = None) -> str:
    """Draw all of an analysis, of the first of the prompts; without controls where `off` is None."""
    labels = values(found.task, found.examples, "answer")
    few = labels is not None and len(set(labels)) < len(labels) / 2
    by_label = slices(found, labels) if labels is not None and few else ()
    parts = (
        _confusion(confusion(found)),
        _labels(by_label, found, off),
        _errors("By what was answered", _ANSWERED, by_wrong_answer(found), found),
        _errors("By what the inputs have in common", _SHARED, by_likeness(found), found),
        _suspects(suspects(found), off),
        _heatmap(found, heatmap(found)),
    )
    return "".join(part for part in parts if part)


def _confusion(found: Confusion | None) -> str:
    if found is None or len(found.given) > _MOST_LABELS:
        return ""
    heads = ("Label \\ answered", *(_name(text) for text in found.given))
    rows = (
        (
            f"<b>{esc(_name(label))}</b>",
            *(_count(n, label == text) for n, text in zip(row, found.given, strict=True)),
        )
        for label, row in zip(found.labels, found.counts, strict=True)
    )
    return f"<h4>Confusion matrix</h4>{table(heads, rows, stacks=False)}"


def _name(text: str) -> str:
    return shortened(text, 40) if text != NO_LABEL else _OTHER


def _count(n: int, right: bool) -> str:
    if not n:
        return '<span class="lab-muted">0</span>'
    marks = attributes(class_=f"lab-fate {'lab-gains' if right else 'lab-loses'}")
    return f"<span{marks}>{count(n)}</span>"


def _labels(groups: Sequence[Group], found: Answered, off: str | None) -> str:
    """Draw how the examples of each label are answered; those that are right can be protected."""
    if not groups:
        return ""
    shown, inputs = groups[:_MOST_GROUPS], _inputs(found)
    heads = ("Label", "Right", "Such as", *(("",) if off is not None else ()))
    rows = (
        (
            _titled(group),
            _scored(group),
            _example(group, inputs),
            *((_protect(group, off),) if off is not None else ()),
        )
        for group in shown
    )
    return f"<h4>By label</h4>{table(heads, rows)}{_more(groups)}"


def _errors(title: str, head: str, groups: Sequence[Group], found: Answered, off: str | None = None) -> str:
    """Draw groups of errors; with `off`, each can be chosen as the only errors."""
    if not groups:
        return ""
    shown, inputs = groups[:_MOST_GROUPS], _inputs(found)
    heads = (head, "How many", "Such as", *(("",) if off is not None else ()))
    rows = (
        (
            _titled(group),
            count(len(group.wrong)),
            _example(group, inputs),
            *((_control("chooseerrors", "Use these errors only", group.wrong, off),) if off is not None else ()),
        )
        for group in shown
    )
    return f"<h4>{esc(title)}</h4>{table(heads, rows)}{_more(groups)}"


def _inputs(found: Answered) -> dict[str, str]:
    return {one.id: one.input for one in found.examples}


def _example(group: Group, inputs: Mapping[str, str]) -> str:
    return f'<div class="lab-brief">{esc(shortened(inputs[(group.wrong or group.examples)[0]], _LINE))}</div>'


def _more(groups: Sequence[Group]) -> str:
    left = len(groups) - _MOST_GROUPS
    return f'<p class="lab-muted">And {counted(left, "smaller group")}.</p>' if left > 0 else ""


def _titled(group: Group) -> str:
    texts = [esc(_name(text)) for text in group.texts]
    if group.kind == "wrong_answer":
        return f"<b>{texts[0]}</b> answered with <b>{texts[1]}</b>"
    if group.kind == "likeness":
        return ", ".join(texts) or "other words"
    return f"<b>{texts[0]}</b>"


def _scored(group: Group) -> str:
    likely = f" ({between(*group.interval)})" if group.interval else ""
    return (
        f'<span class="lab-whole">{esc(percent(group.score))}</span>'
        f'<span class="lab-whole">{esc(likely)} of {count(len(group.examples))}</span>'
    )


def _protect(group: Group, off: str) -> str:
    right = [id for id in group.examples if id not in frozenset(group.wrong)]
    label = "This one must not break" if len(right) == 1 else f"These {count(len(right))} must not break"
    return _control("protectgroup", label, right, off) if right else ""


def _control(act: str, label: str, examples: Sequence[str], off: str) -> str:
    return button(label, act, kind="lab-small", off=off, data_examples=json.dumps(examples))


def _suspects(found: Sequence[Suspect], off: str | None) -> str:
    if not found:
        return ""
    flag = off is not None
    heads = ("Input", "Label", "Good prompts say", *(("",) if flag else ()))
    rows = (
        (
            esc(shortened(one.example.input, 2 * _LINE)),
            esc(one.example.answer),
            f"<b>{esc(shortened(one.given, 40))}</b> ({count(one.n_agree)} of {count(one.n_good)})",
            *(
                (button("Label is wrong", "flag", kind="lab-small", off=off or "", data_example=one.example.id),)
                if flag
                else ()
            ),
        )
        for one in found[:_MOST_GROUPS]
    )
    return f"<h4>Labels that may be wrong</h4>{table(heads, rows)}"


def _heatmap(found: Answered, ordered: Heatmap) -> str:
    """Draw hits as SVG; of many examples, neighbours share a column, which is as dark as many of them are wrong."""
    if len(ordered.prompts) < 2:
        return ""
    shown = ordered.prompts[:_MOST_ROWS]
    n, height = len(ordered.examples), len(shown) * _ROW
    rows = "".join(
        f"<g><title>{esc(shortened(found.prompts[prompt], _LINE))}: {known_percent(_mean(row))}</title>"
        f"{_row(row, at * _ROW)}</g>"
        for at, (prompt, row) in enumerate(zip(shown, ordered.hits, strict=False))
    )
    marks = attributes(
        viewBox=f"0 0 {min(n, _MOST_COLUMNS)} {height}", class_="lab-heat", role="img", preserveAspectRatio="none",
        aria_label="Which prompts get which examples right", style=f"height:{height}px",
    )  # fmt: skip
    told = (
        f"A row for each of {counted(len(shown), 'prompt')}, the best on top; a column an example, of "
        f"{count(n)} in all, those that most prompts get right on the left. Strong colour is wrong."
    )
    return f'<h4>All prompts on all examples</h4><p class="lab-muted">{esc(told)}</p><svg{marks}>{rows}</svg>'


def _mean(row: Iterable[float | None]) -> float | None:
    known = [hit for hit in row if hit is not None]
    return sum(known) / len(known) if known else None


def _row(row: Sequence[float | None], top: int) -> str:
    """Draw one prompt: a path a shade, from 0 (all right) to 4 (all wrong); what is not known is left out."""
    n = min(len(row), _MOST_COLUMNS)
    means = [_mean(row[at * len(row) // n : (at + 1) * len(row) // n]) for at in range(n)]
    shades = [None if hit is None else int((_SHADES - 1) * (1 - hit) + 0.5) for hit in means]
    paths, at = dict.fromkeys(range(_SHADES), ""), 0
    for shade, alike in groupby(shades):
        width = len(list(alike))
        if shade is not None:
            paths[shade] += f"M{at} {top}h{width}v{_ROW - 2}h-{width}z"
        at += width
    return "".join(f'<path class="lab-shade-{shade}" d="{path}"/>' for shade, path in paths.items() if path)
