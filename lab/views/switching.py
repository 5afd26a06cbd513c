"""Going on with another optimizer from here: the control, and what was handed over."""

from __future__ import annotations

from lab.core.handover import LEFT_BEHIND, held
from lab.i18n import gettext, ngettext
from lab.optimizers import OPTIMIZERS
from lab.session.state import State
from lab.views.markup import attributes, button, esc
from lab.views.prose import in_a_row
from lab.views.settings import preset_name


def switch(state: State, off: str) -> str:
    """Draw the choice of another optimizer that goes on from this place."""
    others = [kind for kind in OPTIMIZERS.values() if kind.name != state.optimizer.name]
    key = f"{state.branch.node}/optimizer"
    names = "".join(f"<option{attributes(value=kind.name)}>{esc(kind.title)}</option>" for kind in others)
    presets = dict.fromkeys(preset for kind in others for preset in kind.presets)
    sizes = "".join(
        f"<option{attributes(value=one, selected=one == 'quick')}>{esc(preset_name(one))}</option>"
        for one in presets
    )
    n = len(held(state.node.phase))
    handed = ngettext(
        "It starts with {n} prompt, the best first.", "It starts with {n} prompts, the best first.", n
    )
    name = f"<select{attributes(data_arg='name', data_key=f'{key}/name')}>{names}</select>"
    size = f"<select{attributes(data_arg='preset', data_key=f'{key}/size')}>{sizes}</select>"
    return (
        f'<details class="lab-pop" data-key="{esc(key)}">'
        f'<summary class="lab-button">{gettext("Other optimizer…")}</summary><div class="lab-popped" data-form>'
        f"<p>{in_a_row(handed, esc(LEFT_BEHIND), gettext('Undo leads back here.'))}</p>"
        f"<label>{gettext('Optimizer')} {name}</label> <label>{gettext('settings')} {size}</label> "
        f"{button(gettext('Go on with it'), 'optimizer', off=off)}</div></details>"
    )


def switched(state: State) -> str:
    """Say that another optimizer led here, where one did just before."""
    parent = state.nodes.get(state.node.parent or "")
    if parent is None or isinstance(parent.phase, state.optimizer.phases):
        return ""
    begins = ngettext(
        "{optimizer} begins here with {n} prompt.", "{optimizer} begins here with {n} prompts.",
        len(state.node.phase.prompts), optimizer=state.optimizer.title,
    )  # fmt: skip
    return f'<p class="lab-muted">{esc(in_a_row(begins, LEFT_BEHIND))}</p>'
