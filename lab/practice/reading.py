"""Reading an instruction: which kind of task it sets, which skills it switches on, and what in it does harm.

Nothing here is a magic string: every skill is recognised by many stems and phrases, sentence by sentence,
in instructions and in critiques alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lab.practice.kind import FORMAT, LONGEST_INSTRUCTION, Cue, Kind, any_of, straight
from lab.practice.kinds import KINDS
from lab.practice.kinds.own_labels import explicitly_listed, listed, listed_to_answer, own_labels
from lab.practice.remembered import remembered

__all__ = [
    "Asked",
    "Reading",
    "harms_in",
    "kind_of",
    "kind_of_labels",
    "mentions",
    "read",
    "refuses_more",
    "sentences",
]


@dataclass(frozen=True)
class Asked:
    """One sentence that speaks of a skill: `place` is how many words of the instruction come before its end."""

    skill: str
    sentence: str
    place: int
    says_what_to_do: bool


@dataclass(frozen=True)
class Reading:
    """What an instruction says to a kind of task.

    `denied` are skills it asks to leave alone, `harms` what misleads, `named` how clearly it names the kind.
    """

    kind: Kind
    asked: tuple[Asked, ...]
    denied: frozenset[str]
    harms: frozenset[str]
    refuses_more: bool
    always: str | None
    n_words: int
    named: int

    @property
    def skills(self) -> frozenset[str]:
        """The skills that some sentence speaks of."""
        return frozenset(asked.skill for asked in self.asked)


# An answer is asked for alone: said in any task, of any form.
_NO_MORE = any_of(
    r"\bnothing (?:else|more|before|after|but|around)\b|\bno (?:more|other|extra|further|additional)\b",
    r"\bwithout (?:any |a |further )?(?:\w+ )?"
    r"(?:explan|comment|punctuat|further|extra|reason|sentence|words?\b|text)",
    r"\bno (?:explan|comment|punctuat|full sentence|sentence|reason|chatter|introduc|preamble|prose|greeting)",
    r"(?:\bnot\b|n't\b|\bnever\b) (?:\w+ )?(?:explain|add\b|comment|write (?:a |full |any )?(?:sentence|word)"
    r"|give (?:a |any )?reason|chat|say (?:anything|more))",
    r"\bno (?:text|words?) (?:around|besides?|except|apart|outside)\b",
    r"\b(?:alone|by itself|on its own|bare)\b|\bskip (?:all |any )?(?:explan|comment|pleasantr)",
)
# A sentence that says what to do, rather than what to mind.
_SAYS_WHAT_TO_DO = any_of(
    r"\b(?:means?|meant|counts?|counted|decides?|wins?|outweighs?|overrides?|beats?|prevails?|rules|flips?"
    r"|revers\w+|inverts?|turns?|becomes?|stands? for|refers?|belongs?|ranks?)\b",
    r"\b(?:take|treat|sort|use|leave|go by|follow|choose|pick|convert|drop|keep|put|write|answer|reply|respond|give"
    r"|return|output|read|ignore|skip|omit|round|count|add|subtract|divide|multiply|work|show|end|start|double"
    r"|remove|move|repeat|spell|list|name|say|assume|weigh|judge|compute|calculate|think|reason|prefer|look at)\b",
    r"\b(?:capitali[sz]e|negate|reverse|is (?:written|put|turned|given|made|left))\b",
    r"=|\bis (?:a |an |the )?(?:\w+ )?(?:praise|blame|positive|negative|about|first|feature|bug|only|not)\b",
)
_DENIAL = re.compile(
    r"(?<!not )(?<!n't )(?<!never )\b(?:ignor\w+|disregard\w*|overlook\w*|pay no attention to|forget about"
    r"|(?:do not|don't|never) (?:mind|care about|consider|look for|worry about))\b.{0,40}"
)
# What is told to be ignored here comes before what counts: the skill is stated, not denied.
_STATED = re.compile(r"\bbefore\b|\bpreced(?:es|ing)\b|\bfirst (?:clause|half|part)\b")
_REFUSED = re.compile(r"\b(?:no|not|never|without|avoid|instead|less|ignore\w*|skip)\b|n't\b")
_HARMS: dict[str, Cue] = {
    "explain": any_of(
        r"\bexplain|explanation|\breasons?\b|reasoning|justif|step by step|in detail|elaborat|think aloud"
        r"|full sentence|write (?:a )?(?:poem|haiku|story|essay|summary|paragraph)"
    ),
    "unsure": any_of(r"\bunsure|\bunclear|ambiguous|uncertain|hard to tell"),
    "surface": any_of(
        r"exclamation|length of (?:the |a |each )?(?:text|review|ticket|message|note|sentence)|how long"
        r"|\bnumber of (?:strong )?words|longer (?:texts|reviews|tickets)|\bcount the words"
        r"|(?:\btone|\banger|angriest|angry|polite\w*|\bmood)\b.{0,40}(?:decid|counts?|matters?|choos|sort|show)"
    ),
    "swap": any_of(r"\bswap|opposite (?:label|word|answer)|revers\w* (?:the )?(?:label|answer)"),
}


_LONGEST_SENTENCE = 600


def sentences(text: str) -> tuple[str, ...]:
    """Split text at line ends and after closing punctuation; what is between is kept as it is."""
    parts = re.split(r"(?<=[.!?;])[\"'”’)]*+\s+|\n+", text)
    return tuple(piece for part in parts for piece in _pieces(part) if piece.strip())


def _pieces(sentence: str) -> list[str]:
    """Cut a sentence of more than 600 characters at spaces: the time to read it grows faster than its length."""
    if len(sentence) <= _LONGEST_SENTENCE:
        return [sentence]
    return re.findall(rf"\S.{{0,{_LONGEST_SENTENCE}}}(?=\s|\Z)|\S.{{0,{_LONGEST_SENTENCE}}}", sentence, re.S)


@remembered(1024)
def kind_of(instruction: str) -> Kind | None:
    """Return the kind of task that an instruction names, or of which it lists the labels; else None.

    One that names two kinds alike names none. Labels that are listed go before what the kind is called: a review
    may have to be “good” or “bad”.
    """
    instruction = instruction[:LONGEST_INSTRUCTION]
    kind = _named_kind(straight(instruction).lower())
    look = listed if kind is None else listed_to_answer if kind.labels else explicitly_listed
    labels = look(instruction)
    return kind if not labels or (kind and _is_for(kind, labels)) else own_labels(labels)


def _named_kind(low: str) -> Kind | None:
    named = sorted(((kind.named_by(low), -i) for i, kind in enumerate(KINDS)), reverse=True)
    if not named or named[0][0] < 2 or (len(named) > 1 and named[1][0] == named[0][0]):
        return None
    return KINDS[-named[0][1]]


def _is_for(kind: Kind, labels: tuple[str, ...]) -> bool:
    """Return whether labels that are listed are those of a kind, others beside them or not: one says little."""
    given = {label.casefold() for label in labels}
    known = given & set(kind.labels)
    return len(known) > 1 or known == given


def _are_of(labels: tuple[str, ...], kind: Kind) -> bool:
    return {label.casefold() for label in labels} <= set(kind.labels)


def kind_of_labels(labels: tuple[str, ...]) -> Kind | None:
    """Return the kind of task that answers with such labels: a bundled one, else one of these labels alone."""
    if not labels:
        return None
    return next((kind for kind in KINDS if _are_of(labels, kind)), None) or own_labels(labels)


@remembered(512)
def mentions(sentence: str, kind: Kind) -> frozenset[str]:
    """Name the skills that a sentence speaks of, for or against."""
    low = straight(sentence).lower()
    spoken = {skill.name for skill in kind.skills if skill.cue.search(low)}
    return frozenset(spoken | {FORMAT} if refuses_more(low) else spoken)


def refuses_more(sentence: str) -> bool:
    """Return whether a sentence asks for the answer alone, with nothing around it."""
    return bool(_NO_MORE.search(straight(sentence).lower()))


def harms_in(sentence: str) -> frozenset[str]:
    """Name what in a sentence misleads, unless the sentence warns against it."""
    low = straight(sentence).lower()
    return frozenset(
        harm
        for harm, cue in _HARMS.items()
        if (found := cue.search(low)) and not _REFUSED.search(low[: found.start()])
    )


def _denied(low: str, kind: Kind) -> frozenset[str]:
    ignored = _DENIAL.search(low)
    named = mentions(ignored.group(), kind) if ignored and not _STATED.search(low) else frozenset()
    return frozenset(skill for skill in named - {FORMAT} if kind.by_name[skill].deniable) | kind.denies(low)


def _always(low: str, kind: Kind) -> str | None:
    labels = {label.casefold(): label for label in kind.labels}
    among = "|".join(map(re.escape, labels))
    found = re.search(rf"\balways (?:\w+ ){{0,3}}[\"'“‘]?({among})(?!\w)", low) if labels else None
    return labels[found.group(1)] if found else None


def _without_labels(low: str, kind: Kind) -> str:
    """Blank quoted labels where they may be any words: the label “reason” is no request to give reasons."""
    if kind in KINDS:
        return low
    given = {straight(label).lower() for label in kind.labels}
    return re.sub(r'["“]([^"“”\n]{0,200})["”]', lambda said: "“_”" if said[1] in given else said[0], low)


@remembered(256)
def read(instruction: str, kind: Kind) -> Reading:
    """Read an instruction as one of this kind."""
    low = straight(instruction[:LONGEST_INSTRUCTION]).lower()
    asked: list[Asked] = []
    denied, harms = frozenset[str](), frozenset[str]()
    no_more, place = False, 0
    for part in sentences(low):
        place += len(part.split())
        against = _denied(part, kind)
        tells = bool(_SAYS_WHAT_TO_DO.search(part))
        spoken = mentions(part, kind) - against
        asked += [Asked(skill, part, place, tells or skill == FORMAT) for skill in sorted(spoken)]
        denied |= against
        harms |= harms_in(_without_labels(part, kind))
        no_more = no_more or refuses_more(part)
    return Reading(
        kind, tuple(asked), denied, harms - ({"explain"} if kind.wants_reasons else set()), no_more,
        _always(low, kind), len(low.split()), kind.named_by(low),
    )  # fmt: skip
