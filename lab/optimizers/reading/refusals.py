"""Replies that give nothing: a model that declines, or asks back."""

# ruff: noqa: E501  # a pattern reads best in one line
from __future__ import annotations

import re

from lab.core.asks import Flaw

DECLINED, ASKED_BACK = Flaw("declined"), Flaw("asked_back")
_READ = 4000  # characters from the start that are looked at

_DECLINES = re.compile(
    r"\A\W{0,5}(?:(?:oh|hi|hello)[,!. ]{1,3})?(?:"
    r"(?:i(?:['’]m| am)(?: very| really| so| truly)? (?:sorry|afraid|unable|not able|not comfortable))\b"
    r"|(?:sorry|apologies|my apologies|i apologi[sz]e)\b"
    r"|(?:unfortunately|regrettably)[,]? (?:i|this|that|as)\b"
    r"|as an? (?:ai|artificial|language model|large language)\b"
    r"|i (?:can(?:['’]t|not| not)|won['’]t|will not|must decline|have to decline|decline|refuse|don['’]t feel)\b"
    r"|(?:es tut mir (?:sehr )?leid|entschuldigung|leider kann ich)"
    r"|(?:je suis désolée?|désolée?|lo siento|lamento|me temo|desculpe|sinto muito|mi dispiace)"
    r"|(?:抱歉|对不起|很抱歉|申し訳|죄송)"
    r")",
    re.IGNORECASE,
)
_BEGINS_BACK = re.compile(
    r"\A\W{0,5}(?:it (?:looks|seems|appears)|i (?:don['’]t|do not|didn['’]t|need|see|notice|would|think|cannot|can['’]t)"
    r"|i['’]d (?:be |need|like|love)|could you|can you|would you|before i|to (?:help|rephrase|rewrite|write|do|give)"
    r"|thank|thanks|sure|certainly|of course|happy to|there (?:is|are|seem|don|do)|which|what (?:would|do|are|is)"
    r"|do you|your (?:message|instructions?|prompt)|you (?:haven|didn|have not|did not)"
    r"|the (?:instructions?|prompts?|texts?|messages?|tags?|examples?)\b[^.\n]{0,80}\b(?:empty|incomplete|missing|cut off|blank"
    r"|truncated)|please (?:provide|share|paste|send|clarify|specify|confirm)|hm+|könn|bitte)",
    re.IGNORECASE,
)
_SAYS_WHAT_IS_MISSING = re.compile(
    r"\A\W{0,5}(?:it (?:looks|seems|appears)|please|sure|certainly|of course|i (?:don|do not|did|need|cannot|can['’]t)"
    r"|there |the |your |you |unfortunately|before )",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\b(?:could|can|would|may|will) you (?:please |kindly |also )?(?:share|provide|clarify|send|paste|give|tell|specify"
    r"|confirm|resend|explain|say|elaborate|let me know|like|prefer|want)\b"
    r"|\bplease (?:share|provide|paste|send|clarify|specify|confirm|resend|supply|let me know)\b"
    r"|\b(?:do|would) you (?:want|mean|like|prefer)\b|\bwhat (?:would you|do you|are the|is the)\b|\bwhich (?:one|of)\b"
    r"|(?:könnten sie|bitte (?:geben|senden|teilen))",
    re.IGNORECASE,
)
_ABOUT_THE_REQUEST = re.compile(
    r"\b(?:instructions?|prompts?|tags?|versions?|full|complete|more (?:details?|context|information|examples?)"
    r"|you(?:['’]d| would)? (?:like|want|have|need|me)|rephrase|reword|rewrite|anweisung\w*)\b",
    re.IGNORECASE,
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
