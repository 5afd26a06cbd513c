"""What a run came to, on one page: start to best, dev and test, examples that flipped, cost, what a person did."""

from __future__ import annotations

from collections.abc import Iterator

from lab.core.task import Example
from lab.session.evidence import evidence
from lab.session.state import State
from lab.views import human, no_gain
from lab.views.diff import diff
from lab.views.evidence import sentences
from lab.views.intervals import with_interval
from lab.views.markup import button, copy_button, esc, named, part, table
from lab.views.numbers import count, counted, points
from lab.views.outcomes import words
from lab.views.sealed import sealed
from lab.views.spending import left, spending
from lab.views.track import progress_in_words

__all__ = ["BUTTON", "open_button", "summary"]

BUTTON = "summary"  # what an event of the button is called
_MOST = 12  # flipped examples of a kind that are listed


def open_button() -> str:
    """Draw the button that shows the summary."""
    return part("sum", button("Summary", BUTTON, kind="lab-small", data_open="true"))


def summary(state: State, exports: str = "") -> str:
    """Draw the summary over the run; `exports` is the menu of what can be taken along."""
    close = button("Back to the run", BUTTON, kind="lab-small", data_open="false")
    sections = (
        ("From start to best", _prompts(state)),
        ("How sure that is", _proof(state)),
        ("Examples that flipped on dev", _flipped(state)),
        ("The sealed test", sealed(state)),
        ("What it cost", f"<p>{esc(left(state.branch.models.ceiling, state.spends))}</p>{spending(state)}"),
        (
            "What you did",
            human.report(state.deeds) or '<p class="lab-muted">Every proposal was taken as it came.</p>',
        ),
        ("Take it along", exports),
    )
    drawn = "".join(f"<section><h3>{esc(title)}</h3>{body}</section>" for title, body in sections if body)
    return (
        '<div class="lab-summary" role="region" aria-label="Summary of the run" tabindex="-1">'
        f'<div class="lab-row"><h2>Summary: {esc(state.context.task.name)}</h2>{close}</div>'
        f'<p class="lab-muted">{esc(state.optimizer.title)}. {esc(progress_in_words(state))}.</p>{drawn}</div>'
    )


def _prompts(state: State) -> str:
    task, start, best = state.context.task, state.baseline, state.best
    if start is None or best is None:
        return '<p class="lab-muted">The prompts have not been measured on dev yet.</p>'
    name = named(state.names.prompt(best.prompt))
    if best.prompt == start.prompt:
        return f"<p>No prompt did better than the start prompt{name}: {esc(with_interval(start, task))} on dev.</p>"
    return (
        f"<p>{esc(with_interval(start, task))} → <b>{esc(with_interval(best, task))}</b> on dev: "
        f"{esc(points(start.score, best.score))}.{name}</p>{diff(start.prompt, best.prompt)}"
        f'<p class="lab-row">{copy_button(best.prompt, "Copy the best prompt")}</p>'
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
    return f"{_listed(state, 'fixed', fixed)}{_listed(state, 'broken', broken)}" or "<p>None.</p>"


def _listed(state: State, what: str, examples: list[Example]) -> str:
    if not examples:
        return ""
    rows = list(_rows(state, examples[:_MOST]))
    more = f'<p class="lab-muted">and {count(len(examples) - _MOST)} more</p>' if len(examples) > _MOST else ""
    return f"<h4>{counted(len(examples), 'example')} {what}</h4>{table(_HEADS, rows)}{more}"


_HEADS = ("Input", "Expected answer", "Start prompt", "Best prompt")


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
