"""Why a text cannot be used as it is: a code with what it speaks of, and the one place for its words.

Whoever finds a flaw names its code; whoever shows one asks for its `sentence`, which nobody compares or reads back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, get_args

from lab.core.codec import stored
from lab.text import shortened

__all__ = ["CODES", "Flaw", "FlawCode", "of_sentence", "sentence", "without_sentences"]

FlawCode = Literal[
    # of a reply, as it arrived
    "empty_reply", "cut_off", "cut_off_before_text", "unfinished", "filtered", "refused",
    "called_tool",
    # of a call that no reply came to: `n` is the status, `texts` why (a key of `_UNANSWERED`) and what was said
    "not_answered",
    # of an answer that a judge gave no verdict on: `texts` is what it said
    "not_judged",
    # of a reply, as it was read
    "untagged", "unclosed_tag", "more_than_asked", "only_thought", "declined", "asked_back",
    # of a prompt
    "empty", "duplicate", "near_duplicate", "too_many_characters", "too_many_words", "lost_placeholders",
    "unknown_placeholders", "too_many_changes", "empty_section", "heading_in_section", "position_mark",
    # of a prompt that constraints hold for
    "lost_passage", "over_word_limit", "breaks_example",
    # of a book that was made when flaws were sentences
    "stored",
]  # fmt: skip
CODES: tuple[FlawCode, ...] = get_args(FlawCode)
_UNREADABLE = frozenset(
    {"empty_reply", "called_tool", "untagged", "unclosed_tag", "only_thought", "declined", "asked_back"}
)
_DOUBTS = frozenset({"more_than_asked", "near_duplicate", "unknown_placeholders"})
_LIMITS = frozenset({"too_many_characters", "too_many_words", "too_many_changes"})
_A_LITTLE = 1.5  # times the limit
_PASSAGE = 60  # characters of a passage that are shown


@stored
class Flaw(NamedTuple):
    """Why a text cannot be used: `n` of what there may be `most` of, and the `texts` that the code speaks of.

    A tuple, so that `json.dumps` takes an answer's flaw as it is.
    """

    code: FlawCode
    n: int = 0
    most: int = 0
    texts: tuple[str, ...] = ()

    @property
    def is_unreadable(self) -> bool:
        """Whether nothing could be read from a reply, so that another may give more."""
        return self.code in _UNREADABLE

    @property
    def is_doubt(self) -> bool:
        """Whether a text is usable and only unlikely to be meant: whoever writes or keeps it means it."""
        return self.code in _DOUBTS

    @property
    def may_be_overruled(self) -> bool:
        """Whether a person may keep a text as it is all the same: a doubt, or too long by a little."""
        return self.is_doubt or (self.code in _LIMITS and self.n <= self.most * _A_LITTLE)


def sentence(flaw: Flaw) -> str:
    """Return a flaw in words.

    Example:
        `sentence(Flaw("too_many_words", 60, 50)) == "too long: 60 words, the limit is 50"`
    """
    return _SENTENCES[flaw.code](flaw)


# Why a call was given up.
_UNANSWERED: Mapping[str, str] = MappingProxyType({
    "filtered": "the endpoint's content filter refused the request",
    "too_long": "longer than the model takes",
    "refused": "the endpoint refused this request",
    "failing": "the endpoint fails at this request each time",
    "time": "no reply came in time, however often it was tried",
    "tries": "it failed however often it was tried",
})  # fmt: skip


def _not_answered(flaw: Flaw) -> str:
    why, *said = flaw.texts
    told = ": ".join((_UNANSWERED.get(why, _UNANSWERED["tries"]), *filter(None, said)))
    return f"not answered ({flaw.n}): {told}" if flaw.n else f"not answered: {told}"


def _unread_verdict(flaw: Flaw) -> str:
    if not flaw.texts:
        return "no reply of the judge came"
    return f"the judge's reply has no verdict: “{shortened(flaw.texts[0], _PASSAGE)}”"


def _says(text: str) -> Callable[[Flaw], str]:
    return lambda flaw: text


_SENTENCES: Mapping[FlawCode, Callable[[Flaw], str]] = MappingProxyType({
    "empty_reply": _says("empty reply"),
    "cut_off": _says("cut off at the token limit"),
    "cut_off_before_text": _says(
        "cut off at the token limit, before a first word: a model that reasons needs more tokens"
    ),
    "unfinished": _says("truncated: the server did not end it"),
    "filtered": _says("refused: stopped by the server's content filter"),
    "refused": lambda flaw: f"refused: {flaw.texts[0]}",
    "called_tool": _says("no text: the model called a tool that was not offered to it"),
    "not_answered": _not_answered,
    "not_judged": lambda flaw: f"not judged: {_unread_verdict(flaw)}",
    "untagged": lambda flaw: f"unreadable: no text between {' and '.join(flaw.texts)}",
    "unclosed_tag": lambda flaw: f"unreadable: {' without '.join(flaw.texts)}, the reply may be cut off",
    "more_than_asked": _says("more than was asked for"),
    "only_thought": _says("only thought aloud, and said nothing after it"),
    "declined": _says("no answer: the model declined"),
    "asked_back": _says("no answer: the model asked back"),
    "empty": _says("empty"),
    "duplicate": _says("duplicate: this prompt is already there"),
    "near_duplicate": _says("duplicate: only case, spaces or end punctuation differ from a prompt that is there"),
    "too_many_characters": lambda flaw: f"too long: {flaw.n} characters, the limit is {flaw.most}",
    "too_many_words": lambda flaw: f"too long: {flaw.n} words, the limit is {flaw.most}",
    "lost_placeholders": lambda flaw: f"lost the placeholder {', '.join(flaw.texts)}",
    "unknown_placeholders": lambda flaw: f"has {', '.join(flaw.texts)}, a slot that nothing is put into",
    "too_many_changes": lambda flaw: f"changes {flaw.n} words, the limit is {flaw.most}",
    "empty_section": _says("empty section"),
    "heading_in_section": _says("the section has a line that starts with “# ”, which would end it"),
    "position_mark": lambda flaw: f"holds the mark {flaw.texts[0]}, which only says where the instruction stands",
    "lost_passage": lambda flaw: f"lost the frozen passage “{shortened(flaw.texts[0], _PASSAGE)}”",
    "over_word_limit": lambda flaw: f"{flaw.n} words, the limit is {flaw.most}",
    "breaks_example": _says("breaks an example that must not break"),
    "stored": lambda flaw: flaw.texts[0],
})  # fmt: skip


# Books of 0.1 hold flaws as sentences. Those that something follows from are known by their code again; they are
# written out here because they are what 0.1 stored, whatever the words are now.
_SENTENCES_OF_0_1: Mapping[str, Flaw] = MappingProxyType({
    "empty reply": Flaw("empty_reply"),
    "cut off at the token limit": Flaw("cut_off"),
    "cut off at the token limit, before a first word: a model that reasons needs more tokens": Flaw(
        "cut_off_before_text"
    ),
    "truncated: the server did not end it": Flaw("unfinished"),
    "refused: stopped by the server's content filter": Flaw("filtered"),
    "breaks an example that must not break": Flaw("breaks_example"),
})  # fmt: skip


def of_sentence(said: str) -> Flaw | None:
    """Return the flaw that 0.1 stored as a sentence; None where it stored none."""
    return _SENTENCES_OF_0_1.get(said, Flaw("stored", texts=(said,))) if said else None


def without_sentences(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put flaws in the place of the sentences that 0.1 stored in the fields of a value."""
    return {
        name: _read(value) if name in ("flaw", "answer_flaw", "flaws") else value for name, value in content.items()
    }


def _read(value: object) -> object:
    if isinstance(value, tuple) and not isinstance(value, Flaw):
        return tuple(_read(one) for one in value)
    return of_sentence(value) if isinstance(value, str) else value
