"""The one event loop that steps run in, on a thread of its own.

A script, a cell with an event loop of its own and the command line behave alike: what they call is done here, and
they wait for it. A cell that is blocked blocks no step, and a step that waits blocks no cell.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future, TimeoutError
from typing import Any, TypeVar

from lab.errors import MisuseError

__all__ = ["call", "loop", "run", "run_async"]

T = TypeVar("T")

LOOK_EVERY_S = 0.1  # how often who waits looks at the progress

_lock = threading.Lock()
_thread: threading.Thread | None = None
_loop: asyncio.AbstractEventLoop | None = None


def loop() -> asyncio.AbstractEventLoop:
    """Return the loop, begun when it is first needed; a forked process has none of its parent's threads."""
    global _loop, _thread
    with _lock:
        if _loop is None or _thread is None or not _thread.is_alive():
            _loop = asyncio.new_event_loop()
            _thread = threading.Thread(target=_loop.run_forever, name="prompt-lab", daemon=True)
            _thread.start()
        return _loop


def is_here() -> bool:
    """Return whether this is the thread of the loop."""
    return threading.current_thread() is _thread


def call(work: Callable[[], T]) -> T:
    """Do something short in the loop, where no step can come between, and return what it returns."""
    if is_here():
        return work()

    async def alone() -> T:
        return work()

    return run(alone())


def run(work: Coroutine[Any, Any, T], look: Callable[[], None] | None = None) -> T:
    """Do something in the loop and wait for it; an interrupt stops it too.

    Args:
        work: what to do.
        look: called now and then while it goes on, by the thread that waits.

    Raises:
        MisuseError: where the thread that waits is the one that would have to do it.
    """
    if is_here():
        work.close()
        raise MisuseError(
            "This was called inside a running step and would wait for itself. Await its async form instead."
        )
    future = asyncio.run_coroutine_threadsafe(work, loop())
    try:
        return _result(future, look)
    except BaseException:
        future.cancel()
        raise


def _result(future: Future[T], look: Callable[[], None] | None) -> T:
    if look is None:
        return future.result()
    while True:
        try:
            return future.result(LOOK_EVERY_S)
        except TimeoutError:
            if future.done():
                return future.result()
            look()


async def run_async(work: Coroutine[Any, Any, T], look: Callable[[], None] | None = None) -> T:
    """Do something in the loop and await it from another one; to be cancelled stops it too."""
    if is_here():
        return await work
    future = asyncio.run_coroutine_threadsafe(work, loop())
    waiting = asyncio.wrap_future(future)
    try:
        while look is not None and not (await asyncio.wait({waiting}, timeout=LOOK_EVERY_S))[0]:
            look()
        return await waiting
    except (asyncio.CancelledError, CancelledError):
        future.cancel()
        raise
