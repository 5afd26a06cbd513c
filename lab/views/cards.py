"""One card for one critique or prompt: what it is, why, its words to edit, keep or leave out."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from types import MappingProxyType

from lab.core.asks import Candidate, Critique, ErrorSample, Item
from lab.core.flaws import Flaw, sentence
from lab.core.reasoning import without_reasoning
from lab.i18n import gettext, gettext_lazy, ngettext
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
from lab.views.numbers import count, mean
from lab.views.outcomes import badge
from lab.views.verdicts import Row

_NOUNS: Mapping[str, str] = MappingProxyType(
    {
        "prompt": gettext_lazy("Prompt"),
        "edit": gettext_lazy("Edit"),
        "paraphrase": gettext_lazy("Paraphrase"),
        "induced": gettext_lazy("Induced prompt"),
        "proposal": gettext_lazy("Proposal"),
        "critique": gettext_lazy("Critique"),
        "reasoning": gettext_lazy("Reasoning"),
        "note": gettext_lazy("Note"),
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
    called = esc(title(state, row.item, row.place))
    return (
        f'<article{marks}><div class="lab-row"><h4>{called}{_named(state, row)}{_added(row)}</h4>'
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


def kind(state: State, item: Item) -> str:
    """Return what an item is; the paper's word for the phase says whether a critique is a reasoning."""
    if not isinstance(item, Critique):
        return "prompt"
    if "reasoning" in state.node.phase.term:
        return "reasoning"
    return "critique" if item.errors else "note"


def title(state: State, item: Item, place: int) -> str:
    """Name what an item is and where it came from, with its number where it has one."""
    origin = item.origin if isinstance(item, Candidate) else ""
    noun = _NOUNS.get(origin, _NOUNS[kind(state, item)])
    return gettext("{what} {number}", what=noun, number=count(place + 1)) if place >= 0 else str(noun)


def _named(state: State, row: Row) -> str:
    """Draw the name of what the model wrote; what a person makes of it gets one of its own when it is kept."""
    if row.place < 0:
        return ""
    called = state.names.critique if isinstance(row.item, Critique) else state.names.prompt
    return named(called(row.item.text))


def estimate(item: Candidate) -> str:
    """Describe what was measured of a candidate, and on how much."""
    if item.score is None:
        return gettext("not measured")
    return ngettext(
        "{score} on {n} answer on train",
        "{score} on {n} answers on train",
        item.n_rows, score=mean(item.score, item.by),
    )  # fmt: skip


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
    return table((gettext("Input"), gettext("Expected answer"), gettext("Given answer")), cells)


def _critique(state: State, row: Row, key: str) -> str:
    item = row.item
    assert isinstance(item, Critique)
    prompts = state.node.phase.prompts
    evidence = "".join(
        details(f"{key}/about/{i}", gettext("About: {text}", text=shortened(text, _LINE)), _prompt(text))
        for i, text in enumerate(item.about)
    )
    if item.errors:
        heading = ngettext("The {n} error it is about", "The {n} errors it is about", len(item.errors))
        evidence = details(f"{key}/errors", heading, errors(state, item.errors, key))
    which = ""
    if 1 < len(prompts) > item.prompt:
        called = gettext("Prompt {number} of the beam", number=count(item.prompt + 1))
        which = details(f"{key}/prompt", called, _prompt(prompts[item.prompt]))
    speaks = f'<div class="lab-speaks">{evidence}{which}</div>' if evidence or which else ""
    return f"{_text(state, row, key)}{_changes(row)}{speaks}"


def _candidate(state: State, row: Row, key: str) -> str:
    item = row.item
    assert isinstance(item, Candidate)
    compared = ""
    if item.parent and row.text.strip() and row.text != item.parent:
        to_beat, parent = gettext("Compared with the prompt to beat"), gettext("Compared with its parent prompt")
        heading = to_beat if item.origin == "proposal" else parent
        compared = f'<div><p class="lab-label">{heading}</p>{diff(item.parent, row.text)}</div>'
    pair = f'<div class="lab-pair">{_text(state, row, key)}{compared}</div>'
    quotes = copied(state, row.text, key) + (in_parts(item, key, row.place, "") if row.place >= 0 else "")
    return f"{_critique_answered(item, key)}{pair}{quotes}{_changes(row)}{_demonstrations(state, item, key)}"


def _critique_answered(item: Candidate, key: str) -> str:
    """Draw what an edit was written against, a long one in a fold."""
    if item.origin != "edit" or not item.about:
        return ""
    text = item.about[0]
    if len(text) > _BRIEF:
        summary = gettext("Written in response to: {critique}", critique=shortened(text, _LINE))
        return details(f"{key}/because", summary, _prompt(text))
    label = gettext("Written in response to")
    return f'<p class="lab-because"><span class="lab-label">{label}</span>{esc(text)}</p>'


def _demonstrations(state: State, item: Candidate, key: str) -> str:
    """Draw the examples that a prompt was made from, where it names any."""
    named = frozenset(item.about)
    shown = [one for one in state.context.task.train if one.id in named]
    if not shown:
        return ""
    heads = (gettext("Input"), gettext("Answer"))
    body = table(heads, ((esc(one.input), esc(one.answer)) for one in shown))
    heading = ngettext(
        "The {n} demonstration it was made from", "The {n} demonstrations it was made from", len(shown)
    )
    return f'<div class="lab-speaks">{details(f"{key}/about", heading, body)}</div>'


def _text(state: State, row: Row, key: str) -> str:
    marks = attributes(
        data_field="text", data_key=f"{key}/text", rows=_rows(row.text), spellcheck="false",
        aria_label=title(state, row.item, row.place),
    )  # fmt: skip
    label = _NOUNS[kind(state, row.item)]
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
    restore = button(gettext("Restore"), "unmark", kind="lab-small", data_place=row.place)
    heading = gettext("Your changes to what the model wrote")
    return (
        f'<div class="lab-written"><div class="lab-row"><p class="lab-label">{heading}</p>{restore}</div>'
        f"{diff(row.item.text, row.text)}</div>"
    )


def _facts(state: State, row: Row) -> str:
    if not isinstance(row.item, Candidate) or row.place < 0:
        return ""
    added = f" · {gettext('a frozen passage was added')}" if row.item.passage_added else ""
    told = f"{esc(estimate(row.item))}{doubt(state, row.item)}{added}{esc(_flipped(state, row.item))}"
    return f'<span class="lab-muted lab-estimate">{told}</span>'


def _flipped(state: State, item: Candidate) -> str:
    """Say what a candidate fixed and broke against its parent, where both were measured on dev."""
    before, after = state.measured.get(item.parent or ""), state.measured.get(item.text)
    if before is None or after is None or before is after:  # what is its parent over again changed nothing
        return ""
    found = flips(before, after)
    told = gettext(
        "on dev fixed {n_fixed}, broke {n_broken} against its parent",
        n_fixed=count(found.fixed), n_broken=count(found.broken),
    )  # fmt: skip
    return f" · {told}"


def _added(row: Row) -> str:
    return f' <span class="lab-chip">{gettext("added by you")}</span>' if row.place < 0 else ""


def _keep(state: State, row: Row, key: str) -> str:
    marks = attributes(type="checkbox", data_field="keep", data_key=f"{key}/keep", checked=row.keep)
    drop = "" if row.place >= 0 else button(gettext("Remove"), "unmark", kind="lab-small", data_place=row.place)
    keep = f'<label class="lab-tick"><input{marks}> {gettext("Keep")}</label>'
    return f'<span class="lab-verdict">{drop}{pins(state, row)}{keep}</span>'


def _flaw(state: State, row: Row) -> str:
    if not row.item.flaw or row.place < 0 or (row.item.flaw == Flaw("breaks_example") and not row.changed):
        return ""
    flaw = esc(sentence(row.item.flaw))
    if row.item.flaw.may_be_overruled:
        told = gettext("Left out by itself: {flaw}. Tick Keep to use it all the same.", flaw=flaw)
    else:
        told = gettext(
            "Cannot be used as it is: {flaw}. Change the text and tick Keep, or leave it out.", flaw=flaw
        )
    return f'<p class="lab-flaw">{told} {put_back(state, row)}</p>'


def _reading(state: State, row: Row, key: str) -> str:
    """Draw how a text was read: without tags or not, what was taken off, what was thought aloud before."""
    item = row.item
    if not isinstance(item, (Candidate, Critique)) or row.place < 0:
        return ""
    untagged = gettext("Found without the tags that were asked for.")
    mark = f'<p class="lab-muted">{untagged}</p>' if item.recovered else ""
    removed = thought = ""
    if item.removed:
        heading = ngettext(
            "What was removed around it: {n} piece", "What was removed around it: {n} pieces", len(item.removed)
        )
        removed = details(f"{key}/removed", heading, "".join(map(_prompt, item.removed)))
    if aloud := _reasoning(state, item):
        thought = details(f"{key}/thought", gettext("What the model thought aloud before"), _prompt(aloud))
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
    label = f'<span class="lab-label">{gettext("Why left out (optional, kept in the history)")}</span>'
    return f'<label class="lab-why">{label}<input{marks}></label>'


def _prompt(text: str) -> str:
    return f'<div class="lab-prompt">{esc(text)}</div>'
