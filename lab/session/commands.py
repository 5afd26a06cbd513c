"""What a person can ask for, as frozen commands, and how each is parsed from the event of a face.

Only this file knows the strings of a face: an event is parsed and checked whole before anything happens.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Literal, Self, TypeVar

from lab.core.constraints import Constraints
from lab.core.review import Mark
from lab.errors import MisuseError
from lab.models.calls import Price
from lab.models.roles import ROLES, Ceiling, Limits, Role
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


Event = Mapping[str, object]
Marks = tuple[tuple[int, Mark], ...]  # (place, mark); added items have places below 0

MOST_ROUNDS = 100


# The loop


@dataclass(frozen=True)
class Next:
    """Begin the next step."""

    @classmethod
    def parse(cls, _: Arguments) -> Self:
        return cls()


@dataclass(frozen=True)
class Autopilot:
    """Run some rounds without asking; what waits is decided first, as it is marked."""

    rounds: int
    proposal: str = ""
    marks: Marks = ()

    @classmethod
    def parse(cls, given: Arguments) -> Self:
        marks = given.marks()
        return cls(_rounds(given), given.text("proposal", None if marks else ""), marks)


@dataclass(frozen=True)
class Stop:
    """Stop the step under way."""

    @classmethod
    def parse(cls, _: Arguments) -> Self:
        return cls()


@dataclass(frozen=True)
class Accept:
    """Keep what is marked of a proposal, and go on."""

    proposal: str
    marks: Marks = ()

    @classmethod
    def parse(cls, given: Arguments) -> Self:
        return cls(given.text("proposal"), given.marks())


@dataclass(frozen=True)
class Reject:
    """Keep nothing of a proposal, and draw again."""

    proposal: str
    why: str = ""

    @classmethod
    def parse(cls, given: Arguments) -> Self:
        return cls(given.text("proposal"), given.text("why", "").strip())


@dataclass(frozen=True)
class Again:
    """Put a proposal aside with its marks, and draw another."""

    proposal: str
    marks: Marks = ()

    @classmethod
    def parse(cls, given: Arguments) -> Self:
        return cls(given.text("proposal"), given.marks())


@dataclass(frozen=True)
class MarkItem:
    """Keep what a person made of one item until the verdict; None drops it."""

    proposal: str
    place: int
    mark: Mark | None

    @classmethod
    def parse(cls, given: Arguments) -> Self:
        return cls(given.text("proposal"), *given.mark())

    @classmethod
    def parse_unmark(cls, given: Arguments) -> Self:
        return cls(given.text("proposal"), given.whole("place"), None)


@dataclass(frozen=True)
class Reword:
    """Send other words than the optimizer's for one request, for this once."""

    request: int
    text: str

    @classmethod
    def parse(cls, given: Arguments) -> Self:
        return cls(given.whole("request"), given.text("text"))


# Branches


@dataclass(frozen=True)
class GoTo:
    """Go to a node of the history."""

    node: str

    @classmethod
    def parse(cls, given: Arguments) -> Self:
        return cls(given.text("node"))


@dataclass(frozen=True)
class Fork:
    """Make a branch at a node of the history, and show it."""

    node: str
    name: str = ""

    @classmethod
    def parse(cls, given: Arguments) -> Self:
        return cls(given.text("node"), given.text("name", ""))


@dataclass(frozen=True)
class Undo:
    """Go back to before the last move."""

    @classmethod
    def parse(cls, _: Arguments) -> Self:
        return cls()


@dataclass(frozen=True)
class Redo:
    """Go to where the last undo came from."""

    @classmethod
    def parse(cls, _: Arguments) -> Self:
        return cls()


@dataclass(frozen=True)
class ShowBranch:
    """Show another branch."""

    branch: str

    @classmethod
    def parse(cls, given: Arguments) -> Self:
        return cls(given.text("branch"))


@dataclass(frozen=True)
class Rename:
    """Give the branch another name."""

    name: str

    @classmethod
    def parse(cls, given: Arguments) -> Self:
        return cls(given.text("name"))


@dataclass(frozen=True)
class PauseAt:
    """Set the phases at which the branch waits for a person."""

    stops: tuple[str, ...]

    @classmethod
    def parse(cls, given: Arguments) -> Self:
        return cls(given.texts("stops"))


# Changes for all that comes


@dataclass(frozen=True)
class MoreRounds:
    """Raise the number of rounds."""

    rounds: int

    @classmethod
    def parse(cls, given: Arguments) -> Self:
        return cls(_rounds(given))


@dataclass(frozen=True)
class SwitchOptimizer:
    """Go on with another optimizer."""

    name: str
    preset: str = ""

    @classmethod
    def parse(cls, given: Arguments) -> Self:
        return cls(given.text("name"), given.text("preset", ""))


@dataclass(frozen=True)
class Flag:
    """Leave out an example whose label is wrong."""

    example: str

    @classmethod
    def parse(cls, given: Arguments) -> Self:
        return cls(given.text("example"))


@dataclass(frozen=True)
class OfferedPrompt:
    """The prompt at a place of the waiting proposal."""

    proposal: str
    place: int


@dataclass(frozen=True)
class ListPrompt:
    """Put a prompt among those pinned or hidden, or take it out."""

    prompt: str | OfferedPrompt
    constraint: Literal["pinned", "hidden"]
    adds: bool

    @classmethod
    def parse(cls, given: Arguments, constraint: Literal["pinned", "hidden"], adds: bool) -> Self:
        if given.has("prompt"):
            return cls(given.text("prompt"), constraint, adds)
        if not given.has("proposal"):
            raise MisuseError(f"The act “{given.act}” needs “prompt”, or “proposal” and “place”. {UNCHANGED}")
        return cls(OfferedPrompt(given.text("proposal"), given.whole("place")), constraint, adds)


@dataclass(frozen=True)
class Protect:
    """Let no prompt break an example from here on, or let them again."""

    example: str
    adds: bool

    @classmethod
    def parse(cls, given: Arguments, adds: bool) -> Self:
        return cls(given.text("example"), adds)


@dataclass(frozen=True)
class Constrain:
    """Set what every new prompt has to keep to."""

    frozen: tuple[str, ...]
    longest_words: int
    veto: bool
    placeholders: bool = False  # whether those of the prompts held here are frozen too

    @classmethod
    def parse(cls, given: Arguments) -> Self:
        words = given.text("longest_words").strip() or "0"
        if not words.isdecimal():
            raise MisuseError(f"The most words are a whole number; leave it empty for no limit. {UNCHANGED}")
        passages = given.given.get("frozen")
        frozen = re.split(r"\n\s*\n", passages) if isinstance(passages, str) else given.texts("frozen")
        return cls(tuple(frozen), int(words), given.tick("veto"), given.tick("placeholders", False))


@dataclass(frozen=True)
class Lift:
    """Take back one constraint: of a list the one with a number, from 0."""

    constraint: str
    number: int = 0

    @classmethod
    def parse(cls, given: Arguments) -> Self:
        names = (field.name for field in fields(Constraints))
        return cls(given.one_of("what", names), given.whole("number", 0))


# Models


@dataclass(frozen=True)
class ScoreOn:
    """Score prompts on another target model; without `prompts`, the start prompt and the best ones."""

    model: str
    prompts: tuple[str, ...] | None = None

    @classmethod
    def parse(cls, given: Arguments) -> Self:
        return cls(given.text("model"), given.texts("prompts") if given.has("prompts") else None)


@dataclass(frozen=True)
class MoveTo:
    """Go on from a node on another target model, on a branch of its own, and show that."""

    model: str
    node: str

    @classmethod
    def parse(cls, given: Arguments) -> Self:
        return cls(given.text("model"), given.text("node"))


@dataclass(frozen=True)
class SetLimits:
    """Set the limits and the price of one model; the number of tries stays as it is."""

    role: Role
    limits: Limits
    price: Price | None

    @classmethod
    def parse(cls, given: Arguments) -> Self:
        limits = Limits(
            concurrency=given.whole_number("concurrency", "Concurrent calls") or 0,
            timeout_s=given.number("timeout_s", "Timeout") or 0,
            requests_per_minute=given.whole_number("requests_per_minute", "Requests per minute") or 0,
            tokens_per_minute=given.whole_number("tokens_per_minute", "Tokens per minute") or 0,
        )
        price = price_of(
            given.number("sent", "US$ per million input tokens"),
            given.number("back", "US$ per million output tokens"),
        )
        return cls(given.one_of("role", ROLES), limits, price)


@dataclass(frozen=True)
class SetCeiling:
    """Set what all branches of this run may spend together."""

    ceiling: Ceiling

    @classmethod
    def parse(cls, given: Arguments) -> Self:
        return cls(
            Ceiling(
                given.whole_number("calls", "Maximum calls") or 0,
                given.whole_number("tokens", "Maximum tokens") or 0,
                given.number("cost_usd", "Maximum cost in US$") or 0.0,
            )
        )


def _rounds(given: Arguments) -> int:
    text = given.text("rounds").strip()
    if not text.isdecimal() or not 1 <= int(text) <= MOST_ROUNDS:
        raise MisuseError(f"Rounds must be a whole number from 1 to {MOST_ROUNDS}. {UNCHANGED}")
    return int(text)
