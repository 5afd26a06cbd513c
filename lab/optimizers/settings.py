"""The settings of an optimizer, each declared once: its default, range or choices, meaning, and source.

They are the fields of a frozen dataclass, made by `number` and `choice`; `declared` reads them back, for forms and
for whoever fills in settings from text.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Literal, TypeVar, cast

from lab.errors import MisuseError
from lab.i18n import Message, gettext_lazy
from lab.optimizers.labels import LABELS

__all__ = [
    "Presets", "Setting", "Switch", "Unit", "Value", "choice", "declared", "in_both", "in_code", "in_paper",
    "label", "longest_text", "number",
]  # fmt: skip

Value = int | float | str
Switch = Literal["off", "on"]
Unit = Literal["words", "characters"]
Presets = dict[str, dict[str, Value]]  # settings by the name of a preset, over the defaults

N = TypeVar("N", int, float)
C = TypeVar("C", bound=str)


@dataclass(frozen=True)
class Setting:
    """How a setting was declared: a number within a range, or one of some `choices`.

    Attributes:
        words: what it means; `{range}` in it stands for the range in words.
        source: where the default comes from.
        limits: the unit in which it limits how long a prompt may be that is written, where it does; 0 is no limit.
        never: the value with which it ends no run early, where it may.
        before: what runs have that were begun before there was the setting, where that is not its default.
    """

    default: Value
    words: str
    source: str = ""
    lowest: float = 0
    highest: float = 0
    choices: tuple[str, ...] = ()
    limits: Unit | None = None
    never: Value | None = None
    before: Value | None = None

    @property
    def meaning(self) -> str:
        """What it means and where its default comes from, in a sentence."""
        said = _filled(self.words, self._range())
        if not self.source:
            return gettext_lazy("{meaning}.", meaning=said)
        return gettext_lazy("{meaning}; {source}.", meaning=said, source=self.source)

    def _range(self) -> Message:
        if self.highest <= 2:
            return gettext_lazy("{low} to {high}", **self._ends)
        return gettext_lazy("{low} or more", **self._ends)

    @property
    def _ends(self) -> dict[str, str]:
        return {"low": f"{self.lowest:g}", "high": f"{self.highest:g}"}

    def parse(self, name: str, given: object) -> Value:
        """Return a value that is given as text or a number.

        Raises:
            MisuseError: when it is not of its kind, or out of range.
        """
        text = "" if given is None else str(given).strip()
        if self.choices:
            if text not in self.choices:
                raise MisuseError(gettext_lazy(
                    "{name} must be one of {choices}, not “{text}”.",
                    name=name, choices=", ".join(self.choices), text=text,
                ))  # fmt: skip
            return text
        if not text:
            raise MisuseError(
                gettext_lazy("{label} is empty. Write {wanted}.", label=label(name), wanted=self._wanted())
            )
        try:
            value = int(text) if isinstance(self.default, int) else float(text)
        except ValueError:
            raise MisuseError(
                gettext_lazy("{name} must be {wanted}, not “{text}”.", name=name, wanted=self._wanted(), text=text)
            ) from None
        if not self.lowest <= value <= self.highest:
            told = gettext_lazy(
                "{name} must be from {low} to {high}, not {text}.", name=name, text=text, **self._ends
            )
            raise MisuseError(told)
        return value

    def _wanted(self) -> Message:
        if isinstance(self.default, int):
            return gettext_lazy("a whole number from {low} to {high}", **self._ends)
        return gettext_lazy("a number from {low} to {high}", **self._ends)


def number(
    default: N,
    lowest: float,
    highest: float,
    words: str,
    source: str = "",
    *,
    limits: Unit | None = None,
    never: N | None = None,
) -> N:
    """Declare a number, whole where its default is.

    Example:
        `rounds: int = number(6, 1, 100, "rounds of search, {range}", "paper: 6")`
    """
    return cast("N", _field(Setting(default, words, source, lowest, highest, limits=limits, never=never)))


def choice(default: C, choices: tuple[C, ...], words: str, source: str = "", *, before: C | None = None) -> C:
    """Declare a setting that is one of some words; on and off are two.

    Example:
        `history: Switch = choice("off", ("off", "on"), '"on" shows past prompts', "paper: off")`
    """
    return cast("C", _field(Setting(default, words, source, choices=choices, before=before)))


_LONGEST = gettext_lazy("characters a candidate may have, {range}")
_OWN_LIMIT = gettext_lazy("4000, this project's own limit")


def longest_text(default: int = 4000, words: str = _LONGEST, source: str = _OWN_LIMIT) -> int:
    """Declare the limit of characters that every optimizer has for the texts that a model writes."""
    return number(default, 1, 200_000, words, source, limits="characters")


def in_paper(value: object) -> Message:
    """Say of a default that it is the paper's."""
    return gettext_lazy("paper: {value}", value=value)


def in_code(value: object) -> Message:
    """Say of a default that it is that of the authors' code."""
    return gettext_lazy("code: {value}", value=value)


def in_both(value: object) -> Message:
    """Say of a default that the paper and the authors' code have it."""
    return gettext_lazy("paper and code: {value}", value=value)


def label(name: str) -> str:
    """Return what a setting is called in a form."""
    return LABELS.get(name) or name.replace("_", " ").capitalize()


def _filled(words: str, range: Message) -> str:
    """Put the range into words; those of an optimizer of one's own may hold other braces."""
    if isinstance(words, Message):
        return words.filled({"range": range})
    return words.replace("{range}", str(range))


def _field(setting: Setting) -> object:
    return field(default=setting.default, metadata={"setting": setting})


def declared(settings: type[Any]) -> dict[str, Setting]:
    """Return the settings of a settings type by name, in order.

    Raises:
        MisuseError: for a field that is not declared by `number` or `choice`.
    """
    found = {one.name: one.metadata.get("setting") for one in fields(settings)}
    for name, setting in found.items():
        if setting is None:
            raise MisuseError(f"The setting “{name}” has no range or choices. Declare it by number() or choice().")
    return {name: setting for name, setting in found.items() if setting is not None}
