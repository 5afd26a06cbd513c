"""What a person wants to last: what holds here, the controls on a prompt, and the form of rules."""

from __future__ import annotations

from collections.abc import Iterator

from lab.core.asks import Example, Flaw, Pick
from lab.core.constraints import PROMPTS, lost
from lab.core.layout import placeholders
from lab.i18n import gettext, ngettext
from lab.session.state import State
from lab.text import shortened
from lab.views.markup import attributes, button, details, esc
from lab.views.verdicts import Row

_SHORT, _BRIEF = 40, 120  # characters of a text in a line of its own, and in a sentence


def active_rules(state: State, off: str) -> str:
    """Draw what holds here, each with the way to lift it; nothing where nothing does."""
    chips = "".join(_chip(what, number, label, off) for what, number, label in _in_words(state))
    heading = f'<span class="lab-label">{gettext("In effect here")}</span>'
    return f'<div class="lab-holding">{heading}<ul>{chips}</ul></div>' if chips else ""


def _chip(what: str, number: int, label: str, off: str) -> str:
    lift = button(
        "✕", "lift", kind="lab-lift", off=off, data_what=what, data_number=number,
        aria_label=gettext("Lift {constraint}", constraint=label),
    )  # fmt: skip
    return f'<li class="lab-chip">{esc(label)} {lift}</li>'


def _in_words(state: State) -> Iterator[tuple[str, int, str]]:
    """Describe each constraint in a few words, with its name and its number there."""
    held = state.constraints
    inputs = {
        example.id: example.input
        for example in (*state.context.task.train, *state.context.task.dev, *state.flagged)
    }
    for name, called, texts in (
        ("pinned", gettext("pinned"), held.pinned),
        ("hidden", gettext("hidden"), held.hidden),
        ("frozen", gettext("frozen"), held.frozen),
        ("protected", gettext("must not break"), tuple(inputs.get(id, id) for id in held.protected)),
    ):
        for i, text in enumerate(texts):
            yield name, i, gettext("{constraint}: {text}", constraint=called, text=shortened(text, _SHORT))
    if held.veto:
        yield "veto", 0, gettext("a prompt that breaks an example cannot be kept")
    if most := held.longest_words:
        yield "longest_words", 0, ngettext("at most {n} word", "at most {n} words", most)


def pins(state: State, row: Row) -> str:
    """Draw the controls that pin or hide a prompt; one that a person is writing has none yet."""
    if row.place < 0 or row.changed or not isinstance(row.item, PROMPTS):
        return ""
    held, ask = state.constraints, state.proposal and state.proposal.ask
    if row.item.text in held.pinned:
        return button(gettext("Unpin"), "unpin", kind="lab-flag", data_place=row.place)
    if row.item.text in held.hidden:
        return button(gettext("Show again"), "show", kind="lab-flag", data_place=row.place)
    pin = button(
        gettext("Pin"), "pin", kind="lab-flag", data_place=row.place,
        title=gettext("Keep it in every choice from here on."),
    )  # fmt: skip
    hide = button(
        gettext("Hide"), "hide", kind="lab-flag", data_place=row.place,
        title=gettext("Leave it out of every choice from here on."),
    )  # fmt: skip
    return ("" if row.item.flaw else pin + " ") + (hide if isinstance(ask, Pick) else "")


def regressions(state: State, row: Row) -> str:
    """Describe which examples that must not break a prompt answers wrongly, and with what."""
    found = [one for one in (state.proposal.regressions if state.proposal else ()) if one.item == row.place]
    if not found or row.changed:
        return ""
    examples = {example.id: example for example in (*state.context.task.train, *state.context.task.dev)}
    lines = "".join(_line(examples[one.example], one.got) for one in found)
    if row.item.flaw == Flaw("breaks_example"):
        breaks = ngettext(
            "Breaks {n} example that must not break, so it cannot be kept as it is:",
            "Breaks {n} examples that must not break, so it cannot be kept as it is:",
            len(found),
        )
    else:
        breaks = ngettext(
            "Breaks {n} example that must not break:", "Breaks {n} examples that must not break:", len(found)
        )
    return f'<div class="lab-flaw">{breaks}<ul>{lines}</ul></div>'


def _line(example: Example, got: str) -> str:
    answered = esc(shortened(got, _BRIEF)) or gettext("nothing")
    told = gettext(
        "{input}: expected {expected}, answered {answered}",
        input=esc(shortened(example.input, _BRIEF)),
        expected=f"<b>{esc(example.answer)}</b>", answered=f"<b>{answered}</b>",
    )  # fmt: skip
    return f"<li>{told}</li>"


def put_back(state: State, row: Row) -> str:
    """Draw the control that adds what is frozen and was lost to the words as they stand."""
    missing = lost(row.text, state.constraints.frozen)
    if not missing or row.place < 0:
        return ""
    text = "\n".join((row.text, *missing))
    label = gettext("Put it back")
    return button(label, "mark", kind="lab-small", data_place=row.place, data_keep="true", data_text=text)


def rules(state: State, off: str) -> str:
    """Draw the form of what every new prompt must keep to."""
    held, key = state.constraints, f"{state.branch.node}/rules"
    frozen = attributes(data_arg="frozen", data_key=f"{key}/frozen", rows=3, spellcheck="false")
    words = attributes(
        type="number", min=1, data_arg="longest_words", data_key=f"{key}/words", value=held.longest_words or ""
    )
    veto = attributes(type="checkbox", data_arg="veto", data_key=f"{key}/veto", checked=held.veto)
    about = gettext(
        "These apply from here on, to what the models write and to what you write. Undo takes a change back. "
        "Protected examples, which must not break, are chosen beside their answers; prompts are pinned and hidden "
        "where they are proposed."
    )
    passages = gettext(
        "Frozen passages: every new prompt keeps them word for word. Separate them with an empty line."
    )
    apply = button(gettext("Apply these rules"), "constrain", kind="lab-small", off=off)
    # A first line break after <textarea> is not part of its text, so one is always put there.
    body = (
        f'<div class="lab-rules" data-form><p class="lab-muted">{about}</p>'
        f'<label><span class="lab-label">{passages}</span>'
        f"<textarea{frozen}>\n{esc(chr(10).join(_with_blank_lines(held.frozen)))}</textarea></label>"
        f'<label class="lab-inline">{gettext("Maximum words")} <input{words}></label>'
        f'<label class="lab-tick"><input{veto}> '
        f"{gettext('A prompt that breaks a protected example cannot be kept')}</label>"
        f'<div class="lab-moves">{apply}{_placeholders(state, off)}</div></div>'
    )
    return details("rules", gettext("Rules for new prompts"), body)


def _with_blank_lines(passages: tuple[str, ...]) -> Iterator[str]:
    for i, passage in enumerate(passages):
        yield from (("", passage) if i else (passage,))


def _placeholders(state: State, off: str) -> str:
    inputs = state.context.task.inputs
    slots = dict.fromkeys(slot for text in state.node.phase.prompts for slot in placeholders(text, inputs))
    left = [slot for slot in slots if slot not in state.constraints.frozen]
    if not left:
        return ""
    label = gettext("Freeze the placeholders {placeholders}", placeholders=" ".join(left))
    return button(label, "constrain", kind="lab-small", off=off, data_placeholders="true")
