"""A progress bar for whoever waits: in a cell, or on a terminal; elsewhere nothing is printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from lab.session.jobs import Progress

__all__ = ["progress_bar"]

DELAY_S = 1.0  # what is done sooner needs no bar


@contextmanager
def progress_bar(
    read: Callable[[], Progress | None], *, rounds: int = 0, delay_s: float = DELAY_S
) -> Iterator[Callable[[], None]]:
    """Yield what draws the progress as it is read now."""
    drawn: Any = None
    shown = ("", 0)

    def look() -> None:
        nonlocal drawn, shown
        now = read()
        if now is None or now.state != "running":
            return
        if drawn is None:
            drawn = _bar()(total=None, delay=delay_s, leave=False, disable=_disabled(), unit="call")
        if (now.what, now.expected) != shown:
            shown = (now.what, now.expected)
            drawn.reset(total=now.expected or None)
            drawn.set_description(now.what, refresh=False)
        drawn.update(now.done - drawn.n)

    try:
        yield look
    finally:
        if drawn is not None:
            drawn.close()


def _in_notebook() -> bool:
    try:
        from IPython.core.getipython import get_ipython
    except ImportError:
        return False
    return bool(getattr(get_ipython(), "kernel", None)) if get_ipython() else False


def _disabled() -> bool | None:
    return False if _in_notebook() and find_spec("ipywidgets") else None  # None: where there is no terminal


def _bar() -> Any:
    if _in_notebook() and find_spec("ipywidgets"):
        from tqdm.notebook import tqdm

        return tqdm
    from tqdm import tqdm as plain

    return plain
