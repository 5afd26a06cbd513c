"""What may be done next: go on, draw again, reject, autopilot; and what each of these will take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from lab.core.asks import Ask, Done, Evaluate, Generate, Phase, Pick, n_calls
from lab.core.constraints import PROMPTS, protected_in
from lab.errors import MisuseError
from lab.i18n import gettext, gettext_lazy, ngettext
from lab.session.asking import REASONS
from lab.session.state import State
from lab.views import no_gain
from lab.views.markup import attributes, button, esc
from lab.views.numbers import count, percent, points
from lab.views.prose import in_a_row
from lab.views.recording import unknown, ways_on
from lab.views.spending import cost, dev_calls, shortage
from lab.views.switching import switch, switched
from lab.views.verdicts import Row

_AGAIN: Mapping[type[Ask], str] = MappingProxyType(
    {
        Generate: gettext_lazy("Set this aside and ask for other replies."),
        Evaluate: gettext_lazy("Set this aside and ask for other examples."),
        Pick: gettext_lazy("Set this aside and ask for another choice."),
    }
)


def actions(state: State, here: tuple[Row, ...], off: str) -> str:
    """Draw what may be done with the waiting proposal as a whole."""
    assert state.proposal is not None
    go = button(_go_on(state.proposal.ask, here), "accept", kind="lab-go", off=off, data_marks="")
    return (
        f'<div class="lab-actions"><div class="lab-primary">{go}{_cost_line(_after(state, here))}</div>'
        f"{_others(state, off)}</div>"
    )


def _go_on(ask: Ask, here: tuple[Row, ...]) -> str:
    if isinstance(ask, Evaluate):
        return gettext("Accept the scores and go on")
    kept = sum(row.keep for row in here)
    return gettext("Keep {n_kept} and go on", n_kept=count(kept)) if kept else gettext("Keep none and go on")


def _cost_line(text: str) -> str:
    """Say what going on takes; where the place is too narrow for all of it, the rest is told by the pointer."""
    return f'<p class="lab-muted lab-takes" title="{esc(text)}">{esc(text)}</p>'


def _others(state: State, off: str) -> str:
    """Draw what else may be done, always in the same places: nothing moves away under a pointer."""
    return (
        f'<div class="lab-others">{_again(state, off)}{_reject(state, off)}{_autopilot(state, off)}'
        f"{switch(state, off)}</div>"
    )


def _idle(state: State, label: str) -> str:
    """Draw what cannot be done here, and say why."""
    same, nothing = gettext("Another draw would be the same one."), gettext("Nothing waits for you here.")
    why = same if state.proposal is not None else nothing
    return f'<button type="button" class="lab-button" disabled title="{esc(why)}">{esc(label)}</button>'


def _again(state: State, off: str) -> str:
    if not state.can_redraw:
        return _idle(state, gettext("Draw again"))
    assert state.proposal is not None
    about = _AGAIN[type(state.proposal.ask)]
    return button(gettext("Draw again"), "again", off=off, data_marks="", title=about)


def _reject(state: State, off: str) -> str:
    """Draw the way to refuse all of it; what is fixed would only come again."""
    if not state.can_redraw:
        return _idle(state, gettext("Reject all…"))
    key = f"{state.branch.pending}/reject"
    return (
        f'<details class="lab-pop" data-key="{esc(key)}"><summary class="lab-button">{gettext("Reject all…")}'
        '</summary><div class="lab-popped" data-form><label>'
        f'<span class="lab-label">{gettext("Why (optional, kept in the history)")}</span>'
        f'<input type="text" data-arg="why" data-key="{esc(key)}/why"></label>'
        f"{button(gettext('Reject all and draw again'), 'reject', off=off)}</div></details>"
    )


def _autopilot(state: State, off: str) -> str:
    if state.done:
        return _idle(state, gettext("Autopilot"))
    left = max(1, state.context.settings.rounds - state.node.phase.round)
    marks = attributes(
        type="number",
        min=1,
        max=left,
        value=1,
        data_arg="rounds",
        data_key=f"{state.branch.node}/rounds",
    )
    note = gettext("Runs on its own and accepts every proposal; what you marked here counts.")
    run = button(gettext("Autopilot"), "autopilot", off=off, data_marks="", title=note)
    rounds = gettext("rounds {field}", field=f"<input{marks}>")
    return f'<span class="lab-auto" data-form>{run}<label>{rounds}</label>{_when(state)}</span>'


def _when(state: State) -> str:
    """Draw the choice of what autopilot stops for to ask a person."""
    asks = "".join(_ask_when(state, name, about) for name, about in REASONS.items())
    return (
        f'<details class="lab-pop" data-key="{esc(state.branch.id)}/ask"><summary class="lab-button">'
        f'{gettext("Ask me when…")}</summary><div class="lab-popped"><p class="lab-muted">'
        f"{gettext('Autopilot stops there, and says why.')}</p>{asks}{_same_again(state)}</div></details>"
    )


def _ask_when(state: State, name: str, about: str) -> str:
    key = f"{state.branch.id}/ask/{name}"
    marks = attributes(type="checkbox", data_arg="ask", data_each=name, data_key=key)
    return f'<label class="lab-tick"><input{marks}> {esc(about)}</label>'


def _same_again(state: State) -> str:
    """Offer to repeat, where autopilot would explore: on a branch that was made from another."""
    if not state.branch.forked:
        return ""
    marks = attributes(type="checkbox", data_arg="same", data_key=f"{state.branch.id}/same")
    note = gettext("On this branch autopilot draws anew where it would only repeat the line that it came from.")
    label = gettext("the same again, as it was drawn there")
    return f'<p class="lab-muted">{note}</p><label class="lab-tick"><input{marks}> {label}</label>'


def before_step(state: State) -> str:
    """Draw what led to a step that was not done yet."""
    return f"{switched(state)}{_refused(state)}{ways_on(state)}"


def next_step(state: State, off: str) -> str:
    """Draw the next step, where nothing waits."""
    if state.requests:  # they stand where the decision does, and the last reply goes on
        return f'<div class="lab-actions">{_others(state, off)}</div>'
    takes = _cost_line(_about_calls(state, state.node.phase, state.ask))
    go = button(gettext("Next step"), "next", kind="lab-go", off=off)
    return f'<div class="lab-actions"><div class="lab-primary">{go}{takes}</div>{_others(state, off)}</div>'


def _refused(state: State) -> str:
    verdict = state.node.verdict
    if verdict is None or verdict.kind != "reject":
        return ""
    message = (
        gettext("The previous proposal was rejected: {why}. The next one will be a new draw.", why=verdict.why)
        if verdict.why
        else gettext("The previous proposal was rejected. The next one will be a new draw.")
    )
    return f'<p class="lab-pale">{esc(message)}</p>'


def _after(state: State, here: tuple[Row, ...]) -> str:
    """Describe what comes after the verdict as it stands, worked out by the optimizer itself."""
    assert state.proposal is not None
    after, ask = state.after, state.next_ask
    if isinstance(after, MisuseError):
        return str(after)
    assert ask is not None
    if isinstance(ask, Done):
        return gettext("Then the optimizer is finished.")
    takes = _about_calls(state, after.phase, ask)
    return gettext("Then: {step}. {takes}", step=_lower(after.phase.title), takes=takes)


def _about_calls(state: State, phase: Phase, ask: Ask) -> str:
    """Describe what a step takes at most, the measuring of new prompts on dev apart; or that it cannot be made."""
    if told := unknown(state):
        return told
    if state.estimate is None and n_calls(ask):
        calls = gettext("at most {calls}", calls=cost(ask))
    else:
        calls = cost(ask, state.estimate)
    if dev := dev_calls(state, phase.prompts):
        told = ngettext(
            "This takes {calls}, and {n} call to the target model to measure on dev.",
            "This takes {calls}, and {n} calls to the target model to measure on dev.",
            dev, calls=calls,
        )  # fmt: skip
    else:
        told = gettext("This takes {calls}.", calls=calls)
    return in_a_row(told, _about_tries(state, phase, ask), shortage(state, dev))


def _about_tries(state: State, phase: Phase, ask: Ask) -> str:
    """Say that prompts are tried before they are shown; how many there will be is not known before."""
    n = sum(len(protected_in(state.context, state.constraints, split)) for split in ("train", "dev"))
    picked = isinstance(ask, Pick) and any(isinstance(option, PROMPTS) for option in ask.options)
    if not n or not (picked or getattr(phase, "writes_prompts", False)):
        return ""
    return ngettext(
        "Each prompt is then tried on {n} protected example.",
        "Each prompt is then tried on {n} protected examples.",
        n,
    )


def result(state: State) -> str:
    """Draw what came of it, where the optimizer has ended."""
    start, best = state.baseline, state.best
    outcome = gettext("The prompts have not been measured on dev yet.")
    if start is not None and best is not None:
        outcome = gettext(
            "On the dev examples, the start prompt scores {start} and the best prompt {best}: {change}.",
            start=percent(start.score), best=percent(best.score), change=points(start.score, best.score),
        )  # fmt: skip
    ask = state.ask
    assert isinstance(ask, Done)
    own = ""
    if best is not None and best.prompt != ask.best:
        other = gettext("By its own estimates on train examples, the optimizer would keep another prompt:")
        own = f'<p class="lab-muted">{other} </p><div class="lab-prompt" tabindex="0">{esc(ask.best)}</div>'
    return f"<h3>{gettext('The result')}</h3><p>{esc(outcome)}</p>{own}{no_gain.fold(state.no_gain)}"


def after_result(state: State, off: str) -> str:
    """Draw what may be done where the optimizer has ended."""
    measure = button(gettext("Measure on dev"), "next", kind="lab-go", off=off) if state.baseline is None else ""
    return (
        f'<div class="lab-actions"><div class="lab-primary">{measure}{_more(state, off)}</div>'
        f"{_others(state, off)}</div>"
    )


def _more(state: State, off: str) -> str:
    """Offer a further round where that leads on; an optimizer may have ended for another reason."""
    rounds = state.context.settings.rounds + 1
    longer = replace(state.context, settings=replace(state.context.settings, rounds=rounds))
    if isinstance(state.node.phase.ask(longer), Done):
        ended = gettext("It ended by its own rule; further rounds would change nothing.")
        return f'<p class="lab-muted">{ended}</p>'
    kind, label = "lab-go" if state.baseline else "", gettext("Go on for 1 more round")
    return button(label, "more", kind=kind, off=off, data_rounds=1, data_then="next")


def _lower(title: str) -> str:
    return title[:1].lower() + title[1:]
