"""Two prompts or places of a run beside each other: the form that names them, and what changed between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lab.session.diff import Flip, NodeDiff
from lab.session.state import State
from lab.views.diff import diff
from lab.views.lineage import verdict
from lab.views.markup import attributes, button, details, esc, named, part, table
from lab.views.numbers import count, counted, known_percent

__all__ = ["BETWEEN", "LONGEST", "compared", "form"]

BETWEEN = ".."  # between the two in an address
LONGEST = 100  # characters of a name
_EMPTY = '<span class="lab-muted">(no text)</span>'
_MOST = 12  # flipped examples of a kind that are listed
_HEADS = ("Input", "Expected answer", "First", "Second")
_ABOUT = "Each is a prompt (P7), a step (S31) or a branch. Left empty they are the start prompt and the best one."


def form() -> str:
    """Draw the form that names what is compared."""
    fields = "".join(
        f"<label><span class='lab-label'>{title}</span><input{_field(name, shown)}></label>"
        for name, title, shown in (("first", "First", "start prompt"), ("second", "Second", "best prompt"))
    )
    body = (
        f'<div class="lab-compare" data-form>{fields}{button("Compare", "compare", kind="lab-small")}</div>'
        f'<p class="lab-muted">{esc(_ABOUT)}</p>'
    )
    return part("comparing", details("compare", "Compare two prompts or places", body, opened=True))


def _field(name: str, shown: str) -> str:
    return attributes(type="text", data_arg=name, data_key=f"compare/{name}", maxlength=LONGEST, placeholder=shown)


def compared(state: State, found: NodeDiff, asked: tuple[str, str]) -> str:
    """Draw both prompts, what changed in words, scores, examples and settings, and what a person did between.

    `asked` is how the two were named, which an address says again.
    """
    known = (state.measured.get(prompt) for prompt in (found.before, found.after))
    scores = [one.score if one else None for one in known]
    both = "".join(
        f'<div><span class="lab-label">{title}{named(state.names.prompt(prompt))} · {esc(known_percent(score))}'
        f'</span><div class="lab-prompt" tabindex="0">{esc(prompt) or _EMPTY}</div></div>'
        for title, prompt, score in zip(("First", "Second"), (found.before, found.after), scores, strict=True)
    )
    marks = attributes(class_="lab-compared-two", data_compared=BETWEEN.join(asked), role="status")
    return part(
        "compared",
        f'<section{marks}><div class="lab-pair">{both}</div><p class="lab-label">From the first to the second</p>'
        f"{diff(found.before, found.after)}<p>{esc(verdict(found))}</p>{''.join(_more(found))}</section>",
    )


def _more(found: NodeDiff) -> Iterator[str]:
    for what, better in (("fixed", True), ("broken", False)):
        flips = [one for one in found.flips if one.after != one.before and (one.after > one.before) is better]
        if flips:
            title = f"{counted(len(flips), 'example')} {what}"
            yield details(f"compare/{what}", title, _listed(flips), opened=better)
    if found.settings:
        rows = ((esc(name), esc(before), esc(after)) for name, before, after in found.settings)
        yield details("compare/settings", "What else differs", table(("Setting", "First", "Second"), rows))
    if found.edits:
        edits = ((esc(one.name), esc(one.did), esc(one.before), esc(one.after)) for one in found.edits)
        heads = ("Step", "You", "Before", "After")
        yield details("compare/edits", f"What you did between ({count(len(found.edits))})", table(heads, edits))


def _listed(flips: Sequence[Flip]) -> str:
    rows = (tuple(map(esc, (one.input, one.answer, one.got_before, one.got_after))) for one in flips[:_MOST])
    more = f'<p class="lab-muted">and {count(len(flips) - _MOST)} more</p>' if len(flips) > _MOST else ""
    return table(_HEADS, rows) + more
