"""What a check found: what is right, what is not yet, and where to look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lab.views.markup import esc, value

__all__ = ["Checked", "Finding", "Texts", "not_yet", "open_", "right"]

State = Literal["open", "not yet", "right"]


@dataclass(frozen=True)
class Finding:
    """What a check says of a reader's own objects: a state, what is so, and where to look."""

    state: State
    what: str
    look: str = ""


def right(what: str) -> Finding:
    """Say that a task is done, and what was done."""
    return Finding("right", what)


def not_yet(what: str, look: str) -> Finding:
    """Say what is wrong, and where to look."""
    return Finding("not yet", what, look)


def open_(what: str) -> Finding:
    """Say that nothing is there to be checked."""
    return Finding("open", what)


@dataclass(frozen=True, repr=False)
class Checked:
    """A task that was checked: whether it is passed, what was found, and how far the lesson is."""

    task: str
    finding: Finding
    progress: str

    @property
    def passed(self) -> bool:
        """Whether the task is done."""
        return self.finding.state == "right"

    def _lines(self) -> tuple[str, ...]:
        mark = {"open": "○ Open", "not yet": "◐ Not yet", "right": "● Done"}[self.finding.state]
        look = f"Where to look: {self.finding.look}" if self.finding.look else ""
        return (f"{mark}. {self.finding.what}", *([look] if look else []), self.progress)

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _repr_html_(self) -> str:
        said, *more = self._lines()
        edge = {"open": "#8888", "not yet": "#c77d00", "right": "#2e8b57"}[self.finding.state]
        rest = "".join(f"<p><small>{esc(line)}</small></p>" for line in more)
        return value(
            f'<div style="border-left: 4px solid {edge}; padding: .1em .8em"><p><b>{esc(said)}</b></p>{rest}</div>'
        )


@dataclass(frozen=True, repr=False)
class Texts:
    """A few lines to read: a hint, a solution, how far one is."""

    title: str
    lines: tuple[str, ...]
    code: str = ""

    def __repr__(self) -> str:
        return "\n".join(filter(None, (self.title, self.code, *self.lines)))

    def _repr_html_(self) -> str:
        code = f"<pre>{esc(self.code)}</pre>" if self.code else ""
        lines = "".join(f"<p>{esc(line)}</p>" for line in self.lines)
        return value(f"<p><b>{esc(self.title)}</b></p>{code}{lines}")
