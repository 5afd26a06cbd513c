"""What a person can ask for, as frozen values: an event of a face becomes a command here, whole, or is refused.

Nobody else reads an event. `lab.session.acts` says which act is which command, and what it does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal, Self

from lab.core.constraints import Constraints
from lab.core.review import Mark
from lab.errors import MisuseError
from lab.models.limits import Ceiling, Limits
from lab.models.prices import Price
from lab.models.roles import ROLES, Role
from lab.session.arguments import UNCHANGED, Arguments, price_of

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
