"""The date in a short note, as YYYY-MM-DD: four things to know about dates, and the form."""

from __future__ import annotations

import re
from datetime import date, timedelta

from lab.practice.kind import FORMAT, Kind
from lab.practice.kinds.dates_places import is_day_first
from lab.practice.kinds.dates_reading import MONTHS, chosen, found
from lab.practice.kinds.dates_rules import NAMES_ISO, SENSE_OF_FORM, SKILLS

__all__ = ["KIND"]

_UNKNOWN = "unknown"
# A form that was named and then missed still comes out right more often than not.
_HALF_HEARD = 0.6
# A note is short; of a long text the beginning is read.
_LONGEST = 4000
_ALL = frozenset({"locale", "century", "relative", "target"})
_ISO = re.compile(r"(\d{2,4})-(\d\d)-(\d\d)")

# What an instruction may ask for that is another thing than the task wants.
_PART = r"(?:yyyy|yy|mmmm|mmm|mm|m|dd|d)"
_FORM = re.compile(rf"\b{_PART}[./ -]{_PART},?[./ -]{_PART}\b")
_IN_WORDS = re.compile(
    r"\bin words\b|\bin full\b|\bmonth(?:'s)? names?\b|\bnames? of (?:the |a )?months?\b"
    r"|\bspell\w* (?:\w+ )?out\b|\bwritten out\b|\blong form\b|\bin (?:plain |natural )?(?:english|prose)\b"
)
_ASKS = re.compile(
    r"\b(?:answer|reply|respond|give|write|return|output|print|put|express|format|convert|state|report"
    r"|normali[sz]e|use)\b"
)
_NOT = re.compile(r"\b(?:not|never|no|without|instead of|rather than|avoid)\b|n't\b")
_DEPENDS = re.compile(
    r"\b(?:american?|europ\w+|british|us|usa|uk|countr\w+|if|when|where|unless|depend\w*|signs?|or|decide|whether"
    r"|which)\b"
)
_ORDER = {
    True: re.compile(r"\bday[- ]first|\bday ?/ ?month|\bdd?/mm?|\bday (?:comes )?before (?:the )?month"),
    False: re.compile(r"\bmonth[- ]first|\bmonth ?/ ?day|\bmm?/dd?|\bmonth (?:comes )?before (?:the )?day"),
}
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
_AS_WRITTEN = re.compile(r"\bkeep .{0,20}\byears?\b|\byears?\b.{0,20}\bas (?:it|they) (?:is|are|stands?)\b")
_FIRST_DATE = re.compile(r"\b(?:take|use|give|choose|pick|go by|answer with) the (?:very )?first (?:date|one)\b")


def _fixed_order(low: str) -> bool | None:
    """Return whether a sentence sets day first (True) or month first (False) for all notes; None for neither."""
    named = [order for order, cue in _ORDER.items() if cue.search(low)]
    return named[0] if len(named) == 1 and not _DEPENDS.search(low) and not _NOT.search(low) else None


def _order_for_all(instruction: str) -> bool | None:
    orders = (_fixed_order(part) for part in _SENTENCE.split(instruction.lower()))
    return next((order for order in orders if order is not None), None)


def _other_form(instruction: str) -> str | None:
    """Return the form of date that an instruction asks for, where it is not the one of the task."""
    low = instruction.lower()
    if NAMES_ISO.search(low):
        return None
    for part in _SENTENCE.split(low):
        form = _FORM.search(part) or _IN_WORDS.search(part)
        head = part[: form.start()] if form else ""
        if form and _ASKS.search(head) and not _NOT.search(head):
            return form.group() if form.re is _FORM else "d mmmm yyyy"
    return None


def _put(day: date, form: str) -> str:
    month = MONTHS[day.month - 1]
    tokens = {
        "yyyy": f"{day.year:02d}", "yy": f"{day.year % 100:02d}", "mmmm": month, "mmm": month[:3],
        "mm": f"{day.month:02d}", "m": str(day.month), "dd": f"{day.day:02d}", "d": str(day.day),
    }  # fmt: skip
    return re.sub(_PART, lambda token: tokens[token.group()], form)


def _found(text: str, on: frozenset[str], day_first: bool | None) -> date | None:
    note = text[:_LONGEST]
    by_signs = "locale" in on and is_day_first(note)
    low = note.lower()
    order = by_signs if day_first is None else day_first
    return chosen(low, found(low, order, "century" in on, "relative" in on), "target" in on)


def solve(text: str, on: frozenset[str], instruction: str) -> str:
    """Return the date of a note as YYYY-MM-DD, or in the other form that the instruction asks for."""
    day = _found(text, on, _order_for_all(instruction))
    return _put(day, _other_form(instruction) or "yyyy-mm-dd") if day else _UNKNOWN


def needs(text: str, answer: str | None) -> frozenset[str]:
    """Name the skills without which another date comes out."""
    full = _found(text, _ALL, None)
    return frozenset(skill for skill in _ALL if _found(text, _ALL - {skill}, None) != full)


def evidence(text: str) -> int:
    """Count the dates of a text; one is a clear sign."""
    dates = found(text[:_LONGEST].lower(), False, True, True)
    return min(4, len(dates) + 1) if dates else 0


def _iso_day(answer: str) -> date | None:
    parts = _ISO.fullmatch(answer)
    try:
        return date(*map(int, parts.groups())) if parts else None
    except ValueError:
        return None


def slip(answer: str, text: str, chance: float) -> str:
    """Return a near miss: day and month swapped, or a day beside it."""
    day = _iso_day(answer)
    if day is None:
        return "no date" if answer == _UNKNOWN else _UNKNOWN
    if chance < 0.5 and day.day <= 12 and day.day != day.month:
        return _put(day.replace(month=day.day, day=day.month), "yyyy-mm-dd")
    back = (chance < 0.75 or day == date.max) and day != date.min
    return _put(day + timedelta(days=-1 if back else 1), "yyyy-mm-dd")


def word(answer: str, instruction: str, on: frozenset[str], chance: float) -> str:
    """Write a date as people do, unless the form of the task was said or comes by itself."""
    day = _iso_day(answer)
    named = bool(NAMES_ISO.search(instruction.lower()))
    by_itself = _HALF_HEARD if named else SENSE_OF_FORM
    if day is None or (named and FORMAT in on) or chance < by_itself:
        return answer
    forms = ("d mmmm yyyy", "mmmm d, yyyy", "mmmm d", "d mmmm")
    return _put(day, forms[int((chance - by_itself) / (1 - by_itself) * len(forms))])


def denies(low: str) -> frozenset[str]:
    """Name the skills that a sentence tells to leave alone: by one order for all notes, say."""
    told = {
        "locale": _fixed_order(low) is not None,
        "century": _AS_WRITTEN.search(low) and not _NOT.search(low),
        "target": _FIRST_DATE.search(low) and not _NOT.search(low),
    }
    return frozenset(skill for skill, denied in told.items() if denied)


def shows(text: str, answer: str) -> bool:
    """Return whether an example has a date for an answer, and one in its input."""
    return _iso_day(answer.strip()) is not None and evidence(text) > 0


KIND = Kind(
    name="dates",
    thing="note",
    skills=SKILLS,
    words=(
        (r"\bdates?\b", 2), (r"\byyyy", 2), (r"\biso[- ]?8601\b", 2), (r"\bcalendar|\bdeadline|\bappointment", 1),
        (r"\bwhich day\b|\bwhat day\b|\bon what day\b", 2), (r"\bnotes?\b", 1), (r"\bday\b", 1), (r"\bmonth\b", 1),
        (r"\btomorrow\b|\byesterday\b", 1),
    ),
    openings=(
        "Give the date in this note.",
        "Find the date that the note names and write it as YYYY-MM-DD.",
        "Which day is this note about? Give the date.",
        "Turn the date in the note into the form YYYY-MM-DD.",
        "Read the note and write down its date.",
    ),
    chatter=(
        "The date is {answer}.",
        "Sure! The {thing} is about {answer}.",
        "That would be {answer}, if I read the {thing} correctly.",
        "Date: **{answer}**",
        "I found this date in the {thing}: {answer}. Shall I put it into a calendar?",
        "{Answer} - do not forget it!",
    ),
    explained=(
        "The {thing} names a day, and I read it as {answer}.",
        "Step by step: first the day, then the month, then the year. My conclusion is {answer}.",
        "{Answer}. The words around the date point that way.",
    ),
    evidence=evidence,
    solve=solve,
    needs=needs,
    slip=slip,
    word=word,
    denies=denies,
    shows=shows,
)  # fmt: skip
