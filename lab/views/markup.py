"""Small pieces of HTML; every text of a model, a data set or a person passes through `esc`."""

from __future__ import annotations

import html
from collections.abc import Collection, Iterable

from lab.i18n import gettext, gettext_lazy

_WIDE = 6  # columns of a table that is scrolled sideways, by keys too
_SHORT = 24  # characters of a cell that stays on one line
_COPY = gettext_lazy("Copy prompt")


def esc(text: object) -> str:
    """Make text inert, in an element as in an attribute."""
    return html.escape(str(text), quote=True)


def attributes(**given: object) -> str:
    """Write attributes: `data_act="goto"` is data-act, True stands alone, None and False are left out."""
    parts = []
    for name, value in given.items():
        if value is None or value is False:
            continue
        spelled = name.rstrip("_").replace("_", "-")
        parts.append(f" {spelled}" if value is True else f' {spelled}="{esc(value)}"')
    return "".join(parts)


def button(label: str, act: str, *, kind: str = "", off: str = "", **given: object) -> str:
    """Make a button that sends an act; `off` disables it and say why."""
    state: dict[str, object] = {"disabled": True, "aria_disabled": "true", "title": off} if off else {}
    classes = f"lab-button {kind}".strip()
    marks = attributes(type="button", class_=classes, data_act=act, **{**given, **state})
    return f"<button{marks}>{esc(label)}</button>"


def copy_button(text: str, label: str = _COPY) -> str:
    """Make a button that puts text on the clipboard."""
    marks = attributes(
        type="button", class_="lab-button lab-small", data_copy=text, data_copied=gettext("Copied"),
        data_uncopied=gettext("Select and copy by hand"),
    )  # fmt: skip
    return f"<button{marks}>{esc(label)}</button>"


def named(name: str) -> str:
    """Draw the short name of a prompt or critique, which stays all through its run; nothing without one."""
    marks = attributes(class_="lab-named", title=gettext("Its name in this run, which stays"))
    return f" <span{marks}>{esc(name)}</span>" if name else ""


def details(key: str, summary: str, body: str, opened: bool = False) -> str:
    """Make a fold that stays as a person left it; `summary` is text, `body` is HTML."""
    return (
        f"<details{attributes(class_='lab-fold', data_key=key, data_open=opened, open=opened)}>"
        f"<summary>{esc(summary)}</summary>{body}</details>"
    )


def pop(key: str, name: str, shown: str, body: str) -> str:
    """Make a figure, under which what is behind it unfolds; `name` and `shown` are text, `body` is HTML."""
    return (
        f'<details class="lab-pop" data-key="{esc(key)}"><summary class="lab-button lab-small">'
        f'<span class="lab-muted">{esc(name)}</span> <b class="lab-figure">{esc(shown)}</b></summary>'
        f'<div class="lab-popped">{body}</div></details>'
    )


def table(
    heads: Iterable[str],
    rows: Iterable[Iterable[str]],
    caption: str = "",
    *,
    short: Collection[int] = (),
    stacks: bool = True,
) -> str:
    """Make a table of cells that are HTML already; it scrolls inside its own box.

    The columns `short`, counted from 0, hold a word or a number and are as narrow as that. Where there is little
    room a row that `stacks` becomes a list of its cells; a matrix would say nothing so.
    """
    named = [esc(head) for head in heads]
    head = "".join(f'<th scope="col">{name}</th>' if name else "<td></td>" for name in named)
    body = "".join(
        "<tr>" + "".join(f'<td data-label="{n}">{c}</td>' for n, c in zip(named, row, strict=True)) + "</tr>"
        for row in rows
    )
    captioned = f"<caption>{esc(caption)}</caption>" if caption else ""
    kind = "".join(f" lab-short-{i}" for i in short) + ("" if stacks else " lab-matrix")
    box = attributes(class_="lab-scroll", tabindex=0 if len(named) >= _WIDE else None)
    return (
        f'<div{box}><table class="lab-table{kind}">{captioned}'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def pre(text: str) -> str:
    """Show text letter by letter."""
    return f'<pre class="lab-pre" tabindex="0">{esc(text)}</pre>'


def value(body: str) -> str:
    """Wrap what a value shows of itself in a cell; texts are not taken for formulas, by MathJax 3 or 4."""
    return f'<div class="lab lab-value tex2jax_ignore mathjax_ignore">{body}</div>'


def rows_of_value(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Make a table of cells that are HTML already, as a value shows it: it needs no style sheet."""
    plain = "text-align: left; vertical-align: top"

    def style(cell: str) -> str:
        return f'style="{plain}; white-space: nowrap"' if len(cell) <= _SHORT else f'style="{plain}"'

    head = "".join(f'<th style="{plain}">{esc(one)}</th>' for one in heads)
    body = "".join("<tr>" + "".join(f"<td {style(cell)}>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    marks = 'style="table-layout: auto; margin-left: 0"'
    return f"<table {marks}><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def part(name: str, body: str, **given: object) -> str:
    """Wrap one part of the page; the classes carry the colours."""
    return f"<div{attributes(class_=f'lab lab-{name}', **given)}>{body}</div>"
