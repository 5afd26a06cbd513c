r"""How a reply is read: what the model said, taken from how it said it, before anyone judges whether it is right.

    raw reply -> what was read -> hit

A reading is chosen with the task and stored with it, by a code: `label`, `number`, `regex:\d+`. "" stands for the
one that suits the metric and the labels. `strict` reads nothing into a reply: that is how version 0.2 judged, how
its books verify, and how a task is judged in which the form of the answer is part of what is learnt.

All other readings do not see thinking aloud, end marks, Unicode's many ways to write one thing, and wrappings.
Labels are told apart whole: `invalid` is never `valid`, "not positive" never `positive`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import islice
from types import MappingProxyType

import regex

from lab.core.loose_json import finite, json_in, refused
from lab.errors import MisuseError
from lab.i18n import gettext_lazy
from lab.tasks import numbers
from lab.tasks.wrappings import after_answer, forms, key, lines, marked, plain, visible_text
from lab.text import is_blank

__all__ = [
    "OWN_PATTERN", "READINGS", "STRICT", "Reading", "about", "canonical", "check", "dumped", "fitting",
    "is_objects", "read", "usual",
]  # fmt: skip

STRICT = "strict"
OWN_PATTERN = "regex:"
_LONGEST_SEARCHED = 20_000  # characters of a reply
_SLACK = 200  # characters around a text that may be blanks
_PATTERN_S = 0.5


@dataclass(frozen=True)
class _Wanted:
    """What a reply is read against: the labels of the task, and the right answers of the example."""

    labels: tuple[str, ...]
    right: tuple[str, ...]

    def match(self, text: str) -> str | None:
        """Return the label, or the right answer, that a text is; None where it is none."""
        found = _matched(text, self.labels) if self.labels else None
        return _matched(text, self.right) if found is None else found


def _always(labels: tuple[str, ...]) -> bool:
    return True


@dataclass(frozen=True)
class Reading:
    """A way to read a reply.

    Attributes:
        title: what it is called, in a few words.
        about: what it does, in a sentence.
        example: a reply, and what is read in it (against the labels positive and negative, where it reads labels).
        read: (reply, wanted) -> what was read; None where nothing was.
        answer: a reference answer in the form in which this reading gives replies.
        fits: whether it can be offered for a task with these labels.
    """

    title: str
    about: str
    example: tuple[str, str]
    read: Callable[[str, _Wanted], str | None]
    answer: Callable[[str], str] = str
    fits: Callable[[tuple[str, ...]], bool] = _always


def read(reading: str, reply: str, labels: tuple[str, ...], right: tuple[str, ...]) -> str | None:
    """Return what a reply says by a reading, as a label or a right answer is spelt where it is one.

    None where it could not be read: no label, no number, no JSON, nothing that a pattern finds.

    Raises:
        MisuseError: when there is no such reading.
    """
    if reading.startswith(OWN_PATTERN):
        return _by_pattern(_pattern(reading), reply, _Wanted(labels, right))
    found = _read_short if len(reply) <= _SHORT else _read
    return found(reading, reply, labels, right)


def _read(reading: str, reply: str, labels: tuple[str, ...], right: tuple[str, ...]) -> str | None:
    return _of(reading).read(reply, _Wanted(labels, right))


_SHORT = 200  # characters: most replies are a label or a number, the same ones again and again
_read_short = lru_cache(10_000)(_read)


def canonical(reading: str, answer: str) -> str:
    """Return a reference answer in the form in which a reading gives replies."""
    return answer if reading.startswith(OWN_PATTERN) else _of(reading).answer(answer)


def usual(labels: tuple[str, ...]) -> str:
    """Return the reading that suits answers of which no more is known than their labels."""
    return "label" if labels else "whole"


def check(reading: str) -> str:
    """Return a reading as it is stored; "" is the usual one.

    Raises:
        MisuseError: when there is no such reading, or its pattern cannot be used.
    """
    if reading.startswith(OWN_PATTERN):
        _pattern(reading)
    elif reading:
        _of(reading)
    return reading


def about(reading: str) -> str:
    """Describe a reading to a person, in a sentence."""
    if reading.startswith(OWN_PATTERN):
        pattern = reading.removeprefix(OWN_PATTERN)
        return gettext_lazy(
            "What the regular expression {pattern} finds first; its group where it has one.", pattern=pattern
        )
    return _of(reading).about


def fitting(labels: tuple[str, ...]) -> tuple[str, ...]:
    """Return the readings to offer for a task."""
    return tuple(code for code, one in READINGS.items() if one.fits(labels))


def _of(reading: str) -> Reading:
    if reading not in READINGS:
        named = ", ".join((*READINGS, f"{OWN_PATTERN}PATTERN"))
        raise MisuseError(
            gettext_lazy(
                "There is no reading “{reading}”. Choose one of: {readings}.", reading=reading[:60], readings=named
            )
        )
    return READINGS[reading]


# What a text is, of labels or right answers


@lru_cache(256)
def _spellings(texts: tuple[str, ...]) -> Mapping[str, str]:
    """Return texts by the keys they are known by; what would be two texts is neither."""
    found: dict[str, str] = {}
    for weaker in (key, _bare_key, _loose_key, _value_key):
        new: dict[str, set[str]] = {}
        for text in texts:
            if (known := weaker(text)) not in found and known:
                new.setdefault(known, set()).add(text)
        found |= {known: next(iter(some)) for known, some in new.items() if len({key(one) for one in some}) == 1}
    return found


def _matched(text: str, texts: tuple[str, ...]) -> str | None:
    if len(text) > 4 * max(map(len, texts), default=0) + _SLACK:  # what is so much longer is another text
        return None
    known = _spellings(texts)
    return next(
        (known[k] for k in (key(text), _bare_key(text), _loose_key(text), _value_key(text)) if k in known), None
    )


def _bare_key(text: str) -> str:
    """Return the key without a leading article and what closes a sentence."""
    bare = key(text).rstrip(".!?。！？ ")
    if bare[:1] in "([" and bare[1:-1].isalnum():  # (A) is A
        bare = bare[1:-1]
    first, _, rest = bare.partition(" ")
    return rest.strip() if first in ("the", "a", "an") and rest.strip() else bare


def _loose_key(text: str) -> str:
    """Return the key with one sign for what parts words: card_lost, card-lost, card lost."""
    return regex.sub(r"(?<=\w)[\s_-]+(?=\w)", " ", key(text)[:_LONGEST_SEARCHED])


def _value_key(text: str) -> str:
    """Return the key of a plain number by its value, 1 for 1.0; "" where it is none."""
    try:
        value = Decimal(plain(text)) if len(text) < 30 else None
    except InvalidOperation:
        return ""
    return "" if value is None or not value.is_finite() else f"={value.normalize()}"


# Readings


def _strict(reply: str, wanted: _Wanted) -> str | None:
    return reply


def _any_form(text: str, wanted: _Wanted) -> str | None:
    """Return what a short text is in any of its forms."""

    def omits(aside: str) -> bool:
        # "positive (or negative)" leaves it open; "positive (not negative)" does not.
        if not wanted.labels:
            return True
        return not regex.match(
            r"\s*(?:or|and|but|maybe|perhaps|not sure)\b|\s*\?", aside, regex.I
        ) and not _asserted(aside, wanted.labels)

    found = next((one for form in forms(text, omits) if (one := wanted.match(form)) is not None), None)
    if found is not None and wanted.labels and _leads_from_another(text, found, wanted.labels):
        return None
    for read_ in (_choice, _rating, _qualified, _glossed, _contrasted) if wanted.labels else ():
        found = read_(text, wanted.labels) if found is None else found
    return found


def _choice(text: str, labels: tuple[str, ...]) -> str | None:
    """Return the letter of a choice that is written before its words: "(B) Paris", "B. Paris"."""
    if not all(len(label.strip("()[]. ")) == 1 for label in labels):
        return None
    begun = next((match for form in forms(text) if (match := _LETTER.match(form))), None)
    return _matched(begun[1] or begun[2], labels) if begun else None


def _rating(text: str, labels: tuple[str, ...]) -> str | None:
    """Return the number of a rating that is written with its scale, "4/5" or "4 out of 5", or as stars."""
    if not all(label.isdecimal() for label in labels):
        return None
    most = max(labels, key=int, default="")
    for form in forms(text):
        if (scale := _SCALE.fullmatch(form)) and scale[2] == most:
            return _matched(scale[1], labels)
        if _STARS.fullmatch(form):
            return _matched(str(form.count("★") + form.count("⭐")), labels)
    return None


def _leads_from_another(text: str, found: str, labels: tuple[str, ...]) -> bool:
    """Return whether what stands as the name of a label is another one: "negative -> positive"."""
    named = _NAMED_BY.fullmatch(text[:_SLACK])
    return named is not None and _form_of(named[1], labels) not in (None, found)


def _form_of(text: str, labels: tuple[str, ...]) -> str | None:
    return next((one for form in forms(text) if (one := _matched(form, labels)) is not None), None)


def _qualified(text: str, labels: tuple[str, ...]) -> str | None:
    """Return the label that is said with a degree or for certain: "very positive", "clearly a bug"."""
    for form in forms(text):
        degree = _DEGREE.match(form)
        if degree and not _DOUBTS.search(degree[0]):
            return _form_of(form[degree.end() :], labels)
    return None


def _glossed(text: str, labels: tuple[str, ...]) -> str | None:
    """Return the label that stands behind its number: "1 (positive)", "1 - positive"."""
    gloss = next((found for form in forms(text) if (found := _GLOSS.fullmatch(form))), None)
    label = _form_of(gloss[1] or gloss[2], labels) if gloss else None
    return label if label and not label.strip("()[]. ").isdecimal() else None


def _contrasted(text: str, labels: tuple[str, ...]) -> str | None:
    """Return the label that is set against another one: "positive rather than negative"."""
    contrast = _CONTRAST.fullmatch(text[:_SLACK])
    if not contrast or _form_of(contrast[2], labels) is None:
        return None
    return _form_of(contrast[1], labels) or _qualified(contrast[1], labels)


_NAMED_BY = regex.compile(r"([^:=→\n]{1,80}?)\s*(?::|=>?|->|→)\s*\S.*")
_DEGREE = regex.compile(
    r"(?:(?:very|quite|really|rather|pretty|fairly|somewhat|[a-z]{3,20}ly)\s+){1,3}(?=\S)", regex.I
)
_DOUBTS = regex.compile(  # what a label is not, or is in part, or was thought to be; and words that are no adverbs
    r"\b(?:hard|bare|scarce|rare|near|un\w*like|false|wrong|(?:in)?correct|mistaken|alleged|supposed|ostensib|possib"
    r"|potential|partial|part|seeming|apparent|on|former|previous|initial|original|superficial|conditional|equal"
    r"|hypothetical|nominal|fami|rep|app|supp|ear)ly\b",
    regex.I,
)
_GLOSS = regex.compile(r"#?\d{1,3}\s*(?:[(\[]([^()\[\]]{1,80})[)\]]|[:=–-]\s*(.{1,80}))")
_CONTRAST = regex.compile(
    r"(.{1,100}?),?\s+(?:rather than|instead of|as opposed to|and not|but not|over)\s+(.{1,80})", regex.I
)
_SCALE = regex.compile(r"(\d{1,4})\s*(?:/|out of|of)\s*(\d{1,4})(?:\s+(?:stars?|points?))?", regex.I)
_STARS = regex.compile(r"[★⭐☆✩]{1,10}")
_LETTER = regex.compile(r"\(([\p{L}\d])\)\s|([\p{L}\d])[).:]\s")


def _marked(text: str, wanted: _Wanted) -> str | None:
    """Return what a text marks as its answer: JSON, `<answer>`, a box."""
    if (value := json_in(text)) is not None and text.lstrip(" \n\t`").startswith(("{", "[", "json")):
        found = _in_json(value, wanted)
        if found is not None:
            return found
    inside = marked(text)
    return None if inside is None else _any_form(inside, wanted)


def _whole(reply: str, wanted: _Wanted) -> str | None:
    text = visible_text(reply)
    if is_blank(text):
        return None
    found = wanted.match(reply)  # as it is: a right answer may look like a mark
    spoken = lines(text)
    is_one = len(spoken) == 1 or (len(spoken) == 2 and spoken[0].rstrip("*_` ").endswith((":", "：")))
    for one in (wanted.match(text), _marked(text, wanted), _any_form(" ".join(spoken), wanted) if is_one else None):
        found = one if found is None else found
    return found if found is not None or wanted.labels else text.strip()


def _label(reply: str, wanted: _Wanted) -> str | None:
    text = visible_text(reply)
    if is_blank(text):
        return None
    whole = _whole(reply, _Wanted(wanted.labels or wanted.right, wanted.right))
    if whole is not None:
        return whole
    spoken = lines(text) or (text.strip(),)
    first, last = _of_line(spoken[0], wanted), _of_line(spoken[-1], wanted)
    if len(spoken) == 1 and first is None:
        first, last = _explained(text, wanted), _concluded(spoken[0], wanted)
    if len(spoken) > 1 and first is not None and regex.match(_RUNS_ON, spoken[1]):
        last = first  # a plain model goes on with another example
    if first is None or last is None or first == last:
        found = last if first is None else first
    else:  # two labels are none, unless the last line says that it is the answer
        found = last if _of_line(spoken[-1], wanted, announced=True) else None
    if first is last is None:
        reasoned = (_explained(one, wanted) for one in (text, after_answer(text) or ""))
        found = next((one for one in reasoned if one is not None), None)
    return found if found is not None or wanted.labels else text.strip()


_RUNS_ON = regex.compile(
    r"\W*(?:input|question|q|text|review|message|user|human|instruction|example)\s*\d{0,3}\W*:", regex.I
)


def _of_line(line: str, wanted: _Wanted, announced: bool = False) -> str | None:
    answer = after_answer(line)
    found = None if announced else _any_form(line, wanted)
    if found is None and answer is not None:
        found = _any_form(answer, wanted)
    return _of_cells(line, wanted) if found is None and not announced else found


def _of_cells(line: str, wanted: _Wanted) -> str | None:
    """Return the one label that the cells of a table's row hold."""
    cells = line.strip("|").split("|")
    if not wanted.labels or not line.startswith("|") or not 1 < len(cells) <= _MOST_CELLS:
        return None
    found = {one for cell in cells if (one := _any_form(cell, wanted)) is not None}
    return next(iter(found)) if len(found) == 1 else None


def _explained(text: str, wanted: _Wanted) -> str | None:
    """Return the label that a text begins with, where what follows gives reasons and no other label.

    A sentence of its own may be followed by reasons that name others: "Yes. A no would need more."
    """
    if not wanted.labels or _RUNS_ON.match(text):
        return None
    text = text.strip()[:_LONGEST_SEARCHED]
    for parts in islice(_PARTS.finditer(text, 0, _FIRST_WORDS), _MOST_PARTS):
        reasons = text[parts.end() :]
        found = _any_form(text[: parts.start()], wanted) if reasons else None
        if found is None:
            continue
        if _TAKES_BACK.match(reasons):
            return None
        others = [one for one in _asserted(reasons, wanted.labels) if one != found]
        is_sentence = parts["end"] is not None and len(found) > 1 and not _SAYS_NO.match(reasons)
        ends_otherwise = _any_form(_SENTENCE.split(reasons.rstrip())[-1], wanted) not in (None, found)
        may_name_others = is_sentence or _BECAUSE.match(reasons)
        if _RUNS_ON.match(reasons) or not others or (may_name_others and not ends_otherwise):
            return found
        return None
    return None


def _concluded(line: str, wanted: _Wanted) -> str | None:
    """Return the label that the last sentence of a line is, or concludes with; two that are two labels are none."""
    sentences = _SENTENCE.split(line)
    sentences = [*sentences[:-1], *_THEREFORE.split(sentences[-1])]
    begun = None if sentences[0].endswith("?") else _of_line(sentences[0], wanted)
    ended = _of_line(sentences[-1], wanted)
    return ended if begun in (None, ended) else None


_MOST_CELLS = 12
_FIRST_WORDS = 400  # characters within which an answer comes before its reasons
_MOST_PARTS = 4
_SENTENCE = regex.compile(r"(?<=[.!?])\s+|(?<=[。！？।])\s*|\n+")
# What parts an answer from its reasons.
_PARTS = regex.compile(
    r"(?P<end>[.!][\"'*_`)\]]*\s+|[。！।۔]|[*_]*\s*\n+)"
    r"|[,;:][*_]*\s+|[，；：、،]\s*|\s+[-–—]+\s+|—|\s+(?=(?:because|since|weil|porque|parce que|因为|因為)\b)"
)
_BECAUSE = regex.compile(
    r"\W*(?:because|since|as|given that|weil|denn|porque|ya que|parce que|car|因为|因為)\b", regex.I
)
_THEREFORE = regex.compile(
    r"[,;]\s+(?:and\s+)?(?:so|therefore|thus|hence|making it|which makes it)\b[,:]?\s+", regex.I
)
_SAYS_NO = regex.compile(r"\W*(?:no|nope|nein|non|нет)\b", regex.I)
_TAKES_BACK = regex.compile(
    r"\W*(?:(?:wait|actually|hmm+|sorry|scratch|correction|on second thought|or|rather|maybe not|perhaps not)\b"
    r"|(?:no|not|nope|none|false|wrong|nein|non|нет)\b\W*(?:$|(?:really|at all|sure|certain)\b)|[\d.,%/\s]+$)",
    regex.I,
)


def _named(reply: str, wanted: _Wanted) -> str | None:
    found = _label(reply, wanted)
    if found is not None or not wanted.labels:
        return found
    named = _asserted(visible_text(reply), wanted.labels)
    return named[0] if len(named) == 1 else None


def _text(reply: str, wanted: _Wanted) -> str | None:
    text = visible_text(reply).strip()
    return None if is_blank(text) else text


def _last(reply: str, wanted: _Wanted) -> str | None:
    text = visible_text(reply)
    if is_blank(text):
        return None
    places = (marked(text), after_answer(text), lines(text)[-1] if lines(text) else "")
    line = next((one for one in places if one is not None and one.strip()), "")
    found = _any_form(line, wanted)
    return found if found is not None or wanted.labels else plain(line)


def _number(comma: bool) -> Callable[[str, _Wanted], str | None]:
    def read_number(reply: str, wanted: _Wanted) -> str | None:
        found = numbers.read(reply, comma)
        if wanted.labels and found is not None:
            return wanted.match(str(found)) or str(found)
        return None if found is None else str(found)

    return read_number


def _answer_number(comma: bool) -> Callable[[str], str]:
    def of(answer: str) -> str:
        found = numbers.read(answer, comma)
        return answer if found is None else str(found)

    return of


def _json(reply: str, wanted: _Wanted) -> str | None:
    value = json_in(visible_text(reply))
    if value is None:
        return None
    if wanted.labels:
        return _in_json(value, wanted)
    try:
        return dumped(_by_value(value))
    except (ValueError, RecursionError):
        return None


def _answer_json(answer: str) -> str:
    value = json_in(answer)
    try:
        return answer if value is None else dumped(_by_value(value))
    except (ValueError, RecursionError):
        return answer


def _by_pattern(pattern: regex.Pattern[str], reply: str, wanted: _Wanted) -> str | None:
    try:
        found = pattern.search(visible_text(reply)[-_LONGEST_SEARCHED:], timeout=_PATTERN_S, concurrent=True)
    except TimeoutError:
        return None
    if not found:
        return None
    text = next((group for group in found.groups() if group is not None), found[0])
    matched = _any_form(text, wanted)
    return matched if matched is not None or wanted.labels else text.strip()


@lru_cache(64)
def _pattern(reading: str) -> regex.Pattern[str]:
    """Return the pattern of a reading.

    Raises:
        MisuseError: when it is empty or cannot be compiled.
    """
    pattern = reading.removeprefix(OWN_PATTERN)
    if not pattern or len(pattern) > 500:
        raise _unusable(pattern, gettext_lazy("it needs 1 to 500 characters"))
    try:
        return regex.compile(pattern, regex.V1 | regex.MULTILINE)
    except (regex.error, RecursionError) as problem:
        raise _unusable(pattern, str(problem)) from None


def _unusable(pattern: str, problem: str) -> MisuseError:
    return MisuseError(
        gettext_lazy(
            "The regular expression {pattern!r} cannot be used: {problem}.", pattern=pattern[:60], problem=problem
        )
    )


# JSON


def is_objects(answer: str) -> bool:
    """Return whether a reference answer is a JSON object, or a list of objects."""
    try:
        value = json.loads(answer, parse_float=finite, parse_constant=refused)
    except (ValueError, RecursionError):
        return False
    rows = value if isinstance(value, list) else [value]
    return bool(rows) and all(isinstance(row, Mapping) for row in rows)


def dumped(value: object) -> str:
    """Write JSON in one way, so that equal values are equal texts; half a surrogate pair is its escape."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace").decode()


def _by_value(value: object) -> object:
    """Write whole numbers in one way: 2.0 is 2."""
    if isinstance(value, Mapping):
        return {name: _by_value(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_by_value(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


_ANSWER_KEYS = frozenset(
    [
        "label",
        "labels",
        "answer",
        "final_answer",
        "answers",
        "class",
        "category",
        "classification",
        "sentiment",
        "intent",
        "topic",
        "output",
        "result",
        "response",
        "prediction",
        "predicted_label",
        "value",
        "type",
        "verdict",
    ]
)


def _in_json(value: object, wanted: _Wanted) -> str | None:
    """Return the one label that JSON gives: under a name for answers, else among its values, or the true one."""
    named = {
        found
        for name, one in _values(value)
        if key(name).replace(" ", "_") in _ANSWER_KEYS and (found := _any_form(one, wanted))
    }
    every = {found for _, one in _values(value) if (found := _any_form(one, wanted)) is not None}
    labels = named or every or _true(value, wanted)
    return next(iter(labels)) if len(labels) == 1 else None


def _true(value: object, wanted: _Wanted) -> set[str]:
    """Return the labels that JSON calls true, where it tells of each of them whether it is."""
    told = {label: one for name, one in _values(value) if (label := wanted.match(name)) is not None}
    return {label for label, one in told.items() if one == "true"} if told.keys() == set(wanted.labels) else set()


def _values(value: object, name: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Yield the plain values of JSON with their names, down to three levels."""
    if isinstance(value, Mapping) and depth < 3:
        for inner, one in list(value.items())[:50]:
            yield from _values(one, str(inner), depth + 1)
    elif isinstance(value, list | tuple) and depth < 3:
        for one in value[:50]:
            yield from _values(one, name, depth + 1)
    elif isinstance(value, bool) or value is None:
        yield name, {True: "true", False: "false", None: "null"}[value]
    elif isinstance(value, str | int | float):
        yield name, str(value)


# Labels that a text names

_CLAUSE = regex.compile(r"[.,;!?\n()]")
_NEGATORS = frozenset(
    [
        "not",
        "no",
        "never",
        "neither",
        "nor",
        "non",
        "cannot",
        "without",
        "hardly",
        "isnt",
        "isn't",
        "wasn't",
        "aren't",
        "don't",
        "doesn't",
        "didn't",
        "can't",
        "won't",
        "couldn't",
        "wouldn't",
        "shouldn't",
        "dont",
        "doesnt",
        "n't",
        "nothing",
        "opposite",
        "wrong",
        "incorrect",
        "if",
        "whether",
        "than",
        "instead",
        "opposed",
        "unlike",
        "nicht",
        "kein",
        "keine",
        "pas",
        "ne",
        "ni",
        "nunca",
    ]
)
_NEGATED_BEFORE = regex.compile(r"(?:[不非没未无無別]|不是|并非|並非|没有)\s*\Z")
_REACH = 5  # words that a negation reaches over


@lru_cache(256)
def _naming(labels: tuple[str, ...]) -> regex.Pattern[str]:
    """Return what finds labels as whole words, the longest that fits first."""
    named = sorted({plain(label) for label in labels if plain(label)}, key=len, reverse=True)
    parts = []
    for label in named:
        before = r"(?<![\w'-])" if _has_edges(label[0]) else ""
        after = r"(?![\w'-]|\.\w)" if _has_edges(label[-1]) else ""
        parts.append(f"{before}{regex.escape(label)}{after}")
    return regex.compile("|".join(parts), regex.IGNORECASE)


def _has_edges(c: str) -> bool:
    """Return whether a character is of a script that parts its words."""
    return (
        regex.match(r"[\w--[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]]", c, regex.V1)
        is not None
    )


def _asserted(text: str, labels: tuple[str, ...]) -> tuple[str, ...]:
    """Return the labels that a text names and does not deny, once each."""
    text = plain(text[:_LONGEST_SEARCHED])
    denying = _NEGATORS - {key(label) for label in labels}
    found: dict[str, None] = {}
    for match in _naming(labels).finditer(text):
        label = _matched(match[0], labels)
        if label is not None and _is_meant(text, match, label) and not _is_denied(text[: match.start()], denying):
            found[label] = None
    return tuple(found)


def _is_meant(text: str, match: regex.Match[str], label: str) -> bool:
    """Return whether a short word that is a label also is one here: "no idea" and "a film" name none."""
    follows = text[match.end() : match.end() + 2]
    if follows[:1] == "?":
        return False
    leads_on = regex.match(r"\s\p{L}", follows) is not None
    if key(label) in ("no", "a", "i"):
        return not leads_on and (len(label) > 1 or match[0].isupper())
    return len(label) > 1 or not label.isalpha() or match[0] == label


def _is_denied(before: str, denying: frozenset[str]) -> bool:
    if _NEGATED_BEFORE.search(before[-8:]):
        return True
    clause = _CLAUSE.split(before[-120:])[-1].casefold()
    clause = regex.sub(r"\bnot (?:only|just)\b", " ", clause)
    clause = regex.sub(r"\b(?:any|no|every)thing but\b", "not", clause)
    words = regex.findall(r"[\w']+", clause)[-_REACH:]
    return any(word in denying or word.endswith("n't") for word in words)


def _needs_labels(labels: tuple[str, ...]) -> bool:
    return bool(labels)


def _needs_none(labels: tuple[str, ...]) -> bool:
    return not labels


READINGS: Mapping[str, Reading] = MappingProxyType({
    "label": Reading(
        gettext_lazy("A label, in any form"),
        gettext_lazy(
            "A reply is right if it, its first or its last line is the label, whatever stands around it: bold, "
            "quotes, brackets, “Label:”, “The answer is”, punctuation, JSON. Reasons may follow that name no other "
            "label."
        ),
        ("**Label:** Positive.\n\nThe film is praised.", "positive"),
        _label,
        fits=_needs_labels,
    ),
    "named": Reading(
        gettext_lazy("The only label it names"),
        gettext_lazy(
            "As a label in any form; else the one label that the reply names as a whole word and does not deny, if "
            "it is the only one."
        ),
        ("I would call this review positive, not negative.", "positive"),
        _named,
        fits=_needs_labels,
    ),
    "whole": Reading(
        gettext_lazy("The whole reply"),
        gettext_lazy(
            "The whole reply is the answer. Case, space, a leading article, wrappings and closing punctuation do "
            "not count."
        ),
        ("**Positive**.", "positive"),
        _whole,
    ),
    "last": Reading(
        gettext_lazy("The last line, or behind “answer:”"),
        gettext_lazy(
            "What stands behind the last “answer:”, or else the last line; what stands before may be anything."
        ),
        ("It praises the cast.\nSo, my answer: positive", "positive"),
        _last,
    ),
    "text": Reading(
        gettext_lazy("All that it says"),
        gettext_lazy(
            "All that the reply says, without thinking aloud and marks of its end; the metric looks for the answer."
        ),
        ("<think>Hm.</think>It is positive, I think.</s>", "It is positive, I think."),
        _text,
        fits=_needs_none,
    ),
    "number": Reading(
        gettext_lazy("A number"),
        gettext_lazy(
            "The number in \\boxed{}, or behind “answer:”, or else the last one, by its value: fractions, signs, "
            "percent, currency, thousands in any style."
        ),
        ("16 - 3 = 13, so she earns $1,013.00 in all.", "1013.00"),
        _number(comma=False),
        _answer_number(comma=False),
    ),
    "number-comma": Reading(
        gettext_lazy("A number with a decimal comma"),
        gettext_lazy("As a number; a comma is the decimal point, and a point parts thousands."),
        ("Das sind 1.013,50 €.", "1013.50"),
        _number(comma=True),
        _answer_number(comma=True),
        fits=_needs_none,
    ),
    "json": Reading(
        gettext_lazy("JSON, by value"),
        gettext_lazy(
            "The JSON in the reply, by its value: space, the order of fields and what stands around it do not "
            "count."
        ),
        ('Here it is:\n```json\n{"b": 2, "a": 1}\n```', '{"a":1,"b":2}'),
        _json,
        _answer_json,
    ),
    STRICT: Reading(
        gettext_lazy("Strictly as it is"),
        gettext_lazy(
            "The reply is taken as it is: only case and one full stop of a label do not count, and space around "
            "it. The form of the answer is part of the task."
        ),
        ("Positive.", "positive"),
        _strict,
    ),
})  # fmt: skip
