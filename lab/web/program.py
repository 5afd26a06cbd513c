"""What other programs can ask of the page: each tool a named endpoint, and over MCP where that is asked for."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Literal, Protocol

import gradio as gr
from gradio.events import api

from lab import i18n
from lab.errors import LabError, unexpected

__all__ = ["Mcp", "Tool", "offer"]

Mcp = Literal["", "read", "act"]  # whether tools are offered over MCP: not, those that read, or all

_LOG = logging.getLogger(__name__)


class Tool(Protocol):
    """A function that another program can call by a name; `acts` says whether it changes anything."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def about(self) -> str:
        """What it does, in words."""

    @property
    def function(self) -> Callable[..., object]:
        """What is called: typed, of plain values."""

    @property
    def acts(self) -> bool:
        """Whether it changes anything."""


def offer(tools: Iterable[Tool], mcp: Mcp) -> None:
    """Make endpoints of tools, within the page that is being built; MCP takes in those that are documented."""
    for one in tools:
        api(
            _worded(one.function), api_name=one.name, concurrency_limit=None,
            api_description=" ".join(one.about.split()),
            api_visibility="undocumented" if mcp == "read" and one.acts else "public",
        )  # fmt: skip


def _worded(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function whose errors reach who called it as a sentence; other programs are answered in English."""
    if inspect.iscoroutinefunction(function):

        @wraps(function)
        async def awaited(*given: Any, **named: Any) -> Any:
            with i18n.use("en"):
                try:
                    return await function(*given, **named)
                except Exception as problem:
                    raise _as_sentence(function.__name__, problem) from problem

        return awaited

    @wraps(function)
    def called(*given: Any, **named: Any) -> Any:
        with i18n.use("en"):
            try:
                return function(*given, **named)
            except Exception as problem:
                raise _as_sentence(function.__name__, problem) from problem

    return called


def _as_sentence(name: str, problem: Exception) -> gr.Error:
    if isinstance(problem, LabError):
        return gr.Error(str(problem), print_exception=False)
    _LOG.error("The endpoint “%s” failed.", name, exc_info=problem)
    return gr.Error(unexpected(problem), print_exception=False)
