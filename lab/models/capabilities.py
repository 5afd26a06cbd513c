"""What an endpoint can do, as found by asking it; nothing is decided by a model's name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

__all__ = ["UNKNOWN", "Capabilities", "Force", "Note", "NoteCode", "Way", "first_at_once"]

# How the log-probability of a given answer is had: a prompt echoed with log-probabilities, an answer forced by a
# grammar or by a structured choice, or the alternatives at the first token.
Way = Literal["echo", "grammar", "choice", "alternatives"]
# How a reply is made one of some labels: see `lab.models.forcing`.
Force = Literal["choice", "grammar", "schema", "alternatives"]
NoteCode = Literal[
    "unsteady",  # equal calls at temperature 0 are answered otherwise each time
    "no_completions",  # with the status, 0 where nothing answered
    "echo_unproven",  # the log-probabilities of an echoed text are not those it was generated with
    "unlikely_labels",  # a label that is not among the likeliest first tokens counts as the least likely of those
    "no_log_probabilities",  # none were given when they were asked for those of an answer
    "stored",  # the sentence of a book that was made when notes were sentences
]


class Note(NamedTuple):
    """What stands in no other field of `Capabilities`; `lab.models.findings` has the words."""

    code: NoteCode
    status: int = 0
    text: str = ""


@dataclass(frozen=True)
class Capabilities:
    """What was found of a model at an address; None is not known.

    `token_limit` is the field that bounds a reply, "" where none does. `likelihood` is the best way to the
    log-probability of a given answer, None where there is none that proved right; `forcing` is such a way to make a
    reply one of some labels. `infill`: fills in before a suffix. `slots` are the calls that it answers together,
    where they are few or slow. `notes` name what else to know of it.
    """

    checked: bool = False
    token_limit: Literal["max_tokens", "max_completion_tokens", ""] = "max_tokens"  # noqa: S105
    temperature: bool | None = None
    n: bool | None = None
    stop: bool | None = None
    seed: bool | None = None
    log_probabilities: Literal["chat", "legacy", "chat in completions", ""] = ""
    likelihood: Way | None = None
    forcing: Force | None = None
    infill: bool = False
    context_length: int | None = None
    slots: int | None = None
    notes: tuple[Note, ...] = ()


UNKNOWN = Capabilities()


def first_at_once(found: Capabilities) -> int | None:
    """Return how many calls to begin with: enough to keep few slots busy; None for as many as are allowed."""
    return 2 * found.slots if found.slots else None
