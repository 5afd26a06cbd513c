"""How the page listens: a handler is given a value for each component, and returns what changes, by component."""

from __future__ import annotations

import inspect
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from functools import wraps
from typing import Any

import gradio as gr
from gradio.blocks import Block
from gradio.components import Component
from gradio.context import LocalContext
from gradio.events import Dependency

from lab import i18n
from lab.errors import unexpected
from lab.views.markup import esc
from lab.web.language import language_of

Values = Mapping[Component, Any]
Updates = dict[Block, Any]  # what is not in it stays as it is

_LOG = logging.getLogger(__name__)


def listen(
    events: Callable[..., Dependency] | list[Callable[..., Dependency]],
    handler: Callable[..., Any],
    inputs: Iterable[Component] = (),
    outputs: Iterable[Block] = (),
    **more: Any,
) -> Dependency:
    """Let a handler answer to events of the page; nobody's event waits for another person's."""
    wiring: dict[str, Any] = {
        "fn": guarded(handler), "inputs": set(inputs) or None, "outputs": list(outputs), "show_progress": "hidden",
        "api_visibility": "private", "concurrency_limit": None, **more,
    }  # fmt: skip
    return gr.on(events, **wiring) if isinstance(events, list) else events(**wiring)


def guarded(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Return the handler so that what nobody foresaw reaches the log with a traceback, the person in a sentence."""
    # Gradio sees from the kind of a function whether it yields and from its annotations what it wants.
    if inspect.isasyncgenfunction(handler):

        @wraps(handler)
        async def steps(*given: Any) -> AsyncIterator[Updates]:
            async with aclosing(handler(*given)) as updates:
                while (update := await _next(updates)) is not None:
                    yield update

        return steps
    if inspect.iscoroutinefunction(handler):

        @wraps(handler)
        async def answer(*given: Any) -> Updates:
            with _answering():
                return _changes(await handler(*given))

        return answer

    @wraps(handler)
    def at_once(*given: Any) -> Updates:
        with _answering():
            return _changes(handler(*given))

    return at_once


async def _next(steps: AsyncIterator[Updates]) -> Updates | None:
    """Return what a step changes, None after the last; whoever closes a handler may do so in another context."""
    with _answering():
        update = await anext(steps, None)
        return None if update is None else _changes(update)


def _changes(updates: Updates) -> Updates:
    """Return updates as Gradio takes them, in words: an empty dictionary would be a value."""
    unchanged: Updates = gr.skip()
    return i18n.localized(updates) or unchanged


@contextmanager
def _answering() -> Iterator[None]:
    """Answer in the language of who asks; say what nobody foresaw."""
    asked = LocalContext.request.get(None)  # none where the lab itself calls
    with i18n.use(language_of(asked.headers) if asked is not None else i18n.current()):
        try:
            yield
        except Exception as problem:
            _LOG.exception("A handler of the page failed.")
            raise gr.Error(esc(unexpected(problem)), print_exception=False) from problem
