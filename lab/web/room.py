"""The lab view: the parts of a page in their components, and how they are filled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from lab.views.assets import script
from lab.views.page import Page
from lab.web.connection import key_box
from lab.web.vega import chart

PARTS = ("header", "track", "progress", "board", "drawer", "chart", "tree", "models", "keys")
_WIRE = "\nwire(element, (event) => trigger('lab_act', {event}));"


@dataclass(frozen=True)
class Room:
    """The components, in the order of PARTS."""

    header: gr.HTML
    track: gr.HTML
    progress: gr.HTML
    board: gr.HTML
    drawer: gr.HTML
    chart: gr.HTML
    tree: gr.HTML
    models: gr.HTML
    keys: gr.Row
    boxes: tuple[gr.Textbox, gr.Textbox]  # for the keys of both models
    other: tuple[gr.Textbox, gr.Textbox]  # a further model, and its key
    held: gr.HTML  # what is said of that key

    @property
    def parts(self) -> list[Any]:
        """All components."""
        return [getattr(self, name) for name in PARTS]

    @property
    def speaking(self) -> list[gr.HTML]:
        """The components that send acts."""
        return [part for part in self.parts if part not in (self.chart, self.keys)]


def wired(name: str, value: str = "") -> gr.HTML:
    """Make a component for one part; what is done in it comes back as `lab_act`."""
    return gr.HTML(
        value, js_on_load=script() + _WIRE, elem_id=f"lab-{name}", elem_classes="lab-part", apply_default_css=False
    )


def room() -> Room:
    """Lay out the lab view."""
    header, track, progress, board, drawer = map(wired, ("header", "track", "progress", "board", "drawer"))
    with gr.Accordion("Models, limits and spending", open=False, elem_id="models"):
        models = wired("models")
        with gr.Row() as keys:
            boxes = (
                key_box("Key of the optimizer model", "key-here-optimizer"),
                key_box("Key of the target model", "key-here-target"),
            )
        with gr.Accordion("Key of another model, to score prompts on", open=False, elem_id="further"):
            with gr.Row():
                name = gr.Textbox(
                    label="Other model", info="MODEL@URL, as you name it where prompts are scored.", max_lines=1,
                    interactive=True, min_width=280, elem_id="further-model",
                )  # fmt: skip
                other = name, key_box("Key of the other model", "key-here-other")
            held = gr.HTML(elem_id="held-other", elem_classes="lab-slot")
    with gr.Row(elem_classes="lab-below"):
        with gr.Column(scale=3, min_width=320):
            tree = wired("tree")
        with gr.Column(scale=2, min_width=320):
            drawing = chart()
    return Room(header, track, progress, board, drawer, drawing, tree, models, keys, boxes, other, held)


def filled(page: Page, needs_keys: bool) -> list[Any]:
    """Return the values of all parts; the boxes for keys are in this face alone."""
    keys = gr.update(elem_classes=[] if needs_keys else ["lab-off"])
    return [*(getattr(page, name) for name in PARTS[:-1]), keys]


def only(**parts: Any) -> list[Any]:
    """Return new values for some parts and leave the others as they are."""
    return [parts.get(name, gr.skip()) for name in PARTS]
