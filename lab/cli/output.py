"""What the command line prints: results in any encoding that a console has, and one line on how a run stands.

Replies of models, texts of tasks and names of files are data to a terminal, too: it obeys none of them.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any, TextIO

from lab.text import visible
from lab.views.numbers import count, counted, dollars, duration

__all__ = ["Live", "Totals", "print_json", "speak_any_encoding", "visibly"]

SHOWN_EVERY_S = 0.5
SAID_EVERY_S = 30.0  # where nobody watches the line
_WIDTH = 100


def speak_any_encoding() -> None:
    """See to it that no text fails on a console's encoding: what it lacks is written as an escape."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")


class _Visible:
    """A stream that writes what a terminal would obey as escapes, but for a carriage return at either end."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text, as `TextIO.write` does."""
        inner = text.strip("\r")
        start = len(text) - len(text.lstrip("\r"))
        self._stream.write(text[:start] + visible(inner) + text[start + len(inner) :])
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def visibly() -> Iterator[None]:
    """Let what is printed here reach no terminal as a command."""
    streams: Any = _Visible(sys.stdout), _Visible(sys.stderr)
    with redirect_stdout(streams[0]), redirect_stderr(streams[1]):
        yield


def print_json(found: Any) -> None:
    """Print one JSON object, with escapes of its own where the console lacks a character."""
    text = json.dumps(found, ensure_ascii=False)
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        text = json.dumps(found)
    print(text)


@dataclass(frozen=True)
class Totals:
    """What a run has taken so far."""

    calls: int
    tokens: int
    cost_usd: float | None


class Live:
    """Says how a run stands: one line that is written anew on a terminal, now and then a line elsewhere."""

    def __init__(
        self,
        totals: Callable[[], Totals],
        n_expected: Callable[[], int],
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._totals, self._n_expected = totals, n_expected
        self._stream = stream or sys.stderr
        self._clock = clock
        self._live = self._stream.isatty()
        self._began = self._said_at = clock()
        self._expected: int | None = None
        self._first: Totals | None = None

    def __call__(self, what: str, done: int, expected: int, cached: int) -> None:
        """Take note of how far a step is."""
        every_s = SHOWN_EVERY_S if self._live else SAID_EVERY_S
        if self._clock() - self._said_at < every_s:
            return
        self._said_at = self._clock()
        line = self._line(what, done, expected)
        if self._live:
            self._stream.write(f"\r{line[:_WIDTH]:<{_WIDTH}}")
        else:
            self._stream.write(f"lab: {line}\n")
        self._stream.flush()

    def close(self) -> None:
        """Wipe the line, so that what is printed next stands alone."""
        if self._live:
            self._stream.write(f"\r{'':<{_WIDTH}}\r")
            self._stream.flush()

    def _line(self, what: str, done: int, expected: int) -> str:
        total = self._totals()
        self._first = self._first or total
        parts = [
            f"{what} {count(done)}/{count(expected)}" if expected else what,
            counted(total.calls, "call"),
            f"{count(total.tokens)} tokens",
            *([dollars(total.cost_usd)] if total.cost_usd else []),
            *self._left(total),
        ]
        return " · ".join(parts)

    def _left(self, total: Totals) -> list[str]:
        """Return what is left of the time, by the calls that the run is expected to take and those made so far."""
        if self._expected is None:
            self._expected = self._n_expected()
        spent_s, n_left = self._clock() - self._began, self._expected - total.calls
        return [f"about {duration(n_left * spent_s / total.calls)} left"] if total.calls and n_left > 0 else []
