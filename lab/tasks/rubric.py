"""A model as judge: what it is asked about an answer, by a rubric, and how its verdict is read. Pure.

The metric `judge` has it say whether an answer passes, `judge:5` give it 1 to 5 points. Texts of others stand
between tags whose mark is a hash of all of them, so that no answer can close its own. A verdict is read strictly: a
reply without one is *not judged*, which is never 0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from hashlib import blake2b
from importlib.resources import files

from lab.core.reasoning import without_reasoning
from lab.core.task import Example, Task
from lab.errors import MisuseError
from lab.i18n import gettext_lazy

__all__ = [
    "JUDGE",
    "LONGEST_RUBRIC",
    "RUBRIC",
    "check_rubric",
    "hit_of",
    "points",
    "points_of",
    "request",
    "rubric_of",
    "verdict",
]

JUDGE = "judge"  # the metric's name; `judge:5` is one with points
RUBRIC = "The answer says the same as the reference answer; other words, order or form do not matter."
LONGEST_RUBRIC = 20_000  # characters
MOST_POINTS = 10
_SLOT = re.compile(r"\{(rubric|mark|form)\}")
_EITHER = "`Verdict: PASS` if the answer meets the rubric, or `Verdict: FAIL` if it does not."
_POINTS = (
    "`Verdict: N`, where N is a whole number from 1 (does not meet the rubric at all) to {most} (meets it wholly)."
)
_VERDICT = re.compile(r"verdict\s*:\s*(.{1,40})", re.IGNORECASE)
_AROUND = " \t*_`#>\"'"  # marks of Markdown and quotes around a line


def points(metric: str) -> int | None:
    """Return the most points that a judge may give, 0 where it says pass or fail; None for another metric."""
    name, colon, given = metric.partition(":")
    if name != JUDGE:
        return None
    if not colon:
        return 0
    return int(given) if re.fullmatch(r"[1-9]\d?", given) and 2 <= int(given) <= MOST_POINTS else None


def rubric_of(task: Task) -> str:
    """Return by what a judge grades the answers of a task."""
    return task.rubric.strip() or RUBRIC


def check_rubric(rubric: str) -> str:
    """Return a rubric as it is kept.

    Raises:
        MisuseError: when it is too long.
    """
    if len(rubric) > LONGEST_RUBRIC:
        raise MisuseError(
            gettext_lazy(
                "The rubric has {n_characters:,} characters; at most {most:,} are taken.",
                n_characters=len(rubric), most=LONGEST_RUBRIC,
            )
        )  # fmt: skip
    return rubric.strip()


def request(task: Task, example: Example, answer: str) -> tuple[dict[str, str], ...]:
    """Return the messages that ask a judge about an answer to an example; nothing in them is rendered."""
    rubric, most = rubric_of(task), points(task.metric) or 0
    texts = {
        "input": example.input,
        "reference": "\n".join((example.answer, *(f"or: {one}" for one in example.accepted))),
        "answer": answer,
    }
    whole = "\x1f".join((rubric, *texts.values())).encode("utf-8", "surrogatepass")
    mark = blake2b(whole, digest_size=4).hexdigest()
    form = _POINTS.format(most=most) if most else _EITHER
    told = {"rubric": rubric, "mark": mark, "form": form}
    shown = "\n\n".join(f"<{name} {mark}>\n{text}\n</{name} {mark}>" for name, text in texts.items())
    return (
        {"role": "system", "content": _filled(told)},
        {"role": "user", "content": f"{shown}\n\nGrade the answer between the tags <answer {mark}>."},
    )


def verdict(metric: str, reply: str) -> float | None:
    r"""Return the hit in [0, 1] that a judge's reply gives an answer; None where it has no verdict, or several.

    It is the last line, `Verdict: PASS`, `Verdict: FAIL` or, with points, `Verdict: 4`; what was thought aloud does
    not count, and another verdict before it leaves open which is meant.

    Example:
        `verdict("judge", "It names the town.\nVerdict: PASS") == 1.0`, `verdict("judge:5", "Verdict: 4") == 0.75`
    """
    lines = [line.strip(_AROUND) for line in without_reasoning(reply)[0].splitlines()]
    spoken = [line for line in lines if line]
    found = [_VERDICT.fullmatch(line) for line in spoken]
    if not found or found[-1] is None:
        return None
    hits = {_hit(points(metric) or 0, one[1]) for one in found if one is not None}
    return hits.pop() if len(hits) == 1 else None


def _hit(most: int, said: str) -> float | None:
    word = said.strip(_AROUND).removesuffix(".").strip(_AROUND).casefold()
    if not most:
        return {"pass": 1.0, "fail": 0.0}.get(word)
    given = re.fullmatch(rf"(\d{{1,2}})(?:\s*(?:/|of|out of)\s*{most})?(?:\s*points?)?", word, re.ASCII)
    score = int(given[1]) if given else 0
    return (score - 1) / (most - 1) if 1 <= score <= most else None


def hit_of(metric: str, given: int) -> float:
    """Return the hit in [0, 1] of what a person gives: 1 (pass) or 0 (fail), or points from 1.

    Raises:
        MisuseError: when no model grades by this metric, or it is not on the scale.
    """
    most = points(metric)
    if most is None:
        raise MisuseError(
            gettext_lazy(
                "The answers of this task are measured by {metric}: there is no judge to check.", metric=metric
            )
        )
    lowest, highest = (1, most) if most else (0, 1)
    if not lowest <= given <= highest:
        raise MisuseError(
            gettext_lazy(
                "A rating must be points from 1 to {most}, not {given}. Nothing was kept.", most=most, given=given
            )
            if most
            else gettext_lazy(
                "A rating must be 1 for pass or 0 for fail, not {given}. Nothing was kept.", given=given
            )
        )
    return (given - lowest) / (highest - lowest)


def points_of(hit: float, most: int) -> int:
    """Return a hit in [0, 1] as points from 1 to the most."""
    return 1 + round(hit * (most - 1))


@cache
def _template() -> str:
    return files("lab.tasks").joinpath("judge.md").read_text(encoding="utf-8").strip()


def _filled(told: Mapping[str, str]) -> str:
    """Put texts into the template, once: what is put in is not looked at again."""
    return _SLOT.sub(lambda slot: told[slot[1]], _template())
