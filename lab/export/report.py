"""One HTML file that says all there is to say of a prompt: it needs no network, no script and no lab."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from importlib.resources import files
from statistics import median

from lab.core.task import Example
from lab.export.taken import Taken
from lab.export.words import NO_EDITS, critique, facts, judged, on_test, origin, proof, score
from lab.i18n import current, gettext, gettext_lazy, ngettext
from lab.session.lineage import Made
from lab.session.reviewed import Edit
from lab.tasks.statistics import METHOD
from lab.views.assets import style
from lab.views.diff import diff
from lab.views.human import did
from lab.views.markup import esc, pre, table
from lab.views.numbers import count, known_percent
from lab.views.prose import in_a_row, listed
from lab.views.sealed import gap_table, openings_table

__all__ = ["report"]

_MOST_LABELS = 30
_HOW_TO_READ = (
    gettext_lazy(
        "A dev score is a share of examples that the prompt got right, on examples that the optimizer did not "
        "learn from but that chose the best prompt: it flatters the prompt that was chosen."
    ),
    METHOD,
    gettext_lazy(
        "“Better” is said only where the interval of the paired difference and McNemar's exact test both rule out "
        "no difference. “Not distinguishable” does not say that two prompts are equal; there are too few examples "
        "to say."
    ),
    gettext_lazy(
        "In a comparison of two texts, what is underlined was put in and what is struck through was taken out."
    ),
    gettext_lazy("A prompt is tuned to the model that it was measured with. On another one, measure it anew."),
)


def report(taken: Taken) -> str:
    """Write the report: the evidence, the lineage with what changed, every edit of a person, and the data."""
    title = gettext("A prompt for {task}", task=taken.task.name)
    parts = (
        f"<h1>{esc(title)}</h1>",
        f'<p class="lab-muted">{esc(in_a_row(*facts(taken)[:2]))}</p>',
        f'<div class="lab-prompt">{esc(taken.prompt)}</div>',
        _section(gettext("How well it does"), _evidence(taken)),
        _section(gettext("The sealed test"), _on_test(taken)) if on_test(taken) else "",
        _section(gettext("How it came about"), _lineage(taken.lineage)),
        _section(gettext("What a person did"), _edits(taken.edits)),
        _section(gettext("The data, and how answers are judged"), _data(taken)),
        _section(gettext("How to read this"), "".join(_paragraphs(_HOW_TO_READ))),
    )
    sheet = f"{style()}\n{files('lab.export').joinpath('report.css').read_text('utf-8')}"
    return (
        f'<!doctype html>\n<html lang="{current()}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{esc(title)}</title><style>{sheet}</style></head>"
        f'<body><main class="lab">{"".join(parts)}</main></body></html>\n'
    )


def _section(title: str, body: str) -> str:
    return f"<section><h2>{esc(title)}</h2>{body}</section>"


def _paragraphs(lines: Iterable[str]) -> Iterable[str]:
    return (f"<p>{esc(line)}</p>" for line in lines)


def _evidence(taken: Taken) -> str:
    named = ((gettext("Start prompt, on dev"), taken.start), (gettext("This prompt, on dev"), taken.score))
    numbers = "".join(
        f"<div><dt>{esc(name)}</dt><dd>{esc(known_percent(one.measure.score if one else None))}</dd>"
        f'<dd class="lab-muted">{esc(score(one))}</dd></div>'
        for name, one in named
    )
    rows = (
        (f'<div class="lab-clip">{esc(one.measure.prompt)}</div>', esc(score(one)))
        for one in sorted(taken.measured, key=lambda one: -one.measure.score)
    )
    drawn = table((gettext("Prompt"), gettext("Score")), rows)
    others = f"<h3>{gettext('All prompts that were measured')}</h3>{drawn}" if taken.measured else ""
    return f'<dl class="lab-numbers">{numbers}</dl>{"".join(_paragraphs(proof(taken)))}{others}'


def _on_test(taken: Taken) -> str:
    looks = openings_table(taken.sealed.openings) if taken.sealed.openings else ""
    return f"{gap_table(taken.sealed.tested)}{''.join(_paragraphs(on_test(taken)))}{looks}"


def _lineage(made: tuple[Made, ...]) -> str:
    return f'<ol class="lab-origins">{"".join(f"<li>{_made(one)}</li>" for one in made)}</ol>'


def _made(one: Made) -> str:
    parent = one.origin.parent
    before = f'<p class="lab-label">{gettext("Against the prompt it came from")}</p>' if parent else ""
    change = diff(parent, one.prompt) if parent else pre(one.prompt)
    return f"<h3>{esc(origin(one))}</h3>{_critique(one)}{before}{change}"


def _critique(one: Made) -> str:
    if one.critique is None:
        return ""
    text, before = one.critique.text, one.critique.parent
    change = pre(text) if before is None else diff(before, text)
    return f'<p class="lab-label">{esc(critique(one))}</p>{change}'


def _edits(edits: tuple[Edit, ...]) -> str:
    if not edits:
        return f"<p>{NO_EDITS}</p>"
    rows = ((count(one.round), esc(one.step), esc(did(one)), _change(one), esc(one.why)) for one in edits)
    heads = (gettext("Round"), gettext("Step"), gettext("Done"), gettext("Text"), gettext("Why"))
    return table(heads, rows)


def _change(one: Edit) -> str:
    if one.before and one.after:
        return diff(one.before, one.after)
    return f'<div class="lab-clip">{esc(one.before or one.after)}</div>'


def _data(taken: Taken) -> str:
    task = taken.task
    train, dev = gettext("train"), gettext("dev")
    rows = [(esc(name), *map(esc, _facts(part))) for name, part in ((train, task.train), (dev, task.dev))]
    labels = ""
    if task.labels and len(task.labels) <= _MOST_LABELS:
        counts = [Counter(one.answer for one in part) for part in (task.train, task.dev)]
        cells = ((esc(label), *(count(found[label]) for found in counts)) for label in task.labels)
        labels = f"<h3>{gettext('Labels')}</h3>{table((gettext('Label'), train, dev), cells)}"
    told = (gettext("Input columns: {columns}.", columns=listed(taken.columns)), *judged(task))
    sizes = table((gettext("Split"), gettext("Examples"), gettext("Median length of an input")), rows)
    return f"{sizes}{''.join(_paragraphs(told))}{labels}"


def _facts(part: tuple[Example, ...]) -> tuple[str, str]:
    typical = round(median(len(one.input) for one in part)) if part else 0
    return count(len(part)), ngettext("{n} character", "{n} characters", typical)
