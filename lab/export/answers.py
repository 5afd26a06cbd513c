"""Examples with what a model answered and how that was judged, as CSV, JSON or Parquet.

No text is changed on the way, also none that a spreadsheet would take for a formula because it begins with = or -:
with a mark before it, it would be another answer. In a spreadsheet, import the columns as text.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lab.core.task import Example, Task
from lab.errors import MisuseError
from lab.i18n import gettext_lazy
from lab.session import Session
from lab.tasks.outcomes import Reply, judged, outcome

__all__ = ["FORMATS", "Answered", "answered", "columns", "records", "write"]

FORMATS = ("csv", "json", "parquet")
_OWN = ("example", "split")
_MORE = ("answer", "accepted", "prompt", "reply", "read", "hit", "outcome")


@dataclass(frozen=True)
class Answered:
    """What one prompt got on one example; reply, read and hit are None where no reply came."""

    example: Example
    split: str
    prompt: str
    reply: str | None
    read: str | None
    hit: float | None
    outcome: str


def answered(session: Session, branch: str, prompts: Sequence[str], split: str = "dev") -> Iterator[Answered]:
    """Yield what is known of prompts on the examples of train or dev; nothing is asked.

    Raises:
        MisuseError: when there is no such branch, or the metric of its task is not known here.
    """
    task = session.state(branch).context.task
    for prompt in prompts:
        replies = session.replies(branch, prompt, split)
        for example, reply in zip(task.split(split), replies, strict=True):
            yield _answered(task, example, split, prompt, reply)


def _answered(task: Task, example: Example, split: str, prompt: str, reply: Reply | None) -> Answered:
    if reply is None:
        return Answered(example, split, prompt, None, None, None, outcome(None))
    found = judged(task, example, reply)
    return Answered(example, split, prompt, reply.text, found.got, found.hit, outcome(found, reply.flaw))


def columns(task: Task) -> tuple[str, ...]:
    """Return the names of the columns; one of an input that has another's name is told apart."""
    inputs = task.inputs or ("input",)
    return (*_OWN, *(f"input: {name}" if name in (*_OWN, *_MORE) else name for name in inputs), *_MORE)


def records(task: Task, rows: Sequence[Answered]) -> list[dict[str, object]]:
    """Return a record a row."""
    names = columns(task)
    return [dict(zip(names, _cells(task, row), strict=True)) for row in rows]


def _cells(task: Task, row: Answered) -> tuple[object, ...]:
    fields = [text for _, text in task.fields(row.example)] or [row.example.input]
    accepted = json.dumps(row.example.accepted, ensure_ascii=False)
    right = (row.example.answer, accepted)
    return (row.example.id, row.split, *fields, *right, row.prompt, row.reply, row.read, row.hit, row.outcome)


def write(task: Task, rows: Sequence[Answered], format: str) -> bytes:
    """Write rows in a format, by its name.

    Raises:
        MisuseError: when there is none of that name, or Parquet lacks its package.
    """
    if format == "csv":
        text = io.StringIO(newline="")
        table = csv.DictWriter(text, columns(task))  # ends lines by \r\n: with \n alone it would not quote a \r
        table.writeheader()
        table.writerows(records(task, rows))
        return text.getvalue().encode("utf-8")
    if format == "json":
        return json.dumps(records(task, rows), ensure_ascii=False, indent=1).encode("utf-8")
    if format != "parquet":
        raise MisuseError(
            gettext_lazy(
                "There is no format “{format}” of answers. Choose one of: {formats}.",
                format=format[:60], formats=", ".join(FORMATS),
            )
        )  # fmt: skip
    import pandas as pd

    try:
        found: bytes = pd.DataFrame(records(task, rows), columns=list(columns(task))).to_parquet(index=False)
    except ImportError:
        raise MisuseError(
            gettext_lazy("Parquet needs a package that is not installed: pip install 'prompt-lab[data]'.")
        ) from None
    return found
