"""The part of the set-up that follows the optimizer: what it is, its preset, settings and where it pauses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from operator import getitem
from typing import Any

import gradio as gr

from lab.optimizers import OPTIMIZERS, Optimizer, optimizer
from lab.views.settings import Field, about, default_preset, form, pauses, presets
from lab.views.work import notice

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
    settings: tuple[Any, ...]  # in the order of the optimizer's fields

    @property
    def asked(self) -> list[Any]:
        """What it takes to begin."""
        return [self.stops, *self.settings]

    def shown(self, name: str) -> tuple[Any, ...]:
        """Return what shows the preset, ahead and advanced where they belong to the optimizer of that name."""
        mine = gr.update(elem_classes=_classes(self.optimizer.name == name))
        offered = gr.update(elem_classes=_classes(self.optimizer.name == name, self.optimizer.presets))
        return offered, mine, mine


@dataclass(frozen=True)
class Ahead:
    """The settings of one optimizer that stand beside the models."""

    column: gr.Column
    fields: dict[str, Any]


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


def answer(chosen: gr.Dropdown, told: gr.HTML, kinds: tuple[Kind, ...]) -> list[Any]:
    """Let the parts follow the optimizer that is chosen, and the settings the preset; return what fills these."""
    filled = []
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    turns = [one for kind in kinds for one in (kind.preset, kind.ahead, kind.advanced)]

    def turned(name: str) -> tuple[Any, ...]:
        return (paper(name), *(one for kind in kinds for one in kind.shown(name)))

    chosen.change(turned, chosen, [told, *turns], **quiet)
    for kind in kinds:
        values = {name: list(preset.values()) for name, preset in presets(kind.optimizer).items()}
        settings = list(kind.settings)
        filled.append(kind.preset.input(partial(getitem, values), kind.preset, settings, **quiet))
        # Settings that a person touched are no preset.
        gr.on([one.input for one in settings], None, None, kind.preset, js="() => null", **quiet)
    return filled


def chosen_of(name: str, values: Sequence[Any]) -> tuple[Any, tuple[str, ...]]:
    """Read the settings and stops of one optimizer from what all `Kind.asked` gave, one after the other.

    Raises:
        MisuseError: for a value that is out of its range.
    """
    rest = list(values)
    asked = {kind.name: [rest.pop(0) for _ in range(1 + len(form(kind)))] for kind in OPTIMIZERS.values()}
    kind = optimizer(name)
    stops, *mine = asked[kind.name]
    given = {field.name: value for field, value in zip(form(kind), mine, strict=True)}
    return kind.configure(**given), tuple(stops or ())


def _classes(*needed: object) -> list[str]:
    return [] if all(needed) else ["lab-off"]


def _preset(kind: Optimizer) -> gr.Radio:
    offered = tuple(presets(kind))
    return gr.Radio(
        [(name.capitalize(), name) for name in offered], value=default_preset(kind), label="Preset",
        info="Fills all settings, those under Advanced too.", interactive=True,
        elem_id=f"preset-{kind.name}", elem_classes=_classes(kind.name == FIRST, offered),
    )  # fmt: skip


def _ahead(kind: Optimizer) -> Ahead:
    with gr.Column(elem_classes=_classes(kind.name == FIRST), min_width=160) as column:
        return Ahead(column, {field.name: _field(field) for field in form(kind) if field.name in _AHEAD})


def _advanced(kind: Optimizer, preset: gr.Radio, top: Ahead) -> Kind:
    fields, phases = form(kind), pauses(kind)
    with gr.Column(elem_classes=_classes(kind.name == FIRST)) as column:
        stops = gr.CheckboxGroup(
            [(title, name) for title, name, _ in phases], value=[name for _, name, waits in phases if waits],
            label="Pause at", info="The steps at which the lab waits for you.", interactive=True,
        )  # fmt: skip
        with gr.Row(elem_classes="lab-settings"):
            rest = {field.name: _field(field) for field in fields if field.name not in top.fields}
    every = {**top.fields, **rest}
    return Kind(kind, preset, top.column, stops, column, tuple(every[field.name] for field in fields))


def _field(field: Field) -> Any:
    if field.choices:
        return gr.Dropdown(
            list(field.choices), value=field.default, label=field.label, info=field.meaning, interactive=True,
            min_width=220,
        )  # fmt: skip
    return gr.Number(
        field.default, label=field.label, info=field.meaning, step=1 if field.whole else 0.1,  # type: ignore[arg-type]
        interactive=True, min_width=220,
    )  # fmt: skip
