"""Judging a review by rules: a lexicon, and four skills that may be on or off.

negation turns a word round within its scope; contrast lets what follows the turn of a sentence win; sarcasm
sees through hollow praise and mock complaint; mixed lets the stated verdict outweigh the rest.
"""

from __future__ import annotations

import re

from lab.practice.lexicon import weight

_TOKEN = re.compile(r"[a-z]+(?:['’-][a-z]+)*|[,:()–—]")
_SENTENCE = re.compile(r"[.!?;]+(?:\s+|$)|\s--\s|\n+")
_PIVOT = re.compile(r"\b(?:but|however|yet|nevertheless|nonetheless)\b")
_CONCESSION = re.compile(
    r"^\W*(?:although|though|even though|even if|despite|in spite of|while"
    r"|whereas)\b[^,]*,"
)
_NEGATOR = re.compile(
    r"^(?:not|no|never|nothing|nobody|none|nor|neither|hardly|barely|scarcely|without|lacks?|lacking"
    r"|cannot|.*n['’]t)$"
)
_SCOPE_ENDS = frozenset({",", ":", "(", ")", "–", "—", "and", "but", "because", "so"})
_SCOPE_WORDS = 7

_IDIOMS: tuple[tuple[re.Pattern[str], float], ...] = tuple(
    (re.compile(pattern), value)
    for pattern, value in (
        (r"\b(?:be|come|came|go|going) back\b(?! to)|\bhappily return|\bwill return|\bgo again"
        r"|\bbuy it again", 2.0),
        (r"\brecommend", 1.5),
        (r"(?<!not )(?<!n't )(?<!hardly )\b(?:well )?worth\b(?! less)|\bread it\b|\bmoney well spent"
        r"|\bon the whole, go\b", 1.5),
        (r"\bmust[- ](?:see|read|have|buy)|\bhidden gem|\btop[- ]notch|\bfirst[- ]rate", 2.0),
        (r"\bmade up for|\bbeat(?:s)? the\b|\bto beat\b", 1.0),
        (r"\bnot (?:\w+ )?(?:return|come back|stay again|go back)|\bnever again|\bsent it back"
        r"|\bfell asleep", -2.0),
        (r"\bstay away|\bsteer clear|\btoo (?:long|much|many|loud|sweet|salty|slow|small|expensive)\b", -1.5),
        (r"\b(?:do|does|did) not work\b|\b(?:don't|doesn't|didn't) work\b|\bstopped working"
        r"|\bin the garage", -1.5),
        (r"\b(?:not|n't) worth|\b(?:do not|don't) (?:see|watch|buy|bother|waste|go)\b", -2.0),
        (r"\b(?:could have been|should have been|would-be|wannabe|little else|falls? (?:short|apart"
        r"|flat))", -1.5),
    )
)  # fmt: skip
# Seen through only by a reader who minds negation.
_NEGATED_IDIOMS: tuple[tuple[re.Pattern[str], float], ...] = tuple(
    (re.compile(pattern), value)
    for pattern, value in (
        (r"(?:could|can)(?:n't| not) (?:\w+ )?(?:put (?:it|this|the book) down|stop|be (?:better|happier"
        r"|sweeter))", 3.0),
        (r"(?:can't|cannot|couldn't|could not) (?:fault|complain)|\bno complaints"
        r"|\bnothing to complain", 3.0),
        (r"\b(?:do not|don't) (?:miss|hesitate)\b|\bnot only\b", 2.0),
        (r"\b(?:do not|don't) (?:bother|waste|buy|expect)\b", -3.0),
    )
)  # fmt: skip

_HOLLOW = re.compile(
    r"\boh,? (?:great|good|wonderful|joy|lovely|brilliant)|\bbravo\b|slow clap|\bwhat a (?:treat|joy"
    r"|surprise|pleasure)[:,]"
    r"|\bi (?:just |really |do |so )?(?:love|adore|enjoy)(?:ed)? (?:paying|waiting|being|how|when|getting"
    r"|listening|spending)"
    r"|\bcongrat|\bwho (?:doesn't|does not|wouldn't) (?:love|like|want|enjoy)|\b(?:brilliant|great"
    r"|genius) (?:idea|move) to\b"
    r"|\bgenius, really|\bif you (?:enjoy|like|love|are into|fancy) \w+ing|\byeah,? right"
    r"|\bsure, (?:because|why)|\bso-called"
    r"|\bthanks (?:so much |a lot |ever so much |a million )?for (?:the|nothing|making|breaking|ruining"
    r"|losing|wasting)"
    r"|\bif your idea of|\b(?:five|5|ten|four|full) (?:stars|marks|points) for|\bmy favou?rite (?:part|bit"
    r"|moment)\b"
    r"|\bit only took|\bfor (?:anyone|people|those) who (?:likes?|loves?|enjoys?|wants?) (?:to )?(?:sleep"
    r"|wait|pay|be|watch|queue)"
    r"|\bnothing says|\blucky me|\bsilly me|\bhow (?:thoughtful|generous|kind|clever) of|\b(?:exactly"
    r"|just) what (?:i|we) needed"
    r"|watching paint dry|\ban award for|\ballergic to|[\"“]luxury|\btruly impressive how|\bhats off to"
    r"|\bwell done for"
)
_MOCK = re.compile(
    r"\baddict|could(?:n't| not) stop|\b(?:until|was) dawn|\b(?:two|three|four) in the morning"
    r"|missed? my stop"
    r"|(?:cost|lost|stole) (?:me )?(?:a|my|all my) (?:night|sleep|weekend|evening)|\bcurse (?:this|you"
    r"|them)|i blame the"
)
_VERDICT = re.compile(
    r"\boverall\b|\ball in all|\bon balance|\bin the end\b|\b(?:as|on) (?:a|the) whole|\bbottom line"
    r"|\bverdict\b|\bsumming up"
    r"|\ball things considered|\bwhen all is said|\bto sum up|\bin short\b|\bwould (?:\w+ )?(?:return"
    r"|come back|go again|buy|recommend)"
    r"|^still,|\bat the end of the day"
)
_REVIEWED = re.compile(
    r"\b(?:film|movie|book|novel|story|plot|cast|actor|acting|director|scene|show|song|album|hotel|room"
    r"|bed|breakfast|food|meal"
    r"|soup|pizza|coffee|waiter|restaurant|menu|app|phone|battery|screen|sound|camera|staff|service"
    r"|delivery|seat|tour|price"
    r"|guide|chapter|page|author|game|museum|comedy|drama|thriller|performance|script|stay|order(?:ing)?"
    r"|parcel|star|review|kettle|pie|setup|picture|ending|acting)s?\b"
    r"|\bput it down|\bread it\b"
)


def _word_score(segment: str, negation: bool) -> float:
    total = 0.0
    scope = 0
    for token in _TOKEN.findall(segment):
        if token in _SCOPE_ENDS:
            scope = 0
        elif _NEGATOR.match(token):
            scope = _SCOPE_WORDS if negation else 0
        else:
            value = weight(token)
            total += -0.8 * value if scope > 0 else value
            scope -= 1
    return total


def _segment_score(segment: str, negation: bool) -> float:
    total = 0.0
    rest = segment
    for pattern, value in (*(_NEGATED_IDIOMS if negation else ()), *_IDIOMS):
        found = pattern.search(rest)
        if found:
            negated = negation and re.search(r"(?:\bnot|\bcannot|n't|\bnever) (?:\w+ )?$", rest[: found.start()])
            total += -value if negated else value
            rest = rest[: found.start()] + " , " + rest[found.end() :]
    return total + _word_score(rest, negation)


def _turned(sentence: str) -> tuple[str, str] | None:
    """Splits a sentence where it turns: what is conceded, what is held against it."""
    conceded = _CONCESSION.match(sentence)
    if conceded:
        return conceded.group(), sentence[conceded.end() :]
    pivots = list(_PIVOT.finditer(sentence))
    if not pivots:
        return None
    return sentence[: pivots[-1].start()], sentence[pivots[-1].end() :]


def _split(text: str) -> list[str]:
    return [part for part in _SENTENCE.split(text.lower().replace("’", "'")) if part.strip()]


def _score_parts(parts: list[str], on: frozenset[str]) -> list[float]:
    scores: list[float] = []
    for part in parts:
        turned = _turned(part)
        if turned is None:
            scores.append(_segment_score(part, "negation" in on))
            continue
        before, after = (_segment_score(side, "negation" in on) for side in turned)
        if "contrast" not in on:
            # A hasty reader keeps the first impression.
            scores.append(before + 0.4 * after)
        elif after:
            scores = [0.3 * score for score in scores]
            scores.append(0.2 * before + 1.5 * after)
        else:
            # Nothing readable after the turn: it still turns against what was said before.
            scores.append(-0.3 * before)
    return scores


def score(text: str, on: frozenset[str]) -> float:
    """Gives the feeling of a review, above 0 for positive, as seen with the skills that are on."""
    low = text.lower().replace("’", "'")
    if "sarcasm" in on:
        if _MOCK.search(low):
            return 3.0
        if _HOLLOW.search(low):
            return -3.0
    parts = _split(text)
    scores = _score_parts(parts, on)
    if "mixed" in on and any(_VERDICT.search(part) for part in parts):
        return sum(
            (4.0 if _VERDICT.search(part) else 0.2) * value for part, value in zip(parts, scores, strict=True)
        )
    return sum(scores)


def needs(text: str) -> frozenset[str]:
    """Names the skills that a review cannot be judged without."""
    low = text.lower().replace("’", "'")
    parts = _split(text)
    found = set()
    if _HOLLOW.search(low) or _MOCK.search(low):
        found.add("sarcasm")
    if any(_segment_score(part, True) != _segment_score(part, False) for part in parts):
        found.add("negation")
    if any(_turned(part) for part in parts):
        found.add("contrast")
    if len(parts) > 1 and any(_VERDICT.search(part) for part in parts):
        found.add("mixed")
    return frozenset(found)


def evidence(text: str) -> int:
    """Counts the signs that a text is a review at all."""
    low = text.lower()
    words = sum(1 for token in set(_TOKEN.findall(low)) if weight(token))
    return words + len(set(_REVIEWED.findall(low))) + bool(_HOLLOW.search(low) or _VERDICT.search(low))
