"""Judging a review by rules: a lexicon, and four skills that may be on or off.

negation turns a word round within its scope; contrast lets what follows the turn of a sentence win; sarcasm
sees through hollow praise and mock complaint; mixed lets the stated verdict outweigh the rest. Without the last
two, the first impression stays the strongest.
"""

from __future__ import annotations

import re

from lab.practice.kind import any_of
from lab.practice.kinds.sentiment_words import weight

SKILLS = frozenset({"negation", "contrast", "sarcasm", "mixed"})

_TOKEN = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*|[,:()–—]")
_SENTENCE = re.compile(r"[.!?;]+(?:\s+|$)|\s--\s|\n+")
_PIVOT = re.compile(r"\b(?:but|however|yet|nevertheless|nonetheless)\b")
_CONCESSION = re.compile(
    r"^\W*(?:although|though|even though|even if|despite|in spite of|while|whereas|for all)\b[^,]*,"
)
_BARE_CONCESSION = re.compile(r"^\W*(?:despite|in spite of) [^,]+?(?= (?:the|this|it|we|i|they)\b)")
_LATE_CONCESSION = re.compile(r"\b(?:although|though|even though|despite|in spite of)\b")
_NEGATOR = re.compile(
    r"^(?:not|no|never|nothing|nobody|none|nor|neither|hardly|barely|scarcely|without|lacks?|lacking|cannot|.*n't)$"
)
_EMPHATIC = re.compile(r"\b(?:at all|in the least|in any way|the slightest|by any means)\b")
# As superlatives these praise or blame by the word that follows, and negate nothing.
_OUTDONE = re.compile(r"\b(?:could|can)(?:n't| ?not) (?:be|have been) (?:any )?(?=\w+er\b|more |worse\b)")
_SCOPE_ENDS = frozenset({",", ":", "(", ")", "–", "—", "and", "but", "because", "so"})
_SCOPE_LASTS = frozenset({"or"})
_SCOPE_WORDS = 7

_IDIOMS: tuple[tuple[re.Pattern[str], float], ...] = tuple(
    (re.compile(pattern), value)
    for pattern, value in (
        (r"\b(?:be|come|came|go|going) back\b(?! to)|\bhappily return|\bwill return|\b(?:go|stay) again"
         r"|\bbuy (?:it|one|them|this) again", 2.0),
        (r"\brecommend\w*", 1.5),
        (r"\b(?:well )?worth\b(?! less)|\bmoney well spent|: read it\b|\bon the whole, go\b", 1.5),
        (r"\bmust[- ](?:see|read|have|buy)|\bhidden gem|\btop[- ]notch|\bfirst[- ]rate|\bsecond to none", 2.0),
        (r"\bmade up for|\bbeats? the\b|\bto beat\b", 1.0),
        (r"\bnever again|\bsent it back|\bfell asleep|\bwant my money|\bask\w* for (?:a refund|my money)", -2.0),
        (r"\bstay away|\bsteer clear|\btoo (?:long|much|many|loud|sweet|salty|slow|small|expensive)\b", -1.5),
        (r"\bstopped working|\bin the garage|\buninstalled|\bskip it|\bfell (?:apart|off)|\bgave up", -1.5),
        (r"\b(?:could have been|should have been|would-be|wannabe|little else|falls? (?:short|apart|flat))", -1.5),
    )
)  # fmt: skip
# Seen through only by a reader who minds negation; another one reads the words that are in them.
_NEGATED_IDIOMS: tuple[tuple[re.Pattern[str], float], ...] = tuple(
    (re.compile(pattern), value)
    for pattern, value in (
        (r"(?:could|can)(?:n't| ?not) (?:\w+ )?(?:put (?:it|this|the book) down|stop)\b", 3.0),
        (r"(?:can't|cannot|couldn't|could not) (?:fault|complain)|\bno complaints|\bnothing to complain", 3.0),
        (r"\b(?:do not|don't) (?:miss|hesitate)\b|\bnot only\b", 2.0),
        (r"\bnothing (?!was|is|in|about)\w+ (?:as|so) \w+", 2.0),
        (r"\b(?:do not|don't) (?:bother|waste|buy|expect|see|watch|go)\b|\b(?:not|n't) (?:be )?worth", -3.0),
        (r"\b(?:not|n't) (?:\w+ ){0,2}(?:return|come back|stay again|go back)|\b(?:not|n't|never) work\w*", -2.0),
    )
)  # fmt: skip

_HOLLOW = any_of(
    r"\boh,? (?:great|good|wonderful|joy|lovely|brilliant|fantastic|perfect)|\bbravo\b|slow clap",
    r"\bwhat a (?:treat|joy|surprise|pleasure)[:,]|\b(?:great|brilliant|genius|smart|clever) (?:idea|move) to\b",
    r"\bi (?:just |really |do |so |simply )*(?:love|adore|enjoy)(?:ed)? (?:paying|waiting|being|how|when|getting"
    r"|listening|spending|standing|queu\w+)",
    r"\bcongrat|\bwho (?:doesn't|does not|wouldn't) (?:love|like|want|enjoy)|\bgenius, really|\byeah,? right",
    r"\bif you (?:enjoy|like|love|are into|fancy) \w+ing|\bif your idea of|\bsure, (?:because|why)|\bso-called",
    r"\bthanks (?:(?:so much|a lot|a million) )?for (?:the|nothing|making|breaking|ruining|losing|wasting)",
    r"\b(?:five|5|ten|four|full) (?:stars|marks|points) for|\bmy favou?rite (?:part|bit|moment)\b|\bit only took",
    r"\bfor (?:anyone|people|those) who (?:likes?|loves?|enjoys?|wants?) (?:to )?(?:sleep|wait|pay|be|watch|queue)",
    r"\bnothing says|\blucky me|\bsilly me|\bhow (?:thoughtful|generous|kind|clever) of|\ban award for",
    r"\b(?:exactly|just) what (?:i|we) needed|watching paint dry|\ballergic to|[\"“]luxury|\btruly impressive how",
    r"\bhats off to|\bwell done (?:for|on)\b|\btop marks for",
)
_MOCK = any_of(
    r"\baddict(?:ed|ion)|could(?:n't| not) stop|\b(?:until|was) dawn|\b(?:two|three|four) in the morning",
    r"missed? my (?:stop|train|bus)|(?:cost|lost|stole|stolen) (?:me )?(?:a|my|all my|my whole) "
    r"(?:night|sleep|weekend|evening)",
    r"\bcurse (?:this|you|them)|i blame the|(?:trousers|jeans|clothes) no longer fit|\bmy (?:diet|waistline) is",
    r"\bevil (?:\w+ ){0,2}(?:rolls?|cakes?|makers?|genius)",
)
_VERDICT = any_of(
    r"\boverall\b|\ball in all|\bon balance|\bin the end\b|\b(?:as|on) (?:a|the) whole|\bbottom line|\bverdict\b",
    r"\bsumming up|\ball things considered|\bwhen all is said|\bto sum up|\bin short\b|\bin sum\b|\bin total\b",
    r"\bwould (?:\w+ )?(?:return|come back|go again|buy|recommend)|^still,|\bat the end of the day|\bin conclusion",
)
_REVIEWED = re.compile(
    r"\b(?:film|movie|book|novel|story|plot|cast|actor|acting|director|scene|song|album|hotel|room|bed|breakfast"
    r"|food|meal|soup|pizza|coffee|waiter|restaurant|battery|sound|staff|seat|tour|chapter|author|game|museum"
    r"|comedy|drama|thriller|performance|script|stay|star|review|kettle|ending|sequel|humou?r|picture"
    r"|setup|pop-up|ad|lag)s?\b|\bworth\b|\bput it down|\bread it\b"
)

# Charged words that no review needs: they are as common in letters and tickets.
_EVERYDAY = re.compile(
    r"(?:please|thank|share|help|ok|yes|free|number|save|want|wish|problem|error|wrong|crash|bug|broken|mistake|fail"
    r"|trouble|stop|secur|support|charg|debt|cancel|pay|strange|ask|miss|dear|friend|kind|regards|hello|party|care"
    r"|agree)\w*$"
)


def _word_score(segment: str, negation: bool) -> float:
    total = 0.0
    scope = 0
    turned = -1.6 if _EMPHATIC.search(segment) else -0.8
    for token in _TOKEN.findall(segment):
        if token in _SCOPE_ENDS:
            scope = 0
        elif _NEGATOR.match(token):
            scope = _SCOPE_WORDS if negation else 0
        elif token in _SCOPE_LASTS and scope > 0:
            scope = _SCOPE_WORDS
        else:
            value = weight(token)
            total += turned * value if scope > 0 else value
            scope -= 1
    return total


def _segment_score(segment: str, negation: bool) -> float:
    total = 0.0
    rest = re.sub(r", (?=n?or\b)", " ", _OUTDONE.sub("so ", segment))
    for pattern, value in (*(_NEGATED_IDIOMS if negation else ()), *_IDIOMS):
        found = pattern.search(rest)
        if found:
            negated = negation and re.search(r"(?:\bnot|\bcannot|n't|\bnever) (?:\w+ )?$", rest[: found.start()])
            total += -value if negated else value
            rest = rest[: found.start()] + " , " + rest[found.end() :]
    return total + _word_score(rest, negation)


def _turned(sentence: str) -> tuple[str, str] | None:
    """Split a sentence where it turns: what is conceded, what is held against it."""
    conceded = _CONCESSION.match(sentence) or _BARE_CONCESSION.match(sentence)
    if conceded:
        return conceded.group(), sentence[conceded.end() :]
    if pivots := list(_PIVOT.finditer(sentence)):
        return sentence[: pivots[-1].start()], sentence[pivots[-1].end() :]
    late = _LATE_CONCESSION.search(sentence)
    return (sentence[late.end() :], sentence[: late.start()]) if late else None


def _plain(text: str) -> str:
    return text.lower().replace("’", "'")


def _split(low: str) -> list[str]:
    return [part for part in _SENTENCE.split(low) if part.strip()]


def _score_parts(parts: list[str], on: frozenset[str]) -> list[float]:
    scores: list[float] = []
    for part in parts:
        turned = _turned(part)
        if turned is None:
            scores.append(_segment_score(part, "negation" in on))
            continue
        before, after = (_segment_score(side, "negation" in on) for side in turned)
        if "contrast" not in on:
            scores.append(before + 0.25 * after)
        elif after:
            scores = [0.3 * score for score in scores]
            scores.append(0.2 * before + 1.5 * after)
        else:
            # Nothing readable after the turn: it still turns against what was said before.
            scores.append(-0.3 * before)
    return scores


def score(text: str, on: frozenset[str]) -> float:
    """Return the feeling of a review, above 0 for positive, as seen with the skills that are on."""
    low = _plain(text)
    if "sarcasm" in on:
        if _MOCK.search(low):
            return 3.0
        if _HOLLOW.search(low):
            return -3.0
    parts = _split(low)
    scores = _score_parts(parts, on)
    verdicts = [_VERDICT.search(part) is not None for part in parts]
    if "mixed" in on and any(verdicts):
        return sum((4.0 if said else 0.2) * value for said, value in zip(verdicts, scores, strict=True))
    if any(verdicts):
        return sum(0.6**place * value for place, value in enumerate(scores))
    return sum(scores)


def needs(text: str) -> frozenset[str]:
    """Name the skills without which a review is misjudged; where none is alone in that, those it has signs of."""
    feeling = score(text, SKILLS)
    if not feeling:  # a review that says nothing either way is misjudged by none
        return frozenset()
    alone = frozenset(skill for skill in SKILLS if score(text, SKILLS - {skill}) * feeling <= 0)
    return alone or (_signs(_plain(text)) if score(text, frozenset()) * feeling <= 0 else alone)


def _signs(low: str) -> frozenset[str]:
    parts = _split(low)
    signs = {
        "sarcasm": bool(_HOLLOW.search(low) or _MOCK.search(low)),
        "negation": any(_segment_score(part, True) != _segment_score(part, False) for part in parts),
        "contrast": any(_turned(part) for part in parts),
        "mixed": len(parts) > 1 and any(_VERDICT.search(part) for part in parts),
    }
    return frozenset(skill for skill, there in signs.items() if there)


def evidence(text: str) -> int:
    """Count the signs that a text is a review: clear opinions, things reviewed, and turns of a reviewer."""
    if len(text.split()) < 2:
        return 0
    low = _plain(text)
    opinions = sum(abs(weight(token)) >= 0.5 and not _EVERYDAY.match(token) for token in set(_TOKEN.findall(low)))
    told = sum(bool(sign.search(low)) for sign in (_HOLLOW, _MOCK, _VERDICT))
    return min(3, opinions) + min(2, len(set(_REVIEWED.findall(low)))) + told
