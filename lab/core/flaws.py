"""Why a text cannot be used as it is: a code with what it speaks of, and the one place for its words.

Whoever finds a flaw names its code; whoever shows one asks for its `sentence`, which nobody compares or reads back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, get_args

from lab.core.codec import stored
from lab.i18n import Message, gettext_lazy
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
    said = _SENTENCES[flaw.code]
    return said if isinstance(said, Message) else said(flaw)


# Why a call was given up.
_UNANSWERED: Mapping[str, Message] = MappingProxyType({
    "filtered": gettext_lazy("the endpoint's content filter refused the request"),
    "too_long": gettext_lazy("longer than the model takes"),
    "refused": gettext_lazy("the endpoint refused this request"),
    "failing": gettext_lazy("the endpoint fails at this request each time"),
    "time": gettext_lazy("no reply came in time, however often it was tried"),
    "tries": gettext_lazy("it failed however often it was tried"),
})  # fmt: skip


def _not_answered(flaw: Flaw) -> Message:
    code, *texts = flaw.texts
    why, said = _UNANSWERED.get(code, _UNANSWERED["tries"]), ": ".join(filter(None, texts))
    told = gettext_lazy("{why}: {said}", why=why, said=said) if said else why
    if flaw.n:
        return gettext_lazy("not answered ({status}): {why}", status=flaw.n, why=told)
    return gettext_lazy("not answered: {why}", why=told)


def _not_judged(flaw: Flaw) -> Message:
    if not flaw.texts:
        return gettext_lazy("not judged: no reply of the judge came")
    said = shortened(flaw.texts[0], _PASSAGE)
    return gettext_lazy("not judged: the judge's reply has no verdict: “{said}”", said=said)


def _untagged(flaw: Flaw) -> Message:
    tags = reduce(lambda one, other: gettext_lazy("{one} and {other}", one=one, other=other), flaw.texts or ("",))
    return gettext_lazy("unreadable: no text between {tags}", tags=tags)


def _unclosed(flaw: Flaw) -> Message:
    tags = reduce(
        lambda opening, closing: gettext_lazy("{opening} without {closing}", opening=opening, closing=closing),
        flaw.texts or ("",),
    )
    return gettext_lazy("unreadable: {tags}, the reply may be cut off", tags=tags)


_SENTENCES: Mapping[FlawCode, Message | Callable[[Flaw], str]] = MappingProxyType({
    "empty_reply": gettext_lazy("empty reply"),
    "cut_off": gettext_lazy("cut off at the token limit"),
    "cut_off_before_text": gettext_lazy(
        "cut off at the token limit, before a first word: a model that reasons needs more tokens"
    ),
    "unfinished": gettext_lazy("truncated: the server did not end it"),
    "filtered": gettext_lazy("refused: stopped by the server's content filter"),
    "refused": lambda flaw: gettext_lazy("refused: {said}", said=flaw.texts[0]),
    "called_tool": gettext_lazy("no text: the model called a tool that was not offered to it"),
    "not_answered": _not_answered,
    "not_judged": _not_judged,
    "untagged": _untagged,
    "unclosed_tag": _unclosed,
    "more_than_asked": gettext_lazy("more than was asked for"),
    "only_thought": gettext_lazy("only thought aloud, and said nothing after it"),
    "declined": gettext_lazy("no answer: the model declined"),
    "asked_back": gettext_lazy("no answer: the model asked back"),
    "empty": gettext_lazy("empty"),
    "duplicate": gettext_lazy("duplicate: this prompt is already there"),
    "near_duplicate": gettext_lazy(
        "duplicate: only case, spaces or end punctuation differ from a prompt that is there"
    ),
    "too_many_characters": lambda flaw: gettext_lazy(
        "too long: {n_characters} characters, the limit is {most}", n_characters=flaw.n, most=flaw.most
    ),
    "too_many_words": lambda flaw: gettext_lazy(
        "too long: {n_words} words, the limit is {most}", n_words=flaw.n, most=flaw.most
    ),
    "lost_placeholders": lambda flaw: gettext_lazy(
        "lost the placeholder {placeholders}", placeholders=", ".join(flaw.texts)
    ),
    "unknown_placeholders": lambda flaw: gettext_lazy(
        "has {placeholders}, a slot that nothing is put into", placeholders=", ".join(flaw.texts)
    ),
    "too_many_changes": lambda flaw: gettext_lazy(
        "changes {n_words} words, the limit is {most}", n_words=flaw.n, most=flaw.most
    ),
    "empty_section": gettext_lazy("empty section"),
    "heading_in_section": gettext_lazy(
        "the section has a line that starts with “# ”, which would end it"
    ),
    "position_mark": lambda flaw: gettext_lazy(
        "holds the mark {mark}, which only says where the instruction stands", mark=flaw.texts[0]
    ),
    "lost_passage": lambda flaw: gettext_lazy(
        "lost the frozen passage “{passage}”", passage=shortened(flaw.texts[0], _PASSAGE)
    ),
    "over_word_limit": lambda flaw: gettext_lazy(
        "{n_words} words, the limit is {most}", n_words=flaw.n, most=flaw.most
    ),
    "breaks_example": gettext_lazy("breaks an example that must not break"),
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
