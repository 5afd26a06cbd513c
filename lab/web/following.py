"""How much of a server the pages get that follow steps: what people do themselves goes first."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

__all__ = ["Following"]


class Following:
    """Lets one page at a time be drawn anew while a step goes on, for at most half of the time.

    However many steps and pages there are, they leave the rest of a core to whoever acts. A page that is given no
    turn keeps what it shows, and asks again a moment later.
    """

    def __init__(self) -> None:
        self._drawing = threading.Lock()
        self._rests_until = 0.0

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Say whether it is the turn of who asks; the next one is due after a rest as long as this one took."""
        if monotonic() < self._rests_until or not self._drawing.acquire(blocking=False):
            yield False
            return
        began = monotonic()
        try:
            yield True
        finally:
            now = monotonic()
            self._rests_until = now + (now - began)
            self._drawing.release()
