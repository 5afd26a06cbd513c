"""Reading a word problem: its quantities, what they count, and the sentences around them.

Every quantity with its noun becomes one private character, a mark, so that patterns see the sentence around it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from lab.core.number_words import NUMBER_WORDS

_WORDS = {word: n for word, n in NUMBER_WORDS.items() if n > 1}  # “one” is read by the words around it
_UNIT_WORDS = {
    "dollar": "dollars? euros? pounds? bucks?", "cent": "cents? pence penny pennies", "second": "seconds? sec",
    "minute": "minutes? mins? min", "hour": "hours? hrs? h", "day": "days?", "week": "weeks?", "month": "months?",
    "year": "years?", "mm": "mm millimet(?:re|er)s?", "cm": "cm centimet(?:re|er)s?", "m": "m met(?:re|er)s?",
    "km": "km kilomet(?:re|er)s?", "g": "g grams?", "kg": "kg kilos? kilograms?", "ml": "ml millilit(?:re|er)s?",
    "cl": "cl centilit(?:re|er)s?", "l": "l lit(?:re|er)s?", "square metre": "sqm",
}  # fmt: skip
_UNITS = {unit: re.compile("|".join(words.split())) for unit, words in _UNIT_WORDS.items()}
TIME = frozenset({"second", "minute", "hour", "day", "week", "month", "year"})
# Neighbours only, so that "6 hours a day" can stand between days and hours in place of 24.
LADDER = (
    ("dollar", "cent", 100), ("minute", "second", 60), ("hour", "minute", 60),
    ("day", "hour", 24), ("week", "day", 7), ("year", "month", 12), ("cm", "mm", 10),
    ("m", "cm", 100), ("km", "m", 1000), ("kg", "g", 1000), ("l", "cl", 100), ("cl", "ml", 10),
)  # fmt: skip
_IRREGULAR = {
    "people": "person", "children": "child", "men": "man", "women": "woman", "mice": "mouse", "geese": "goose",
    "teeth": "tooth", "feet": "foot", "sheep": "sheep", "fish": "fish", "loaves": "loaf", "shelves": "shelf",
    "scarves": "scarf", "knives": "knife", "leaves": "leaf", "buses": "bus", "minibuses": "minibus",
    "pence": "cent", "cookies": "cookie", "pies": "pie", "movies": "movie", "classes": "class", "glasses": "glass",
}  # fmt: skip
_FIRST_MARK = 0xE000
# Words at which the name of what is counted ends.
_STOPS = (
    "a about after again ago also altogether an and apart are as at away back be before between but by can "
    "cost costs did do does each eat eats else equally every everyone extra fewer fit fits for from full "
    "further get gets give gives go goes had has have he her herself him his how i if in into is it its left "
    "less long make makes more must need needs now of off on one only or other others out over own pay pays "
    "per share she so still take takes than that the their them then there they this times to together today "
    "tomorrow under until up us was we were when where which while who will with without would you"
)
STOP = frozenset(_STOPS.split())
_NOT_PLURAL = re.compile(r".*(?:ss|us|is|'s)$")
_MONTH = "january|february|march|april|may|june|july|august|september|october|november|december"
_NUMBER = r"\d{1,12}(?:,\d{3}){0,4}(?:\.\d{1,6})?"
# Numbers that say who, when and where, and are never part of a sum.
_ASIDE = re.compile(
    rf"""
      (?P<a>\d+)[- ](?:years?|months?)[- ]old\b | \b(?:aged|age\ of|born\ in|turns|turned)\ (?P<b>\d+)\b
    | \b(?:in|since|until|of|by|from|around|before)\ (?P<c>1[5-9]\d\d|20\d\d)\b(?!\ [a-z]+s\b)
    | \b(?P<d>\d+)\ (?:{_MONTH})(?:\ \d{{4}})?\b | \b(?:{_MONTH})\ (?P<e>\d+)\b(?:,?\ \d{{4}}\b)?
    | \b(?P<f>\d+)(?::\d\d)?\ ?(?:o'clock|a\.?m\.?|p\.?m\.?)(?!\w) | \b(?P<g>\d+):\d\d\b
    | \b(?:number|no\.|line|room|page|gate|platform|floor|route|chapter|grade|bus|tram|train|house|flat|lane)
      \ (?P<h>\d+)\b(?!\ [a-z]+s\b)
    | \b(?P<i>\d+)\ degrees\b | (?<=[a-z]),\ (?P<j>\d+),(?!\d) | \bwho\ is\ (?P<k>\d+)\b(?=\ ?[,.])
    | \b(?:is|was)\ (?P<l>\d+)(?=\ and\ (?:has|buys|lives|works)\b)
    """,
    re.X | re.I,
)
_REWRITTEN = (
    ("’", "'"), (r"\b(?:the|these|all) (?:two|three|four|five)\b(?! \w+s\b)", "they"),
    (r"\bsquare met(?:re|er)s?\b", "sqm"), (r"\bhalf an hour\b", "0.5 hours"), (r"\bper cent\b", "percent"),
    (r"\b(an|one) hour and a half\b", "1.5 hours"), (r"\ba quarter of an hour\b", "0.25 hours"),
    (r"\bhalf a dozen\b", "0.5 dozen"), (r"\b(a|one) dozen\b", "1 dozen"),
    (r"\bhalf a (kilo|litre|metre)\b", r"0.5 \1s"),
    (r"(\d)-(litre|metre|hour|minute|day|week|dollar|cent|page|gram|kilo)\b", r"\1 \2"), (r"\ba pair of\b", "2"),
    (r"\b(in|for|after|lasts?|takes?|during|of|works?|is) (?:an?|one)(?: whole| full)? "
     r"(hour|minute|day|week|month|year)\b",
     r"\1 1 \2"), (r"(\d)(km|kg|cm|mm|ml|g|l|m)\b", r"\1 \2"), (r"\bone (week|hour|day)\b", r"1 \1"),
    (r"\b([A-Za-z]+) (hundred)\b", lambda m: f"{100 * _count(m[1])}" if _count(m[1]) else m[0]),
    (r"\b(\d+|[a-z]+) and a half\b", lambda m: f"{_count(m[1])}.5" if _count(m[1]) else m[0]),
    (r"\b(?:twice|double)(?= (?:as|the))", "2 times"), (r"\b(?:triple|thrice)(?= (?:as|the))", "3 times"),
    (r"\bhalf as (many|much)\b", r"0.5 times as \1"), (r"\b(twice)(?= (?:a|per|each|every)\b)", "2 times"),
)  # fmt: skip
_QUANTITY = re.compile(
    rf"(?P<money>[$€£] ?)?(?<![\w.])(?P<number>{_NUMBER}|(?:{'|'.join(_WORDS)})\b)(?![\d:]|st\b|nd\b|rd\b|th\b)"
    r"(?P<dozen> dozen)?(?P<after>(?:[ -](?!(?:"
    rf"{'|'.join(_WORDS)})\b)[A-Za-z'-]+){{0,4}})",
    re.I,
)


def _count(word: str) -> int:
    return int(word) if word.isascii() and word.isdigit() and len(word) < 9 else _WORDS.get(word.lower(), 0)


@dataclass(frozen=True)
class Quantity:
    """A number in the text and the stem of what it counts; `aside` where it only says who, when or where."""

    value: Fraction
    noun: str
    dozen: bool = False
    aside: bool = False


@dataclass(frozen=True)
class Problem:
    """A problem with its numbers marked: the sentences told, the one that asks, and the quantities."""

    told: tuple[str, ...]
    asked: str
    quantities: tuple[Quantity, ...]


def stem(word: str) -> str:
    """Return the name of a unit, or the singular of a word."""
    low = word.lower()
    for unit, words in _UNITS.items():
        if words.fullmatch(low):
            return unit
    if low in _IRREGULAR or _NOT_PLURAL.match(low):
        return _IRREGULAR.get(low, low)
    for ending, singular in (
        ("ies", "y"),
        ("oes", "o"),
        ("ches", "ch"),
        ("shes", "sh"),
        ("xes", "x"),
        ("sses", "ss"),
    ):
        if low.endswith(ending):
            return low[: -len(ending)] + singular
    return low[:-1] if low.endswith("s") and len(low) > 3 else low


def is_unit(noun: str) -> bool:
    """Return whether a stem is a unit of money, time or measure."""
    return noun in _UNITS


def head(words: list[str]) -> tuple[str, int]:
    """Find what words name, as stem, and how many words that took; nothing where they name nothing."""
    span: list[str] = []
    for word in words:
        if word.lower() in STOP:
            break
        span.append(word)
    for i, word in enumerate(span):
        plural = word.lower() in _IRREGULAR or (word.endswith("s") and not _NOT_PLURAL.match(word.lower()))
        if plural or is_unit(stem(word)):
            return stem(word), i + 1
    return "", 0


def _value(number: str) -> Fraction:
    low = number.lower()
    return Fraction(_WORDS[low]) if low in _WORDS else Fraction(low.replace(",", ""))


def _mark(i: int) -> str:
    return chr(_FIRST_MARK + i)


def at(mark: str) -> int:
    """Return the number of the quantity that a mark stands for."""
    return ord(mark) - _FIRST_MARK


def _marked(text: str) -> tuple[str, tuple[Quantity, ...]]:
    found: list[Quantity] = []

    def aside(match: re.Match[str]) -> str:
        number = next(group for group in match.groups() if group)
        found.append(Quantity(_value(number), "", aside=True))
        return re.sub(r"\d+", "", match.group().replace(number, _mark(len(found) - 1), 1))

    def quantity(match: re.Match[str]) -> str:
        after = match["after"]
        words = re.findall(r"[A-Za-z']+", after)
        noun, used = ("dollar", 0) if match["money"] else ("times", 1) if words[:1] == ["times"] else head(words)
        found.append(Quantity(_value(match["number"]), noun, bool(match["dozen"])))
        return _mark(len(found) - 1) + re.sub(rf"^(?:[ -][A-Za-z']+){{{used}}}", "", after)

    return _QUANTITY.sub(quantity, _ASIDE.sub(aside, text)), tuple(found)


def read(text: str) -> Problem:
    """Read a problem; any text will do."""
    text = re.sub("[\ue000-\uf8ff]", " ", text)[:2000]
    for old, fresh in _REWRITTEN:
        text = re.sub(old, fresh, text, flags=re.I)
    marked, quantities = _marked(text)
    parts = [part.strip() for part in re.split(r"(?<=[.!?;])\s+|\n+", marked) if part.strip()]
    asks = [i for i, part in enumerate(parts) if part.endswith("?")] or [len(parts) - 1]
    asked = parts[asks[-1]] if parts else ""
    return Problem(tuple(part for part in parts if part != asked), asked, quantities)
