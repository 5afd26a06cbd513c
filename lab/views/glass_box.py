"""The glass box: why the practice model gave an answer, which no real model can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.core.asks import ErrorSample
from lab.i18n import gettext, gettext_lazy
from lab.practice import explain
from lab.session.state import State
from lab.text import shortened
from lab.views.markup import details, esc

if TYPE_CHECKING:
    from lab.practice import Explanation

_HARMS = {
    "explain": gettext_lazy("The prompt asks for reasons, so that words surround the answer."),
    "unsure": gettext_lazy("The prompt lets it say that it is unsure."),
    "surface": gettext_lazy(
        "The prompt directs it to the surface of the text: its length, its tone, its exclamation marks."
    ),
    "swap": gettext_lazy("The prompt swaps the answers."),
    "always": gettext_lazy("The prompt asks for one and the same answer, whatever the text."),
    "off task": gettext_lazy("The prompt does not set this task, and most answers have nothing to do with it."),
}


def why(state: State, sample: ErrorSample, key: str) -> str:
    """Draw the fold "Why this answer?" of an error; nothing where the target is a real model."""
    endpoint = state.branch.models["target"].endpoint
    model = endpoint.model if endpoint.is_simulated else None
    prompts = state.node.phase.prompts
    if model is None or sample.prompt >= len(prompts):
        return ""
    found = explain(prompts[sample.prompt], sample.text, model, sample.answer)
    return details(f"{key}/why", gettext("Why this answer?"), _box(found, sample.got)) if found else ""


def _box(found: Explanation, got: str) -> str:
    about = dict(found.about)
    skills = [skill for skill in found.needed if not found.any_needed or found.missing or skill in found.on]
    lines = [_line(skill, about[skill], found) for skill in skills]
    lines += [_HARMS[harm] for harm in found.harms if harm in _HARMS]
    items = "".join(f"<li>{esc(line)}</li>" for line in lines)
    only = gettext("Only the practice model can show this: it is simulated. No real model can.")
    return (
        f'<div class="lab-glass">{_full_reply(found, got)}<p>{esc(_verdict(found))}</p>'
        f"{f'<ul>{items}</ul>' if items else ''}"
        f'<p class="lab-muted">{only}</p></div>'
    )


def _full_reply(found: Explanation, got: str) -> str:
    """Show the whole reply where only a part of it was judged."""
    if found.answer.strip() == got.strip():
        return ""
    reply = f"<q>{esc(shortened(found.answer, 300))}</q>"
    return f"<p>{gettext('Its full reply was: {reply}', reply=reply)}</p>"


def _verdict(found: Explanation) -> str:
    if found.missing and found.any_needed:
        return gettext("Nothing that this example needs was at work; any one of these would do:")
    if found.missing:
        return gettext("What this example needs, and what was at work:")
    if found.harms:
        return gettext(
            "Everything that this example needs was at work. The rest of the prompt, or a slip, made it wrong."
        )
    if found.any_needed and found.needed:
        return gettext(
            "A rule that fits was at work. An earlier rule, the form of the answer, or a slip made it wrong."
        )
    return gettext(
        "Everything that this example needs was at work. The form of the answer, or a slip, made it wrong."
    )


def _line(skill: str, about: str, found: Explanation) -> str:
    if skill in found.on and skill in found.asked:
        return gettext("{about}: yes, the prompt asks for it", about=about)
    if skill in found.on:
        return gettext("{about}: yes, by common sense; the prompt does not ask for it", about=about)
    if skill in found.denied:
        return gettext("{about}: no, the prompt says to leave it alone", about=about)
    if skill in found.asked:
        return gettext("{about}: no, although the prompt mentions it", about=about)
    return gettext("{about}: no, and the prompt does not mention it", about=about)
