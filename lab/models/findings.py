"""What was found of an endpoint, in words for people: the one place for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from lab.i18n import gettext_lazy, ngettext_lazy
from lab.models.capabilities import Capabilities, Note, NoteCode, first_at_once

__all__ = ["Line", "lines", "sentence"]


@dataclass(frozen=True)
class Line:
    """One thing an endpoint can or cannot do: in plain words, in the protocol's word, and what was found."""

    what: str
    word: str
    told: str


_UNKNOWN = gettext_lazy("could not be told")
_LIKELIHOOD: Mapping[str | None, str] = MappingProxyType({
    "echo": gettext_lazy("yes, by having the text echoed with its log-probabilities"),
    "grammar": gettext_lazy("yes, by forcing the answer with a grammar"),
    "choice": gettext_lazy("yes, by forcing the answer with a structured choice"),
    "alternatives": gettext_lazy("for answers of one token, from the alternatives at the first token"),
    None: gettext_lazy("no; prompts are judged by how many answers are right"),
})  # fmt: skip
_FORCING: Mapping[str | None, str] = MappingProxyType({
    "choice": gettext_lazy("can be made to, by a structured choice"),
    "grammar": gettext_lazy("can be made to, by a grammar"),
    "schema": gettext_lazy("can be made to, by a JSON schema"),
    "alternatives": gettext_lazy("can be taken from the likeliest first token"),
    None: gettext_lazy("no way proved right"),
})  # fmt: skip
_SHAPES: Mapping[str, str] = MappingProxyType({
    "chat": gettext_lazy("given with chat replies"),
    "legacy": gettext_lazy("given with completions"),
    "chat in completions": gettext_lazy("given with completions, in the shape of chat replies"),
    "": gettext_lazy("not given"),
})  # fmt: skip
_NOTES: Mapping[NoteCode, str] = MappingProxyType({
    "unsteady": gettext_lazy(
        "Equal calls at temperature 0 are answered otherwise each time: only a kept reply is sure."
    ),
    "no_completions": gettext_lazy("Completions are not answered."),
    "echo_unproven": gettext_lazy(
        "The log-probabilities of an echoed text did not prove to be those it was generated with; "
        "they are not used."
    ),
    "unlikely_labels": gettext_lazy(
        "A label of one token that is not among the likeliest counts as the least likely of those; "
        "where labels have more tokens, prompts are measured by answers."
    ),
    "no_log_probabilities": gettext_lazy(
        "It gave no log-probabilities when it was asked for those of an answer: prompts are measured by answers."
    ),
})  # fmt: skip


def lines(found: Capabilities) -> tuple[Line, ...]:
    """Describe what was found of an endpoint, for people."""
    yes = gettext_lazy("yes")
    return (
        Line(gettext_lazy("Length of a reply"), found.token_limit or gettext_lazy("token limit"),
             gettext_lazy("can be limited") if found.token_limit
             else gettext_lazy("cannot be limited; a reply may cost more than the settings say")),
        Line(gettext_lazy("How much replies vary"), "temperature",
             _yes(found.temperature, gettext_lazy("can be set"), gettext_lazy("set by the server"))),
        Line(gettext_lazy("The same draw again"), "seed",
             _yes(found.seed, yes, gettext_lazy("no; known replies come from the lab book"))),
        Line(gettext_lazy("Several replies to one call"), "n",
             _yes(found.n, yes, gettext_lazy("no; the lab makes a call for each"))),
        Line(gettext_lazy("Ends at a given word"), "stop",
             _yes(found.stop, yes, gettext_lazy("no; the lab cuts the reply there itself"))),
        Line(gettext_lazy("How sure it is of its words"), gettext_lazy("log-probabilities"),
             _SHAPES[found.log_probabilities]),
        Line(gettext_lazy("How likely it finds a given answer"), gettext_lazy("log-likelihood"),
             _LIKELIHOOD[found.likelihood]),
        Line(gettext_lazy("Answers with a label only"), gettext_lazy("forced choice"), _FORCING[found.forcing]),
        Line(gettext_lazy("Fills a gap in a text"), "suffix",
             yes if found.infill else gettext_lazy("no; it is asked in a chat to fill a marked blank")),
        Line(gettext_lazy("Calls answered together"), gettext_lazy("slots"), _together(found)),
        Line(gettext_lazy("Longest text, with the reply"), gettext_lazy("context length"), _longest(found)),
    )  # fmt: skip


def _yes(found: bool | None, yes: str, no: str) -> str:
    return _UNKNOWN if found is None else yes if found else no


def _together(found: Capabilities) -> str:
    if not found.slots:
        return gettext_lazy("no limit was seen")
    return gettext_lazy(
        "about {n_slots}; the lab begins with {n_first} and asks for more while replies come as soon",
        n_slots=found.slots, n_first=first_at_once(found),
    )  # fmt: skip


def _longest(found: Capabilities) -> str:
    length = found.context_length
    return ngettext_lazy("{n} token", "{n} tokens", length) if length else _UNKNOWN


def sentence(note: Note) -> str:
    """Return a note in words.

    Example:
        `sentence(Note("no_completions", 404)) == "Completions are not answered (404)."`
    """
    if note.code == "stored":
        return note.text
    if note.code == "no_completions" and note.status:
        return gettext_lazy("Completions are not answered ({status}).", status=note.status)
    return _NOTES[note.code]
