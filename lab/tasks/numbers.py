"""The number that a reply gives, in whatever way it is written.

Signs, thousands in all styles (1,000 · 1 000 · 1'000 · 10,00,000 · 1.234,5), fractions, percent, currency, powers
of ten, digits of any script, LaTeX. What the style leaves open is decided one way: a comma before three digits
parts thousands, a point is a decimal point; `comma` turns that round.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from lab.core.number_words import NUMBER_WORDS
from lab.tasks.wrappings import after_answer, forms, lines, marked, visible_text

__all__ = ["Number", "find", "read", "written"]

_LONGEST = 200_000  # characters of a reply that are looked at, from its end
_PLAIN = 30  # digits before the point that are written out
_LONGEST_BASE = 10  # digits of what is raised to a power
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_RAISED = re.compile(r"[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_SIGNS = str.maketrans({
    **dict.fromkeys("−﹣－", "-"), "٫": ".", "٬": ",", "٪": "%", "’": "'", "‘": "'", "ʼ": "'", "⁄": "/", "∕": "/",
})  # fmt: skip
_LATEX = (
    (re.compile(r"\\[dtc]?frac\s*\{([^{}]{1,60})\}\s*\{([^{}]{1,60})\}"), r" \1/\2 "),
    (re.compile(r"\\[dtc]?frac\s*(\d)\s*(\d)"), r" \1/\2 "),
    (re.compile(r"\{,\}|,\\!"), ","),
    (re.compile(r"\\[!]"), ""),
    (re.compile(r"\\[,;: ]|~"), " "),
    (re.compile(r"\\([$%])"), r"\1"),
    (re.compile(r"\\(?:times|cdot)"), "×"),
    (re.compile(r"\\(?:text|mathrm|mbox|textbf|mathbf)\s*\{([^{}]{0,80})\}"), r" \1 "),
)

_GROUPED = r"\d{1,3}(?:,\d{3})+(?![\d])(?:\.\d+)?|\d{1,2}(?:,\d{2})+,\d{3}(?!\d)(?:\.\d+)?"
_SPACED = r"\d{1,3}(?:(?P<gap>[ '_])\d{3})(?:(?P=gap)\d{3})*(?!\d)(?:[.,]\d+)?"
_DOTTED = r"\d{1,3}(?:\.\d{3}){2,}(?!\d)(?:,\d+)?|\d{1,3}(?:\.\d{3})+,\d+(?!\d)"
_EUROPEAN = r"\d{1,3}(?:\.\d{3})+(?!\d)(?:,\d+)?|\d+,\d+"
_COMMA = r"\d+,(?:\d{1,2}|\d{4,})(?!\d)|0,\d+"
_POINT = r"\d+(?:\.\d+)?|\.\d+"


def _pattern(comma: bool) -> re.Pattern[str]:
    styles = (_EUROPEAN, _SPACED, _POINT) if comma else (_GROUPED, _SPACED, _DOTTED, _COMMA, _POINT)
    # The digits are an atomic group: a number is taken whole or not at all.
    return re.compile(
        rf"""
        (?<![^\W_]) (?<![/^]) (?<!\d[.,:'])             # not inside a word or a number, not the end of a time
        (?P<minus> (?: (?<!\)) [-–] )? )
        (?: [$€£¥₹₽₩₺₪₫฿₴₦] \s? )?
        (?P<inner> [-–]? )
        (?>
            (?P<whole> (?: \d{{1,6}} \s+ )? ) (?P<above> \d{{1,15}} ) \s? / \s? (?P<below> \d{{1,15}} ) (?![\d/.])
          | (?P<digits> {"|".join(styles)} )
        )
        (?! [:/]\d )
        (?P<power> (?: [eE][-+]?\d{{1,3}} (?!\d) | \s? [×x*] \s? 10 \s? \^ \s? \{{? [-+]?\d{{1,3}} \}}? )? )
        (?P<raised> (?: \^ \s? \{{? \d{{1,2}} \}}? (?!\d) )? )
        (?P<scale> (?: \s(?:thousand|million|billion)\b | (?:[kK]|M|mn|bn)(?![^\W_]) )? )
        (?P<percent> (?: \s?% | \s(?:percent|per\ cent)\b )? )
        """,
        re.VERBOSE,
    )


_NUMBER = {comma: _pattern(comma) for comma in (False, True)}
_ASIDE = re.compile(r"[(\[][^()\[\]\n]*[^\W\d_][^()\[\]\n]*[)\]](?=\s*[.!]?\s*$)", re.MULTILINE)
_STEP = re.compile(r"^\s*(?:step\s+)?\d{1,2}[.):]\s+(?=\D)", re.MULTILINE | re.IGNORECASE)

_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
_SUFFIXES = {"k": 1000, "K": 1000, "M": 10**6, "mn": 10**6, "bn": 10**9}
_MINUS = re.compile(
    r"(?P<before>^|[:=]\s*|\bis\s+)(?:minus|negative)\s+(?=[$€£¥]?\d)", re.IGNORECASE | re.MULTILINE
)
_CONFIDENCE = re.compile(r"[\W_]*(?:confidence|certainty)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Number:
    """A value, exact, and whether it is written as percent: 42 % has the value 42."""

    value: Decimal | Fraction
    percent: bool = False

    def equals(self, other: Number) -> bool:
        """Return whether both are one value; one that alone is percent may stand for the number or the share."""
        if self.value == other.value:
            return True
        if self.percent == other.percent:
            return False
        share, number = (self, other) if self.percent else (other, self)
        return number.value * 100 == share.value

    def __str__(self) -> str:
        if isinstance(self.value, Fraction):
            text = f"{self.value.numerator}/{self.value.denominator}"
        else:
            text = f"{self.value:f}" if self.value.adjusted() < _PLAIN else f"{self.value}"
        return f"{text}%" if self.percent else text


def prepare(text: str) -> str:
    """Write digits, signs and LaTeX in the one way that the pattern of a number knows."""
    if not text.isascii():
        text = _RAISED.sub(lambda raised: "^" + raised[0].translate(_SUPERSCRIPT), text)
        text = "".join(_written(c) for c in text.translate(_SIGNS))
        text = unicodedata.normalize("NFKC", text)
    if "\\" in text or "{,}" in text:
        for pattern, plain in _LATEX:
            text = pattern.sub(plain, text)
    return _MINUS.sub(r"\g<before>-", text)


def _written(c: str) -> str:
    if c.isascii():
        return c
    category = unicodedata.category(c)
    if category == "Nd":
        return str(unicodedata.decimal(c))
    if category == "No" and "VULGAR FRACTION" in unicodedata.name(c, ""):
        return f" {unicodedata.normalize('NFKC', c).replace('⁄', '/')}"
    return "" if category == "Cf" else c


def find(text: str, comma: bool = False) -> list[Number]:
    """Return the numbers of a text in their order."""
    return [_number(match, comma) for match in _NUMBER[comma].finditer(prepare(text))]


def written(text: str, comma: bool = False) -> Number | None:
    """Read a text that is one number and nothing else, such as a reference answer; None for any other."""
    match = _NUMBER[comma].fullmatch(prepare(text).strip())
    return _number(match, comma) if match else None


def read(reply: str, comma: bool = False) -> Number | None:
    r"""Read the number that a reply gives: `\boxed{}`, then behind "####" or "answer:", then alone, then the last.

    None where it gives none.

    Example:
        `str(read("That is 3 + 39.\n\nAnswer: 42 apples (see step 2)")) == "42"`
    """
    text = prepare(visible_text(reply)[-_LONGEST:])
    for told in (marked(text), _final(text), after_answer(text)):
        if told is not None and (found := _of_line(told, comma)) is not None:
            return found
    every = lines(text)
    spoken = tuple(line for line in every if not _CONFIDENCE.match(line)) or every
    for line in (spoken[-1:], spoken[:1]):
        if line and (alone := _alone(line[0], comma)) is not None:
            return alone
    if spoken and (total := _total(spoken[-1], comma)) is not None:
        return total
    whole = "\n".join(spoken)
    for kept in (_STEP.sub("", _ASIDE.sub("", whole)), whole):
        if found_all := find(kept, comma):
            return found_all[-1]
    return None


def _final(text: str) -> str | None:
    """Return the line behind the last "####", as in GSM8K."""
    _, mark, answer = text.rpartition("####")
    return answer.strip().partition("\n")[0] if mark else None


def _of_line(line: str, comma: bool) -> Number | None:
    """Read the number of a line that is the answer: behind its last "=", where it begins, or its last."""
    line = _ASIDE.sub("", prepare(line).replace("*", " ") if "**" in line else prepare(line))
    line = line.rpartition("=")[2].strip() or line
    begun = _NUMBER[comma].match(line.lstrip("~≈ \t\"'`$([{") if not line.startswith("$") else line)
    if begun:
        return _number(begun, comma)
    found = find(line, comma)
    return found[-1] if found else _in_words(line)


def _alone(line: str, comma: bool) -> Number | None:
    """Read a line that is a number, in a wrapping or not, with a unit of up to two words or without."""
    for form in forms(line):
        if (number := written(form, comma)) is not None:
            return number
        match = _NUMBER[comma].match(prepare(form))
        if match and re.fullmatch(
            r"\s?[^\W\d_°]*[°^/\d]*[^\W\d_]*(?:\s[^\W\d_]+)?[.!]?", prepare(form)[match.end() :]
        ):
            return _number(match, comma)
        if (number := _in_words(form)) is not None:
            return number
    return None


def _total(line: str, comma: bool) -> Number | None:
    """Read the total of a line that gives its parts behind it: "There are 8: 2 flutes, 1 piano and 5 drums"."""
    before, _, after = line.partition(":")
    told, parts = find(before, comma), find(after, comma)
    is_sum = len(told) == 1 and len(parts) > 1 and sum(Fraction(one.value) for one in parts) == told[0].value
    return told[0] if is_sum else None


def _number(match: re.Match[str], comma: bool) -> Number:
    sign = -1 if match["minus"] or match["inner"] else 1
    percent = bool(match["percent"])
    if match["below"]:
        return Number(sign * _fraction(match["whole"], match["above"], match["below"]), percent)
    value = _decimal(match["digits"], comma)
    if sign < 0:
        value = value.copy_negate()  # as exact as it is written, which a product is not
    if power := match["power"]:
        value = value.scaleb(int(re.sub(r"\A\s?[eE]|\A.*\^|[{}\s]", "", power)))
    if scale := match["scale"].strip():
        value *= _SUFFIXES.get(scale) or _SCALES[scale]
    if match["raised"] and len(match["digits"]) < _LONGEST_BASE:
        value = value ** int(match["raised"].strip("^{} "))
    return Number(value, percent)


def _fraction(whole: str, above: str, below: str) -> Decimal | Fraction:
    if not int(below):
        return Decimal(above)
    exact = Fraction(int(above), int(below)) + int(whole or 0)
    rest = exact.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return exact if rest > 1 else Decimal(exact.numerator) / Decimal(exact.denominator)


def _decimal(digits: str, comma: bool) -> Decimal:
    """Read digits by their style; the patterns have seen to it that only one fits."""
    bare = re.sub(r"[ '_]", "", digits)
    grouped = bare != digits
    point = bare.rfind(".")
    last = bare.rfind(",")
    if comma or last > point >= 0 or bare.count(".") > 1:
        is_whole = comma and point >= 0 > last and not re.fullmatch(r"\d{1,3}(?:\.\d{3})+", bare)
        return Decimal(bare if is_whole else bare.replace(".", "").replace(",", "."))
    if last >= 0 and point < 0 and (grouped or _is_decimal_comma(bare)):
        return Decimal(bare.replace(",", "."))
    return Decimal(bare.replace(",", ""))


def _is_decimal_comma(digits: str) -> bool:
    before, _, after = digits.partition(",")
    return "," not in after and (len(after) != 3 or before == "0" or len(before) > 3)


def _in_words(text: str) -> Number | None:
    """Read a text that is a number in English words and nothing else."""
    words = re.sub(r"[^a-z\s-]", " ", text[:200].casefold()).replace("-", " ").split()
    if words[:1] == ["minus"] or words[:1] == ["negative"]:
        found = _in_words(" ".join(words[1:])) if len(words) > 1 else None
        return Number(-found.value) if found else None
    total = current = 0
    if not words or words[0] == "and" or not any(word in NUMBER_WORDS for word in words):
        return None
    for word in words:
        if word in NUMBER_WORDS:
            current += NUMBER_WORDS[word]
        elif word == "hundred":
            current = max(current, 1) * 100
        elif word in _SCALES:
            total, current = total + max(current, 1) * _SCALES[word], 0
        elif word != "and":
            return None
    return Number(Decimal(total + current))
