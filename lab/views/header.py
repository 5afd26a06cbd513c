"""The head of the page: what is optimized with which models, how well, at what cost; and the best prompt."""

from __future__ import annotations

from lab.i18n import gettext, gettext_lazy, ngettext
from lab.models.roles import ModelConfig
from lab.session.evidence import evidence
from lab.session.state import State
from lab.store import Measure
from lab.store.records import costs
from lab.views.copied import copied
from lab.views.evidence import fold
from lab.views.intervals import in_brackets, with_interval
from lab.views.markup import attributes, copy_button, details, esc, named, pop, table
from lab.views.names import model_name
from lab.views.numbers import NOT_MEASURED, count, percent, points
from lab.views.outcomes import made_of
from lab.views.rating import brief, judge_line
from lab.views.recording import mark
from lab.views.spending import left

FORCED = gettext_lazy("answers forced to be a label")


def header(state: State) -> str:
    """Draw what is optimized with which models, how well, and at what cost; what is behind a number unfolds."""
    names = {role: _model(config) for role, config in state.branch.models.items()}
    method = gettext("{optimizer}.", optimizer=state.optimizer.title)
    optimizer = gettext("Optimizer model: {model}.", model=names["optimizer"])
    target = gettext("Target model: {model}.", model=names["target"])
    judge = gettext("Judge: {model}.", model=names["judge"]) if "judge" in names else ""
    # Where there is little room, the least that has to be said; the rest is told by the pointer and under Settings.
    simulated = state.branch.models["target"].endpoint.is_simulated
    brief = gettext("simulated model") if simulated else names["target"]
    marks = attributes(class_="lab-muted lab-models", title=f"{method} {optimizer} {target}")
    return (
        f'<div class="lab-title"><h2>{esc(state.context.task.name)}</h2>{mark(state)}{_branches(state)}</div>'
        f'<p{marks}><span class="lab-full">{esc(method)} <span>{esc(optimizer)}</span> <span>{esc(target)}</span>'
        f"{_forced(state)}{f' <span>{esc(judge)}</span>' if judge else ''}</span>"
        f'<span class="lab-brief-models"><span>{esc(state.optimizer.title)} · </span>{esc(brief)}</span></p>'
        f'<div class="lab-figures">{_score(state)}{_checked(state)}{_spent(state)}</div>'
    )


def best(state: State) -> str:
    """Draw the best prompt so far, to copy."""
    text = best_prompt(state)
    score = _measured(state.measured[text]) if text in state.measured else ""
    return (
        f'<div class="lab-row"><h3>{_title(state, text)}{named(state.names.prompt(text))}</h3>{score}'
        f"{copy_button(text, gettext('Copy'))}</div>"
        f'<div class="lab-prompt" tabindex="0">{esc(text)}</div>{copied(state, text, "best")}'
        f"{_against_parent(state)}{_best_of_run(state)}"
    )


def _title(state: State, text: str) -> str:
    if text == state.context.task.start:
        return gettext("Start prompt")
    if len(state.branches) > 1 or state.tips:
        return gettext("Best prompt so far of this line")
    return gettext("Best prompt so far")


def _measured(known: Measure) -> str:
    on = f' <small class="lab-muted">{esc(gettext("on {examples} of dev", examples=_rows(known)))}</small>'
    return f'<span><b class="lab-figure">{esc(percent(known.score))}</b>{on}</span>'


def _against_parent(state: State) -> str:
    """Say what the best prompt fixed and broke on dev against its parent."""
    if state.flips is None:
        return ""
    parent, found = state.flips
    told = gettext(
        "On dev fixed {n_fixed}, broke {n_broken} against {parent}, its parent.",
        n_fixed=count(found.fixed), n_broken=count(found.broken), parent=parent,
    )  # fmt: skip
    return f'<p class="lab-muted">{esc(told)}</p>'


def _best_of_run(state: State) -> str:
    """Draw the best prompt of all lines of the run, where this line does not have it."""
    best = state.best_of_run
    if best is None or state.best is None or best.prompt == state.best.prompt:
        return ""
    title = gettext(
        "Best prompt of the whole run: {name}, {score} on dev",
        name=state.names.prompt(best.prompt), score=percent(best.score),
    )  # fmt: skip
    body = (
        f'<div class="lab-row"><p class="lab-muted">{gettext("Another line of this run reached it.")}</p>'
        f'{copy_button(best.prompt)}</div><div class="lab-prompt" tabindex="0">{esc(best.prompt)}</div>'
    )
    return details("best-of-run", title, body)


def _model(config: ModelConfig) -> str:
    return config.name if config.recorded else model_name(config.spec)


def _checked(state: State) -> str:
    """Say how far the judge agrees with the person, or that nobody has checked it."""
    if state.judging is None:
        return ""
    told, found = judge_line(state.judging), brief(state.judging.agreement)
    return f' <span class="lab-chip" title="{esc(told)}">{esc(found)}</span>'


def _forced(state: State) -> str:
    """Say that the answers behind all scores are labels because the model can give nothing else."""
    if not (state.branch.models["target"].sampling.forced and state.context.task.labels):
        return ""
    return f' <span class="lab-chip">{FORCED}</span>'


def best_prompt(state: State) -> str:
    """The best prompt by dev score on the way here; before any was measured, the first that is held now."""
    return state.result


def _branches(state: State) -> str:
    if len(state.branches) < 2:
        return f'<span class="lab-chip">{esc(gettext("branch: {branch}", branch=state.branch.name))}</span>'
    options = "".join(
        f"<option{attributes(value=branch.id, selected=branch.id == state.branch.id)}>{esc(branch.name)}</option>"
        for branch in state.branches
    )
    return (
        f'<label class="lab-pick">{gettext("Branch")} <select data-act="switch" data-value="branch" '
        f'data-key="branch-{esc(state.branch.id)}">{options}</select></label>'
    )


def _score(state: State) -> str:
    """Draw the dev score; what it is made of, and what it proves, unfolds."""
    value, note = _scores(state)
    judge = "" if state.judging is None else f"<p>{esc(judge_line(state.judging))}</p>"
    more = f"{judge}{_replies(state)}{_flagged(state)}{fold(evidence(state))}"
    return pop("score", gettext("Score on dev"), value, f'<p class="lab-muted">{esc(note)}</p>{more}')


def _scores(state: State) -> tuple[str, str]:
    start, best = state.baseline, state.best
    if start is None:
        n_dev = len(state.context.task.dev)
        return str(NOT_MEASURED), ngettext("{n} example to measure on", "{n} examples to measure on", n_dev)
    if best is None or best.prompt == start.prompt:
        note = gettext("the start prompt, on {examples}", examples=_rows(start))
        return with_interval(start, state.context.task), in_brackets(note, start, state.context.task)
    value = f"{percent(start.score)} → {with_interval(best, state.context.task)}"
    change = points(start.score, best.score)
    note = gettext("start → best: {change}, on {examples}", change=change, examples=_rows(best))
    return value, in_brackets(note, best, state.context.task)


def _rows(measure: Measure) -> str:
    """Describe on how many examples a prompt was measured, and of how many where some are missing."""
    n = len(measure.hits)
    if not measure.n_missing:
        return ngettext("{n} example", "{n} examples", n)
    return ngettext("{n_known} of {n} example", "{n_known} of {n} examples", n, n_known=count(measure.n_rows))


def _replies(state: State) -> str:
    """Draw what became of the replies behind the dev scores."""
    task = state.context.task
    rows = (
        (gettext("Start prompt") if prompt == task.start else gettext("Best prompt so far"), found)
        for prompt, found in state.outcomes.items()
    )
    return made_of("replies", gettext("What the dev scores are made of"), rows, task)


def _spent(state: State) -> str:
    """Draw how many calls were paid for; which, with tokens, money and the limit, unfolds."""
    spends = costs(state.spends, by=("role",))
    paid = {one.role: one.calls for one in spends}
    reused, tokens = sum(one.cached for one in spends), sum(one.n_tokens for one in spends)
    scope = gettext("all branches") if len(state.branches) > 1 else gettext("so far")
    judged = "judge" in state.branch.models
    stats = (
        _stat(gettext("Optimizer calls made"), count(paid.get("optimizer", 0)), scope)
        + _stat(gettext("Target calls made"), count(paid.get("target", 0)), scope)
        + (_stat(gettext("Judge calls made"), count(paid.get("judge", 0)), scope) if judged else "")
        + _stat(gettext("Calls reused"), count(reused), gettext("not paid for again"))
        + _stat(gettext("Tokens"), count(tokens), gettext("read and written"))
    )
    limits = f'<p class="lab-muted">{esc(left(state.branch.models.ceiling, state.spends))}</p>'
    calls = ngettext("{n} call", "{n} calls", sum(paid.values()))
    return pop("spent", gettext("Spent"), calls, f'<dl class="lab-stats">{stats}</dl>{limits}')


def _stat(name: str, value: str, note: str) -> str:
    return f"<div><dt>{esc(name)}</dt><dd>{esc(value)}</dd><dd class='lab-muted'>{esc(note)}</dd></div>"


def _flagged(state: State) -> str:
    """Describe which examples a person flagged, and what that means for the scores."""
    if not state.flagged:
        return ""
    note = ngettext(
        "{n} example flagged as wrongly labelled and left out from here on",
        "{n} examples flagged as wrongly labelled and left out from here on",
        len(state.flagged),
    )
    heads = (gettext("Input"), gettext("Answer"))
    rows = table(heads, ((esc(one.input), esc(one.answer)) for one in state.flagged))
    effect = gettext(
        "Dev scores are measured without them. Estimates on train examples from before the flag include them and "
        "stay as they are until they are measured again; they are marked †. Undo takes the flag back."
    )
    return details("flagged", note, f"<p>{effect}</p>{rows}")
