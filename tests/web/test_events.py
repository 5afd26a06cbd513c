"""What a handler of the page may return, and what a person sees of an exception that nobody foresaw."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator

import gradio as gr
import pytest

from lab.errors import MisuseError
from lab.web.events import Updates, Values, guarded


def _plain(values: Values) -> Updates:
    return {}


async def _waits(values: Values) -> Updates:
    return {}


async def _steps(values: Values) -> AsyncIterator[Updates]:
    yield {}


def _answers(handler) -> list[Updates]:
    async def go() -> list[Updates]:
        found = guarded(handler)({})
        if inspect.isasyncgen(found):
            return [update async for update in found]
        return [await found if inspect.isawaitable(found) else found]

    return asyncio.run(go())


@pytest.mark.parametrize("handler", [_plain, _waits, _steps])
def test_a_handler_that_changes_nothing_leaves_every_component_as_it_is(handler) -> None:
    assert _answers(handler) == [gr.skip()]
    assert inspect.isasyncgenfunction(guarded(handler)) == inspect.isasyncgenfunction(handler)


def _fails(values: Values) -> Updates:
    raise ZeroDivisionError("<b>by hand</b>")


async def _fails_later(values: Values) -> Updates:
    return _fails(values)


async def _fails_in_a_step(values: Values) -> AsyncIterator[Updates]:
    yield _fails(values)


@pytest.mark.parametrize("handler", [_fails, _fails_later, _fails_in_a_step])
def test_what_nobody_foresaw_is_logged_with_its_traceback_and_said_in_a_sentence(handler, caplog) -> None:
    with pytest.raises(gr.Error, match="The lab itself failed") as caught:
        _answers(handler)
    assert "&lt;b&gt;by hand" in caught.value.message, "it is shown as HTML"
    assert "_fails" in caplog.text
    assert "Traceback" in caplog.text


def test_a_step_that_is_left_is_closed() -> None:
    left = []

    async def steps(values: Values) -> AsyncIterator[Updates]:
        try:
            yield {}
            raise MisuseError("It went on.")
        finally:
            left.append(True)

    async def leave() -> None:
        following = guarded(steps)({})
        await anext(following)
        await following.aclose()

    asyncio.run(leave())
    assert left == [True]


def test_a_step_may_be_closed_elsewhere_than_it_was_taken() -> None:
    async def leave() -> None:
        following = guarded(_steps)({})
        await asyncio.create_task(anext(following))
        await asyncio.create_task(following.aclose())

    asyncio.run(leave())
