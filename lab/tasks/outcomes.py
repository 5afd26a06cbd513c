"""What became of the replies behind a score: right, in another form, another answer, not read, cut off, missing.

A score says how many were right; this says why the others were not, so that none is low for a reason that nobody
is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, get_args

from lab.core.flaws import Flaw, sentence
from lab.core.task import Example, Task
from lab.i18n import gettext_lazy
from lab.tasks.metrics import Judged, judge
from lab.tasks.readings import read
from lab.tasks.rubric import verdict
from lab.text import shortened

__all__ = ["OUTCOMES", "Outcome", "Outcomes", "Reply", "Wrong", "judged", "kind_of_wrong", "outcome", "outcomes"]

Outcome = Literal[
    "right", "right_in_another_form", "partly_right", "another_answer", "unread", "cut_off", "not_judged",
    "not_answered",
]  # fmt: skip
Wrong = Literal["form", "another_answer", "unread", "cut_off"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
_CUT_OFF = ("cut_off", "cut_off_before_text", "unfinished")
_SHOWN = 80  # characters of the commonest reply


class Reply(NamedTuple):
    """A raw reply, why it did not arrive whole, and what a judge said of it; None where none did."""

    text: str
    flaw: Flaw | None = None
    verdict: str | None = None


@dataclass(frozen=True)
class Outcomes:
    """How many replies came out how, in the order of `OUTCOMES`, and the commonest that could not be read."""

    counts: tuple[tuple[Outcome, int], ...]
    commonest: str = ""
    n_commonest: int = 0

    def count(self, *which: Outcome) -> int:
        """Return how many came out so."""
        return sum(n for one, n in self.counts if one in which)

    @property
    def n(self) -> int:
        """How many examples were asked."""
        return self.count(*OUTCOMES)

    @property
    def n_answered(self) -> int:
        return self.n - self.count("not_answered")

    @property
    def share_read(self) -> float | None:
        """The share of the replies that could be read; None where none came."""
        return 1 - self.count("unread", "cut_off") / self.n_answered if self.n_answered else None


def outcome(judged: Judged | None, flaw: Flaw | None = None) -> Outcome:
    """Return how one reply came out; None is an example without one."""
    if judged is None:
        return "not_answered"
    if judged.hit is None:
        return "not_judged"
    if judged.form == "unread":
        return "cut_off" if flaw and flaw.code in _CUT_OFF else "unread"
    if not judged.hit:
        return "another_answer"
    if judged.hit < 1:
        return "partly_right"
    return "right_in_another_form" if judged.form == "other" else "right"


def judged(task: Task, example: Example, reply: Reply) -> Judged:
    """Judge a reply by the metric of a task; where that is a model, by its verdict.

    Raises:
        MisuseError: when the metric is a function that is not known here.
    """
    found = judge(task.metric, task.labels, example, reply.text, task.reading)
    if found.form != "unjudged" or reply.verdict is None:
        return found
    hit = verdict(task.metric, reply.verdict)
    return found if hit is None else replace(found, hit=hit, form="plain")


def kind_of_wrong(task: Task, got: str, answer: str, flaw: Flaw | None = None) -> Wrong:
    """Return in which way an answer that does not count is wrong: the right label in a form that was not asked for,
    another label, none, or a reply that was cut off.

    Example:
        `kind_of_wrong(task, "I would say positive.", "positive")` is `"form"`.
    """
    if flaw and flaw.code in _CUT_OFF:
        return "cut_off"
    if not task.labels:
        return "another_answer" if got.strip() else "unread"
    named = read("named", got, task.labels, (answer,))
    if named is None:
        return "unread"
    return "form" if named.casefold() == answer.casefold() else "another_answer"


def outcomes(task: Task, examples: Sequence[Example], replies: Iterable[Reply | None]) -> Outcomes:
    """Judge replies anew, and sort them by how they came out.

    Raises:
        ValueError: when there are not as many replies as examples.
    """
    counted: Counter[Outcome] = Counter()
    unread: Counter[str] = Counter()
    for example, reply in zip(examples, replies, strict=True):
        found = None if reply is None or _is_missing(reply) else judged(task, example, reply)
        came_out = outcome(found, reply.flaw if reply else None)
        counted[came_out] += 1
        if found is not None and came_out == "unread":
            unread[shortened(found.got, _SHOWN) or _nothing(reply)] += 1
    commonest, n = unread.most_common(1)[0] if unread else ("", 0)
    return Outcomes(tuple((one, counted[one]) for one in OUTCOMES if counted[one]), commonest, n)


def _nothing(reply: Reply | None) -> str:
    """Return why a reply is empty, so far as that is known."""
    return gettext_lazy("({why})", why=sentence(reply.flaw)) if reply and reply.flaw else ""


def _is_missing(reply: Reply) -> bool:
    """Return whether nothing came that could be judged: no text, as the tokens were used up before."""
    return not reply.text.strip() and reply.flaw is not None and reply.flaw.code in _CUT_OFF
