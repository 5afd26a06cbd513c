"""The personalities of the practice model: what each has to be told, and what it loses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from lab.errors import MisuseError
from lab.i18n import gettext_lazy


@dataclass(frozen=True)
class Personality:
    """How one practice model reads instructions and words answers.

    Attributes:
        name: one word.
        about: what it is like, for people.
        span: words of an instruction that it heeds; rules further back are lost more and more.
        sense: how much of a skill's common sense it has, as a factor.
        chatter: share of answers with words around them where the form was not asked for.
        half_chatter: the same where half of the form was said: what an answer is, or that nothing goes with it.
        must_be_told: a subject merely named is not enough; a sentence must say what to do.
        slips: share of answers that go wrong by themselves.
    """

    name: str
    about: str
    span: int
    sense: float
    chatter: float
    half_chatter: float
    must_be_told: bool
    slips: float


CHATTY = Personality(
    "chatty",
    gettext_lazy(
        "Reads long instructions and uses common sense, but talks around its answer unless it is told both "
        "what an answer looks like and that nothing goes with it."
    ),
    span=220, sense=1.0, chatter=0.4, half_chatter=0.25, must_be_told=False, slips=0.015,
)  # fmt: skip
LITERAL = Personality(
    "literal",
    gettext_lazy(
        "Follows every sentence to the letter, however many there are, and little else: a subject that is only "
        "named does nothing, a sentence has to say what to do."
    ),
    span=400, sense=0.5, chatter=0.12, half_chatter=0.0, must_be_told=True, slips=0.015,
)  # fmt: skip
HASTY = Personality(
    "hasty",
    gettext_lazy(
        "A small model that answers at once. It heeds about 45 words; what stands further back is lost, so that "
        "a terse instruction beats a thorough one. It also slips more often."
    ),
    span=45, sense=0.8, chatter=0.25, half_chatter=0.0, must_be_told=False, slips=0.04,
)  # fmt: skip

PERSONALITIES = (CHATTY, LITERAL, HASTY)
BY_MODEL: Mapping[str, Personality] = MappingProxyType(
    {"practice": CHATTY, **{f"practice-{personality.name}": personality for personality in PERSONALITIES}}
)


def personality_of(model: str) -> Personality:
    """Return the personality behind a model id.

    Raises:
        MisuseError: when the practice model has no such id.
    """
    if model not in BY_MODEL:
        raise MisuseError(f"The practice model has no “{model}”. Ask for one of: {', '.join(BY_MODEL)}.")
    return BY_MODEL[model]
