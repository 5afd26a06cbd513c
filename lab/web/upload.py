"""A file that is too large is refused in the browser, before any of it is sent."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import gradio as gr

from lab.i18n import gettext
from lab.tasks.formats.file import MAX_BYTES, too_large
from lab.views.markup import attributes, part
from lab.web.blocks import html

__all__ = ["size_limit"]


def size_limit(file: str) -> gr.HTML:
    """Lay out the place below an upload where it is said that a file is too large; `file` is the upload's id.

    Without it Gradio refuses the file in its own words, in a corner of the page. The sentence is the loader's.
    """
    return html(
        partial(_refusal, file), js_on_load=(Path(__file__).parent / "upload.js").read_text("utf-8"),
        elem_id=f"{file}-size", elem_classes="lab-slot",
    )  # fmt: skip


def _refusal(file: str) -> str:
    """Draw the sentence, into which its script puts the {name} and the {megabytes}."""
    marks = attributes(
        class_="lab-failure", role="alert", hidden=True, data_upload=file, data_most=MAX_BYTES,
        data_sentence=too_large(gettext("file '{name}'"), "{megabytes}"),
    )  # fmt: skip
    return part("size", f"<div{marks}></div>")
