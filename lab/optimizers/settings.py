"""The settings of an optimizer, each declared once: its default, range or choices, meaning, and source.

They are the fields of a frozen dataclass, made by `number` and `choice`; `declared` reads them back, for forms and
for whoever fills in settings from text.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Literal, TypeVar, cast

from lab.errors import MisuseError

__all__ = ["Presets", "Setting", "Switch", "Unit", "Value", "choice", "declared", "longest_text", "number"]

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
        low, high = f"{self.lowest:g}", f"{self.highest:g}"
        said = self.words.replace("{range}", f"{low} to {high}" if self.highest <= 2 else f"{low} or more")
        return "; ".join(filter(None, (said, self.source))) + "."

    def parse(self, name: str, given: object) -> Value:
        """Return a value that is given as text or a number.

        Raises:
            MisuseError: when it is not of its kind, or out of range.
        """
        text = "" if given is None else str(given).strip()
        if self.choices:
            if text not in self.choices:
                raise MisuseError(f"{name} must be one of {', '.join(self.choices)}, not “{text}”.")
            return text
        allowed = f"from {self.lowest:g} to {self.highest:g}"
        wanted = f"a {'whole ' if isinstance(self.default, int) else ''}number {allowed}"
        if not text:
            raise MisuseError(f"{name.replace('_', ' ').capitalize()} is empty. Write {wanted}.")
        try:
            value = int(text) if isinstance(self.default, int) else float(text)
        except ValueError:
            raise MisuseError(f"{name} must be {wanted}, not “{text}”.") from None
        if not self.lowest <= value <= self.highest:
            raise MisuseError(f"{name} must be {allowed}, not {text}.")
        return value


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


def longest_text(
    default: int = 4000, of: str = "a candidate", source: str = "4000, this project's own limit"
) -> int:
    """Declare the limit of characters that every optimizer has for the texts that a model writes."""
    return number(default, 1, 200_000, f"characters {of} may have, {{range}}", source, limits="characters")


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
