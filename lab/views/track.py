"""Where the optimizer is in its paper's algorithm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import groupby

from lab.core.asks import Phase
from lab.core.history import Node
from lab.i18n import gettext, ngettext
from lab.optimizers import OPTIMIZERS, Optimizer
from lab.session.state import State
from lab.views.markup import attributes, esc
from lab.views.numbers import count


def track(state: State) -> str:
    """Draw the phases in order: done, here, or not come to in this round; one may be passed over or come again."""
    phases = shown_phases(state)
    here = None if state.done else type(state.node.phase)
    visits = _visits(state)
    steps = "".join(_step(i, phase, here, visits[phase]) for i, phase in enumerate(phases, 1))
    return f'<h3 class="lab-where">{esc(progress_in_words(state))}</h3><ol class="lab-steps">{steps}</ol>'


def phase_numbers(state: State) -> Mapping[type[Phase], int]:
    """Return the number of each phase in its algorithm, from 1, as the track and the tree show it."""
    numbers: dict[type[Phase], int] = {}
    for kind in (state.optimizer, *OPTIMIZERS.values()):
        for number, phase in enumerate(shown_phases(state, kind), 1):
            numbers.setdefault(phase, number)
    return numbers


def shown_phases(state: State, kind: Optimizer | None = None) -> tuple[type[Phase], ...]:
    """Return the phases of an optimizer but those that its settings leave out and no branch has come to."""
    kind = kind or state.optimizer
    walked = {type(node.phase) for node in state.nodes.values()}
    settings = state.context.settings if kind.name == state.optimizer.name else None
    return tuple(phase for phase in kind.phases if phase in walked or kind.reaches(phase, settings))


def _visits(state: State) -> Counter[type[Phase]]:
    """Count how often each phase was come to in this round, or at the end in all."""
    round = state.node.phase.round
    walked = (node.phase for node in _since_start(state))
    return Counter(
        kind for kind, _ in groupby(type(phase) for phase in walked if state.done or phase.round == round)
    )


def _since_start(state: State) -> list[Node]:
    """Return the way here since the optimizer last began: another optimizer or model begins at round 1 again."""
    nodes = [state.nodes[id] for id in state.path]
    return nodes[max((i for i, node in enumerate(nodes) if _begins(state, node)), default=0) :]


def _begins(state: State, node: Node) -> bool:
    above = state.nodes.get(node.parent or "")
    if above is None or node.verdict is not None or type(node.phase) is not state.optimizer.phases[0]:
        return above is None
    return type(above.phase) is not type(node.phase) or above.phase.round > node.phase.round


def progress_in_words(state: State) -> str:
    """Say in which round of how many a run is, or how it ended."""
    rounds, gone = state.context.settings.rounds, state.node.phase.round
    if not state.done:
        return gettext("Round {round} of {n_rounds}", round=count(gone + 1), n_rounds=count(rounds))
    if gone < rounds:
        return ngettext(
            "Ended after {n} round of {n_rounds}", "Ended after {n} rounds of {n_rounds}",
            gone, n_rounds=count(rounds),
        )  # fmt: skip
    return ngettext("Finished after {n} round", "Finished after {n} rounds", rounds)


def _step(number: int, phase: type[Phase], here: type[Phase] | None, visits: int) -> str:
    stage = "here" if phase is here else "done" if visits else "ahead"
    ahead = gettext("not in this round so far") if here else gettext("was not needed")
    label = {"done": gettext("done"), "here": gettext("you are here"), "ahead": ahead}[stage]
    again = f" · {count(visits)}×" if visits > 1 and here is not None else ""
    marks = attributes(
        class_=f"lab-step lab-{stage}", title=gettext("{step}: {about}", step=phase.title, about=phase.about),
        aria_current="step" if stage == "here" else None,
    )  # fmt: skip
    sign = "✓" if stage == "done" else count(number)
    return (
        f'<li{marks}><span class="lab-number" aria-hidden="true">{sign}</span><span class="lab-names">'
        f"<span>{esc(phase.title)}</span><small>{esc(phase.term)}{esc(again)}</small></span>"
        f'<span class="lab-unseen">{label}</span></li>'
    )
