"""One card for one critique or prompt: what it is, why, its words to edit, keep or leave out."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from types import MappingProxyType

from lab.core.asks import Candidate, Critique, ErrorSample, Item
from lab.core.flaws import Flaw, sentence
from lab.core.reasoning import without_reasoning
from lab.session.state import State
from lab.store import flips
from lab.text import shortened
from lab.views import sifting
from lab.views.constraints import pins, put_back, regressions
from lab.views.copied import copied
from lab.views.diff import diff
from lab.views.examples import doubt, given
from lab.views.glass_box import why
from lab.views.markup import attributes, button, details, esc, named, table
from lab.views.merging import in_parts
from lab.views.numbers import count, counted, fixed_and_broke, mean
from lab.views.outcomes import badge
from lab.views.verdicts import Row

_NOUNS: Mapping[str, str] = MappingProxyType(
    {
        "start": "Prompt",
        "edit": "Edit",
        "paraphrase": "Paraphrase",
        "induced": "Induced prompt",
        "proposal": "Proposal",
    }
)
_LINE, _LINES = 90, (3, 18)  # characters of a line; lines of a field, at least and at most
_BRIEF = 300  # characters that are read at a glance


def card(state: State, row: Row) -> str:
    """Draw one item that is a text: its head, its evidence, its words and what a person may say of it."""
    key = f"{state.branch.pending}/{row.place}"
    marks = attributes(
        class_="lab-card" + _classes(row),
        data_place=row.place, data_like=row.like, data_prompt=isinstance(row.item, Candidate),
        **sifting.marks(state, row),
    )  # fmt: skip
    return (
        f'<article{marks}><div class="lab-row"><h4>{esc(_title(state, row))}{_named(state, row)}{_added(row)}</h4>'
        f"{_facts(state, row)}{_keep(state, row, key)}</div>{_flaw(state, row)}{regressions(state, row)}"
        f"{_preview(row)}{_about(state, row, key)}"
        f"{_reading(state, row, key)}{_why(row, key)}</article>"
    )


def _preview(row: Row) -> str:
    """Draw the text to read where the card is not open, with what is new in it: nothing is approved unseen."""
    parent = row.item.parent if isinstance(row.item, Candidate) else ""
    text = diff(parent, row.text) if parent and row.text.strip() and row.text != parent else esc(row.text)
    return f'<div class="lab-glance">{text}</div>' if row.text.strip() else ""


def _about(state: State, row: Row, key: str) -> str:
    if isinstance(row.item, Critique):
        return _critique(state, row, key)
    if isinstance(row.item, Candidate):
        return _candidate(state, row, key)
    return f"{_text(state, row, key)}{_changes(row)}"


def _classes(row: Row) -> str:
    flawed = " lab-flawed" if row.item.flaw and not row.changed and row.place >= 0 else ""
    return flawed + (" lab-offered" if row.offered else "")


def noun(state: State, item: Item) -> str:
    """What an item is called; the paper's word for the phase says whether a critique is a reasoning."""
    if isinstance(item, Candidate):
        return _NOUNS.get(item.origin, "Prompt")
    if not isinstance(item, Critique):
        return "Prompt"
    if "reasoning" in state.node.phase.term:
        return "Reasoning"
    return "Critique" if item.errors else "Note"


def _title(state: State, row: Row) -> str:
    """What an item is called, with its number."""
    return noun(state, row.item) + ("" if row.place < 0 else f" {count(row.place + 1)}")


def _named(state: State, row: Row) -> str:
    """Draw the name of what the model wrote; what a person makes of it gets one of its own when it is kept."""
    if row.place < 0:
        return ""
    called = state.names.critique if isinstance(row.item, Critique) else state.names.prompt
    return named(called(row.item.text))


def estimate(item: Candidate) -> str:
    """Describe what was measured of a candidate, and on how much."""
    if item.score is None:
        return "not measured"
    return f"{mean(item.score, item.by)} on {counted(item.n_rows, 'answer')} on train"


def errors(state: State, samples: tuple[ErrorSample, ...], key: str) -> str:
    """Draw error samples as a table to read."""
    cells = (
        (
            esc(one.text),
            esc(one.answer),
            f"{badge(state.context.task, one.got, one.answer, one.answer_flaw)} "
            + given(one.got, one.answer_flaw)
            + why(state, one, f"{key}/{i}"),
        )
        for i, one in enumerate(samples)
    )
    return table(("Input", "Expected answer", "Given answer"), cells)


def _critique(state: State, row: Row, key: str) -> str:
    item = row.item
    assert isinstance(item, Critique)
    prompts = state.node.phase.prompts
    evidence = "".join(
        details(f"{key}/about/{i}", f"About: {shortened(text, _LINE)}", _prompt(text))
        for i, text in enumerate(item.about)
    )
    if item.errors:
        n, shown = counted(len(item.errors), "error"), errors(state, item.errors, key)
        evidence = details(f"{key}/errors", f"The {n} it is about", shown)
    which = ""
    if 1 < len(prompts) > item.prompt:
        which = details(
            f"{key}/prompt", f"Prompt {count(item.prompt + 1)} of the beam", _prompt(prompts[item.prompt])
        )
    speaks = f'<div class="lab-speaks">{evidence}{which}</div>' if evidence or which else ""
    return f"{_text(state, row, key)}{_changes(row)}{speaks}"


def _candidate(state: State, row: Row, key: str) -> str:
    item = row.item
    assert isinstance(item, Candidate)
    compared = ""
    if item.parent and row.text.strip() and row.text != item.parent:
        with_what = "the prompt to beat" if item.origin == "proposal" else "its parent prompt"
        compared = f'<div><p class="lab-label">Compared with {with_what}</p>{diff(item.parent, row.text)}</div>'
    pair = f'<div class="lab-pair">{_text(state, row, key)}{compared}</div>'
    quotes = copied(state, row.text, key) + (in_parts(item, key, row.place, "") if row.place >= 0 else "")
    return f"{_critique_answered(item, key)}{pair}{quotes}{_changes(row)}{_demonstrations(state, item, key)}"


def _critique_answered(item: Candidate, key: str) -> str:
    """Draw what an edit was written against, a long one in a fold."""
    if item.origin != "edit" or not item.about:
        return ""
    text = item.about[0]
    if len(text) > _BRIEF:
        return details(f"{key}/because", f"Written in response to: {shortened(text, _LINE)}", _prompt(text))
    return f'<p class="lab-because"><span class="lab-label">Written in response to</span>{esc(text)}</p>'


def _demonstrations(state: State, item: Candidate, key: str) -> str:
    """Draw the examples that a prompt was made from, where it names any."""
    named = frozenset(item.about)
    shown = [one for one in state.context.task.train if one.id in named]
    if not shown:
        return ""
    body = table(("Input", "Answer"), ((esc(one.input), esc(one.answer)) for one in shown))
    fold = details(f"{key}/about", f"The {counted(len(shown), 'demonstration')} it was made from", body)
    return f'<div class="lab-speaks">{fold}</div>'


def _text(state: State, row: Row, key: str) -> str:
    marks = attributes(
        data_field="text", data_key=f"{key}/text", rows=_rows(row.text), spellcheck="false",
        aria_label=_title(state, row),
    )  # fmt: skip
    label = noun(state, row.item) if isinstance(row.item, Critique) else "Prompt"
    # A first line break after <textarea> is not part of its text, so one is always put there.
    return (
        f'<label class="lab-words"><span class="lab-label">{esc(label)}</span>'
        f"<textarea{marks}>\n{esc(row.text)}</textarea></label>"
    )


def _rows(text: str) -> int:
    """How many lines a field shows, for browsers that do not fit it to its text."""
    least, most = _LINES
    return min(most, max(least, sum(1 + len(line) // _LINE for line in text.split("\n"))))


def _changes(row: Row) -> str:
    if not row.changed:
        return ""
    restore = button("Restore", "unmark", kind="lab-small", data_place=row.place)
    return (
        '<div class="lab-written"><div class="lab-row"><p class="lab-label">Your changes to what the '
        f"model wrote</p>{restore}</div>{diff(row.item.text, row.text)}</div>"
    )


def _facts(state: State, row: Row) -> str:
    if not isinstance(row.item, Candidate) or row.place < 0:
        return ""
    added = " · a frozen passage was added" if row.item.passage_added else ""
    told = f"{esc(estimate(row.item))}{doubt(state, row.item)}{added}{esc(_flipped(state, row.item))}"
    return f'<span class="lab-muted lab-estimate">{told}</span>'


def _flipped(state: State, item: Candidate) -> str:
    """Say what a candidate fixed and broke against its parent, where both were measured on dev."""
    before, after = state.measured.get(item.parent or ""), state.measured.get(item.text)
    if before is None or after is None or before is after:  # what is its parent over again changed nothing
        return ""
    return f" · on dev {fixed_and_broke(flips(before, after))} its parent"


def _added(row: Row) -> str:
    return ' <span class="lab-chip">added by you</span>' if row.place < 0 else ""


def _keep(state: State, row: Row, key: str) -> str:
    marks = attributes(type="checkbox", data_field="keep", data_key=f"{key}/keep", checked=row.keep)
    drop = "" if row.place >= 0 else button("Remove", "unmark", kind="lab-small", data_place=row.place)
    keep = f'<label class="lab-tick"><input{marks}> Keep</label>'
    return f'<span class="lab-verdict">{drop}{pins(state, row)}{keep}</span>'


def _flaw(state: State, row: Row) -> str:
    if not row.item.flaw or row.place < 0 or (row.item.flaw == Flaw("breaks_example") and not row.changed):
        return ""
    if row.item.flaw.may_be_overruled:
        return (
            f'<p class="lab-flaw">Left out by itself: {esc(sentence(row.item.flaw))}. '
            f"Tick Keep to use it all the same. {put_back(state, row)}</p>"
        )
    return (
        f'<p class="lab-flaw">Cannot be used as it is: {esc(sentence(row.item.flaw))}. '
        f"Change the text and tick Keep, or leave it out. {put_back(state, row)}</p>"
    )


def _reading(state: State, row: Row, key: str) -> str:
    """Draw how a text was read: without tags or not, what was taken off, what was thought aloud before."""
    item = row.item
    if not isinstance(item, (Candidate, Critique)) or row.place < 0:
        return ""
    mark = "Found without the tags that were asked for." if item.recovered else ""
    mark = f'<p class="lab-muted">{mark}</p>' if mark else ""
    removed = thought = ""
    if item.removed:
        n = counted(len(item.removed), "piece")
        pieces = "".join(map(_prompt, item.removed))
        removed = details(f"{key}/removed", f"What was removed around it: {n}", pieces)
    if aloud := _reasoning(state, item):
        thought = details(f"{key}/thought", "What the model thought aloud before", _prompt(aloud))
    return f"{mark}{removed}{thought}"


def _reasoning(state: State, item: Item) -> str:
    """Return what was thought aloud in the reply that an item was read from."""
    if state.proposal is None or item.reply is None:
        return ""
    replies = itertools.chain.from_iterable(state.proposal.replies)
    reply = next(itertools.islice(replies, item.reply, None), None)
    return without_reasoning(reply.text)[1] if reply else ""


def _why(row: Row, key: str) -> str:
    marks = attributes(type="text", data_field="why", data_key=f"{key}/why", value=row.why)
    label = '<span class="lab-label">Why left out (optional, kept in the history)</span>'
    return f'<label class="lab-why">{label}<input{marks}></label>'


def _prompt(text: str) -> str:
    return f'<div class="lab-prompt">{esc(text)}</div>'
