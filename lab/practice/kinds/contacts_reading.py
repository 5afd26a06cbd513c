"""Reading contact data by rules: addresses, numbers, names and companies, and whose they are.

Addresses and numbers are found by their shape, companies by words they carry or by where they stand, names by a
table of first names or by where they stand. A datum belongs to the person whose name it holds, else to the one
of whom its sentence speaks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal
from unicodedata import normalize

from lab.practice.kinds.contacts_words import FIRM, FIRST, JOB, MONTHS, ORDINARY, PARTICLES, PLACE, POST, TITLES
from lab.practice.remembered import remembered

__all__ = ["Person", "international", "people"]

_MOST_CHARACTERS = 4000
# Characters before a place that say what stands there.
_LOOK_BACK = 60
_LONGEST_SENTENCE = 600
_LONGEST_NAME = 5
# Characters between a name and the company that belongs to it, "at" and the like included.
_NEAR = 14

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
# It begins where no digits go before: the tail of a heap of numbers is not a number.
_PHONE = re.compile(
    r"(?<![\w+.@/-])(?<!\d[ .()/-])(?<!\d[ .()/-]{2})(?<!\d[ .()/-]{3})"
    r"(?:\+[ ]?)?(?:\(\+?\d{1,4}\)|\d)(?:[ .()/-]{0,3}\d){5,15}(?![\w@])"
    r"(?:[ ,]{0,2}(?:ext\b\.?|extension\b|x(?=[ \d]))[ ]?\d{1,5})?"
)
_EXTENSION = re.compile(r"[ ,]*(?:ext\b\.?|extension\b|x)[ ]?\d+$")

_WORD = re.compile(r"[^\W\d_][^\W_]*(?:['’.-][^\W\d_][^\W_]*)*|&|\+(?= [A-Z])")
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')]?\s+|\n+")
_TO_COMPANY = re.compile(
    r"(?:\b(?:from|at|of|with|for|joined|joins|runs|owns|founded|represents|behalf of|here at|we at)(?: the)?\s+"
    r"|\bcompany:?\s+|[(|;,/*]\s*|\s[-–—]\s)$"
)
_ME = re.compile(r"\b(?:me|my|mine|i|i'm|i'll|myself)\b", re.I)
_ORDINAL = re.compile(r"\bthe (?:(?P<one>first|former)|(?P<two>second|latter|other|last))\b", re.I)
_SELF = re.compile(
    r"(?:\bi am|\bi'm|\bmy name is|\bthis is|\bfrom:|\byours(?: \w+)?,|\bregards,|\bcheers,)\s*$", re.I
)
_TITLE = re.compile(r"(?:^|\n)(?:subject|re):[^\n]*$", re.I)
_CLOSING = re.compile(r"(?:^|[.!?\n])\s*(?:[^\W\d_]+ ){0,3}[^\W\d_]+,\s*$")
# What may stand between a company and the person to ask for there.
_THERE = re.compile(r" *[(:,]? *(?:- *)?(?:(?:please )?(?:ask for|attn|contact|c/o|speak to)[.:]? *)?$")
_SEPARATOR = re.compile(r"[\n,;:|/*()<>]|\s[-–—]\s")


@dataclass(frozen=True)
class Person:
    """What a text gives of one person; what it does not give is empty. `phone` is as written."""

    name: str = ""
    email: str = ""
    phone: str = ""
    company: str = ""

    @property
    def reachable(self) -> bool:
        return bool(self.email or self.phone)


@dataclass(frozen=True)
class _Span:
    start: int
    end: int
    text: str


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)


def international(phone: str) -> str:
    """Write a phone number as + and digits: a leading 0 is British, ten digits without one are American."""
    number = _EXTENSION.sub("", phone.strip().lower())
    digits = _digits(number.replace("(0)", ""))
    if "+" in number[:3]:
        return f"+{digits}"
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    if digits.startswith("0"):
        return f"+44{digits[1:]}"
    if len(digits) == 10:
        return f"+1{digits}"
    return f"+{digits}" if len(digits) == 11 and digits[0] == "1" else digits


def _is_phone(text: str) -> bool:
    n = len(_digits(_EXTENSION.sub("", text.lower())))
    if "+" in text[:3] or text.startswith("00"):
        return 8 <= n <= 15
    if text.lstrip("(").startswith("0"):
        return 10 <= n <= 12
    return "555-01" in text or (n in (10, 11) and bool(re.match(r"\(?(?:1[ .-])?\(?[2-9]\d\d\b", text)))


def _plain(text: str) -> str:
    """Write a name in bare small letters, as an address would."""
    return re.sub(r"[^a-z]", "", normalize("NFKD", text).lower())


def _blanked(text: str, spans: Iterable[_Span]) -> str:
    for span in spans:
        text = text[: span.start] + "\ue000" * (span.end - span.start) + text[span.end :]
    return text


def _left(text: str, at: int) -> str:
    return text[max(0, at - _LOOK_BACK) : at]


def _runs(text: str) -> Iterator[list[_Span]]:
    """Find capitalised words in a row, with the small words that stand inside names and companies."""
    run: list[_Span] = []
    for found in _WORD.finditer(text):
        word = _Span(found.start(), found.end(), found.group())
        if run and not _joined(run[-1].text, text[run[-1].end : word.start]):
            yield _trimmed(run)
            run = []
        if word.text[0].isupper() or (run and (word.text in PARTICLES or word.text in "&+")):
            run.append(word)
        else:
            yield _trimmed(run)
            run = []
    yield _trimmed(run)


def _joined(word: str, gap: str) -> bool:
    """Return whether a run goes on behind a gap; a stop is part of an initial or title, else it ends a sentence."""
    return gap == " " or (gap == ". " and (len(word) == 1 or word.lower() in TITLES))


def _trimmed(run: list[_Span]) -> list[_Span]:
    """Take ordinary words off the front, and small ones off the end."""
    while run and run[0].text.lower() in ORDINARY:
        run = run[1:]
    while run and not run[-1].text[0].isupper():
        run = run[:-1]
    return run


def _is_first(word: str) -> bool:
    head = normalize("NFKD", word.split("-")[0])
    return "".join(c for c in head if c.isascii()) in FIRST


def _is_firm(words: list[str]) -> bool:
    if len(words) == 1:
        return re.search(r"[a-z][A-Z]", words[0]) is not None
    return any(word in "&+" or FIRM.match(word.lower()) for word in words[1:])


def _alone(text: str, span: _Span) -> bool:
    """Return whether a run fills its place between separators."""
    before, after = _left(text, span.start), text[span.end :].lstrip(" .")
    return bool(re.search(r"(?:^|[\n,;:|/*()<>.-])\s*$", before)) and (not after or bool(_SEPARATOR.match(after)))


def _below(text: str, span: _Span, names: list[_Span]) -> bool:
    """Return whether a run is a line of its own right below a name, or below the post that stands there."""
    if not names or not _alone(text, span):
        return False
    between = text[names[-1].end : span.start]
    return between.count("\n") == 1 or (between.count("\n") == 2 and bool(JOB.search(between.lower())))


def _by_place(text: str, span: _Span, names: list[_Span]) -> Literal["name", "firm", ""]:
    """Tell a name from a company by where a run stands; `names` are those before it."""
    linked = names and _TO_COMPANY.search(_left(text, span.start))
    if linked and text[names[-1].end : span.start].count("\n") <= 1:
        return "firm"
    if 2 <= len(span.text.split()) <= 4 and not _below(text, span, names):
        return "name"
    return "firm" if names and _alone(text, span) else ""


def _sort(text: str, span: _Span, names: list[_Span], boxes: tuple[str, ...]) -> Literal["name", "firm", ""]:
    """Tell what a run is, by what it holds and then by where it stands; `boxes` are the addresses before the @."""
    words = span.text.split()
    labelled = text[span.end : span.end + 1] == ":" and not _is_first(words[0])
    if _TITLE.search(_left(text, span.start)) or (len(words) == 1 and (labelled or words[0] in MONTHS)):
        return ""
    if _is_firm(words):
        return "firm"
    if _is_first(words[0]) and len(words) <= _LONGEST_NAME:
        return "name"
    low = span.text.lower()
    if JOB.search(low) or PLACE.search(low) or POST.search(_left(text, span.start).lower()):
        return ""
    if any(len(plain) > 2 and plain in box for plain in map(_plain, words) for box in boxes):
        return "name"
    return _by_place(text, span, names)


def _sorted_out(text: str, boxes: tuple[str, ...]) -> tuple[list[_Span], list[_Span]]:
    """Find the names and the companies of a text."""
    found: dict[str, list[_Span]] = {"name": [], "firm": [], "": []}
    for run in filter(None, _runs(text)):
        span = _Span(run[0].start, run[-1].end, text[run[0].start : run[-1].end])
        found[_sort(text, span, found["name"], boxes)].append(span)
    return found["name"], found["firm"]


def _fits(name: str, email: str) -> int:
    """Count how well an address fits a name: 3 for both parts, 2 for one, 0 for none."""
    local = _plain(email.partition("@")[0])
    first, *rest = [_plain(part) for part in name.split(" ")]
    last = "".join(rest)
    if last and local in (first + last, last + first, first[:1] + last, last + first[:1], first + last[:1]):
        return 3
    if rest and _plain(rest[-1]) and local in (_plain(rest[-1]), last):
        return 2
    return 2 if first and local == first else 0


def _author(text: str, names: list[_Span]) -> _Span | None:
    """Find who writes: the one who says so or has the last word, else the last name that begins a line."""
    for name in names:
        if _SELF.search(_left(text, name.start)):
            return name
    last = names[-1] if names else None
    begins = last and (_sentence_start(text, last.start) == last.start or _CLOSING.search(_left(text, last.start)))
    if last and begins and not _has_lowercase_word(text[last.end :]):
        return last
    below = [
        name
        for name in names
        if re.search(r"(?:^|\n)[ \t]*$", _left(text, name.start))
        and re.match(r"[ \t]*(?:[,|(\n]|$)", text[name.end : name.end + _LOOK_BACK])
        and "\n" in text[: name.start].strip("\n -")
    ]
    return below[-1] if below else None


def _has_lowercase_word(text: str) -> bool:
    return any(found.group()[0].islower() for found in _WORD.finditer(text))


def _sentence_start(text: str, at: int) -> int:
    return max(
        (found.end() for found in _SENTENCE_END.finditer(text, max(0, at - _LONGEST_SENTENCE), at)), default=0
    )


def _by_words(text: str, at: int, names: list[_Span], author: _Span | None) -> _Span | None:
    """Find of whom a sentence speaks before a place: by name, as "me", or as the first or second of two."""
    start = _sentence_start(text, at)
    inside = [name for name in names if start <= name.start < at]
    before = [name for name in names if name.start < start]
    known = inside[-1].end if inside else start
    ordinals = list(_ORDINAL.finditer(text, known, at))
    if ordinals and len(pair := (inside or before)[-2:]) == 2:
        return pair[0] if ordinals[-1]["one"] else pair[1]
    if author and _ME.search(text, known, at):
        return author
    return inside[-1] if inside else None


def _owner(text: str, span: _Span, names: list[_Span], author: _Span | None) -> _Span | None:
    if told := _by_words(text, span.start, names, author):
        return told
    before = [name for name in names if name.start < span.start]
    near = text[before[-1].end : span.start] if before else "\n\n"
    if author and _ME.search(near):
        return author
    if before and "\n\n" not in near:
        return before[-1]
    end = _SENTENCE_END.search(text, span.end)
    same = [name for name in names if span.end <= name.start < (end.start() if end else len(text))]
    return next(iter([*same, *before[-1:], *names]), None)


def _of_address(text: str, span: _Span, names: list[_Span], author: _Span | None) -> _Span | None:
    ranked = [(_fits(name.text, span.text), name) for name in names]
    best = max((fit for fit, _ in ranked), default=0)
    fitting = [name for fit, name in ranked if fit == best]
    if best and len({name.text for name in fitting}) == 1:
        return fitting[0]
    return _owner(text, span, names, author)


def _company_owner(text: str, span: _Span, names: list[_Span], author: _Span | None) -> _Span | None:
    after = next((name for name in names if name.start >= span.end), None)
    close = any(0 <= span.start - name.end <= _NEAR for name in names)
    told = close and _TO_COMPANY.search(text[span.start - _NEAR : span.start])
    if after and not told and _THERE.match(text[span.end : after.start]):
        return after
    return _owner(text, span, names, author)


def _found(text: str) -> tuple[list[_Span], list[_Span]]:
    emails = [_Span(m.start(), m.end(), m.group()) for m in _EMAIL.finditer(text)]
    rest = _blanked(text, emails)
    phones = [_Span(m.start(), m.end(), m.group()) for m in _PHONE.finditer(rest) if _is_phone(m.group())]
    return emails, phones


def _same_person(short: str, long: str) -> bool:
    return short == long or long.startswith(f"{short} ")


@remembered(512)
def people(text: str) -> tuple[Person, ...]:
    """Return the people that a text names, in order, with the first address, number and company of each.

    A text with data and no name gives one person without a name. Beyond 4,000 characters nothing is read.
    """
    text = text[:_MOST_CHARACTERS].replace("’", "'").replace("\u00a0", " ").replace("\r", "")
    emails, phones = _found(text)
    rest = _blanked(text, [*emails, *phones])
    names, firms = _sorted_out(rest, tuple(_plain(span.text.partition("@")[0]) for span in emails))
    author = _author(rest, names)
    called = tuple(dict.fromkeys(name.text for name in names))
    longest = {short: max((long for long in called if _same_person(short, long)), key=len) for short in called}
    found = {longest[name.text]: Person(longest[name.text]) for name in names}
    data = [("email", s, _of_address(rest, s, names, author)) for s in emails]
    data += [("phone", s, _owner(rest, s, names, author)) for s in phones]
    data += [("company", s, _company_owner(rest, s, names, author)) for s in firms]
    for field, span, owner in data:
        name = longest[owner.text] if owner else ""
        person = found.get(name, Person(name))
        if not getattr(person, field):
            found[name] = replace(person, **{field: span.text})
    return tuple(person for person in found.values() if person.name or person.reachable)
