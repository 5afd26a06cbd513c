"""Two prompts or places of a run beside each other: the form that names them, and what changed between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lab.i18n import gettext, gettext_lazy, ngettext
from lab.session.diff import Flip, NodeDiff
from lab.session.state import State
from lab.views.diff import diff
from lab.views.human import did
from lab.views.lineage import verdict
from lab.views.markup import attributes, button, details, esc, named, part, table
from lab.views.numbers import count, known_percent

__all__ = ["BETWEEN", "LONGEST", "compared", "form"]

BETWEEN = ".."  # between the two in an address
LONGEST = 100  # characters of a name
_MOST = 12  # flipped examples of a kind that are listed
_FIRST, _SECOND = gettext_lazy("First"), gettext_lazy("Second")
_HEADS = (gettext_lazy("Input"), gettext_lazy("Expected answer"), _FIRST, _SECOND)
_ABOUT = gettext_lazy(
    "Each is a prompt (P7), a step (S31) or a branch. Left empty they are the start prompt and the best one."
)


def form() -> str:
    """Draw the form that names what is compared."""
    fields = "".join(
        f"<label><span class='lab-label'>{title}</span><input{_field(name, shown)}></label>"
        for name, title, shown in (
            ("first", _FIRST, gettext("start prompt")),
            ("second", _SECOND, gettext("best prompt")),
        )
    )
    go = button(gettext("Compare"), "compare", kind="lab-small")
    body = f'<div class="lab-compare" data-form>{fields}{go}</div><p class="lab-muted">{esc(_ABOUT)}</p>'
    return part("comparing", details("compare", gettext("Compare two prompts or places"), body, opened=True))


def _field(name: str, shown: str) -> str:
    return attributes(type="text", data_arg=name, data_key=f"compare/{name}", maxlength=LONGEST, placeholder=shown)


def compared(state: State, found: NodeDiff, asked: tuple[str, str]) -> str:
    """Draw both prompts, what changed in words, scores, examples and settings, and what a person did between.

    `asked` is how the two were named, which an address says again.
    """
    known = (state.measured.get(prompt) for prompt in (found.before, found.after))
    scores = [one.score if one else None for one in known]
    empty = f'<span class="lab-muted">{gettext("(no text)")}</span>'
    both = "".join(
        f'<div><span class="lab-label">{title}{named(state.names.prompt(prompt))} · {esc(known_percent(score))}'
        f'</span><div class="lab-prompt" tabindex="0">{esc(prompt) or empty}</div></div>'
        for title, prompt, score in zip((_FIRST, _SECOND), (found.before, found.after), scores, strict=True)
    )
    marks = attributes(class_="lab-compared-two", data_compared=BETWEEN.join(asked), role="status")
    changed = gettext("From the first to the second")
    return part(
        "compared",
        f'<section{marks}><div class="lab-pair">{both}</div><p class="lab-label">{changed}</p>'
        f"{diff(found.before, found.after)}<p>{esc(verdict(found))}</p>{''.join(_more(found))}</section>",
    )


def _more(found: NodeDiff) -> Iterator[str]:
    if fixed := [one for one in found.flips if one.after > one.before]:
        title = ngettext("{n} example fixed", "{n} examples fixed", len(fixed))
        yield details("compare/fixed", title, _listed(fixed), opened=True)
    if broken := [one for one in found.flips if one.after < one.before]:
        title = ngettext("{n} example broken", "{n} examples broken", len(broken))
        yield details("compare/broken", title, _listed(broken))
    if found.settings:
        rows = ((esc(name), esc(before), esc(after)) for name, before, after in found.settings)
        heads = (gettext("Setting"), _FIRST, _SECOND)
        yield details("compare/settings", gettext("What else differs"), table(heads, rows))
    if found.edits:
        edits = ((esc(one.name), esc(did(one)), esc(one.before), esc(one.after)) for one in found.edits)
        title = gettext("What you did between ({n_edits})", n_edits=count(len(found.edits)))
        steps = (gettext("Step"), gettext("You"), gettext("Before"), gettext("After"))
        yield details("compare/edits", title, table(steps, edits))


def _listed(flips: Sequence[Flip]) -> str:
    rows = (tuple(map(esc, (one.input, one.answer, one.got_before, one.got_after))) for one in flips[:_MOST])
    more = gettext("and {n_more} more", n_more=count(len(flips) - _MOST))
    return table(_HEADS, rows) + (f'<p class="lab-muted">{more}</p>' if len(flips) > _MOST else "")
