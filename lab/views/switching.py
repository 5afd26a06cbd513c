"""Going on with another optimizer from here: the control, and what was handed over."""

from __future__ import annotations

from lab.core.handover import LEFT_BEHIND, held
from lab.optimizers import OPTIMIZERS
from lab.session.state import State
from lab.views.markup import attributes, button, esc
from lab.views.numbers import counted


def switch(state: State, off: str) -> str:
    """Draw the choice of another optimizer that goes on from this place."""
    others = [kind for kind in OPTIMIZERS.values() if kind.name != state.optimizer.name]
    key = f"{state.branch.node}/optimizer"
    names = "".join(f"<option{attributes(value=kind.name)}>{esc(kind.title)}</option>" for kind in others)
    presets = dict.fromkeys(preset for kind in others for preset in kind.presets)
    sizes = "".join(
        f"<option{attributes(value=one, selected=one == 'quick')}>{esc(one)}</option>" for one in presets
    )
    handed = counted(len(held(state.node.phase)), "prompt")
    return (
        f'<details class="lab-pop" data-key="{esc(key)}"><summary class="lab-button">Other optimizer…</summary>'
        '<div class="lab-popped" data-form>'
        f"<p>It starts with {handed}, the best first. {esc(LEFT_BEHIND)} Undo leads back here.</p>"
        f"<label>Optimizer <select{attributes(data_arg='name', data_key=f'{key}/name')}>{names}</select></label> "
        f"<label>settings <select{attributes(data_arg='preset', data_key=f'{key}/size')}>{sizes}</select></label> "
        f"{button('Go on with it', 'optimizer', off=off)}</div></details>"
    )


def switched(state: State) -> str:
    """Say that another optimizer led here, where one did just before."""
    parent = state.nodes.get(state.node.parent or "")
    if parent is None or isinstance(parent.phase, state.optimizer.phases):
        return ""
    n = counted(len(state.node.phase.prompts), "prompt")
    return f'<p class="lab-muted">{esc(state.optimizer.title)} begins here with {n}. {esc(LEFT_BEHIND)}</p>'
