"""A file may be dropped anywhere on the first page: the veil that says so, and what is said of the file."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import gradio as gr

from lab.i18n import gettext
from lab.views.markup import attributes, part
from lab.views.prose import all_of
from lab.web.blocks import html

__all__ = ["dropping"]


def dropping(source: str, endings: Sequence[str]) -> gr.HTML:
    """Lay out the veil; `source` is the choice that shows the box for examples, which takes these `endings`."""
    return html(
        partial(_veil, source, endings), js_on_load=(Path(__file__).parent / "dropping.js").read_text("utf-8"),
        elem_id="lab-dropping", elem_classes="lab-part", apply_default_css=False,
    )  # fmt: skip


def _veil(source: str, endings: Sequence[str]) -> str:
    """Draw the veil; in what is said of a file its script puts the {name}."""
    kinds = all_of(endings)
    told = attributes(
        class_="lab-notice", role="status", hidden=True, data_told="",
        data_examples=gettext("“{name}” is taken as your own examples: what was read of it stands under Data."),
        data_run=gettext("“{name}” is taken in: its runs stand in your list."),
        data_other=gettext(
            "“{name}” is of a kind that is not read here. Examples come as {kinds}, a run as .lab.",
            name="{name}", kinds=kinds,
        ),
        data_many=gettext("One file at a time, please: nothing was taken of “{name}” and the others."),
        data_none=gettext("What was dropped is no file: nothing was taken."),
    )  # fmt: skip
    veil = attributes(class_="lab-veil", hidden=True, data_source=source, data_endings=" ".join(endings))
    what = gettext("Examples to begin a run with ({kinds}), or a run (.lab)", kinds=kinds)
    return part(
        "dropping",
        f"<div{veil}><p><b>{gettext('Drop your file here')}</b><br>{what}</p></div><p{told}></p>",
    )
