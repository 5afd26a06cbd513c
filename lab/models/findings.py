"""What was found of an endpoint, in words for people: the one place for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from lab.models.capabilities import Capabilities, Note, NoteCode, first_at_once

__all__ = ["Line", "lines", "sentence"]


@dataclass(frozen=True)
class Line:
    """One thing an endpoint can or cannot do: in plain words, in the protocol's word, and what was found."""

    what: str
    word: str
    told: str


_UNKNOWN = "could not be told"
_LIKELIHOOD: Mapping[str | None, str] = MappingProxyType({
    "echo": "yes, by having the text echoed with its log-probabilities",
    "grammar": "yes, by forcing the answer with a grammar",
    "choice": "yes, by forcing the answer with a structured choice",
    "alternatives": "for answers of one token, from the alternatives at the first token",
    None: "no; prompts are judged by how many answers are right",
})  # fmt: skip
_FORCING: Mapping[str | None, str] = MappingProxyType({
    "choice": "can be made to, by a structured choice",
    "grammar": "can be made to, by a grammar",
    "schema": "can be made to, by a JSON schema",
    "alternatives": "can be taken from the likeliest first token",
    None: "no way proved right",
})  # fmt: skip
_SHAPES: Mapping[str, str] = MappingProxyType({
    "chat": "given with chat replies",
    "legacy": "given with completions",
    "chat in completions": "given with completions, in the shape of chat replies",
    "": "not given",
})  # fmt: skip


_NOTES: Mapping[NoteCode, str] = MappingProxyType({
    "unsteady": "Equal calls at temperature 0 are answered otherwise each time: only a kept reply is sure.",
    "no_completions": "Completions are not answered{status}.",
    "echo_unproven": "The log-probabilities of an echoed text did not prove to be those it was generated with; "
    "they are not used.",
    "unlikely_labels": "A label of one token that is not among the likeliest counts as the least likely of those; "
    "where labels have more tokens, prompts are measured by answers.",
    "no_log_probabilities": "It gave no log-probabilities when it was asked for those of an answer: prompts are "
    "measured by answers.",
})  # fmt: skip


def lines(found: Capabilities) -> tuple[Line, ...]:
    """Describe what was found of an endpoint, for people."""
    length = f"{found.context_length:,} tokens" if found.context_length else _UNKNOWN
    return (
        Line("Length of a reply", found.token_limit or "token limit", "can be limited" if found.token_limit
             else "cannot be limited; a reply may cost more than the settings say"),
        Line("How much replies vary", "temperature", _yes(found.temperature, "can be set", "set by the server")),
        Line("The same draw again", "seed", _yes(found.seed, "yes", "no; known replies come from the lab book")),
        Line("Several replies to one call", "n", _yes(found.n, "yes", "no; the lab makes a call for each")),
        Line("Ends at a given word", "stop", _yes(found.stop, "yes", "no; the lab cuts the reply there itself")),
        Line("How sure it is of its words", "log-probabilities", _SHAPES[found.log_probabilities]),
        Line("How likely it finds a given answer", "log-likelihood", _LIKELIHOOD[found.likelihood]),
        Line("Answers with a label only", "forced choice", _FORCING[found.forcing]),
        Line("Fills a gap in a text", "suffix", "yes" if found.infill
             else "no; it is asked in a chat to fill a marked blank"),
        Line("Calls answered together", "slots", f"about {found.slots}; the lab begins with {first_at_once(found)} "
             "and asks for more while replies come as soon" if found.slots else "no limit was seen"),
        Line("Longest text, with the reply", "context length", length),
    )  # fmt: skip


def _yes(found: bool | None, yes: str, no: str) -> str:
    return _UNKNOWN if found is None else yes if found else no


def sentence(note: Note) -> str:
    """Return a note in words.

    Example:
        `sentence(Note("no_completions", 404)) == "Completions are not answered (404)."`
    """
    if note.code == "stored":
        return note.text
    return _NOTES[note.code].replace("{status}", f" ({note.status})" if note.status else "")
