"""The optimizers, each a file that reads like its paper's algorithm.

Rule 1: an optimizer is a pure step machine; of the lab it imports `lab.asks`, this room, and the
        names of errors and placeholders; it performs no effect.
Rule 2: a phase does not know who wrote what it is told.
Rule 3: all randomness comes from `Run.rng`; nothing that is a set or a dict of sets is ever iterated.
Rule 4: a phase is frozen and made of plain values, because it is what is stored, hashed, shown and resumed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Any

from lab.asks import Phase, Run
from lab.errors import MisuseError
from lab.optimizers import protegi


@dataclass(frozen=True)
class Optimizer:
    """What the lab knows of an optimizer: its name, paper, settings type, phases in order, and how it starts."""

    name: str
    title: str
    paper: str
    settings: type[Any]
    ranges: Mapping[str, tuple[float, float]]
    choices: Mapping[str, tuple[str, ...]]
    phases: tuple[type[Any], ...]
    start: Callable[[Run], Phase]

    def settle(self, **given: Any) -> Any:
        """Makes settings from the defaults and what is given, as text or numbers.

        Raises:
            MisuseError: for an unknown name, a value that is not of its kind, or one out of range.
        """
        known = {field.name: getattr(self.settings(), field.name) for field in fields(self.settings)}
        for name in given:
            if name not in known:
                raise MisuseError(f"{self.title} has no setting “{name}”. It has: {', '.join(known)}.")
        return replace(self.settings(), **{name: self._valid(name, given[name], known[name]) for name in given})

    def _valid(self, name: str, value: Any, default: Any) -> Any:
        text = "" if value is None else str(value).strip()
        if name in self.choices:
            if text not in self.choices[name]:
                raise MisuseError(f"{name} must be one of {', '.join(self.choices[name])}, not “{text}”.")
            return text
        kind = type(default)
        allowed = "from {:g} to {:g}".format(*self.ranges[name])
        wanted = f"a {'whole ' if kind is int else ''}number {allowed}"
        if not text:
            raise MisuseError(f"{name.replace('_', ' ').capitalize()} is empty. Write {wanted}.")
        try:
            number = kind(text)
        except ValueError:
            raise MisuseError(f"{name} must be {wanted}, not “{text}”.") from None
        low, high = self.ranges[name]
        if not low <= number <= high:
            raise MisuseError(f"{name} must be {allowed}, not {text}.")
        return number


OPTIMIZERS: Mapping[str, Optimizer] = MappingProxyType(
    {
        "protegi": Optimizer(
            name="protegi",
            title="ProTeGi",
            paper="Pryzant et al. 2023, Automatic Prompt Optimization with “Gradient Descent” and Beam Search",
            settings=protegi.Settings,
            ranges=MappingProxyType(protegi.RANGES),
            choices=MappingProxyType(protegi.CHOICES),
            phases=protegi.PHASES,
            start=protegi.start,
        )
    }
)


def optimizer(name: str) -> Optimizer:
    """Gives an optimizer by name.

    Raises:
        MisuseError: when there is none of that name.
    """
    if name not in OPTIMIZERS:
        raise MisuseError(f"There is no optimizer “{name}”. There is: {', '.join(OPTIMIZERS)}.")
    return OPTIMIZERS[name]
