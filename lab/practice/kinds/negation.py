"""Turning a plain English sentence into its negation, and back: auxiliaries, and do-support for other verbs."""

from __future__ import annotations

import re

__all__ = ["negated"]

_AUXILIARY = (
    r"is|are|was|were|am|will|would|can|could|must|might|may|should|shall|(?:has|have|had)(?= \w+(?:ed|en)\b)"
)
_NEGATED = re.compile(
    r"\b(?:(?P<do>do|does|did)(?: not|n['’]t) (?P<verb>\w+)|(?P<can>can)(?:not|['’]t)|(?P<will>wo)n['’]t"
    rf"|(?P<be>{_AUXILIARY}|has|have|had)(?: not\b|n['’]t\b))"
)
_ASIDE = re.compile(r"(?:If|When|While|Although|Because|Since|As|To)\b[^,]*, ")
_VERB = re.compile(rf"(?<=\S )(?:(?P<be>{_AUXILIARY})|(?P<verb>[a-z]{{2,}}))\b")
_DETERMINERS = (
    "the a an this that these those some many all most few several of in on at by with for from to and or its"
    " their "
    "our his her my your no two three"
)
_PAST_AND_BASE = (
    "went:go took:take made:make gave:give wrote:write saw:see came:come became:become began:begin "
    "held:hold won:win lost:lose built:build left:leave led:lead met:meet ran:run sold:sell told:tell said:say "
    "found:find kept:keep knew:know grew:grow got:get had:have spoke:speak stood:stand taught:teach thought:think "
    "bought:buy brought:bring fought:fight felt:feel fell:fall flew:fly drove:drive ate:eat drank:drink sang:sing "
    "broke:break chose:choose rose:rise spent:spend sent:send wore:wear died:die lied:lie tied:tie"
)
_COMMON_VERBS = (
    "like love need want think know live eat make use have follow believe enjoy grow help give take see go come"
    " play "
    "work say run drink sleep read write speak teach learn buy sell build become remain contain require"
)
_BEFORE_NOUNS = frozenset(_DETERMINERS.split())
_PASTS = dict(pair.split(":") for pair in _PAST_AND_BASE.split())
_PLAIN_VERBS = frozenset(_COMMON_VERBS.split())

# Stems of a past tense that lose an e: those of one short syllable (a stop would be doubled), and common endings.
_SILENT = re.compile(
    "^[^aeiou]*[aeiou][^aeiouwxy]$|(?:[cvuz]|(?<!c)[iou]s|[^eo]at|creat|[dr]g|ang|[bcdfgkpt]l|[^ao]ir|[^o]ur"
    "|[^eo]ar|[ln]or|[^aeo]in|[^ao]id|[^o]ud|[^e]ad|(?:ib|ec|it|l)ut|mot|[io]k|om)$"
)


def _base_of_past(verb: str) -> str | None:
    if verb in _PASTS:
        return _PASTS[verb]
    stem = verb.removesuffix("ed")
    if stem == verb or len(stem) < 2 or stem.endswith("e"):
        return None
    if stem.endswith("i"):
        return stem[:-1] + "y"
    if stem[-1] == stem[-2] and stem[-1] not in "lsz":
        return stem[:-1]
    return stem + "e" if _SILENT.search(stem) else stem


def _base_of_present(verb: str) -> str | None:
    if verb == "has":
        return "have"
    if not re.search(r"[^su]s$", verb) or len(verb) < 4:
        return None
    if re.search(r"(?:sh|ch|ss|x|zz|o|cus)es$", verb):
        return verb[:-2]
    return verb[:-3] + "y" if verb.endswith("ies") else verb[:-1]


def _past_of(verb: str) -> str:
    for past, base in _PASTS.items():
        if base == verb:
            return past
    if re.search(r"[^aeiou]y$", verb):
        return verb[:-1] + "ied"
    doubled = verb[-1:] if re.search(r"^[^aeiou]*[aeiou][^aeiouwxy]$", verb) else ""
    return verb + doubled + ("d" if verb.endswith("e") else "ed")


def _present_of(verb: str) -> str:
    if verb == "have":
        return "has"
    if re.search(r"[^aeiou]y$", verb):
        return verb[:-1] + "ies"
    return verb + ("es" if re.search(r"(?:s|sh|ch|x|z|o)$", verb) else "s")


def _affirmed(found: re.Match[str]) -> str:
    if found["verb"]:
        make = {"does": _present_of, "did": _past_of}.get(found["do"], str)
        return make(found["verb"])
    return found["can"] or found["be"] or "will"


def _with_do(verb: str) -> str | None:
    past, present = _base_of_past(verb), _base_of_present(verb)
    if past or present:
        return f"did not {past}" if past else f"does not {present}"
    return f"do not {verb}" if verb in _PLAIN_VERBS else None


def negated(sentence: str) -> str | None:
    """Turn a plain sentence into its negation, and a negated one back; None where it finds no verb."""
    if _NEGATED.search(sentence):
        return _NEGATED.sub(_affirmed, sentence, count=1)
    aside = _ASIDE.match(sentence)
    start = aside.end() if aside else 0
    words = list(_VERB.finditer(sentence, start))
    for found in words:
        if found["be"]:
            put = "cannot" if found["be"] == "can" else f"{found['be']} not"
            return sentence[: found.start()] + put + sentence[found.end() :]
    for found in words:
        before = sentence[: found.start()].split()[-1].lower()
        put_do = None if before in _BEFORE_NOUNS else _with_do(found["verb"])
        if put_do:
            return sentence[: found.start()] + put_do + sentence[found.end() :]
    return None
