"""Finding the dates in a note: written out, in figures or counted from the day of writing; and what each is for."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from lab.core.number_words import NUMBER_WORDS
from lab.practice.kind import any_of

__all__ = ["MONTHS", "Mention", "chosen", "found"]

MONTHS = tuple(calendar.month_name)[1:]
_WEEKDAYS = tuple(name.lower() for name in calendar.day_name)
_NUMBERS = {word: n for word, n in NUMBER_WORDS.items() if n <= 30} | {"a": 1, "an": 1, "a couple of": 2}
_TEENS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)
_ORDINALS = {word: i for i, word in enumerate(_TEENS.split(), 1)} | {"thirtieth": 30, "thirty-first": 31}
_ORDINALS |= {f"twenty-{word}": 20 + i for i, word in enumerate(_TEENS.split()[:9], 1)}


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_DAY = rf"(?P<d>\d{{1,2}}(?:st|nd|rd|th)?|{_alternatives(_ORDINALS)})"
_MONTH = (
    r"(?P<m>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_WD = rf"(?:{'|'.join(rf'{w[:3]}(?:{w[3:]})?' for w in _WEEKDAYS)}|tues|wednes|thurs?)"
_BEFORE = rf"(?:\b{_WD}\b\.?,?\s+(?:the\s+)?)?"
# Two figures behind a month are a year unless they tell the time or count something.
_YEAR = (
    r"(?:,?\s+(?P<y>\d{4}(?!\d)|['’]\d\d(?!\d)|\d\d(?!\d|[:.]\d|\s*(?:[ap]\.?m\b|o.?clock|h\b|%|€|people|guests"
    r"|hours|min|persons|chairs|seats|days|weeks|euros?|pounds|dollars|pages))))?"
)
_FIGURES = r"(?<![\d/.-])(?P<a>\d{1,2})(?P<s>[/.-])\s?(?P<b>\d{1,2})(?P=s)\s?(?P<y>\d{4}|['’]?\d\d)(?![\d/-]|\.\d)"
_WRITTEN = (
    re.compile(rf"{_BEFORE}(?<![\d/.-])(?P<y>\d{{4}})(?P<s>[/.-])(?P<m>\d{{1,2}})(?P=s)(?P<d>\d{{1,2}})(?!\d)"),
    re.compile(_BEFORE + _FIGURES),
    re.compile(rf"{_BEFORE}\b{_DAY}(?:\s+day)?\s*(?:of\s+)?\b{_MONTH}{_YEAR}"),
    re.compile(rf"{_BEFORE}\b{_MONTH}\s*(?:the\s+)?{_DAY}(?![\d:]|[./]\d){_YEAR}"),
)


@dataclass(frozen=True)
class Mention:
    """A date in a note: where it stands, what it is; `counted` from the day of writing, `stamp` that day itself."""

    start: int
    end: int
    day: date
    counted: bool = False
    stamp: bool = False


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _year(figures: str, century: bool) -> int:
    """Return the year; of two figures, one who does not know the rule takes 00-49 for 19xx and keep the others."""
    year = int(figures.lstrip("'’"))
    if len(figures.lstrip("'’")) == 4:
        return year
    if century:
        return year + (2000 if year < 50 else 1900)
    return year + 1900 if year < 50 else year


def _day_month(match: re.Match[str], day_first: bool) -> tuple[int, int]:
    parts = match.groupdict()
    if "a" in parts:
        a, b = int(parts["a"]), int(parts["b"])
        return (a, b) if a > 12 or (day_first and b <= 12) else (b, a)
    month = int(parts["m"]) if parts["m"].isdigit() else [m[:3].lower() for m in MONTHS].index(parts["m"][:3]) + 1
    return _ORDINALS.get(parts["d"]) or int(parts["d"].rstrip("stndrh")), month


def _nearest(day: int, month: int, anchor: date) -> date | None:
    """Return the day and month in the year that brings it nearest to the anchor."""
    years = (_date(anchor.year + shift, month, day) for shift in (0, 1, -1))
    return min((d for d in years if d), key=lambda d: abs((d - anchor).days), default=None)


def _written(low: str, day_first: bool, century: bool) -> list[Mention]:
    matches: list[re.Match[str]] = []
    for pattern in _WRITTEN:
        for match in pattern.finditer(low):
            if all(match.end() <= other.start() or match.start() >= other.end() for other in matches):
                matches.append(match)
    matches.sort(key=lambda match: match.start())
    mentions: list[Mention] = []
    for match in sorted(matches, key=lambda match: match["y"] is None):
        day, month = _day_month(match, day_first)
        if match["y"] is not None:
            when = _date(_year(match["y"], century), month, day)
        else:
            when = _nearest(day, month, mentions[0].day) if mentions else None
        if when:
            mentions.append(Mention(match.start(), match.end(), when))
    return sorted(mentions, key=lambda mention: mention.start)


# Counting from the day of writing.


def _months_on(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _last_of_month(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _number(words: str) -> int:
    return int(words) if words.isdigit() else _NUMBERS[words]


def _on(day: date, count: str, unit: str, sign: int = 1) -> date:
    n = sign * _number(count)
    if unit.startswith(("month", "year")):
        return _months_on(day, n * (12 if unit.startswith("year") else 1))
    return day + timedelta(days=n * {"d": 1, "w": 7, "f": 14}[unit[0]])


def _weekday(name: str) -> int:
    return _WEEKDAYS.index(name)


def _after(day: date, name: str) -> date:
    return day + timedelta(days=(_weekday(name) - day.weekday() - 1) % 7 + 1)


def _ago(day: date, name: str) -> date:
    return day - timedelta(days=(day.weekday() - _weekday(name) - 1) % 7 + 1)


_SHIFTS = {"this": 0, "the": 0, "next": 1, "last": -1, "": 0}


def _in_week(day: date, which: str, name: str) -> date:
    return day + timedelta(days=7 * _SHIFTS[which] + _weekday(name) - day.weekday())


def _nth(day: date, nth: str, which: str) -> date:
    n = _ORDINALS.get(nth) or int(nth.rstrip("stndrh"))
    return _months_on(day.replace(day=1), _SHIFTS[which]).replace(day=n)


def _month_end(day: date, name: str) -> date:
    month = [m.lower() for m in MONTHS].index(name) + 1
    return _last_of_month(_nearest(1, month, day) or day)


_N = rf"(\d{{1,3}}|{_alternatives(_NUMBERS)})"
_UNIT = r"(days?|weeks?|fortnights?|months?|years?)"
_NAME = rf"({'|'.join(_WEEKDAYS)})"
_NTH = rf"(\d{{1,2}}(?:st|nd|rd|th)|{_alternatives(_ORDINALS)})"
_Count = Callable[[date, tuple[str, ...]], date]
_COUNTED: tuple[tuple[re.Pattern[str], _Count], ...] = tuple(
    (re.compile(rf"\b(?:{pattern})\b"), count)
    for pattern, count in (
        (r"day after tomorrow", lambda day, g: day + timedelta(days=2)),
        (r"day before yesterday", lambda day, g: day - timedelta(days=2)),
        (rf"(?:a |one )?week on {_NAME}|{_NAME} week",
         lambda day, g: _after(day, g[0] or g[1]) + timedelta(days=7)),
        (r"(?:a |one )?week (?:from )?tomorrow|tomorrow week", lambda day, g: day + timedelta(days=8)),
        (r"(?:a |one )?week (?:from )?today|today week", lambda day, g: day + timedelta(days=7)),
        (rf"{_NAME},? (?:of |in )?(this|next|last) week", lambda day, g: _in_week(day, g[1], g[0])),
        (rf"(this|next|last) week(?:'s|,)? (?:on )?{_NAME}", lambda day, g: _in_week(day, g[0], g[1])),
        (rf"{_N} {_UNIT} ago", lambda day, g: _on(day, g[0], g[1], -1)),
        (rf"(?:in|within) {_N} {_UNIT}", lambda day, g: _on(day, g[0], g[1])),
        (rf"{_N} {_UNIT} (?:from (?:now|today)|hence)", lambda day, g: _on(day, g[0], g[1])),
        (r"(?:end|last day|close) of (?:(this|the|next|last) )?month",
         lambda day, g: _last_of_month(_months_on(day.replace(day=1), _SHIFTS[g[0] or "this"]))),
        (rf"(?:end|last day) of ({'|'.join(m.lower() for m in MONTHS)})", lambda day, g: _month_end(day, g[0])),
        (r"(?:end|last day) of (?:this |the )?year|year's end", lambda day, g: day.replace(month=12, day=31)),
        (r"(?:beginning|start|first day|first) of next month",
         lambda day, g: _months_on(day.replace(day=1), 1)),
        (rf"{_NTH}(?: day)? of (this|the|next|last) month", lambda day, g: _nth(day, g[0], g[1])),
        (rf"(?:last|past) {_NAME}", lambda day, g: _ago(day, g[0])),
        (rf"(?<!a )(?<!every )(?<!each )(?:(?:this )?coming |this |next |on )?{_NAME}",
         lambda day, g: _after(day, g[0])),
        (r"tomorrow", lambda day, g: day + timedelta(days=1)),
        (r"yesterday|last night", lambda day, g: day - timedelta(days=1)),
        (r"(?:today|tonight|this (?:morning|afternoon|evening))(?!,? (?:is|was)\b)", lambda day, g: day),
    )
)  # fmt: skip


def _counted(low: str, anchor: date, taken: list[Mention]) -> Iterator[Mention]:
    spans = [(mention.start, mention.end) for mention in taken]
    for pattern, count in _COUNTED:
        for match in pattern.finditer(low):
            if any(match.start() < end and match.end() > start for start, end in spans):
                continue
            spans.append(match.span())
            try:
                yield Mention(*match.span(), count(anchor, match.groups()), counted=True)
            except (ValueError, OverflowError):
                continue


# What a date is for.

_LOOK_BACK = 60  # characters; more than the words for it take

_STAMP_BEFORE = re.compile(
    r"(?<!was )(?<!were )(?<!be )(?<!been )\b(?:written|sent|jotted|logged|noted?|typed|dated|posted|memo|letter"
    r"|message|e-?mail|report|today is|today,|received|recorded|taken)\b(?! that)[^.;:\d]{0,20}$"
)
_STAMP_BEHIND = re.compile(r"\s*(?:[:.,)\]–—-]|\n|$)")
_PAST = any_of(
    r"\b(?:from|instead of|rather than|not|no longer|originally|initially|previous|old date|was|were|used to be"
    r"|met|ordered|bought|paid|received|issued|booked|since|invoice of|letter of|made|came|saw|replac\w+|planned"
    r"|set|scheduled|earlier|formerly|wrongly)\b[^.;:]{0,40}$"
)
_COMING = any_of(
    r"\b(?:to|until|till|by|before|due|deadline|but|now|next|new|takes? place|will|starts?|begins?|opens?"
    r"|expires?|again|deliver\w*|back|arrives?|payable|moved to|see you|so we|rematch|actual\w*|in fact|held"
    r"|final)\b[^.;:]{0,30}$"
)
_DROPPED = re.compile(
    r"^[^.;:]{0,25}\b(?:cancel\w*|is off|was off|fell through|fallen through|no longer|rained off|dropped|void"
    r"|wrong|not possible|does(?: not|n't) (?:suit|work)|did(?: not|n't)|cannot|can't|put off|postponed|moved"
    r"|is over)\b"
)
_STANDS = re.compile(r"^[^.;:,]{0,12}\b(?:instead|is the new|it is|stands|holds)\b")


def _is_stamp(low: str, mention: Mention, first: bool) -> bool:
    at_head = first and len(low[: mention.start].strip()) <= 1 and bool(_STAMP_BEHIND.match(low, mention.end))
    return at_head or bool(_STAMP_BEFORE.search(low[max(0, mention.start - _LOOK_BACK) : mention.start]))


def found(low: str, day_first: bool, century: bool, relative: bool) -> tuple[Mention, ...]:
    """Find the dates of a lower-case note, in the order in which they stand."""
    written = _written(low, day_first, century)
    written = [Mention(m.start, m.end, m.day, stamp=_is_stamp(low, m, first=i == 0)) for i, m in enumerate(written)]
    if not relative or not written:
        return tuple(written)
    anchor = next((m for m in written if m.stamp), written[0]).day
    return tuple(sorted((*written, *_counted(low, anchor, written)), key=lambda m: m.start))


def _worth(low: str, mention: Mention, start: int, end: int) -> int:
    """Describe how much speaks for a date as the one that holds, by the words before and behind it."""
    before = re.split(r"[.;!?]\s", low[start : mention.start])[-1]
    behind = low[mention.end : end]
    return (
        2 * bool(_COMING.search(before))
        - bool(_PAST.search(before))
        + 3 * bool(_STANDS.match(behind))
        - 4 * bool(_DROPPED.match(behind))
    )


def chosen(low: str, mentions: tuple[Mention, ...], target: bool) -> date | None:
    """Pick the date that a lower-case note is about.

    Without `target` it is the first; the day of writing is passed over only where nothing but counting is left.
    """
    others = [m for m in mentions if not m.stamp]
    if not others or not (target or all(m.counted for m in others)):
        return mentions[0].day if mentions else None
    if not target:
        return others[0].day
    edges = [0, *(m.end for m in mentions)]
    starts = dict(zip((m.start for m in mentions), edges, strict=False))
    ends = {one.start: two.start for one, two in pairwise(mentions)}
    worth = [_worth(low, m, starts[m.start], ends.get(m.start, len(low))) for m in others]
    # Of equals the last: a note tells what was before what comes.
    return others[max(range(len(others)), key=lambda i: (worth[i], i))].day
