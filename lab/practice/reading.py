"""Reading an instruction: which task it sets, which skills it switches on, and what in it does harm.

Nothing here is a magic string: every skill is recognised by many stems and phrases, sentence by sentence,
in instructions and in critiques alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Kind = Literal["sentiment", "triage"]

LABELS: dict[Kind, tuple[str, ...]] = {
    "sentiment": ("positive", "negative"),
    "triage": ("access", "billing", "bug", "feature", "question"),
}
SKILLS: dict[Kind, tuple[str, ...]] = {
    "sentiment": ("negation", "contrast", "sarcasm", "mixed", "format"),
    "triage": ("definitions", "precedence", "current", "wishes", "format"),
}
LONG_WORDS = 220


@dataclass(frozen=True)
class Reading:
    """What an instruction asks for; `denied` are skills it asks to leave alone, `harms` what misleads."""

    kind: Kind | None
    on: frozenset[str]
    denied: frozenset[str]
    harms: frozenset[str]
    names_labels: bool
    order: tuple[str, ...]
    always: str | None
    n_words: int


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


_QUOTE = r"[\"'“‘`]"
_NOT = r"(?:\bnot\b|n't\b|\bnever\b|\bno\b|\bhardly\b)"
_TURN = (
    r"(?:flip|revers|invert|opposite|turn(?:s|ing)? (?:around|it|them|the|praise|criticism)|upside down"
    r"|chang\w* (?:the |its |their )?(?:meaning|sense)|switch)"
)
_BUT = r"\b(?:but|however|although|though|yet)\b"
_CLASS = r"(?:access|billing|bug|feature|question)"

_FORMAT = _any(
    r"\b(?:one|single|1)[- ](?:lower[- ]?case )?(?:word|label|token|term)",
    r"\b(?:only|just|solely|nothing but)\b.{0,30}\b(?:label|word|class|category|name)\b",
    r"\b(?:label|word|name|category|class)\b.{0,15}\b(?:alone|only|by itself)\b",
    rf"\b(?:only|just|exactly|nothing but) (?:with |say |write |one of )?{_QUOTE}?(?:positive|{_CLASS})\b",
    r"nothing else|\bnothing (?:more|before|after)|\bno (?:more|other|extra|further|additional)\b",
    r"lower[- ]?case|\bexactly\b|\bbare\b|\bone[- ]worded\b|\bterse",
    r"without (?:any )?(?:explan|comment|punctuat|further|extra|reason|a sentence)",
    r"\bno (?:explan|comment|punctuat|full sentence|sentence|reason|chatter)",
    rf"{_NOT} (?:\w+ )?(?:explain|add\b|comment|write (?:a |full )?sentence|give (?:a |any )?reason)",
    r"how (?:the answer|the reply|answers|replies) (?:should|must) look|(?:answer|reply|output) format",
)

_CUES: dict[Kind, dict[str, re.Pattern[str]]] = {
    "sentiment": {
        "negation": _any(
            r"negat(?!ive|ivity)|double negativ",
            rf"{_NOT}.{{0,90}}{_TURN}|{_TURN}.{{0,90}}{_NOT}",
            r"\bnot (?:\w+ )?(?:bad|good|great|terrible|happy|boring|funny)\b|(?:isn't|wasn't) (?:bad|good)",
            rf"words? (?:like |such as |as )?{_QUOTE}(?:not|never|no|n't|hardly|without)\b",
            rf"{_QUOTE}(?:not|never|n't){_QUOTE}",
        ),
        "contrast": _any(
            r"contrast|concession|turning point|change of direction",
            r"\b(?:last|final|second|closing|later) (?:clause|half|part)",
            rf"\b(?:after|follow\w*|behind|past|beyond)\b.{{0,25}}{_BUT}",
            rf"{_QUOTE}(?:but|however|yet|although|though)\b",
            rf"{_BUT}.{{0,40}}\b(?:wins?|counts?|decid\w+|matters?|prevails?|(?:out)?weighs?|overrid\w+"
            rf"|comes)\b",
        ),
        "sarcasm": _any(
            r"sarcas|\biron(?:y|ic)|mocking|mockery|exaggerat|tongue.in.cheek|insincer|facetious|\bjoking",
            r"opposite of what|face value|(?:fake|false|feigned|hollow) (?:praise|compliment)|literal"
            r"|pretend",
            r"praise .{0,30}(?:terrible|bad|absurd|unpleasant) (?:event|fact|thing|experience)",
        ),
        "mixed": _any(
            r"overall|\bmixed\b|on balance|verdict|\bin the end\b|\bsum(?:s|ming)? up|pros and cons|outweigh",
            r"both (?:good and bad|praise and|sides|positive and negative|likes and)|\bconclu|as a whole",
            r"final (?:judg\w+|opinion|impression|feeling|recommendation)|net impression|bottom line",
            r"would (?:recommend|return|come back|buy)|weigh\w* (?:the |up |good|all|everything)",
        ),
        "format": _FORMAT,
    },
    "triage": {
        "definitions": _any(
            r"\bdefin\w+|what (?:each|the|every) (?:\w+ )?(?:class|label|categor|name)\w* (?:mean|cover"
            r"|stand|incl)",
            r"(?:class|label|categor)\w* (?:mean|cover|stand for|include)|belongs? (?:to|in"
            r"|under) (?:which|what)",
            r"which topics|meaning of (?:the|each)",
        ),
        "precedence": _any(
            r"preceden|priorit|\brank|outrank|in (?:this|that) order|tie-?break|takes? the lead",
            r"(?:several|more than one|two or more|many|multiple|both|two)\b.{0,40}"
            r"(?:appl|fit|match|problem|topic|class|label|categor|issue|subject|thing)",
            rf"\b{_CLASS}\b.{{0,30}}(?:before|over|beats?|outranks?|ahead of|wins?|first"
            rf"|>).{{0,30}}\b{_CLASS}\b",
            r"first (?:that|one that|match\w*|in (?:the|this) list)|most (?:urgent|serious|severe)",
        ),
        "current": _any(
            r"\b(?:solved|settled|resolved|fixed|dealt with|over and done|finished|repaired)\b",
            r"(?:past|earlier|old|former|previous|closed) (?:\w+ )?(?:problem|issue|trouble|ticket|matter"
            r"|case|event)",
            r"(?:still|currently|remains?) (?:open|unsolved|wrong)|unsolved|unresolved|\bcurrent\b"
            r"|background",
            r"(?:needs?|wants?|asks?(?: for)?|bothers them|problem of) (?:right )?(?:now|today)|history",
        ),
        "wishes": _any(
            r"disguis|dressed (?:up )?as|in truth a wish",
            r"(?=.*(?:wish|missing|lack|absen|no way to|never (?:had|exist|was|been)|not (?:yet )?exist"
            r"|something new"
            r"|not (?:yet )?(?:there|offer)))(?=.*(?:bug|broken|error|fault|complain|angr))"
            r"(?=.*(?:even (?:if|when|though)|\bcall|\bnamed?\b|though|despite|not an? (?:bug|error)"
            r"|rather than"
            r"|no matter|\bword|phras|complain|mistak))",
        ),
        "format": _FORMAT,
    },
}

_TOPICS: dict[str, re.Pattern[str]] = {
    "access": _any(r"sign(?:ing)?[- ]in|log(?:ging)?[- ]?in|password|locked|security|hacked|getting in"),
    "billing": _any(r"money|\bpay|charge|invoice|refund|\bprice|subscription"),
    "bug": _any(r"broken|\berrors?\b|crash|wrong|not work|fault|malfunction|misbehav|fails"),
    "feature": _any(r"wish|something new|missing|suggest|improve|not yet|ideas?\b|does not exist"),
    "question": _any(r"how[- ]to|anything else|everything else|the rest|praise|asks? how|general|other"),
}

_IGNORE = re.compile(
    r"(?<!not )(?<!n't )(?<!never )\b(?:ignor\w+|disregard\w*|overlook\w*|pay no attention to|forget about"
    r"|(?:do not|don't|never) (?:mind|care about|consider|look for|worry about))\b.{0,40}"
)
_DENIABLE = frozenset({"negation", "contrast", "sarcasm", "mixed", "definitions", "wishes"})
_LITERAL = re.compile(r"literal|face value")
_REFUSED = re.compile(r"\b(?:no|not|never|without|avoid|instead|less|ignore\w*|skip)\b|n't\b")
_FIRST = re.compile(
    r"first (?:impression|sentence|clause|half|words?|part)\b.{0,40}(?:decid|counts?|matters?|wins?)"
    rf"|\bbefore (?:the |a )?{_QUOTE}?but\b.{{0,20}}(?:decid|counts?|matters?|wins?)"
)
_HARMS: dict[str, re.Pattern[str]] = {
    "explain": _any(
        r"\bexplain|explanation|\breasons?\b|reasoning|justif|step by step|in detail|elaborat|think aloud"
        r"|full sentence|write (?:a )?(?:poem|haiku|story|essay|summary|paragraph)"
    ),
    "unsure": _any(r"\bunsure|\bunclear|ambiguous|uncertain|hard to tell"),
    "surface": _any(
        r"exclamation|length of|how long|\bnumber of\b|longer (?:texts|reviews|tickets)|\bcount the"
        r"|(?:\btone|\banger|angriest|angry|polite\w*|\bmood)\b.{0,40}(?:decid|counts?|matters?|choos|sort"
        r"|show)"
    ),
    "swap": _any(r"\bswap|opposite (?:label|word|answer)|revers\w* (?:the )?(?:label|answer)"),
}
_ALWAYS = re.compile(
    r"\balways (?:\w+ ){0,3}[\"'“‘]?(positive|negative|access|billing|bug|feature"
    r"|question)\b"
)

_KIND_WORDS: dict[Kind, tuple[tuple[str, int], ...]] = {
    "sentiment": (
        (r"\bpositive", 2), (r"\bnegative", 2), (r"sentiment", 2), (r"\breview", 2), (r"favou?rabl", 2),
        (r"\bopinion", 1), (r"\b(?:film|movie|restaurant|hotel)", 1), (r"\b(?:like|dislike)s?\b", 1),
        (r"\bmood|\btone\b|\bfeel", 1), (r"\bcritic\b|\breviewer", 1), (r"\bpraise", 1), (r"emotion", 1),
    ),
    "triage": (
        (r"\bticket", 2), (r"\btriage", 2), (r"\bsupport\b", 2), (r"\bbilling", 2), (r"\bbugs?\b", 2),
        (r"help ?desk", 2), (r"\binbox", 1), (r"\bcustomer", 1), (r"\baccess\b", 1), (r"\bfeature", 1),
        (r"\bquestion\b", 1), (r"\bqueue|\bdepartment|\broute\b", 1), (r"\binvoice|\brefund", 1),
        (r"\blog(?:ging)?[- ]?in\b|\bsign(?:ing)?[- ]in\b", 1),
    ),
}  # fmt: skip
_KINDS: dict[Kind, tuple[tuple[re.Pattern[str], int], ...]] = {
    kind: tuple((re.compile(pattern), weight) for pattern, weight in words) for kind, words in _KIND_WORDS.items()
}


def sentences(text: str) -> tuple[str, ...]:
    """Splits text at line ends and after closing punctuation; what is between is kept as it is."""
    return tuple(part for part in re.split(r"(?<=[.!?;])[\"'”’)]*\s+|\n+", text) if part.strip())


def kind_of(instruction: str) -> Kind | None:
    """Says which task an instruction sets by the words it names; None when it names neither or both alike."""
    low = instruction.lower()
    score = {kind: sum(w for cue, w in cues if cue.search(low)) for kind, cues in _KINDS.items()}
    best: Kind = "sentiment" if score["sentiment"] > score["triage"] else "triage"
    other: Kind = "triage" if best == "sentiment" else "sentiment"
    return best if score[best] >= 2 and score[best] > score[other] else None


def mentions(sentence: str, kind: Kind) -> frozenset[str]:
    """Names the skills that a sentence speaks of, for or against."""
    low = sentence.lower()
    return frozenset(skill for skill, cue in _CUES[kind].items() if cue.search(low))


def _denials(low: str, kind: Kind, spoken: frozenset[str]) -> frozenset[str]:
    denied: set[str] = set()
    ignored = _IGNORE.search(low)
    if ignored and "before" not in low:
        denied |= mentions(ignored.group(), kind) & _DENIABLE
    if kind == "sentiment":
        if _LITERAL.search(low) and not _REFUSED.search(low):
            denied.add("sarcasm")
        if _FIRST.search(low) and not _REFUSED.search(low):
            denied |= {"contrast", "mixed"}
    return frozenset(denied)


def harms_in(sentence: str) -> frozenset[str]:
    """Names what in a sentence misleads, unless the sentence warns against it."""
    low = sentence.lower()
    return frozenset(
        harm
        for harm, cue in _HARMS.items()
        if (found := cue.search(low)) and not _REFUSED.search(low[: found.start()])
    )


def _order(parts: list[str], low: str) -> tuple[str, ...]:
    """Gives the classes in the order the instruction ranks them: the rule's own order, else the list's."""
    for part in (*parts, low):
        named = tuple(dict.fromkeys(re.findall(rf"\b{_CLASS}\b", part)))
        if len(named) >= 2:
            return named + tuple(label for label in LABELS["triage"] if label not in named)
    return LABELS["triage"]


@lru_cache(maxsize=512)
def read(instruction: str, fallback: Kind | None = None) -> Reading:
    """Reads an instruction; `fallback` is the kind to assume when it names none."""
    kind = kind_of(instruction) or fallback
    low = instruction.lower()
    n_words = len(instruction.split())
    harms = frozenset[str]().union(*(harms_in(part) for part in sentences(low)))
    if kind is None:
        return Reading(None, frozenset(), frozenset(), harms, False, (), None, n_words)
    on: set[str] = set()
    denied: set[str] = set()
    ranked: list[str] = []
    for part in sentences(low):
        spoken = mentions(part, kind)
        against = _denials(part, kind, spoken)
        on |= spoken - against
        denied |= against
        if "precedence" in spoken:
            ranked.append(part)
    if kind == "triage" and sum(bool(cue.search(low)) for cue in _TOPICS.values()) >= 3:
        on.add("definitions")
    named = sum(bool(re.search(rf"\b{label}\b", low)) for label in LABELS[kind])
    always = _ALWAYS.search(low)
    return Reading(
        kind, frozenset(on), frozenset(denied), harms, named >= (2 if kind == "sentiment" else 3),
        _order(ranked, low), always.group(1) if always else None, n_words,
    )  # fmt: skip
