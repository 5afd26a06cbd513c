"""Replies that give nothing: a model that declines, or asks back."""

from __future__ import annotations

import re

from lab.core.asks import Flaw
from lab.optimizers.reading.patterns import APOSTROPHE, one_of

DECLINED, ASKED_BACK = Flaw("declined"), Flaw("asked_back")
_READ = 4000  # characters from the start that are looked at


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.VERBOSE)


_START = r"\A\W{0,5}"  # a mark or a quote may come first
_T = f"{APOSTROPHE}t"

# An apology, or a refusal, as the first words.
_APOLOGIZES = (
    rf"(?:i(?:{APOSTROPHE}m| am)(?: very| really| so| truly)? "
    r"(?:sorry|afraid|unable|not able|not comfortable))\b",
    r"(?:sorry|apologies|my apologies|i apologi[sz]e)\b",
    r"(?:unfortunately|regrettably)[,]? (?:i|this|that|as)\b",
)
_REFUSES = (
    r"as an? (?:ai|artificial|language model|large language)\b",
    rf"i (?:can(?:{_T}|not| not)|won{_T}|will not|must decline|have to decline|decline|refuse|don{_T} feel)\b",
)
_DECLINES_ELSEWHERE = (
    r"(?:es tut mir (?:sehr )?leid|entschuldigung|leider kann ich)",
    r"(?:je suis désolée?|désolée?|lo siento|lamento|me temo|desculpe|sinto muito|mi dispiace)",
    r"(?:抱歉|对不起|很抱歉|申し訳|죄송)",
)
_DECLINES = _compiled(
    rf"{_START} (?:(?:oh|hi|hello)[,!.\ ]{{1,3}})? {one_of(*_APOLOGIZES, *_REFUSES, *_DECLINES_ELSEWHERE)}"
)

# How a reply begins that asks back; it must ask too, see `_ASKS`.
_BEGINS_BACK = _compiled(
    _START
    + one_of(
        "it (?:looks|seems|appears)",
        f"i (?:don{_T}|do not|didn{_T}|need|see|notice|would|think|cannot|can{_T})",
        f"i{APOSTROPHE}d (?:be |need|like|love)",
        "could you", "can you", "would you", "before i",
        "to (?:help|rephrase|rewrite|write|do|give)",
        "thank", "thanks", "sure", "certainly", "of course", "happy to",
        "there (?:is|are|seem|don|do)",
        "which", "what (?:would|do|are|is)", "do you",
        "your (?:message|instructions?|prompt)",
        "you (?:haven|didn|have not|did not)",
        r"the (?:instructions?|prompts?|texts?|messages?|tags?|examples?)\b[^.\n]{0,80}"
        r"\b(?:empty|incomplete|missing|cut off|blank|truncated)",
        "please (?:provide|share|paste|send|clarify|specify|confirm)",
        "hm+", "könn", "bitte",
    )
)  # fmt: skip

# How one begins that says what it lacks, without a question mark at its end.
_SAYS_WHAT_IS_MISSING = _compiled(
    _START
    + one_of(
        "it (?:looks|seems|appears)", "please", "sure", "certainly", "of course",
        f"i (?:don|do not|did|need|cannot|can{_T})",
        "there ", "the ", "your ", "you ", "unfortunately", "before ",
    )
)  # fmt: skip

# The question itself, wherever it stands.
_YOU_COULD = one_of(
    "share", "provide", "clarify", "send", "paste", "give", "tell", "specify", "confirm", "resend", "explain",
    "say", "elaborate", "let me know", "like", "prefer", "want",
)  # fmt: skip
_PLEASE = one_of(
    "share", "provide", "paste", "send", "clarify", "specify", "confirm", "resend", "supply", "let me know"
)
_ASKS = _compiled(
    rf"""
      \b(?:could|can|would|may|will)\ you\ (?:please\ |kindly\ |also\ )?{_YOU_COULD}\b
    | \bplease\ {_PLEASE}\b
    | \b(?:do|would)\ you\ (?:want|mean|like|prefer)\b
    | \bwhat\ (?:would\ you|do\ you|are\ the|is\ the)\b
    | \bwhich\ (?:one|of)\b
    | (?:könnten\ sie|bitte\ (?:geben|senden|teilen))
    """
)

# What such a question is about; a prompt may hold questions about anything else.
_ABOUT_THE_REQUEST = _compiled(
    rf"""
    \b(?:instructions?|prompts?|tags?|versions?|full|complete
      | more\ (?:details?|context|information|examples?)
      | you(?:{APOSTROPHE}d|\ would)?\ (?:like|want|have|need|me)
      | rephrase|reword|rewrite|anweisung\w*
    )\b
    """
)


def gives_nothing(text: str) -> Flaw | None:
    """Describe why a reply is no answer: it declines, or asks back; or None.

    A prompt may speak of apologies and questions too, so both are known by how the reply begins.
    """
    start = text[:_READ].strip()
    if _DECLINES.match(start):
        return ASKED_BACK if _asks_back(start) else DECLINED
    return ASKED_BACK if _BEGINS_BACK.match(start) and _asks_back(start) else None


def _asks_back(start: str) -> bool:
    return (
        len(start) < _READ
        and any(
            _ABOUT_THE_REQUEST.search(start, max(0, ask.start() - 160), ask.end() + 160)
            for ask in _ASKS.finditer(start)
        )
        and (
            start.rstrip(" \n*_\"'”’)").endswith("?")
            or bool(re.search(r"\b(?:i can|i['’]ll|so that i)\b", start[-400:], re.I))
            or bool(_SAYS_WHAT_IS_MISSING.match(start))
        )
    )
