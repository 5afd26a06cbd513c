"""Where a prompt errs: groups of examples, what is answered for what, and hits of all prompts as one picture."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from lab.i18n import gettext, gettext_lazy, ngettext
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
from lab.views.numbers import between, count, known_percent, percent

__all__ = ["analysis", "body", "error_groups"]

_MOST_GROUPS = 8
_MOST_LABELS = 8  # columns that a confusion matrix is drawn with
_LINE = 90  # characters of an input
_ROW, _MOST_ROWS, _MOST_COLUMNS, _SHADES = 14, 20, 160, 5  # of the heat map; a row is so many pixels high
_OTHER = gettext_lazy("none of them")
_BY_ANSWER = gettext_lazy("By what was answered"), gettext_lazy("Label and answer")  # title, head of the groups
_BY_LIKENESS = gettext_lazy("By what the inputs have in common"), gettext_lazy("Words in common")


def analysis(state: State, off: str) -> str:
    """Draw where the best prompt errs on dev, folded; nothing before it was measured, or where it errs nowhere."""
    found = state.answered
    if found is None:
        return ""
    n = sum(hit is not None and hit < 1 for hit in found.hits[0])
    title = ngettext(
        "Where the best prompt errs: {n} dev example", "Where the best prompt errs: {n} dev examples", n
    )
    return details("analysis", title, body(found, off)) if n else ""


def error_groups(state: State, off: str) -> str:
    """Draw the errors that wait by what they have in common, folded, each group to be chosen alone."""
    found = waiting_errors(state)
    if found is None:
        return ""
    drawn = _errors(_BY_ANSWER, by_wrong_answer(found), found, off) + _errors(
        _BY_LIKENESS, by_likeness(found), found, off
    )
    title = gettext("Choose errors that have something in common")
    return details("error-groups", title, drawn) if drawn else ""


def body(found: Answered, off: str | None = None) -> str:
    """Draw all of an analysis, of the first of the prompts; without controls where `off` is None."""
    labels = values(found.task, found.examples, "answer")
    few = labels is not None and len(set(labels)) < len(labels) / 2
    by_label = slices(found, labels) if labels is not None and few else ()
    parts = (
        _confusion(confusion(found)),
        _labels(by_label, found, off),
        _errors(_BY_ANSWER, by_wrong_answer(found), found),
        _errors(_BY_LIKENESS, by_likeness(found), found),
        _suspects(suspects(found), off),
        _heatmap(found, heatmap(found)),
    )
    return "".join(part for part in parts if part)


def _confusion(found: Confusion | None) -> str:
    if found is None or len(found.given) > _MOST_LABELS:
        return ""
    heads = (gettext("Label \\ answered"), *(_name(text) for text in found.given))
    rows = (
        (
            f"<b>{esc(_name(label))}</b>",
            *(_count(n, label == text) for n, text in zip(row, found.given, strict=True)),
        )
        for label, row in zip(found.labels, found.counts, strict=True)
    )
    return f"<h4>{gettext('Confusion matrix')}</h4>{table(heads, rows, stacks=False)}"


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
    heads = (gettext("Label"), gettext("Right"), gettext("Such as"), *(("",) if off is not None else ()))
    rows = (
        (
            _titled(group),
            _scored(group),
            _example(group, inputs),
            *((_protect(group, off),) if off is not None else ()),
        )
        for group in shown
    )
    return f"<h4>{gettext('By label')}</h4>{table(heads, rows)}{_more(groups)}"


def _errors(titles: tuple[str, str], groups: Sequence[Group], found: Answered, off: str | None = None) -> str:
    """Draw groups of errors under a title and a head; with `off`, each can be chosen as the only errors."""
    if not groups:
        return ""
    title, head = titles
    shown, inputs, use = groups[:_MOST_GROUPS], _inputs(found), gettext("Use these errors only")
    heads = (head, gettext("How many"), gettext("Such as"), *(("",) if off is not None else ()))
    rows = (
        (
            _titled(group),
            count(len(group.wrong)),
            _example(group, inputs),
            *((_control("chooseerrors", use, group.wrong, off),) if off is not None else ()),
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
    told = ngettext("And {n} smaller group.", "And {n} smaller groups.", left)
    return f'<p class="lab-muted">{told}</p>' if left > 0 else ""


def _titled(group: Group) -> str:
    texts = [esc(_name(text)) for text in group.texts]
    if group.kind == "wrong_answer":
        return gettext("{label} answered with {answer}", label=f"<b>{texts[0]}</b>", answer=f"<b>{texts[1]}</b>")
    if group.kind == "likeness":
        return ", ".join(texts) or gettext("other words")
    return f"<b>{texts[0]}</b>"


def _scored(group: Group) -> str:
    n = count(len(group.examples))
    of = (
        gettext("({interval}) of {n_examples}", interval=between(*group.interval), n_examples=n)
        if group.interval
        else gettext("of {n_examples}", n_examples=n)
    )
    return f'<span class="lab-whole">{esc(percent(group.score))}</span><span class="lab-whole"> {esc(of)}</span>'


def _protect(group: Group, off: str) -> str:
    right = [id for id in group.examples if id not in frozenset(group.wrong)]
    label = ngettext("This one must not break", "These {n} must not break", len(right))
    return _control("protectgroup", label, right, off) if right else ""


def _control(act: str, label: str, examples: Sequence[str], off: str) -> str:
    return button(label, act, kind="lab-small", off=off, data_examples=json.dumps(examples))


def _suspects(found: Sequence[Suspect], off: str | None) -> str:
    if not found:
        return ""
    flag, wrong = off is not None, gettext("Label is wrong")
    heads = (gettext("Input"), gettext("Label"), gettext("Good prompts say"), *(("",) if flag else ()))
    rows = (
        (
            esc(shortened(one.example.input, 2 * _LINE)),
            esc(one.example.answer),
            _said_by_good(one),
            *(
                (button(wrong, "flag", kind="lab-small", off=off or "", data_example=one.example.id),)
                if flag
                else ()
            ),
        )
        for one in found[:_MOST_GROUPS]
    )
    return f"<h4>{gettext('Labels that may be wrong')}</h4>{table(heads, rows)}"


def _said_by_good(one: Suspect) -> str:
    answer = f"<b>{esc(shortened(one.given, 40))}</b>"
    return gettext(
        "{answer} ({n_agree} of {n_good})", answer=answer, n_agree=count(one.n_agree), n_good=count(one.n_good)
    )


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
        aria_label=gettext("Which prompts get which examples right"), style=f"height:{height}px",
    )  # fmt: skip
    told = ngettext(
        "A row for each of {n} prompt, the best on top; a column an example, of {n_examples} in all, those that "
        "most prompts get right on the left. Strong colour is wrong.",
        "A row for each of {n} prompts, the best on top; a column an example, of {n_examples} in all, those that "
        "most prompts get right on the left. Strong colour is wrong.",
        len(shown), n_examples=count(n),
    )  # fmt: skip
    title = f"<h4>{gettext('All prompts on all examples')}</h4>"
    return f'{title}<p class="lab-muted">{esc(told)}</p><svg{marks}>{rows}</svg>'


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
