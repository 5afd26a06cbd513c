"""The arguments of an event, read once: text, numbers and choices, as a face or a person wrote them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from lab.core.review import Mark
from lab.errors import MisuseError
from lab.models.prices import Price
from lab.text import shortened

__all__ = ["Arguments", "number", "price_of", "whole"]

UNCHANGED = "Nothing was changed."

Word = TypeVar("Word", bound=str)


@dataclass(frozen=True)
class Arguments:
    """What came with an act, by name; each method reads one argument or says what is wrong with it."""

    act: str
    given: Mapping[str, object]

    def has(self, name: str) -> bool:
        """Return whether an argument came along."""
        return self.given.get(name) is not None

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text.

        Raises:
            MisuseError: when it is missing and has no default, or is neither a text nor a number.
        """
        value = self.given.get(name)
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise self._wrong(name, "a text")
        return str(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts.

        Raises:
            MisuseError: when it is missing or not a list of texts.
        """
        value = self.given.get(name)
        if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
            raise self._wrong(name, "a list of texts")
        return tuple(value)

    def whole(self, name: str, default: int | None = None) -> int:
        """Return a whole number.

        Raises:
            MisuseError: when it is missing and has no default, or is not a whole number.
        """
        value = self.given.get(name)
        if value is None and default is not None:
            return default
        try:
            if isinstance(value, bool) or not isinstance(value, str | int):
                raise ValueError
            return int(value)
        except ValueError:
            raise self._wrong(name, "a whole number") from None

    def tick(self, name: str, default: bool | None = None) -> bool:
        """Return yes or no.

        Raises:
            MisuseError: when it is missing and has no default, or is neither.
        """
        value = self.given.get(name)
        if value is None and default is not None:
            return default
        found = {"true": True, "false": False}.get(value) if isinstance(value, str) else value
        if not isinstance(found, bool):
            raise self._wrong(name, "true or false")
        return found

    def one_of(self, name: str, choices: Iterable[Word]) -> Word:
        """Return one of some words.

        Raises:
            MisuseError: when it is missing or another word.
        """
        known = tuple(choices)
        value = self.text(name)
        for word in known:
            if word == value:
                return word
        raise self._wrong(name, f"one of {', '.join(known)}")

    def mark(self) -> tuple[int, Mark]:
        """Return what a person made of one item, and its place; added items have places below 0.

        Raises:
            MisuseError: when a part of it is missing or not of its kind.
        """
        place = self.whole("place")
        return place, Mark(
            index=place if place >= 0 else None,
            keep=self.tick("keep"),
            text=self.text("text") if self.has("text") else None,
            why=self.text("why", "").strip(),
            like=None if place >= 0 else self.whole("like"),
        )

    def marks(self) -> tuple[tuple[int, Mark], ...]:
        """Return the marks that came along, each with its place; none where none did.

        Raises:
            MisuseError: when they are not a list of marks.
        """
        value = self.given.get("marks") or ()
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise self._wrong("marks", "a list of marks")
        if not all(isinstance(one, Mapping) for one in value):
            raise self._wrong("marks", "a list of marks")
        return tuple(Arguments(self.act, one).mark() for one in value)

    def number(self, name: str, label: str) -> float | None:
        """Return a number that a person wrote in a field with this label; None where it is empty.

        Raises:
            MisuseError: when the field is missing or does not hold a number.
        """
        return number(self._field(name), label)

    def whole_number(self, name: str, label: str) -> int | None:
        """Return a whole number that a person wrote in a field with this label; None where it is empty.

        Raises:
            MisuseError: when the field is missing or does not hold a whole number.
        """
        return whole(self._field(name), label)

    def _field(self, name: str) -> str:
        return self.text(name) if self.has(name) or name not in self.given else ""

    def _wrong(self, name: str, wanted: str) -> MisuseError:
        value = self.given.get(name)
        if value is None:
            return MisuseError(f"The act “{self.act}” needs “{name}”: {wanted}. {UNCHANGED}")
        told = shortened(str(value), 40)
        return MisuseError(f"“{name}” of the act “{self.act}” must be {wanted}, not “{told}”. {UNCHANGED}")


def number(written: object, name: str) -> float | None:
    """Read a number that a person wrote; None where nothing is written.

    Raises:
        MisuseError: when it is not a number.
    """
    text = "" if written is None else str(written).strip()
    try:
        value = float(text) if text else None
    except ValueError:
        value = math.nan
    if value is not None and not math.isfinite(value):
        raise MisuseError(
            f"{name}: “{shortened(text, 40)}” is not a number. Write it as 1000 or 0.5, or leave it empty."
        )
    return value


def whole(written: object, name: str) -> int | None:
    """Read a whole number that a person wrote; None where nothing is written.

    Raises:
        MisuseError: when it is not a whole number.
    """
    value = number(written, name)
    if value is not None and value != int(value):
        raise MisuseError(f"{name}: write a whole number, not {value:g}.")
    return None if value is None else int(value)


def price_of(sent: float | None, back: float | None) -> Price | None:
    """Return a price in US$ for a million tokens; None where none was given.

    Raises:
        MisuseError: when one part is missing, or out of range.
    """
    if sent is None and back is None:
        return None
    if sent is None or back is None:
        raise MisuseError("A price needs both parts, for input and for output tokens. Fill in both or neither.")
    return Price(sent, back)
