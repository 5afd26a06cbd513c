"""What a person can ask for, as frozen commands, and how each is read from the event of a face.

Only this file knows the strings of a face: an event is checked whole before anything happens. A command is read
field by field: its type, or a reader beside it, says how the argument is read; what has a default may be left out.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeVar, cast, get_args, get_origin, get_type_hints

from lab.core.constraints import Constraints
from lab.core.review import Mark
from lab.errors import MisuseError
from lab.i18n import Message, gettext_lazy
from lab.models.calls import Price
from lab.models.roles import Ceiling, Limits, Role
from lab.session.variations import Kind
from lab.text import shortened

__all__ = ["Argument", "Arguments", "arguments_of", "number", "price_of", "read", "whole"]


MOST_ROUNDS = 100
LONGEST_TEXT = 100_000  # characters of what a person writes
MOST_MARKS = 1_000

Event = Mapping[str, object]
Marks = tuple[tuple[int, Mark], ...]  # (place, mark); added items have places below 0
Word = TypeVar("Word", bound=str)
C = TypeVar("C")


@dataclass(frozen=True)
class Arguments:
    """What came with an act, by name; each method reads one argument.

    Raises:
        MisuseError: from each method, when the argument is missing or not of its kind.
    """

    act: str
    given: Event

    def text(self, name: str) -> str:
        """Return a text."""
        value = self.given.get(name)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise self._wrong(name, gettext_lazy("a text"))
        return self._bounded(name, str(value))

    def stripped(self, name: str) -> str:
        """Return a text without the blanks around it."""
        return self.text(name).strip()

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts."""
        value = self.given.get(name)
        if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
            raise self._wrong(name, gettext_lazy("a list of texts"))
        self._bounded(name, "".join(value))
        return tuple(value)

    def ids(self, name: str) -> tuple[str, ...]:
        """Return a list of ids, or those of a text that is one as JSON, as a control of the page has it."""
        value = self.given.get(name)
        if isinstance(value, str):
            try:
                value = json.loads(self._bounded(name, value))
            except (ValueError, RecursionError):
                raise self._wrong(name, gettext_lazy("a list of texts")) from None
        return Arguments(self.act, {name: value}).texts(name)

    def words_apart(self, name: str) -> tuple[str, ...]:
        """Return the texts of one text that commas divide, Chinese ones too."""
        return tuple(filter(None, map(str.strip, re.split("[,，、]", self.text(name)))))

    def passages(self, name: str) -> tuple[str, ...]:
        """Return a list of texts, or those of one text that blank lines divide."""
        value = self.given.get(name)
        return (
            tuple(re.split(r"\n\s*\n", self._bounded(name, value))) if isinstance(value, str) else self.texts(name)
        )

    def whole(self, name: str) -> int:
        """Return a whole number."""
        value = self.given.get(name)
        try:
            if isinstance(value, bool) or not isinstance(value, str | int):
                raise ValueError
            return int(value)
        except ValueError:
            raise self._wrong(name, gettext_lazy("a whole number")) from None

    def tick(self, name: str) -> bool:
        """Return yes or no."""
        value = self.given.get(name)
        found = {"true": True, "false": False}.get(value) if isinstance(value, str) else value
        if not isinstance(found, bool):
            raise self._wrong(name, gettext_lazy("true or false"))
        return found

    def one_of(self, name: str, choices: Iterable[Word]) -> Word:
        """Return one of some words."""
        known = tuple(choices)
        value = self.text(name)
        for word in known:
            if word == value:
                return word
        raise self._wrong(name, gettext_lazy("one of {known}", known=", ".join(known)))

    def rounds(self, name: str) -> int:
        """Return a number of rounds that a person wrote."""
        text = self.stripped(name)
        if not text.isdecimal() or not 1 <= int(text) <= MOST_ROUNDS:
            raise MisuseError(
                gettext_lazy(
                    "Rounds must be a whole number from 1 to {most}. Nothing was changed.", most=MOST_ROUNDS
                )
            )
        return int(text)

    def words(self, name: str) -> int:
        """Return a number of words that a person wrote; 0 where the field is empty."""
        text = self.stripped(name) or "0"
        if not text.isdecimal():
            raise MisuseError(
                gettext_lazy("The most words are a whole number; leave it empty for no limit. Nothing was changed.")
            )
        return int(text)

    def numbers(self, name: str) -> tuple[int, ...]:
        """Return a list of whole numbers from 0 on; none where it did not come along."""
        value = self.given.get(name)
        if isinstance(value, list | tuple):
            value = [str(one) if type(one) is int else one for one in value]
        texts = () if value is None else Arguments(self.act, {name: value}).texts(name)
        if not all(text.isdecimal() and len(text) < 6 for text in texts):
            raise self._wrong(name, gettext_lazy("a list of whole numbers"))
        return tuple(map(int, texts))

    def mark(self, _: str) -> Mark:
        """Return what a person made of the item at “place”."""
        place = self.whole("place")
        return Mark(
            index=place if place >= 0 else None,
            keep=self.tick("keep"),
            text=None if self.given.get("text") is None else self.text("text"),
            why="" if self.given.get("why") is None else self.stripped("why"),
            like=None if place >= 0 else self.whole("like"),
        )

    def marks(self, name: str) -> Marks:
        """Return the marks that came along, each with its place."""
        value = self.given.get(name) or ()
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise self._wrong(name, gettext_lazy("a list of marks"))
        if len(value) > MOST_MARKS:
            raise self._wrong(name, gettext_lazy("a list of at most {most:,} marks", most=MOST_MARKS))
        if not all(isinstance(one, Mapping) for one in value):
            raise self._wrong(name, gettext_lazy("a list of marks"))
        each = [Arguments(self.act, one) for one in value]
        return tuple((one.whole("place"), one.mark("mark")) for one in each)

    def marks_of_proposal(self, name: str) -> Marks:
        """Return the marks that came along; where there are some, the proposal that they are of must be named."""
        marks = self.marks(name)
        if marks:
            self.text("proposal")
        return marks

    def prompt(self, name: str) -> str | OfferedPrompt:
        """Return a prompt, or where the one stands that is meant."""
        if self.given.get(name) is not None:
            return self.text(name)
        if self.given.get("proposal") is None:
            raise MisuseError(
                gettext_lazy(
                    "The act “{act}” needs “{name}”, or “proposal” and “place”. Nothing was changed.",
                    act=self.act,
                    name=name,
                )
            )
        return OfferedPrompt(self.text("proposal"), self.whole("place"))

    def constraint(self, _: str) -> str:
        """Return the name of a constraint."""
        return self.one_of("what", (field.name for field in fields(Constraints)))

    def limits(self, _: str) -> Limits:
        """Return the limits of a model, as a person wrote them."""
        return Limits(
            concurrency=self._whole_number("concurrency", gettext_lazy("Concurrent calls")) or 0,
            timeout_s=self._number("timeout_s", gettext_lazy("Timeout")) or 0,
            requests_per_minute=self._whole_number("requests_per_minute", gettext_lazy("Requests per minute")) or 0,
            tokens_per_minute=self._whole_number("tokens_per_minute", gettext_lazy("Tokens per minute")) or 0,
        )

    def seconds(self, name: str) -> float | None:
        """Return a time that a person wrote; None where the field is empty."""
        return self._number(name, gettext_lazy("Lost after"))

    def share(self, name: str) -> float | None:
        """Return a share that a person wrote in percent; None where the field is empty."""
        percent = self._number(name, gettext_lazy("Calls that may stay unanswered"))
        return None if percent is None else percent / 100

    def price(self, _: str) -> Price | None:
        """Return the price of a model, as a person wrote it."""
        return price_of(
            self._number("sent", gettext_lazy("US$ per million input tokens")),
            self._number("back", gettext_lazy("US$ per million output tokens")),
        )

    def ceiling(self, _: str) -> Ceiling:
        """Return a spending limit, as a person wrote it."""
        return Ceiling(
            self._whole_number("calls", gettext_lazy("Maximum calls")) or 0,
            self._whole_number("tokens", gettext_lazy("Maximum tokens")) or 0,
            self._number("cost_usd", gettext_lazy("Maximum cost in US$")) or 0.0,
        )

    def _number(self, name: str, label: str) -> float | None:
        return number(self._field(name), label)

    def _whole_number(self, name: str, label: str) -> int | None:
        return whole(self._field(name), label)

    def _field(self, name: str) -> str:
        """Return what is written in a field, which may be empty but must have come along."""
        return "" if name in self.given and self.given[name] is None else self.text(name)

    def _bounded(self, name: str, text: str) -> str:
        if len(text) > LONGEST_TEXT:
            raise MisuseError(
                gettext_lazy(
                    "“{name}” has {n_characters:,} characters; at most {most:,} are taken. Nothing was changed.",
                    name=name,
                    n_characters=len(text),
                    most=LONGEST_TEXT,
                )
            )
        return text

    def _wrong(self, name: str, wanted: Message) -> MisuseError:
        value = self.given.get(name)
        if value is None:
            return MisuseError(
                gettext_lazy(
                    "The act “{act}” needs “{name}”: {wanted}. Nothing was changed.",
                    act=self.act,
                    name=name,
                    wanted=wanted,
                )
            )
        return MisuseError(
            gettext_lazy(
                "“{name}” of the act “{act}” must be {wanted}, not “{found}”. Nothing was changed.",
                name=name,
                act=self.act,
                wanted=wanted,
                found=shortened(str(value), 40),
            )
        )


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
            gettext_lazy(
                "{name}: “{found}” is not a number. Write it as 1000 or 0.5, or leave it empty.",
                name=name,
                found=shortened(text, 40),
            )
        )
    return value


def whole(written: object, name: str) -> int | None:
    """Read a whole number that a person wrote; None where nothing is written.

    Raises:
        MisuseError: when it is not a whole number.
    """
    value = number(written, name)
    if value is not None and value != int(value):
        raise MisuseError(gettext_lazy("{name}: write a whole number, not {value:g}.", name=name, value=value))
    return None if value is None else int(value)


def price_of(sent: float | None, back: float | None) -> Price | None:
    """Return a price in US$ for a million tokens; None where none was given.

    Raises:
        MisuseError: when one part is missing, or out of range.
    """
    if sent is None and back is None:
        return None
    if sent is None or back is None:
        raise MisuseError(
            gettext_lazy("A price needs both parts, for input and for output tokens. Fill in both or neither.")
        )
    return Price(sent, back)


Reader = Callable[[Arguments, str], object]


def read(command: type[C], arguments: Arguments, given: Mapping[str, object]) -> C:
    """Return the command that an event asks for; `given` are fields that the act itself says.

    Raises:
        MisuseError: when an argument is missing or not of its kind.
    """
    hashable = cast("Any", command)  # mypy does not see in a type that it is hashable
    values = dict(given)
    for name, reader, optional in _readers(hashable):
        if name not in values and not (optional and arguments.given.get(name) is None):
            values[name] = reader(arguments, name)
    return command(**values)


@cache
def _readers(command: type[Any]) -> tuple[tuple[str, Reader, bool], ...]:
    """Return each field of a command: its name, what reads it, and whether it may be left out."""
    hints = get_type_hints(command, include_extras=True)
    return tuple((one.name, _reader(hints[one.name]), one.default is not MISSING) for one in fields(command))


def _reader(hint: Any) -> Reader:
    if get_origin(hint) is Annotated:
        reader: Reader = hint.__metadata__[0]
        return reader
    if get_origin(hint) is Literal:
        return lambda arguments, name: arguments.one_of(name, get_args(hint))
    return _READERS[hint]


_READERS: Mapping[object, Reader] = MappingProxyType({
    str: Arguments.text,
    int: Arguments.whole,
    bool: Arguments.tick,
    tuple[str, ...]: Arguments.texts,
    Marks: Arguments.marks,
})  # fmt: skip


@dataclass(frozen=True)
class Argument:
    """An argument of an act: what an event calls it, of what kind, and whether it may be left out."""

    name: str
    kind: type
    optional: bool = False


# How an argument is written, where it is no text.
_KINDS: Mapping[Reader, type] = MappingProxyType({
    Arguments.whole: int, Arguments.rounds: int, Arguments.words: int, Arguments.tick: bool,
    Arguments.seconds: float, Arguments.share: float,
    Arguments.numbers: list[int], **dict.fromkeys((Arguments.texts, Arguments.ids, Arguments.passages), list[str]),
    **dict.fromkeys((Arguments.marks, Arguments.marks_of_proposal), list[dict[str, object]]),
})  # fmt: skip

# What is read of several arguments, or of one that is called otherwise than its field.
_PARTS: Mapping[Reader, tuple[Argument, ...]] = MappingProxyType({
    Arguments.mark: (
        Argument("place", int), Argument("keep", bool), Argument("text", str, True), Argument("why", str, True),
        Argument("like", int, True),
    ),
    Arguments.prompt: (
        Argument("prompt", str, True), Argument("proposal", str, True), Argument("place", int, True),
    ),
    Arguments.constraint: (Argument("what", str),),
    Arguments.limits: (
        Argument("concurrency", int, True), Argument("timeout_s", float, True),
        Argument("requests_per_minute", int, True), Argument("tokens_per_minute", int, True),
    ),
    Arguments.price: (Argument("sent", float, True), Argument("back", float, True)),
    Arguments.ceiling: (
        Argument("calls", int, True), Argument("tokens", int, True), Argument("cost_usd", float, True),
    ),
})  # fmt: skip


def arguments_of(command: type[Any], given: Iterable[str] = ()) -> tuple[Argument, ...]:
    """Return what an event has to say for a command, those first that may not be left out.

    `given` are fields of the command that the act itself says.

    Example:
        >>> [(one.name, one.kind.__name__, one.optional) for one in arguments_of(Fork)]
        [('node', 'str', False), ('name', 'str', True)]
    """
    known, hashable = set(given), cast("Any", command)  # mypy does not see in a type that it is hashable
    found = dict.fromkeys(
        part
        for name, reader, optional in _readers(hashable)
        if name not in known
        for part in _PARTS.get(reader, (Argument(name, _KINDS.get(reader, str), optional),))
    )
    return tuple(sorted(found, key=lambda one: one.optional))


# The loop


@dataclass(frozen=True)
class Next:
    """Begin the next step."""


@dataclass(frozen=True)
class Autopilot:
    """Run some rounds without asking; what waits is decided first, as it is marked."""

    rounds: Annotated[int, Arguments.rounds]
    proposal: str = ""
    ask: tuple[str, ...] = ()
    same: bool = False
    marks: Annotated[Marks, Arguments.marks_of_proposal] = ()


@dataclass(frozen=True)
class Stop:
    """Stop the running step; what had arrived is kept."""


@dataclass(frozen=True)
class Retry:
    """Ask anew for the replies that never came."""


@dataclass(frozen=True)
class Accept:
    """Keep what is marked of a proposal, and go on."""

    proposal: str
    marks: Marks = ()


@dataclass(frozen=True)
class Reject:
    """Keep nothing of a proposal, and draw again."""

    proposal: str
    why: Annotated[str, Arguments.stripped] = ""


@dataclass(frozen=True)
class Again:
    """Put a proposal aside with its marks, and draw another."""

    proposal: str
    marks: Marks = ()


@dataclass(frozen=True)
class MarkItem:
    """Keep what was made of one item until the verdict."""

    proposal: str
    place: int
    mark: Annotated[Mark | None, Arguments.mark]


@dataclass(frozen=True)
class Reword:
    """Send other words than the optimizer's for one request, for this once."""

    request: int
    text: str


@dataclass(frozen=True)
class CherryPick:
    """Add a critique or a prompt of another line to the step that waits."""

    name: str
    like: int = 0


@dataclass(frozen=True)
class TakeHunks:
    """Take of a candidate only some of its changes to its parent."""

    proposal: str
    place: int
    hunks: Annotated[tuple[int, ...], Arguments.numbers] = ()


@dataclass(frozen=True)
class MergePrompts:
    """Make a prompt of parts of two, and measure it."""

    first: str
    second: str
    hunks: Annotated[tuple[int, ...], Arguments.numbers] = ()


@dataclass(frozen=True)
class TryWithout:
    """Decide a step again without what a person did in it, on a branch of its own, and compare both on dev."""

    step: str


@dataclass(frozen=True)
class ReplyByHand:
    """Reply to one request of the step, as its optimizer model; after the last one the step goes on."""

    request: str
    text: str


@dataclass(frozen=True)
class PasteReplies:
    """Reply to several requests by one text, each under the line that names its request."""

    text: str


# Branches


@dataclass(frozen=True)
class Look:
    """Look at a node of the history as it was; nothing is moved."""

    node: str


@dataclass(frozen=True)
class WriteNote:
    """Write on a node of the history: what it is called, words to find it by, a star, a text."""

    node: str
    name: Annotated[str, Arguments.stripped] = ""
    tags: Annotated[tuple[str, ...], Arguments.words_apart] = ()
    starred: bool = False
    text: Annotated[str, Arguments.stripped] = ""


@dataclass(frozen=True)
class GoTo:
    """Go to a node of the history."""

    node: str


@dataclass(frozen=True)
class Fork:
    """Make a branch at a node of the history, and show it."""

    node: str
    name: str = ""


@dataclass(frozen=True)
class Undo:
    """Go back to before the last move."""


@dataclass(frozen=True)
class Redo:
    """Go to where the last undo came from."""


@dataclass(frozen=True)
class ShowBranch:
    """Show another branch."""

    branch: str


@dataclass(frozen=True)
class Rename:
    """Give the branch another name."""

    name: str


@dataclass(frozen=True)
class PauseAt:
    """Set the phases at which the branch waits for a person."""

    stops: tuple[str, ...]


# Changes for all that comes


@dataclass(frozen=True)
class MoreRounds:
    """Raise the number of rounds."""

    rounds: Annotated[int, Arguments.rounds]


@dataclass(frozen=True)
class SwitchOptimizer:
    """Go on with another optimizer."""

    name: str
    preset: str = ""


@dataclass(frozen=True)
class Flag:
    """Leave out an example whose label is wrong."""

    example: str


@dataclass(frozen=True)
class OfferedPrompt:
    """The prompt at a place of the waiting proposal."""

    proposal: str
    place: int


@dataclass(frozen=True)
class ListPrompt:
    """Put a prompt among those pinned or hidden, or take it out."""

    prompt: Annotated[str | OfferedPrompt, Arguments.prompt]
    constraint: Literal["pinned", "hidden"]
    adds: bool


@dataclass(frozen=True)
class Protect:
    """Let no prompt break an example from here on, or let them again."""

    example: str
    adds: bool


@dataclass(frozen=True)
class ProtectGroup:
    """Let no prompt break any example of a group from here on."""

    examples: Annotated[tuple[str, ...], Arguments.ids]


@dataclass(frozen=True)
class ChooseErrors:
    """Make a group, and nothing else, the errors that the next step is about."""

    examples: Annotated[tuple[str, ...], Arguments.ids]


@dataclass(frozen=True)
class Constrain:
    """Set what every new prompt has to keep to."""

    frozen: Annotated[tuple[str, ...], Arguments.passages]
    longest_words: Annotated[int, Arguments.words]
    veto: bool
    placeholders: bool = False  # whether those of the prompts held here are frozen too


@dataclass(frozen=True)
class Lift:
    """Take back one constraint: of a list the one with a number, from 0."""

    constraint: Annotated[str, Arguments.constraint]
    number: int = 0


# Models


@dataclass(frozen=True)
class ScoreOn:
    """Score prompts on another target model; without `prompts`, the start prompt and the best ones."""

    model: str
    prompts: Annotated[tuple[str, ...] | None, Arguments.texts] = None


@dataclass(frozen=True)
class OpenTest:
    """Measure prompts on the sealed test split; without `prompts`, the start prompt and the best one."""

    reason: Annotated[str, Arguments.stripped]
    prompts: Annotated[tuple[str, ...] | None, Arguments.texts] = None


@dataclass(frozen=True)
class RateAnswer:
    """Give an answer that the judge has graded what you would: 1 (pass) or 0 (fail), or points from 1."""

    example: str
    answer: str
    given: int


@dataclass(frozen=True)
class Vary:
    """Measure the best prompt in small rewordings, or without each of its sentences."""

    kind: Kind


@dataclass(frozen=True)
class MoveTo:
    """Go on from a node on another target model, on a branch of its own, and show that."""

    model: str
    node: str


@dataclass(frozen=True)
class Connect:
    """Go on from here with models that are asked, on a branch of its own, and show that."""

    optimizer: str
    target: str


@dataclass(frozen=True)
class SetLimits:
    """Set the limits and the price of one model; the number of tries stays, and what is not written below price."""

    role: Role
    limits: Annotated[Limits, Arguments.limits]
    price: Annotated[Price | None, Arguments.price]
    lost_after_s: Annotated[float | None, Arguments.seconds] = None
    most_failed: Annotated[float | None, Arguments.share] = None


@dataclass(frozen=True)
class SetCeiling:
    """Set what all branches of this run may spend together."""

    ceiling: Annotated[Ceiling, Arguments.ceiling]
