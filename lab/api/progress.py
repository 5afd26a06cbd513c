"""A progress bar for whoever waits: in a cell, or on a terminal; elsewhere nothing is printed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from lab.session.jobs import Progress
from lab.views.markup import esc

__all__ = ["progress_bar"]

DELAY_S = 1.0  # what is done sooner needs no bar


@contextmanager
def progress_bar(read: Callable[[], Progress | None]) -> Iterator[Callable[[], None]]:
    """Yield what draws the progress as it is read now; nothing of it is left at the end."""
    began = time.monotonic()
    bar: _Bar | None = None

    def look() -> None:
        nonlocal bar
        now = read()
        if now is None or now.state != "running" or time.monotonic() - began < DELAY_S:
            return
        bar = bar or (_InCell() if _in_notebook() else _OnTerminal())
        bar.draw(now)

    try:
        yield look
    finally:
        if bar is not None:
            bar.close()


class _Bar(Protocol):
    def draw(self, now: Progress) -> None:
        """Show how far it is."""

    def close(self) -> None:
        """Leave nothing."""


class _OnTerminal:
    """A bar on standard error, where that is a terminal."""

    def __init__(self) -> None:
        from tqdm import tqdm

        self._bar: Any = tqdm(total=None, leave=False, disable=None, unit="call")
        self._shown = ("", 0)

    def draw(self, now: Progress) -> None:
        if (now.what, now.expected) != self._shown:
            self._shown = (now.what, now.expected)
            self._bar.reset(total=now.expected or None)
            self._bar.set_description(now.what, refresh=False)
        self._bar.update(now.done - self._bar.n)

    def close(self) -> None:
        self._bar.close()


class _InCell:
    """A bar in the output of a cell, which needs no widgets, and is an empty line once it is done."""

    def __init__(self) -> None:
        from IPython.display import display

        self._began = time.monotonic()
        self._what = ""
        show: Any = display
        self._handle = show({"text/plain": "", "text/html": ""}, raw=True, display_id=True)

    def draw(self, now: Progress) -> None:
        from tqdm import tqdm

        if now.what != self._what:
            self._what, self._began = now.what, time.monotonic()
        elapsed = time.monotonic() - self._began
        line = tqdm.format_meter(now.done, now.expected or None, elapsed, prefix=now.what, unit="call", ncols=90)
        self._show(line, f"<pre>{esc(line)}</pre>")

    def close(self) -> None:
        self._show("", "")

    def _show(self, line: str, html: str) -> None:
        self._handle.update({"text/plain": line, "text/html": html}, raw=True)


def _in_notebook() -> bool:
    try:
        from IPython.core.getipython import get_ipython
    except ImportError:
        return False
    shell = get_ipython()
    return bool(getattr(shell, "kernel", None))
