"""The settings of an optimizer as a form shows them: a label, what it means, and its range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lab.i18n import Message, gettext, gettext_lazy
from lab.optimizers import Optimizer
from lab.optimizers.settings import Value, declared
from lab.views.prose import apart

_LABELS: Mapping[str, Message] = {
    one: one
    for one in (
        gettext_lazy("Rounds"), gettext_lazy("Mode"), gettext_lazy("Subsamples"), gettext_lazy("Demos"),
        gettext_lazy("Proposals"), gettext_lazy("Stage rows"), gettext_lazy("Survive"), gettext_lazy("Finalists"),
        gettext_lazy("Full rows"), gettext_lazy("Score"), gettext_lazy("Paraphrases"), gettext_lazy("Patience"),
        gettext_lazy("Temperature"), gettext_lazy("Longest"), gettext_lazy("Wording"), gettext_lazy("Beam"),
        gettext_lazy("Minibatch"), gettext_lazy("Groups"), gettext_lazy("Group size"), gettext_lazy("Critiques"),
        gettext_lazy("Edits"), gettext_lazy("Expansion"), gettext_lazy("Reject on errors"),
        gettext_lazy("Selection"), gettext_lazy("Selection rounds"), gettext_lazy("Selection prompts"),
        gettext_lazy("Selection rows"), gettext_lazy("Exploration"), gettext_lazy("Shown"),
        gettext_lazy("Buckets"), gettext_lazy("Threshold"), gettext_lazy("Exemplars"), gettext_lazy("Criteria"),
        gettext_lazy("Meta prompt"), gettext_lazy("Position"), gettext_lazy("Schedule"),
        gettext_lazy("Temperature end"), gettext_lazy("Rows"), gettext_lazy("Expand"), gettext_lazy("Batch"),
        gettext_lazy("Batching"), gettext_lazy("Backtrack"), gettext_lazy("Step size"), gettext_lazy("Max words"),
        gettext_lazy("History"), gettext_lazy("Tutorial"), gettext_lazy("Init"), gettext_lazy("Init demos"),
        gettext_lazy("Init prompts"), gettext_lazy("Init temperature"), gettext_lazy("Reason temperature"),
    )
}  # fmt: skip
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
            name, _label(name), Message("{text}", values={"text": _Capital(one.meaning)}), one.default,
            one.choices, one.lowest, one.highest,
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


def _label(name: str) -> str:
    label = name.replace("_", " ").capitalize()
    return _LABELS.get(label, label)


@dataclass(frozen=True)
class _Capital:
    """A text that begins with a capital in whatever language it is read: a form is made before its reader comes."""

    text: str

    def __str__(self) -> str:
        text = str(self.text)
        return text[:1].upper() + text[1:]
