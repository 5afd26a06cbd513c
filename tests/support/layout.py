"""The components of the page without a server, and the values that a person would have left in them."""

from __future__ import annotations

import warnings
from typing import Any

import gradio as gr

from lab.web.events import Values
from lab.web.layout import Layout, layout


def bare_layout() -> Layout:
    """Lays out the page as `build` does, without a handler."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Gradio's own
        with gr.Blocks(analytics_enabled=False):
            return layout()


def drawn(*components: Any) -> Values:
    """Gives the values that components hold before a person touches them."""
    return {one: one.value for one in components}
