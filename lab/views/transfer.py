"""How prompts do on other models: who keeps its score and who loses, and going on from there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from lab.core.task import Task
from lab.i18n import gettext, gettext_lazy, ngettext
from lab.practice import MODELS
from lab.session.comparison import MARGIN, Cell, Fate, Row, best_on, default_prompts, place
from lab.session.state import State
from lab.tasks.statistics import METHOD, is_mean
from lab.text import shortened
from lab.views.intervals import with_interval
from lab.views.markup import attributes, button, details, esc, table
from lab.views.names import model_name
from lab.views.numbers import count, points, within
from lab.views.outcomes import line, made_of
from lab.views.prose import in_a_row

_HOW_JUDGED = gettext_lazy(
    "A prompt loses or gains if the interval of the change lies entirely on one side of 0, and keeps its score if "
    "a loss of more than {margin} points is ruled out; otherwise these examples cannot tell.",
    margin=count(int(100 * MARGIN)),
)
_JUDGED_BY_HITS = gettext_lazy(
    "This metric is not a mean over the examples and has no interval here; which prompts keep their score and "
    "which lose is judged by single examples, right or wrong."
)
_FATES: Mapping[Fate, str] = MappingProxyType(
    {
        "keeps": gettext_lazy("keeps"),
        "loses": gettext_lazy("loses"),
        "gains": gettext_lazy("gains"),
        "cannot tell": gettext_lazy("cannot tell"),
    }
)  # of those that a change is shown of


def transfer(state: State, rows: Sequence[Row], off: str = "") -> str:
    """Draw prompts by models, what to go on from, and the way to score them on another model.

    `off` says why nothing can be begun, while a step is under way.
    """
    others = [cell.model for cell in rows[0].cells[1:]] if rows else []
    known = (
        f"{_table(state, rows)}{_replies(state, rows)}{_notes(state)}{_moves(state, rows, others, off)}"
        if others
        else ""
    )
    title = gettext("How these prompts do on other models, on the dev examples")
    return details("transfer", title, f"{known}{_form(state, off)}")


def _table(state: State, rows: Sequence[Row]) -> str:
    home, *others = (model_name(cell.model) for cell in rows[0].cells)
    cells = (
        (
            f'<div class="lab-clip" tabindex="0"><b>{count(i)}</b> {esc(row.prompt)}</div>',
            *(_cell(row.cells[0], cell, state.context.task) for cell in row.cells),
        )
        for i, row in enumerate(rows, 1)
    )
    heads = (gettext("Prompt"), gettext("{model} (here)", model=home), *others)
    return f'<div class="lab-fates">{table(heads, cells)}</div>'


def _replies(state: State, rows: Sequence[Row]) -> str:
    """Say behind each score what its replies came to, in a fold."""
    found = state.outcomes_by_model
    cells = (
        (f"{count(i)} · {model_name(cell.model)}", found[cell.model, row.prompt])
        for i, row in enumerate(rows, 1)
        for cell in row.cells
        if (cell.model, row.prompt) in found
    )
    key = f"transfer/{state.branch.id}/replies"
    return made_of(key, gettext("What the replies behind these scores came to"), cells, state.context.task)


def as_text(state: State, rows: Sequence[Row]) -> str:
    """Write the table for a terminal: under each prompt a line a model."""
    names = [model_name(cell.model) for cell in rows[0].cells]
    width = max(map(len, names))
    return "\n".join(
        line
        for i, row in enumerate(rows, 1)
        for line in (
            f"{count(i)}. {shortened(row.prompt, 100)}",
            *(
                f"   {name:{width}}  {_as_text(row.cells[0], cell, state.context.task)}"
                f"{_outcome_line(state, cell.model, row.prompt)}"
                for name, cell in zip(names, row.cells, strict=True)
            ),
        )
    )


def _outcome_line(state: State, model: str, prompt: str) -> str:
    found = state.outcomes_by_model.get((model, prompt))
    return f"\n      {line(found, state.context.task)}" if found else ""


def as_data(state: State, rows: Sequence[Row]) -> dict[str, Any]:
    """Return the table as plain JSON; scores and changes are in [0, 1]."""
    task = state.context.task
    return {
        "task": task.name,
        "metric": task.metric,
        "branch": state.branch.id,
        "target_model": state.branch.models["target"].spec,
        "n_dev": len(task.dev),
        "intervals": METHOD,
        "prompts": [
            {"prompt": row.prompt, "scores": [_data(state, row.prompt, cell) for cell in row.cells]} for row in rows
        ],
    }


def _data(state: State, prompt: str, cell: Cell) -> dict[str, Any]:
    found = state.outcomes_by_model.get((cell.model, prompt))
    return {
        "model": cell.model,
        "score": cell.measure.score if cell.measure else None,
        "n_rows": cell.measure.n_rows if cell.measure else 0,
        "interval": cell.interval,
        "change": cell.change,
        "change_interval": cell.change_interval,
        "fate": cell.fate,
        "outcomes": dict(found.counts) if found else {},
    }


def _as_text(home: Cell, cell: Cell, task: Task) -> str:
    if cell.measure is None:
        return gettext("not measured")
    change = _change(home, cell)
    return with_interval(cell.measure, task) + (f"  {_FATES[cell.fate]}: {change}" if change else "")


def _cell(home: Cell, cell: Cell, task: Task) -> str:
    if cell.measure is None:
        return f'<span class="lab-muted">{gettext("not measured")}</span>'
    score = f"<b>{esc(with_interval(cell.measure, task))}</b>"
    change = _change(home, cell)
    if not change:
        return score
    marks = attributes(class_=f"lab-fate lab-{cell.fate.replace(' ', '-')}")
    return f"{score}<br><span{marks}>{esc(_FATES[cell.fate])}</span> <small>{esc(change)}</small>"


def _change(home: Cell, cell: Cell) -> str:
    if home.measure is None or cell.measure is None or cell.change is None:
        return ""
    return within(points(home.measure.score, cell.measure.score), cell.change_interval)


def _notes(state: State) -> str:
    how = METHOD if is_mean(state.context.task.metric) else _JUDGED_BY_HITS
    return f'<p class="lab-muted">{esc(in_a_row(_HOW_JUDGED, how))}</p>'


def _moves(state: State, rows: Sequence[Row], others: Sequence[str], off: str) -> str:
    return "".join(_move(state, rows, model, off) for model in others)


def _move(state: State, rows: Sequence[Row], model: str, off: str) -> str:
    """Offer to go on from the prompt that does best on a model."""
    best = best_on(rows, model)
    found = next(((i, row) for i, row in enumerate(rows, 1) if row.prompt == best), None)
    if best is None or found is None:
        return ""
    number, row = found
    measure = next(cell.measure for cell in row.cells if cell.model == model)
    assert measure is not None
    node = place(state, best)
    told = gettext(
        "{model}: prompt {number} is the best, {score}.",
        model=model_name(model), number=count(number), score=with_interval(measure, state.context.task),
    )  # fmt: skip
    away = gettext("This prompt is not on the path to this point. Go to a point that holds it first.")
    go = button(
        gettext("Go on from it on this model"), "moveto", kind="lab-small", data_model=model, data_node=node,
        off=off if node else away,
    )  # fmt: skip
    return f'<div class="lab-add"><span>{esc(told)}</span>{go}</div>'


def _form(state: State, off: str) -> str:
    key = f"transfer/{state.branch.id}"
    prompts, n = len(default_prompts(state)), len(state.context.task.dev)
    options = "".join(f"<option{attributes(value=name)}></option>" for name in MODELS)
    field = attributes(
        type="text", data_arg="model", data_key=f"{key}/model", list=f"{key}/models", spellcheck="false",
        placeholder=gettext("MODEL or MODEL@URL"),
    )  # fmt: skip
    offer = ngettext(
        "Another target model answers the same {n} dev example with the start prompt and the best prompts so far, "
        "{prompts} in all: at most {calls}; known answers cost nothing.",
        "Another target model answers the same {n} dev examples with the start prompt and the best prompts so far, "
        "{prompts} in all: at most {calls}; known answers cost nothing.",
        n,
        prompts=ngettext("{n} prompt", "{n} prompts", prompts),
        calls=ngettext("{n} call", "{n} calls", prompts * n),
    )
    going_on = gettext(
        "Going on there makes a branch in which the optimizer starts again with the prompts held at that point."
    )
    return (
        f'<div class="lab-add lab-to" data-form><label>{gettext("Other target model")} <input{field}></label>'
        f"<datalist{attributes(id=f'{key}/models')}>{options}</datalist>"
        f"{button(gettext('Score on another model'), 'transfer', kind='lab-small', off=off)}</div>"
        f'<p class="lab-muted">{esc(in_a_row(offer, going_on))}</p>'
    )
