"""The task as Python shows it."""

from __future__ import annotations

from dataclasses import fields

from lab.core import arguments
from lab.core import task as core
from lab.tasks.task import Task as Loaded
from lab.text import shortened
from lab.views.markup import esc, rows_of_value, value

__all__ = ["Task"]

_SHOWN = 5  # examples


class Task(Loaded):
    """A task: examples in three splits, a start prompt, and how an answer is judged.

    Make one with `from_file`, `from_frame`, `from_records` or `lab.load`.

    Example:
        >>> rows = [{"text": f"thing {i}", "label": "good" if i % 2 else "bad"} for i in range(40)]
        >>> lab.Task.from_records(rows, input="text", answer="label", start="Good or bad?", name="things")
        Task('things', 20 train, 10 dev, 10 test, metric='exact', start='Good or bad?')
    """

    @classmethod
    def of(cls, task: core.Task) -> Task:
        """Return a task as Python shows it."""
        if not isinstance(task, core.Task):
            raise arguments.wrong("task", "a task, as lab.load or lab.Task.from_file give it", task)
        return task if isinstance(task, cls) else cls(**{one.name: getattr(task, one.name) for one in fields(task)})

    def _repr_html_(self) -> str:
        rows = ((esc(shortened(one.input, 200)), esc(shortened(one.answer, 80))) for one in self.train[:_SHOWN])
        sizes = f"{len(self.train)} train, {len(self.dev)} dev, {len(self.test)} test (sealed); {self.metric}"
        return value(
            f"<p><b>{esc(self.name)}</b> {esc(shortened(self.about, 300))}</p><p><small>{esc(sizes)}</small></p>"
            f'<pre class="lab-pre">{esc(self.start)}</pre>{rows_of_value(("input", "answer"), rows)}',
        )
