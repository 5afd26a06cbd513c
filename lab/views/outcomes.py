"""What became of the replies behind a score, in words and as a fold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from lab.core.flaws import Flaw
from lab.core.task import Task
from lab.tasks.outcomes import Outcome, Outcomes, Wrong, kind_of_wrong
from lab.views.markup import details, esc, table
from lab.views.numbers import count

_WORDS: Mapping[Outcome, str] = MappingProxyType({
    "right": "right",
    "right_in_another_form": "right in another form",
    "partly_right": "partly right",
    "another_answer": "another {}",
    "unread": "no {}",
    "cut_off": "cut off",
    "not_judged": "not judged",
    "not_answered": "not answered",
})  # fmt: skip
_KINDS: Mapping[str, str] = MappingProxyType({"numeric": "number", "field_f1": "JSON"})


def words(outcome: Outcome, task: Task) -> str:
    """Return an outcome in words that suit the task: another label, no number."""
    kind = "label" if task.labels else _KINDS.get(task.metric.partition(":")[0], "answer")
    return _WORDS[outcome].format(kind)


def badge(task: Task, got: str, answer: str, flaw: Flaw | None) -> str:
    """Draw in a word or two in which way an answer is wrong."""
    kind = kind_of_wrong(task, got, answer, flaw)
    return f'<span class="lab-badge lab-badge-{kind.replace("_", "-")}">{esc(named(kind, task))}</span>'


def named(kind: Wrong, task: Task) -> str:
    """Return in a word or two in which way an answer is wrong."""
    return "another form" if kind == "form" else words(kind, task)


def line(found: Outcomes, task: Task) -> str:
    """Return outcomes on one line.

    Example:
        `12 right · 3 right in another form · 5 no label (commonest: “Yes”)`
    """
    return " · ".join(f"{count(n)} {words(one, task)}{_commonest(one, found)}" for one, n in found.counts)


def _commonest(one: Outcome, found: Outcomes) -> str:
    return f" (commonest: “{found.commonest}”)" if one == "unread" and found.n_commonest else ""


def made_of(key: str, summary: str, rows: Iterable[tuple[str, Outcomes]], task: Task) -> str:
    """Draw outcomes of some prompts, each with its name, in a fold; nothing where there are none."""
    cells = [(esc(name), esc(line(found, task))) for name, found in rows]
    return details(key, summary, table(("Prompt", "Replies"), cells)) if cells else ""
