"""The page as Gradio serves it, without the work that Gradio does for parts that stay as they are."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from copy import copy
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import gradio as gr
from gradio.block_function import BlockFunction
from gradio.blocks import Block, BlocksConfig
from gradio.components import Component
from gradio.data_classes import BlocksConfigDict
from gradio.renderable import Renderable
from gradio.state_holder import SessionState

from lab import i18n

__all__ = ["Blocks", "drawn", "html"]

Part = TypeVar("Part", bound=Block)
_DESCRIBED: WeakKeyDictionary[Block, dict[str, Any]] = WeakKeyDictionary()
_DRAWN: WeakKeyDictionary[Block, Mapping[str, Callable[[], object]]] = WeakKeyDictionary()


class Blocks(gr.Blocks):
    """Blocks in which a part that an answer leaves out costs nothing, and one that is opened again next to nothing.

    Gradio makes each part that stays and all that describes it anew, twice, in the event loop that all visitors
    share; with the thirty parts that a step may change that was more than half of what a server did.
    """

    def __init__(self, **given: Any) -> None:
        self._described: dict[str, BlocksConfigDict] = {}  # by language
        super().__init__(**given)
        self.default_config = _Described(self)

    @property
    def config(self) -> BlocksConfigDict:
        """What describes the page in the current language."""
        if i18n.current() not in self._described:
            self._described[i18n.current()] = self.get_config_file()
        return self._described[i18n.current()]

    @config.setter
    def config(self, described: BlocksConfigDict) -> None:
        self._described = {i18n.current(): described}

    def get_config_file(self) -> BlocksConfigDict:
        """Describe the page; a beating heart would hold one of the six connections of a browser to a server."""
        return {**super().get_config_file(), "connect_heartbeat": False}

    def queue(self, *given: Any, **named: Any) -> Blocks:
        """Make the queue, which would sum up all events that there ever were whenever one ends."""
        super().queue(*given, **named)
        self._queue.ANALYTICS_MAX_EVENTS, self._queue.ANAYLTICS_CACHE_FREQUENCY = 1, sys.maxsize
        return self

    async def postprocess_data(
        self, block_fn: BlockFunction, predictions: list[Any] | dict[Block, Any], state: SessionState | None
    ) -> list[Any]:
        """Return what is sent for each output: what is in `predictions`, and of the others that they stay."""
        if predictions == gr.skip():
            predictions = {}
        if not isinstance(predictions, dict) or not all(isinstance(part, Block) for part in predictions):
            sent: list[Any] = await super().postprocess_data(block_fn, predictions, state)
            return sent
        found = {part: value for part, value in predictions.items() if _is_sent_as_it_is(part, value)}
        of_others = copy(block_fn)
        of_others.outputs = [part for part in block_fn.outputs if part in predictions and part not in found]
        if of_others.outputs:
            given = [predictions[part] for part in of_others.outputs]
            others = await super().postprocess_data(of_others, given if len(given) > 1 else given[0], state)
            found.update(zip(of_others.outputs, others, strict=True))
        return [found.get(part, gr.skip()) for part in block_fn.outputs]


class _Described(BlocksConfig):
    """What a page is made of, with what describes each part, which Gradio would find out for each page opened."""

    def __copy__(self) -> _Described:
        copied = _Described(self.root_block)
        vars(copied).update(vars(super().__copy__()))  # type: ignore[no-untyped-call]
        return copied

    @staticmethod
    def config_for_block(
        _id: int, rendered_ids: list[int], block: Block | Component, renderable: Renderable | None = None
    ) -> dict[str, Any]:
        """Describe a part; what is returned may be changed."""
        if renderable is not None:
            return dict(BlocksConfig.config_for_block(_id, rendered_ids, block, renderable))
        if block not in _DESCRIBED:
            _DESCRIBED[block] = BlocksConfig.config_for_block(_id, rendered_ids, block)
        known = _DESCRIBED[block]
        return {**known, "props": {**known["props"], **_in_words(block)}}


def drawn(part: Part, **views: Callable[[], object]) -> Part:
    """Let what a part begins with be drawn in the language of who opens the page: a function for each name."""
    _DRAWN[part] = views
    return part


def html(view: Callable[[], str], **given: Any) -> gr.HTML:
    """Make a part of HTML that begins as a view draws it."""
    return drawn(gr.HTML(view(), **given), value=view)


def _in_words(block: Block) -> dict[str, Any]:
    """Return what a part begins with that is another in the current language than as it was built."""
    if i18n.current() == "en":
        return {}
    given: Mapping[str, Any] = block.constructor_args
    worded = {name: said for name, one in given.items() if (said := i18n.localized(one)) is not one}
    return {**worded, **{name: view() for name, view in _DRAWN.get(block, {}).items()}}


def _is_sent_as_it_is(part: Block, value: object) -> bool:
    """Return whether Gradio would send a value unchanged: HTML, if it is no change of what else a part has."""
    return isinstance(part, gr.HTML) and not (isinstance(value, dict) and "__type__" in value)
