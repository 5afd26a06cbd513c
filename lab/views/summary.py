"""What a run came to, on one page: start to best, dev and test, examples that flipped, cost, what a person did."""

from __future__ import annotations

from collections.abc import Iterator

from lab.core.task import Example
from lab.i18n import gettext, gettext_lazy, ngettext
from lab.session.evidence import evidence
from lab.session.state import State
from lab.views import human, no_gain
from lab.views.diff import diff
from lab.views.evidence import sentences
from lab.views.intervals import with_interval
from lab.views.markup import attributes, button, copy_button, esc, named, part, table
from lab.views.numbers import count, points
from lab.views.outcomes import words
from lab.views.sealed import sealed
from lab.views.spending import left, spending
from lab.views.track import progress_in_words

__all__ = ["BUTTON", "open_button", "summary"]

BUTTON = "summary"  # what an event of the button is called
_MOST = 12  # flipped examples of a kind that are listed


def open_button() -> str:
    """Draw the button that shows the summary."""
    return part("sum", button(gettext("Summary"), BUTTON, kind="lab-small", data_open="true"))


def summary(state: State, exports: str = "") -> str:
    """Draw the summary over the run; `exports` is the menu of what can be taken along."""
    close = button(gettext("Back to the run"), BUTTON, kind="lab-small", data_open="false")
    spent = esc(left(state.branch.models.ceiling, state.spends))
    as_it_came = f'<p class="lab-muted">{gettext("Every proposal was taken as it came.")}</p>'
    sections = (
        (gettext("From start to best"), _prompts(state)),
        (gettext("How sure that is"), _proof(state)),
        (gettext("Examples that flipped on dev"), _flipped(state)),
        (gettext("The sealed test"), sealed(state)),
        (gettext("What it cost"), f"<p>{spent}</p>{spending(state)}"),
        (gettext("What you did"), human.report(state.deeds) or as_it_came),
        (gettext("Take it along"), exports),
    )
    drawn = "".join(f"<section><h3>{esc(title)}</h3>{body}</section>" for title, body in sections if body)
    marks = attributes(class_="lab-summary", role="region", aria_label=gettext("Summary of the run"), tabindex=-1)
    title = gettext("Summary: {task}", task=state.context.task.name)
    far = gettext("{optimizer}. {progress}.", optimizer=state.optimizer.title, progress=progress_in_words(state))
    return (
        f'<div{marks}><div class="lab-row"><h2>{esc(title)}</h2>{close}</div>'
        f'<p class="lab-muted">{esc(far)}</p>{drawn}</div>'
    )


def _prompts(state: State) -> str:
    task, start, best = state.context.task, state.baseline, state.best
    if start is None or best is None:
        return f'<p class="lab-muted">{gettext("The prompts have not been measured on dev yet.")}</p>'
    name = named(state.names.prompt(best.prompt))
    if best.prompt == start.prompt:
        told = gettext(
            "No prompt did better than the start prompt{name}: {score} on dev.",
            name=name, score=esc(with_interval(start, task)),
        )  # fmt: skip
        return f"<p>{told}</p>"
    told = gettext(
        "{before} → {after} on dev: {change}.",
        before=esc(with_interval(start, task)),
        after=f"<b>{esc(with_interval(best, task))}</b>",
        change=esc(points(start.score, best.score)),
    )
    return (
        f"<p>{told}{name}</p>{diff(start.prompt, best.prompt)}"
        f'<p class="lab-row">{copy_button(best.prompt, gettext("Copy the best prompt"))}</p>'
    )


def _proof(state: State) -> str:
    causes = no_gain.fold(state.no_gain) if state.done else ""
    return "".join(f"<p>{esc(line)}</p>" for line in sentences(evidence(state))) + causes


def _flipped(state: State) -> str:
    """Draw the examples that the best prompt answers better than the start prompt, and those it answers worse."""
    start, best = state.baseline, state.best
    if start is None or best is None or best.prompt == start.prompt:
        return ""
    dev = state.context.task.dev
    rows = list(zip(dev, start.hits, best.hits, strict=False))
    fixed = [one for one, was, now in rows if was is not None and now is not None and now > was]
    broken = [one for one, was, now in rows if was is not None and now is not None and now < was]
    n_fixed = ngettext("{n} example fixed", "{n} examples fixed", len(fixed))
    n_broken = ngettext("{n} example broken", "{n} examples broken", len(broken))
    none = f"<p>{gettext('None.')}</p>"
    return f"{_titled(state, n_fixed, fixed)}{_titled(state, n_broken, broken)}" or none


def _titled(state: State, title: str, examples: list[Example]) -> str:
    if not examples:
        return ""
    rows = list(_rows(state, examples[:_MOST]))
    more = gettext("and {n_more} more", n_more=count(len(examples) - _MOST))
    rest = f'<p class="lab-muted">{more}</p>' if len(examples) > _MOST else ""
    return f"<h4>{title}</h4>{table(_HEADS, rows)}{rest}"


_HEADS = (
    gettext_lazy("Input"), gettext_lazy("Expected answer"), gettext_lazy("Start prompt"),
    gettext_lazy("Best prompt"),
)  # fmt: skip


def _rows(state: State, examples: list[Example]) -> Iterator[tuple[str, ...]]:
    found, task = state.answered, state.context.task
    place = {example.id: i for i, example in enumerate(task.dev)}

    def got(prompt: str, example: Example) -> str:
        if found is None or prompt not in found.prompts:
            return ""
        said = found.got[found.prompts.index(prompt)]
        return "" if said is None else said[place[example.id]] or words("unread", task)

    for example in examples:
        answers = (got(prompt, example) for prompt in (task.start, state.result))
        yield tuple(esc(text) for text in (example.input, example.answer, *answers))
