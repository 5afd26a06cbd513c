"""The part of the set-up that follows the optimizer: what it is, its preset, settings and where it pauses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component
from gradio.events import Dependency

from lab.i18n import gettext_lazy
from lab.optimizers import OPTIMIZERS, Optimizer, optimizer
from lab.views.methods import methods
from lab.views.notices import notice
from lab.views.settings import Field, about, capitalized, first_preset, form, pauses, preset_name, presets
from lab.web.events import Updates, Values, listen

FIRST = "protegi"
_AHEAD = ("rounds",)  # asked for beside the models, not under Advanced


@dataclass(frozen=True)
class Kind:
    """The components of one optimizer.

    They stay in the page and are hidden by a class: what was typed is kept, and a preset also fills what is hidden.
    (What Gradio itself hides it takes out of the page, and may lose a value that comes while it is put back.)
    """

    optimizer: Optimizer
    preset: gr.Radio
    ahead: gr.Column
    stops: gr.CheckboxGroup
    advanced: gr.Column
    settings: Mapping[str, Setting]  # by the name of the field, in its order

    @property
    def asked(self) -> list[Component]:
        """What `chosen` reads."""
        return [self.stops, *self.settings.values()]

    @property
    def columns(self) -> list[gr.Radio | gr.Column]:
        """What is shown for the chosen optimizer alone."""
        return [self.preset, self.ahead, self.advanced]

    def shown(self, name: str) -> Updates:
        """Return what shows the preset, ahead and advanced where they belong to the optimizer of that name."""
        mine = self.optimizer.name == name
        return {
            self.preset: gr.update(elem_classes=_classes(mine, self.optimizer.presets)),
            self.ahead: gr.update(elem_classes=_classes(mine)),
            self.advanced: gr.update(elem_classes=_classes(mine)),
        }

    def filled(self, values: Values) -> Updates:
        """Return the settings of the preset that is chosen."""
        preset = presets(self.optimizer)[values[self.preset]]
        return {box: preset[name] for name, box in self.settings.items()}


@dataclass(frozen=True)
class Ahead:
    """The settings of one optimizer that stand beside the models."""

    column: gr.Column
    fields: dict[str, Setting]


Setting = gr.Dropdown | gr.Number


def preset_choices() -> tuple[gr.Radio, ...]:
    """Lay out the choice of a preset, one of each optimizer."""
    return tuple(map(_preset, OPTIMIZERS.values()))


def ahead() -> tuple[Ahead, ...]:
    """Lay out the settings that matter first, those of each optimizer."""
    return tuple(map(_ahead, OPTIMIZERS.values()))


def advanced(offered: tuple[gr.Radio, ...], tops: tuple[Ahead, ...]) -> tuple[Kind, ...]:
    """Lay out the rest of each optimizer."""
    return tuple(map(_advanced, OPTIMIZERS.values(), offered, tops))


def paper(name: str) -> str:
    """Describe what an optimizer does and where it comes from."""
    kind = optimizer(name)
    return notice([about(kind), kind.paper])


def answer(chosen: gr.Dropdown, cards: gr.HTML, described: gr.HTML, kinds: tuple[Kind, ...]) -> list[Dependency]:
    """Let the parts follow the optimizer that is chosen, and the settings the preset; return what fills these."""

    def taken(values: Values, event: gr.EventData) -> Updates:
        return {chosen: str(event.event.get("name"))}

    listen(cards.lab_act, taken, [chosen], [chosen])

    def turn(values: Values) -> Updates:
        name = values[chosen]
        shown = {part: update for kind in kinds for part, update in kind.shown(name).items()}
        return {cards: methods(name), described: paper(name), **shown}

    listen(chosen.change, turn, [chosen], [cards, described, *(part for kind in kinds for part in kind.columns)])
    filled = []
    for kind in kinds:
        settings = kind.settings.values()
        filled.append(listen(kind.preset.input, kind.filled, [kind.preset], settings))
        # Settings that a person touched are no preset.
        gr.on(
            [one.input for one in settings], None, None, kind.preset, js="() => null", show_progress="hidden",
            api_visibility="private",
        )  # fmt: skip
    return filled


def chosen(name: str, kinds: tuple[Kind, ...], values: Values) -> tuple[Any, tuple[str, ...]]:
    """Read the settings and the stops of one optimizer.

    Raises:
        MisuseError: for a value that is out of its range.
    """
    kind = next(one for one in kinds if one.optimizer.name == name)
    settings = optimizer(name).configure(**{field: values[box] for field, box in kind.settings.items()})
    return settings, tuple(values[kind.stops] or ())


def _classes(*needed: object) -> list[str]:
    return [] if all(needed) else ["lab-off"]


def _preset(kind: Optimizer) -> gr.Radio:
    offered = tuple(presets(kind))
    return gr.Radio(
        [(capitalized(preset_name(name)), name) for name in offered], value=first_preset(kind),
        label=gettext_lazy("Preset"), info=gettext_lazy("As published, or with fewer calls."), interactive=True,
        elem_id=f"preset-{kind.name}", elem_classes=_classes(kind.name == FIRST, offered),
    )  # fmt: skip


def _ahead(kind: Optimizer) -> Ahead:
    with gr.Column(elem_classes=_classes(kind.name == FIRST), min_width=160) as column:
        return Ahead(column, {field.name: _field(kind, field) for field in form(kind) if field.name in _AHEAD})


def _advanced(kind: Optimizer, preset: gr.Radio, top: Ahead) -> Kind:
    fields, phases = form(kind), pauses(kind)
    with gr.Column(elem_classes=_classes(kind.name == FIRST)) as column:
        stops = gr.CheckboxGroup(
            [(title, name) for title, name, _ in phases], value=[name for _, name, waits in phases if waits],
            label=gettext_lazy("Pause at"), info=gettext_lazy("The steps at which the lab waits for you."),
            interactive=True,
        )  # fmt: skip
        with gr.Row(elem_classes="lab-settings"):
            rest = {field.name: _field(kind, field) for field in fields if field.name not in top.fields}
    every = {**top.fields, **rest}
    return Kind(kind, preset, top.column, stops, column, {field.name: every[field.name] for field in fields})


def _field(kind: Optimizer, field: Field) -> Setting:
    first = presets(kind)[preset][field.name] if (preset := first_preset(kind)) else field.default
    if field.choices:
        return gr.Dropdown(
            list(field.choices), value=first, label=field.label, info=field.meaning, interactive=True,
            min_width=220,
        )  # fmt: skip
    return gr.Number(
        first, label=field.label, info=field.meaning, step=1 if field.whole else 0.1,  # type: ignore[arg-type]
        interactive=True, min_width=220,
    )  # fmt: skip
