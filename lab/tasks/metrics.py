"""How an answer is judged: from a reply to what was read of it, by the task's reading, and from that to its hit.

One function a metric judges what was read; a second one sums a split up: the mean of its hits, or the F1 of its
labels.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from lab.core.loose_json import finite, refused
from lab.core.reasoning import without_reasoning
from lab.core.task import Example
from lab.errors import MisuseError
from lab.i18n import gettext_lazy
from lab.tasks import numbers, overlap, readings
from lab.tasks.rubric import points

__all__ = [
    "METRICS", "OWN", "Form", "Judged", "Metric", "define", "is_known", "is_metric", "is_number", "judge",
    "last_number", "metric", "total", "usual_reading",
]  # fmt: skip

_LONGEST = 20  # characters of a tolerance
OWN = "own:"  # what the name of a person's own metric begins with

# The digits are an atomic group: a number is taken whole or not at all, so that 18/20 is not read as 1 or 18.
_NUMBER = re.compile(
    r"""
    (?<![^\W_]) (?<!/)                          # not inside a word or number, not behind a slash
    (?P<minus> (?: (?<!\)) [-−–] )? )
    [$€£¥₹]?
    (?P<inner> [-−–]? )                         # $-5
    (?P<digits> (?> (?: \d{1,3} (?:,\d{3})+ (?!\d) | \d+ ) (?:\.\d+)? | \.\d+ ) )
    (?P<power> (?: [eE][-+]?\d{1,3} (?!\d) )? )
    (?! /\d )
    """,
    re.VERBOSE,
)

# Up to so many objects a side, they are matched exactly; beyond the second number they are not compared at all.
_EXACT_MATCH = 8
_MOST_OBJECTS = 300
_PHONES = frozenset({"phone", "telephone", "tel", "mobile", "fax"})
_EMPTY: tuple[object, ...] = (None, "", [], {})

Row = Mapping[str, object]


# How a reply gave what was read: as `strict` takes it, in another form, nothing was read, or a model has to judge.
Form = Literal["plain", "other", "unread", "unjudged"]


@dataclass(frozen=True)
class Judged:
    """What was read of a reply, and its hit in [0, 1]; `got` is the raw text when nothing was.

    The hit is None where a model has to judge, and its verdict is not there or could not be read.
    """

    got: str
    hit: float | None
    form: Form = "plain"


def _mean(labels: tuple[str, ...], answers: Sequence[str], got: Sequence[str], hits: Sequence[float]) -> float:
    return sum(hits) / len(hits)


@dataclass(frozen=True)
class Metric:
    """A way to judge, as people see it in the table of all.

    Attributes:
        about: one or two sentences that say what counts.
        judge: (labels, example, what was read) -> that in its plain form, and its hit.
        total: (labels, reference answers, what was understood, hits) -> the score of a split in [0, 1];
            at least one row, all of one length.
        strictly: (labels, example, reply) -> the same of a raw reply, as the reading `strict` has it; `judge` where
            it is None.
        example: a reference answer, a reply, and the hit that it gets.
        reading: how replies are read where nobody says otherwise; "" goes by the labels.
        range: the lowest and the highest score.
    """

    about: str
    judge: Callable[[tuple[str, ...], Example, str], Judged]
    total: Callable[[tuple[str, ...], Sequence[str], Sequence[str], Sequence[float]], float] = _mean
    strictly: Callable[[tuple[str, ...], Example, str], Judged] | None = None
    example: tuple[str, str, float] = ("", "", 1.0)
    reading: str = ""
    range: tuple[float, float] = (0.0, 1.0)


def _value(match: re.Match[str]) -> Decimal:
    sign = "-" if match["minus"] or match["inner"] else ""
    return Decimal(sign + match["digits"].replace(",", "") + match["power"])


def _final(text: str) -> str:
    _, mark, answer = text.rpartition("####")
    return answer.strip().partition("\n")[0].strip() if mark else text.strip()


def last_number(text: str) -> Decimal | None:
    """Read the last number of a text, or of the line behind its last `####`; None when there is none."""
    found = list(_NUMBER.finditer(_final(text)))
    return _value(found[-1]) if found else None


def is_number(text: str) -> bool:
    """Return whether a reference answer is one number, or end in `####` and one number (GSM8K)."""
    return _NUMBER.fullmatch(_final(text).removesuffix("%").rstrip()) is not None


def _plain(text: str) -> str:
    return text.strip().removesuffix(".").rstrip().casefold()


def _exact(labels: tuple[str, ...], example: Example, reply: str) -> Judged:
    right = (example.answer, *example.accepted)
    if not reply.strip():
        return Judged(reply, 0.0, "unread")
    if not labels:
        got = reply.strip()
        return Judged(got, float(got in {text.strip() for text in right}))
    label = {_plain(label): label for label in labels}.get(_plain(reply))
    hit = float(_plain(reply) in {_plain(text) for text in right})
    return Judged(reply if label is None else label, hit, "plain" if label is not None or hit else "unread")


def _numeric(labels: tuple[str, ...], example: Example, read: str) -> Judged:
    got = numbers.read(read)
    right = [numbers.read(text) for text in (example.answer, *example.accepted)]
    return Judged(read, float(got is not None and any(got.equals(one) for one in right if one is not None)))


def _within(tolerance: Decimal, relative: bool) -> Callable[[tuple[str, ...], Example, str], Judged]:
    """Return what judges a number that may be so far off: absolutely, or by a share of the answer."""

    def judged(labels: tuple[str, ...], example: Example, read: str) -> Judged:
        got = numbers.read(read)
        right = [numbers.read(text) for text in (example.answer, *example.accepted)]
        hit = got is not None and any(
            got.equals(one) or abs(Fraction(got.value) - Fraction(one.value)) <= _allowed(one, tolerance, relative)
            for one in right
            if one is not None
        )
        return Judged(read, float(hit))

    return judged


def _allowed(answer: numbers.Number, tolerance: Decimal, relative: bool) -> Fraction:
    return Fraction(tolerance) * (abs(Fraction(answer.value)) / 100 if relative else 1)


def _most(measure: Callable[[str, str], float]) -> Callable[[tuple[str, ...], Example, str], Judged]:
    """Return what judges a text by a measure, against the answer that it has most of."""

    def judged(labels: tuple[str, ...], example: Example, read: str) -> Judged:
        if not read.strip():
            return Judged(read, 0.0, "unread")
        return Judged(read, max(measure(answer, read) for answer in (example.answer, *example.accepted)))

    return judged


def _choice(labels: tuple[str, ...], example: Example, read: str) -> Judged:
    got = overlap.choice(read)
    if got is None:
        return Judged(read, 0.0, "unread")
    right = {overlap.choice(text) for text in (example.answer, *example.accepted)}
    return Judged(got, float(got in right))


def _to_be_judged(labels: tuple[str, ...], example: Example, read: str) -> Judged:
    return Judged(read, None, "unjudged") if read.strip() else Judged(read, 0.0, "unread")


def _last_number(labels: tuple[str, ...], example: Example, reply: str) -> Judged:
    got = last_number(reply)
    if got is None:
        return Judged(reply, 0.0, "unread")
    right = {last_number(text) for text in (example.answer, *example.accepted)}
    return Judged(f"{got}", float(got in right))


def _macro_f1(labels: tuple[str, ...], answers: Sequence[str], got: Sequence[str], hits: Sequence[float]) -> float:
    """Return the mean F1 of the labels; one that is neither expected nor given has none and is left out.

    A reply that is not a label is a miss of its class and counts against no other.
    """
    expected = [_plain(answer) for answer in answers]
    # An accepted wording of the answer is the answer.
    given = [right if hit else _plain(text) for right, text, hit in zip(expected, got, hits, strict=True)]
    known = {_plain(label) for label in labels} or set(expected)
    scores = [
        overlap.f1(sum(a == b == label for a, b in zip(expected, given, strict=True)), *counts)
        for label in sorted(known)
        if any(counts := (expected.count(label), given.count(label)))
    ]
    return math.fsum(scores) / len(scores) if scores else 0.0


def _trimmed(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _rows(text: str) -> tuple[Row, ...] | None:
    """Read a list of objects, or a single one, without the fields that are empty; None when it is neither."""
    try:
        read = json.loads(text, parse_float=finite, parse_constant=refused)
    except (ValueError, RecursionError):
        return None
    rows = read if isinstance(read, list) else [read]
    if not all(isinstance(row, dict) for row in rows):
        return None
    filled = ({key: _trimmed(value) for key, value in row.items()} for row in rows)
    return tuple({key: value for key, value in row.items() if value not in _EMPTY} for row in filled)


def _same(field: str, value: object) -> str:
    """Return what two equal values of a field have in common."""
    text = value if isinstance(value, str) else readings.dumped(value)
    digits = re.sub(r"\D", "", text) if field.casefold() in _PHONES else ""
    return f"{'+' if text.startswith('+') else ''}{digits}" if digits else text.casefold()


def _fields(row: Row) -> frozenset[tuple[str, str]]:
    return frozenset((field, _same(field, value)) for field, value in row.items())


def _matched_exactly(gains: list[list[int]]) -> int:
    """Return the best sum of gains with at most one a row and a column, over all sets of columns taken."""
    best = {0: 0}
    for row in gains:
        grown = dict(best)
        for taken, gained in best.items():
            for column, gain in enumerate(row):
                if gain and not taken & 1 << column:
                    key = taken | 1 << column
                    grown[key] = max(grown.get(key, 0), gained + gain)
        best = grown
    return max(best.values())


def _matched_greedily(gains: list[list[int]]) -> int:
    pairs = sorted((-gain, i, j) for i, row in enumerate(gains) for j, gain in enumerate(row) if gain)
    rows, columns, gained = set[int](), set[int](), 0
    for gain, i, j in pairs:
        if i not in rows and j not in columns:
            rows.add(i)
            columns.add(j)
            gained -= gain
    return gained


def _field_score(expected: Sequence[Row], given: Sequence[Row]) -> float:
    left, right = [_fields(row) for row in expected], [_fields(row) for row in given]
    gains = [[len(a & b) for b in right[:_MOST_OBJECTS]] for a in left[:_MOST_OBJECTS]]
    small = max(len(left), len(right)) <= _EXACT_MATCH
    matched = (_matched_exactly if small else _matched_greedily)(gains)
    return overlap.f1(matched, sum(map(len, left)), sum(map(len, right)))


def _field_f1(labels: tuple[str, ...], example: Example, reply: str) -> Judged:
    try:
        given = _rows(reply)
        if given is None:
            return Judged(reply, 0.0, "unread")
        right = [rows for text in (example.answer, *example.accepted) if (rows := _rows(text)) is not None]
        hit = max((_field_score(expected, given) for expected in right), default=0.0)
        return Judged(readings.dumped(given), hit)
    except RecursionError:  # nested deeper than can be written again
        return Judged(reply, 0.0, "unread")


METRICS: Mapping[str, Metric] = MappingProxyType({
    "exact": Metric(
        gettext_lazy("The reply is the answer, as it is read."), _exact, example=("Paris", "**Paris**.", 1.0)
    ),
    "accuracy": Metric(gettext_lazy("The share of right labels."), _exact, example=("yes", "Label: yes", 1.0)),
    "macro_f1": Metric(
        gettext_lazy(
            "The mean over the labels of each label's F1, so that a rare label counts as much as a frequent one. "
            "A single example is right or wrong, as in accuracy; that is what an optimizer sees."
        ),
        _exact,
        _macro_f1,
        example=("yes", "no", 0.0),
    ),
    "contains": Metric(
        gettext_lazy("The answer stands somewhere in the reply, as whole words. Case does not count."),
        _most(overlap.contained),
        example=("Paris", "It is Paris, in France.", 1.0),
        reading="text",
    ),
    "numeric": Metric(
        gettext_lazy(
            "The number of the reply has the value of the answer. `numeric:0.5` allows 0.5 more or less, "
            "`numeric:1%` a hundredth of the answer."
        ),
        _numeric,
        strictly=_last_number,
        example=("1000", "That is $1,000.00.", 1.0),
        reading="number",
    ),
    "set_f1": Metric(
        gettext_lazy(
            "The F1 of the members of a set, such as several labels: parted by commas, semicolons or lines, or a "
            "JSON list, in any order."
        ),
        _most(overlap.set_f1),
        example=("red, blue", "Blue; green", 0.5),
        reading="text",
    ),
    "token_f1": Metric(
        gettext_lazy(
            "The F1 of the words that reply and answer share, without articles and punctuation, as for SQuAD."
        ),
        _most(overlap.token_f1),
        example=("the red car", "a red bus", 0.5),
        reading="text",
    ),
    "field_f1": Metric(
        gettext_lazy(
            "The F1 of the fields in a JSON list of objects, each matched to the one it fits best. Case and space "
            "around a value do not count, nor does what parts the digits of a phone number."
        ),
        _field_f1,
        example=('[{"a": 1, "b": 2}]', '[{"a": 1}]', 2 / 3),
        reading="json",
    ),
    "multiple_choice": Metric(
        gettext_lazy("The letter of the choice is right, with or without brackets and the words behind it."),
        _choice,
        example=("(B)", "B. Paris", 1.0),
        reading="text",
    ),
    "regex": Metric(
        gettext_lazy("The reply matches the answer, which is a regular expression."),
        _most(overlap.matches),
        example=(r"^\d{4}-\d\d$", "2024-05", 1.0),
        reading="text",
    ),
    "judge": Metric(
        gettext_lazy(
            "A model, the judge, grades the answer by a rubric: it passes or fails; `judge:5` gives 1 to 5 points. "
            "An answer whose verdict cannot be read is left out and counted."
        ),
        _to_be_judged,
        example=("Paris", "It is the capital of France.", 1.0),
        reading="text",
    ),
})  # fmt: skip


_own: dict[str, Metric] = {}  # a person's own, by name; grows by `define` alone


def define(name: str, metric: Metric) -> None:
    """Make a metric of a person's own known by its name, which says what its source is."""
    _own[name] = metric


def is_metric(name: str) -> bool:
    """Return whether a name is that of a metric: of the table, with a tolerance, or of a person's own."""
    return name in METRICS or name.startswith(OWN) or points(name) is not None or _tolerant(name) is not None


def metric(name: str) -> Metric:
    """Return a metric by name; one of a person's own that is not known here judges nothing, and says so.

    Raises:
        MisuseError: when no metric has that name.
    """
    if name in METRICS:
        return METRICS[name]
    if (tolerant := _tolerant(name)) is not None:
        return tolerant
    if points(name) is not None:
        return METRICS["judge"]
    if not name.startswith(OWN):
        raise MisuseError(
            gettext_lazy(
                "There is no metric {metric!r}. Choose one of: {metrics}, numeric:0.01, judge:5.",
                metric=name, metrics=", ".join(METRICS),
            )
        )  # fmt: skip
    return _own.get(name) or Metric(gettext_lazy("A Python function that is not known here."), _unknown(name))


@lru_cache(64)
def _tolerant(name: str) -> Metric | None:
    """Return the metric of a number with a tolerance, such as `numeric:0.01` or `numeric:5%`; None for others."""
    kind, _, given = name.partition(":")
    if kind != "numeric" or len(given) > _LONGEST:
        return None
    try:
        tolerance = Decimal(given.removesuffix("%").strip())
    except InvalidOperation:
        return None
    if not tolerance.is_finite() or tolerance < 0 or abs(tolerance.adjusted()) > _LONGEST:
        return None
    about = gettext_lazy("The number of the reply is within {given} of the answer.", given=given)
    return Metric(about, _within(tolerance, given.endswith("%")), example=("100", "100", 1.0), reading="number")


def is_known(name: str) -> bool:
    """Return whether replies can be judged here by the metric of this name, which a task has."""
    return not name.startswith(OWN) or name in _own


def _unknown(name: str) -> Callable[[tuple[str, ...], Example, str], Judged]:
    _, called, digest = (*name.split(":"), "", "")[:3]

    def judge(labels: tuple[str, ...], example: Example, reply: str) -> Judged:
        changed = any(one.startswith(f"{OWN}{called}:") for one in _own)
        raise MisuseError(
            gettext_lazy(
                "Replies are judged by the metric “{metric}” (source {digest}), a Python function that reads "
                "otherwise now. Define it as it was, under @lab.metric, and go on; what was measured stays.",
                metric=called, digest=digest,
            )
            if changed
            else gettext_lazy(
                "Replies are judged by the metric “{metric}” (source {digest}), a Python function that is not "
                "known here. Define it as it was, under @lab.metric, and go on; what was measured stays.",
                metric=called, digest=digest,
            )
        )  # fmt: skip

    return judge


def judge(task_metric: str, labels: tuple[str, ...], example: Example, reply: str, reading: str = "") -> Judged:
    """Read a reply by a reading, the usual one where none is named, and judge what was read by a metric.

    Raises:
        MisuseError: when no metric, or no reading, has that name.
    """
    how = metric(task_metric)
    strictly = how.strictly or how.judge
    reading = reading or usual_reading(task_metric, labels)
    if reading == readings.STRICT:
        return strictly(labels, example, reply)
    answers = (example.answer, *example.accepted)
    read = readings.read(reading, reply, labels, answers)
    if read is None:
        return Judged(_said(reply), 0.0, "unread")
    answer, *accepted = (readings.canonical(reading, one) for one in answers)
    judged = how.judge(labels, replace(example, answer=answer, accepted=tuple(accepted)), read)
    if judged.form == "unread":
        return replace(judged, got=_said(reply))
    if not judged.hit or task_metric.startswith(OWN) or strictly(labels, example, reply).hit == judged.hit:
        return judged
    return replace(judged, form="other")


def usual_reading(task_metric: str, labels: tuple[str, ...]) -> str:
    """Return the reading that suits a metric and its labels; a person's own function gets the reply as it is."""
    return readings.STRICT if task_metric.startswith(OWN) else metric(task_metric).reading or readings.usual(labels)


def _said(reply: str) -> str:
    """Return what is kept of a reply that could not be read: all but what was thought aloud."""
    return without_reasoning(reply)[0] or reply


def total(
    task_metric: str,
    labels: tuple[str, ...],
    examples: Sequence[Example],
    got: Sequence[str],
    hits: Sequence[float | None],
) -> float | None:
    """Sum a split up: the score in [0, 1] of the rows that were measured, None when none was.

    `got` and `hits` are what `judge` gave, in the order of the examples; None is a row without a measurement.

    Raises:
        MisuseError: when no metric has that name.
        ValueError: when examples, got and hits differ in length.
    """
    rows = [
        (example.answer, text, hit)
        for example, text, hit in zip(examples, got, hits, strict=True)
        if hit is not None
    ]
    how = metric(task_metric)
    return how.total(labels, *zip(*rows, strict=True)) if rows else None
