"""Where the optimizer is in its paper's algorithm."""

from __future__ import annotations

from lab.asks import Phase
from lab.state import State
from lab.views.markup import attributes, esc
from lab.views.numbers import count


def track(state: State) -> str:
    """Draws the phases in order: done, here and ahead in this round."""
    phases = state.optimizer.phases
    here = len(phases) if state.done else phase_number(state, state.node.phase) - 1
    steps = "".join(_step(i, phase, here) for i, phase in enumerate(phases))
    now = "" if state.done else f'<p class="lab-about">{esc(phases[here].about)}</p>'
    return f'<div class="lab-row"><h3>{esc(_round(state))}</h3></div><ol class="lab-steps">{steps}</ol>{now}'


def phase_number(state: State, phase: object) -> int:
    """The number of a phase in the algorithm, from 1, as the track and the tree show it."""
    return state.optimizer.phases.index(type(phase)) + 1


def _round(state: State) -> str:
    rounds = state.run.settings.rounds
    if state.done:
        return f"All {count(rounds)} rounds are done" if rounds > 1 else "The round is done"
    return f"Round {count(state.node.phase.round + 1)} of {count(rounds)}"


def _step(i: int, phase: type[Phase], here: int) -> str:
    stage = "done" if i < here else "here" if i == here else "ahead"
    said = {"done": "done", "here": "you are here", "ahead": "ahead"}[stage]
    marks = attributes(
        class_=f"lab-step lab-{stage}", title=phase.about, aria_current="step" if stage == "here" else None
    )
    number = "✓" if stage == "done" else count(i + 1)
    return (
        f'<li{marks}><span class="lab-number" aria-hidden="true">{number}</span><span class="lab-names">'
        f"<span>{esc(phase.title)}</span><small>{esc(phase.term)}</small></span>"
        f'<span class="lab-unseen">{said}</span></li>'
    )
