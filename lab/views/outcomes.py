"""What became of the replies behind a score, in words and as a fold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from lab.core.flaws import Flaw
from lab.core.task import Task
from lab.i18n import Message, gettext, gettext_lazy
from lab.tasks.outcomes import Outcome, Outcomes, Wrong, kind_of_wrong
from lab.views.markup import details, esc, table
from lab.views.numbers import count

_WORDS: Mapping[Outcome, Message] = MappingProxyType({
    "right": gettext_lazy("right"),
    "right_in_another_form": gettext_lazy("right in another form"),
    "partly_right": gettext_lazy("partly right"),
    "another_answer": gettext_lazy("another answer"),
    "unread": gettext_lazy("no answer"),
    "cut_off": gettext_lazy("cut off"),
    "not_judged": gettext_lazy("not judged"),
    "not_answered": gettext_lazy("not answered"),
})  # fmt: skip
_OF_KIND: Mapping[tuple[str, Outcome], Message] = MappingProxyType({
    ("label", "another_answer"): gettext_lazy("another label"),
    ("label", "unread"): gettext_lazy("no label"),
    ("numeric", "another_answer"): gettext_lazy("another number"),
    ("numeric", "unread"): gettext_lazy("no number"),
    ("field_f1", "another_answer"): gettext_lazy("another JSON"),
    ("field_f1", "unread"): gettext_lazy("no JSON"),
})  # fmt: skip


def words(outcome: Outcome, task: Task) -> str:
    """Return an outcome in words that suit the task: another label, no number."""
    kind = "label" if task.labels else task.metric.partition(":")[0]
    return str(_OF_KIND.get((kind, outcome), _WORDS[outcome]))


def badge(task: Task, got: str, answer: str, flaw: Flaw | None) -> str:
    """Draw in a word or two in which way an answer is wrong."""
    kind = kind_of_wrong(task, got, answer, flaw)
    return f'<span class="lab-badge lab-badge-{kind.replace("_", "-")}">{esc(named(kind, task))}</span>'


def named(kind: Wrong, task: Task) -> str:
    """Return in a word or two in which way an answer is wrong."""
    return gettext("another form") if kind == "form" else words(kind, task)


def line(found: Outcomes, task: Task) -> str:
    """Return outcomes on one line.

    Example:
        `12 right · 3 right in another form · 5 no label (commonest: “Yes”)`
    """
    return " · ".join(_count(one, n, found, task) for one, n in found.counts)


def _count(one: Outcome, n: int, found: Outcomes, task: Task) -> str:
    said = gettext("{n} {outcome}", n=count(n), outcome=words(one, task))
    if one != "unread" or not found.n_commonest:
        return said
    return gettext("{said} (commonest: “{reply}”)", said=said, reply=found.commonest)


def made_of(key: str, summary: str, rows: Iterable[tuple[str, Outcomes]], task: Task) -> str:
    """Draw outcomes of some prompts, each with its name, in a fold; nothing where there are none."""
    cells = [(esc(name), esc(line(found, task))) for name, found in rows]
    return details(key, summary, table((gettext("Prompt"), gettext("Replies")), cells)) if cells else ""
