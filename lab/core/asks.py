"""What an optimizer knows, asks for and is told: the only vocabulary the optimizers share with the lab.

All values are frozen and made of tuples, strings and numbers, so that each is JSON and back without loss.
An item is anything a person can review. A phase is one box of a paper's algorithm, waiting for its reply.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, ClassVar, Generic, Literal, Protocol

from typing_extensions import TypeVar

from lab.core.codec import stored
from lab.core.flaws import Flaw, without_sentences
from lab.core.task import Example, Task

__all__ = [
    "Ask",
    "By",
    "Candidate",
    "Context",
    "Critique",
    "Demonstration",
    "Done",
    "ErrorSample",
    "Evaluate",
    "Example",
    "Flaw",
    "Generate",
    "Item",
    "Phase",
    "Pick",
    "Replies",
    "Reply",
    "Request",
    "Score",
    "Shown",
    "Task",
    "TrajectoryRow",
    "Worked",
]  # fmt: skip


S = TypeVar("S", default=Any)  # who runs any optimizer does not know its settings


@dataclass(frozen=True)
class Context(Generic[S]):
    """What never changes while an optimizer runs: passed in, never copied into a phase.

    `settings` is the optimizer's own frozen type, which its phases name: `Context[Settings]`. The lab relies on its
    `rounds` alone.
    """

    task: Task
    settings: S
    seed: int

    def rng(self, *at: object, sample: int = 0) -> Random:
        """Return the only randomness an optimizer has: the same place and sample draw the same numbers."""
        return Random("/".join(map(str, (self.seed, *at, sample))))  # noqa: S311


By = Literal["answers", "likelihood"]  # what a prompt is measured by
Worked = tuple[tuple[str, ...], str]  # what goes into a step, and what comes out of it
Shown = Literal["errors", "critiques", "candidates", "scores", "demonstrations", "trajectory"]  # items, in a word


# Items: what a person reads, ticks, edits, drops or adds.


@stored(upgraded=without_sentences)
@dataclass(frozen=True)
class Item:
    """Something to review: `text` may be edited, `about` says what it came from, `flaw` why it is unusable.

    `reply` counts the replies of an ask from 0 and says which one the item was read from.
    """

    text: str
    about: tuple[str, ...] = ()
    flaw: Flaw | None = None
    reply: int | None = field(default=None, kw_only=True)


@stored(upgraded=without_sentences)
@dataclass(frozen=True)
class ErrorSample(Item):
    """A train example that a prompt got wrong; `text` is its input, `group` the critique it is drawn for.

    `answer_flaw` says why what was `got` did not arrive whole (cut off, refused), None where it did.
    """

    example: str = ""
    answer: str = ""
    got: str = ""
    prompt: int = 0
    group: int | None = None
    answer_flaw: Flaw | None = None


@stored(upgraded=without_sentences)
@dataclass(frozen=True)
class Demonstration(Item):
    """A train example shown with its reference answer; `text` is its input, `group` the request it is drawn for."""

    example: str = ""
    answer: str = ""
    group: int | None = None


@stored(upgraded=without_sentences)
@dataclass(frozen=True)
class TrajectoryRow(Item):
    """A prompt that was scored before, as OPRO's meta-prompt shows it; `step` is the round that made it."""

    score: float | None = None
    step: int = 0


@stored(upgraded=without_sentences, added={"removed": (), "recovered": False})
@dataclass(frozen=True)
class Critique(Item):
    """Why a prompt failed on some errors (ProTeGi: a textual gradient; PE2: the reasoning over a batch).

    `removed` is what stood around the text in the reply; one that was `recovered` stood without the tags asked for.
    """

    prompt: int = 0
    errors: tuple[ErrorSample, ...] = ()
    removed: tuple[str, ...] = field(default=(), kw_only=True)
    recovered: bool = field(default=False, kw_only=True)


_ADDED_IN_0_1 = "a frozen passage was added"  # what 0.1 put into `about`, where it stays


def _candidate_of_0_1(content: Mapping[str, Any]) -> Mapping[str, Any]:
    was = {} if "passage_added" in content else {"passage_added": _ADDED_IN_0_1 in content["about"]}
    return without_sentences({**content, **was})


@stored(upgraded=_candidate_of_0_1, added={"removed": (), "recovered": False})
@dataclass(frozen=True)
class Candidate(Item):
    """A prompt that might replace its `parent`; `score` is its mean where it was measured, else None.

    `passage_added` says that a frozen passage was put below what the model wrote. `removed` is what stood around
    the text in the reply; one that was `recovered` stood without the tags asked for.
    """

    parent: str = ""
    origin: str = "start"  # start | edit | paraphrase | induced | proposal: the phase, never who typed it
    member: int = 0  # the beam member it descends from
    score: float | None = None
    n_rows: int = 0
    by: By = "answers"  # what the score is a mean of
    passage_added: bool = field(default=False, kw_only=True)
    removed: tuple[str, ...] = field(default=(), kw_only=True)
    recovered: bool = field(default=False, kw_only=True)


@stored(upgraded=without_sentences)
@dataclass(frozen=True)
class Score(Item):
    """How prompt `text` did on the examples `about`: one hit each, None where not measured.

    By answers a hit is in [0, 1]; by likelihood it is the mean log-probability, in nats, of a token of the
    reference answer, at most 0. `by` says what was measured, which may be other than what was asked for.
    `flaws` say of each answer why it did not arrive whole, None where it did; empty when all did.
    """

    hits: tuple[float | None, ...] = ()
    got: tuple[str, ...] = ()
    by: By = "answers"
    flaws: tuple[Flaw | None, ...] = ()

    @property
    def mean(self) -> float | None:
        """The mean over what was measured; None when nothing was."""
        known = [hit for hit in self.hits if hit is not None]
        return sum(known) / len(known) if known else None


# Asks: what a phase needs now.


@stored
@dataclass(frozen=True)
class Request:
    """One meta-prompt for the optimizer model, answered `n` times; `about` says in words what it is for.

    `tags` are what it asks that a text be put between, where it does. `gap` is the mark that stands in it for a
    missing text, before the `suffix`: an endpoint that fills in is asked for that text alone, another one gets the
    meta_prompt as it stands.
    """

    meta_prompt: str
    n: int = 1
    temperature: float = 1.0
    max_tokens: int = 1024
    about: str = ""
    suffix: str | None = None
    tags: tuple[str, ...] = ()
    gap: str = ""


@stored
@dataclass(frozen=True)
class Generate:
    """A whole batch of requests to the optimizer model."""

    requests: tuple[Request, ...]


@stored
@dataclass(frozen=True)
class Evaluate:
    """Every prompt on every example (ids of one split), for the target model.

    By answers it is asked for one, which is judged; by likelihood it says how likely the reference answer is,
    where its endpoint can, and otherwise answers.
    """

    prompts: tuple[str, ...]
    examples: tuple[str, ...]
    split: str = "train"
    by: By = "answers"


@stored
@dataclass(frozen=True)
class Pick:
    """The optimizer's own choice among options, by index, offered so that a person can change it."""

    options: tuple[Item, ...]
    chosen: tuple[int, ...]


@stored
@dataclass(frozen=True)
class Done:
    """The optimizer has ended; `best` is the prompt it would keep, by what it measured and whatever was hidden."""

    best: str


Ask = Generate | Evaluate | Pick | Done


def n_calls(ask: Ask) -> int:
    """Count the calls an ask takes at most, repeats included."""
    if isinstance(ask, Generate):
        return sum(request.n for request in ask.requests)
    return len(ask.prompts) * len(ask.examples) if isinstance(ask, Evaluate) else 0


@stored(upgraded=without_sentences)
@dataclass(frozen=True)
class Reply:
    """One text of the optimizer model; `flaw` when it did not arrive whole (cut off, refused).

    One that was `infilled` is the text that was missing and no more, without tags.
    """

    text: str
    flaw: Flaw | None = None
    infilled: bool = False


# Generate is answered by [request][k] replies, Evaluate by one Score a prompt; Pick needs no model.
Replies = tuple[tuple[Reply, ...], ...] | tuple[Score, ...]


class Phase(Protocol):
    """One step of an optimizer: pure, frozen, JSON and back.

    `title` and `about` are for people, `term` is the paper's word. A phase that `passes` is accepted by
    itself unless a person asks to stop there. One whose replies are read as prompts may say so by a ClassVar
    `writes_prompts`, False where it is missing; one that only some settings lead to says so by a static method
    `applies(settings)`; what its items are may be said in a word by a ClassVar `shows`, and a tiny example of what
    goes in and what comes out by one of `example`. `read` never raises; `tell` gets the items as reviewed.
    """

    title: ClassVar[str]
    term: ClassVar[str]
    about: ClassVar[str]
    passes: ClassVar[bool]

    @property
    def round(self) -> int:
        """Round completed before this phase: 0 in the first."""

    @property
    def prompts(self) -> tuple[str, ...]:
        """The prompts the optimizer holds now, best first; what is worth measuring on dev."""

    def ask(self, context: Context, sample: int = 0) -> Ask:
        """Describe what is needed now; the next `sample` draws anew."""

    def read(self, context: Context, replies: Any) -> tuple[Item, ...]:
        """Make items of the replies; what cannot be used carries its flaw."""

    def check(self, context: Context, items: Any) -> tuple[Item, ...]:
        """Describe of each item, as it now reads, whether it has a flaw; used for model and person alike."""

    def tell(self, context: Context, kept: Any) -> Phase:
        """Take the items as reviewed and return the next phase."""
