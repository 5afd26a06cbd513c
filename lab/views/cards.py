"""One card for one critique or candidate: what it is, why, its words to edit, keep or leave out."""

from __future__ import annotations

from lab.asks import Candidate, Critique, ErrorSample
from lab.state import State
from lab.views.diff import diff
from lab.views.markup import attributes, button, details, esc, table
from lab.views.numbers import count, counted, percent
from lab.views.verdicts import Row

_NOUNS = {"start": "Prompt", "edit": "Edit", "paraphrase": "Paraphrase"}


def card(state: State, row: Row) -> str:
    """Draws one item that is a text: its head, its evidence, its words and what a person may say of it."""
    key = f"{state.branch.pending}/{row.place}"
    marks = attributes(
        class_="lab-card" + _look(row),
        data_place=row.place, data_like=row.like,
    )  # fmt: skip
    about = _critique(state, row, key) if isinstance(row.item, Critique) else _candidate(row, key)
    return (
        f'<article{marks}><div class="lab-row"><h4>{esc(noun(row))}{_added(row)}</h4>{_facts(row)}'
        f"{_keep(row, key)}</div>{_flaw(row)}{about}{_why(row, key)}</article>"
    )


def _look(row: Row) -> str:
    flawed = " lab-flawed" if row.item.flaw and not row.changed and row.place >= 0 else ""
    return flawed + (" lab-offered" if row.offered else "")


def noun(row: Row) -> str:
    """What the item is called, with its number."""
    number = "" if row.place < 0 else f" {count(row.place + 1)}"
    if isinstance(row.item, Candidate):
        return f"{_NOUNS.get(row.item.origin, 'Prompt')}{number}"
    return f"Critique{number}"


def estimate(item: Candidate) -> str:
    """Says what was measured of a candidate, and on how much."""
    if item.score is None:
        return "not measured"
    return f"{percent(item.score)} of {counted(item.n_rows, 'train answer')} right"


def errors(samples: tuple[ErrorSample, ...]) -> str:
    """Draws error samples as a table to read."""
    cells = ((esc(one.text), esc(one.answer), esc(one.got) or "<em>nothing</em>") for one in samples)
    return table(("Input", "Expected answer", "Given answer"), cells)


def _critique(state: State, row: Row, key: str) -> str:
    item = row.item
    assert isinstance(item, Critique)
    prompts = state.node.phase.prompts
    evidence = details(
        f"{key}/errors", f"The {counted(len(item.errors), 'error')} it is about", errors(item.errors)
    )
    which = ""
    if len(prompts) > 1:
        which = details(
            f"{key}/prompt", f"Prompt {count(item.prompt + 1)} of the beam", _prompt(prompts[item.prompt])
        )
    return f"{_text(row, key, 'Critique')}{_written(row)}{evidence}{which}"


def _candidate(row: Row, key: str) -> str:
    item = row.item
    assert isinstance(item, Candidate)
    words = _text(row, key, "Prompt")
    compared = ""
    if item.parent and row.text != item.parent:
        compared = (
            '<div><p class="lab-label">Compared with the prompt it comes from</p>'
            f"{diff(item.parent, row.text)}</div>"
        )
    because = ""
    if item.origin == "edit" and item.about:
        because = (
            f'<p class="lab-because"><span class="lab-label">Against the critique</span> {esc(item.about[0])}</p>'
        )
    return f'{because}<div class="lab-pair">{words}{compared}</div>{_written(row)}'


def _text(row: Row, key: str, label: str) -> str:
    marks = attributes(data_field="text", data_key=f"{key}/text", rows=3, spellcheck="false", aria_label=noun(row))
    # A first line break after <textarea> is not part of its text, so one is always put there.
    return (
        f'<label class="lab-words"><span class="lab-label">{esc(label)}</span>'
        f"<textarea{marks}>\n{esc(row.text)}</textarea></label>"
    )


def _written(row: Row) -> str:
    if not row.changed:
        return ""
    restore = button("Restore", "unmark", kind="lab-small", data_place=row.place)
    return (
        '<div class="lab-written"><div class="lab-row"><p class="lab-label">What you changed of what the '
        f"model wrote</p>{restore}</div>{diff(row.item.text, row.text)}</div>"
    )


def _facts(row: Row) -> str:
    if not isinstance(row.item, Candidate) or row.place < 0:
        return ""
    return f'<span class="lab-muted lab-estimate">{esc(estimate(row.item))}</span>'


def _added(row: Row) -> str:
    return ' <span class="lab-chip">added by you</span>' if row.place < 0 else ""


def _keep(row: Row, key: str) -> str:
    marks = attributes(type="checkbox", data_field="keep", data_key=f"{key}/keep", checked=row.keep)
    drop = "" if row.place >= 0 else button("Remove", "unmark", kind="lab-small", data_place=row.place)
    return f'<span class="lab-verdict">{drop}<label class="lab-tick"><input{marks}> Keep</label></span>'


def _flaw(row: Row) -> str:
    if not row.item.flaw or row.place < 0:
        return ""
    return (
        f'<p class="lab-flaw">Cannot be used as it is: {esc(row.item.flaw)}. '
        "Change the text and tick Keep, or leave it out.</p>"
    )


def _why(row: Row, key: str) -> str:
    marks = attributes(type="text", data_field="why", data_key=f"{key}/why", value=row.why)
    label = '<span class="lab-label">Why left out (optional, kept in the history)</span>'
    return f'<label class="lab-why">{label}<input{marks}></label>'


def _prompt(text: str) -> str:
    return f'<div class="lab-prompt">{esc(text)}</div>'
