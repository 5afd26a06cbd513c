"""How an answer is judged: one function a metric, from a reply to what was understood and its hit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from lab.errors import MisuseError
from lab.tasks.task import Example

__all__ = ["METRICS", "Judged", "Metric", "is_number", "judge", "last_number"]

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


@dataclass(frozen=True)
class Judged:
    """What was understood of a reply, and its hit in [0, 1]; `got` is the raw text when nothing was."""

    got: str
    hit: float


@dataclass(frozen=True)
class Metric:
    """A way to judge, with one line on it for people."""

    about: str
    judge: Callable[[tuple[str, ...], Example, str], Judged]


def _value(match: re.Match[str]) -> Decimal:
    sign = "-" if match["minus"] or match["inner"] else ""
    return Decimal(sign + match["digits"].replace(",", "") + match["power"])


def _final(text: str) -> str:
    _, mark, answer = text.rpartition("####")
    return answer.strip().partition("\n")[0].strip() if mark else text.strip()


def last_number(text: str) -> Decimal | None:
    """Reads the last number of a text, or of the line behind its last `####`; None when there is none."""
    found = list(_NUMBER.finditer(_final(text)))
    return _value(found[-1]) if found else None


def is_number(text: str) -> bool:
    """Says whether a reference answer is one number, or ends in `####` and one number (GSM8K)."""
    return _NUMBER.fullmatch(_final(text).removesuffix("%").rstrip()) is not None


def _plain(text: str) -> str:
    return text.strip().removesuffix(".").rstrip().casefold()


def _exact(labels: tuple[str, ...], example: Example, reply: str) -> Judged:
    right = (example.answer, *example.accepted)
    if not reply.strip():
        return Judged(reply, 0.0)
    if not labels:
        got = reply.strip()
        return Judged(got, float(got in {text.strip() for text in right}))
    got = {_plain(label): label for label in labels}.get(_plain(reply), reply)
    return Judged(got, float(_plain(reply) in {_plain(text) for text in right}))


def _numeric(labels: tuple[str, ...], example: Example, reply: str) -> Judged:
    got = last_number(reply)
    if got is None:
        return Judged(reply, 0.0)
    right = {last_number(text) for text in (example.answer, *example.accepted)}
    return Judged(f"{got}", float(got in right))


METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        "exact": Metric("The whole reply is the answer; for labels, case and one full stop do not count.", _exact),
        "numeric": Metric("The last number of the reply has the value of the answer.", _numeric),
    }
)


def judge(task_metric: str, labels: tuple[str, ...], example: Example, reply: str) -> Judged:
    """Judges a reply by the metric of that name.

    Raises:
        MisuseError: when no metric has that name.
    """
    if task_metric not in METRICS:
        raise MisuseError(f"There is no metric {task_metric!r}. Choose one of: {', '.join(METRICS)}.")
    return METRICS[task_metric].judge(labels, example, reply)
