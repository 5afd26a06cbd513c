"""The settings of an optimizer as a form shows them: a label, what it means, and its range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lab.i18n import Message, gettext, gettext_lazy
from lab.optimizers import Optimizer
from lab.optimizers.settings import Value, declared, label
from lab.views.prose import apart

_PRESETS = {"paper": gettext_lazy("paper"), "quick": gettext_lazy("quick"), "thrifty": gettext_lazy("thrifty")}


@dataclass(frozen=True)
class Field:
    """One setting: `choices` is empty for a number, `whole` says that it has no fraction."""

    name: str
    label: str
    meaning: str
    default: Value
    choices: tuple[str, ...]
    lowest: float
    highest: float

    @property
    def whole(self) -> bool:
        return isinstance(self.default, int)


def form(optimizer: Optimizer) -> tuple[Field, ...]:
    """Return every setting in its order."""
    return tuple(
        Field(
            name, label(name), capitalized(one.meaning), one.default, one.choices, one.lowest, one.highest,
        )
        for name, one in declared(optimizer.settings).items()
    )  # fmt: skip


def pauses(optimizer: Optimizer) -> tuple[tuple[str, str, bool], ...]:
    """Return (title, phase name, whether it waits there by default) for each phase."""
    return tuple((phase.title, phase.__name__, not phase.passes) for phase in optimizer.phases)


def about(optimizer: Optimizer) -> str:
    """Describe in a sentence what an optimizer does: its own words, or its steps."""
    steps = apart(phase.title[:1].lower() + phase.title[1:] for phase in optimizer.phases)
    return optimizer.about or gettext("Its steps: {steps}.", steps=steps)


def preset_name(preset: str) -> str:
    """Name a preset to a person; one of an optimizer of their own by its own name."""
    return _PRESETS.get(preset, preset)


def presets(optimizer: Optimizer) -> Mapping[str, Mapping[str, Value]]:
    """Return every setting of each preset, in the order of the settings; what it leaves out is the default."""
    return {
        name: {field.name: preset.get(field.name, field.default) for field in form(optimizer)}
        for name, preset in optimizer.presets.items()
    }


def first_preset(optimizer: Optimizer) -> str | None:
    """Name the preset that a set-up begins with: the quick one, or else what the defaults are."""
    return "quick" if "quick" in optimizer.presets else default_preset(optimizer)


def default_preset(optimizer: Optimizer) -> str | None:
    """Name the preset that the defaults are; None where they are none of them."""
    defaults = {field.name: field.default for field in form(optimizer)}
    return next((name for name, values in presets(optimizer).items() if values == defaults), None)


def capitalized(text: str) -> Message:
    """Return a text with a capital for whoever will read it: a form is made before its reader comes."""
    return Message("{text}", values={"text": _Capital(text)})


@dataclass(frozen=True)
class _Capital:
    """A text that is read with a capital at its beginning."""

    text: str

    def __str__(self) -> str:
        text = str(self.text)
        return text[:1].upper() + text[1:]
