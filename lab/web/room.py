"""The lab view: the parts of a page in their components, and how they are filled."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import gradio as gr
from gradio.blocks import Block

from lab.i18n import gettext_lazy
from lab.views.comparing import form as comparing_form
from lab.views.page import Page
from lab.views.seeking import seek_box
from lab.views.summary import open_button
from lab.views.trying import form
from lab.web.blocks import html
from lab.web.connection import key_box
from lab.web.events import Updates
from lab.web.frame import languages, pane_tabs, section_tabs, selected, tools
from lab.web.vega import chart

_WIRE = """
wire(element, (event) => {
  window.labActed = Date.now();
  if (event.act === 'look') trigger('lab_look', {event});
  else trigger(['mark', 'unmark'].includes(event.act) ? 'lab_mark' : 'lab_act', {event});
});
"""


@dataclass(frozen=True)
class Room:
    """The components of the lab view."""

    header: gr.HTML
    best: gr.HTML
    track: gr.HTML
    progress: gr.HTML
    board: gr.HTML
    drawer: gr.HTML
    chart: gr.HTML
    tree: gr.HTML
    place: gr.HTML  # of the history, that is looked at
    seeking: gr.HTML  # the field that searches the history
    found: gr.HTML  # where the history holds what is sought
    models: gr.HTML
    keys: gr.Row  # shown where a model may need one
    key_of_optimizer: gr.Textbox
    key_of_target: gr.Textbox
    key_of_judge: gr.Textbox  # shown where a model grades answers
    other: gr.Textbox  # a further model, to score prompts on
    key_of_other: gr.Textbox
    other_status: gr.HTML  # what is said of that key
    summing: gr.HTML  # the button that shows the summary
    summary: gr.HTML  # what the run came to, where it is asked for
    comparing: gr.HTML
    compared: gr.HTML  # what changed between two prompts or places that a person named
    trying: gr.HTML
    tried: gr.HTML  # what a prompt came to on an input of a person's
    saving: gr.HTML  # a file that the browser saves as soon as it is given
    pulse: gr.HTML  # which version of which branch is shown; asks whether there is another

    @property
    def parts(self) -> list[Block]:
        """What `redrawn` fills."""
        return [
            *self.speaking,
            self.chart,
            self.keys,
            self.key_of_judge,
            self.tried,
            self.found,
            self.saving,
            self.pulse,
        ]

    @property
    def key_boxes(self) -> tuple[gr.Textbox, gr.Textbox, gr.Textbox]:
        """The boxes for keys, in the order of the roles."""
        return self.key_of_optimizer, self.key_of_target, self.key_of_judge

    @property
    def speaking(self) -> list[gr.HTML]:
        """The components that send acts."""
        return [
            self.header, self.best, self.track, self.progress, self.board, self.drawer, self.tree, self.place,
            self.models, self.summing, self.summary,
        ]  # fmt: skip

    def redrawn(self, page: Page) -> Updates:
        """Return the values of all parts but the keys, which are in this face alone."""
        return {
            self.header: page.header, self.best: page.best, self.track: page.track, self.progress: page.progress,
            self.board: page.board, self.drawer: page.drawer, self.models: page.models,
            self.chart: json.dumps(page.chart) if page.chart else "", self.tree: page.tree, self.place: page.place,
        }  # fmt: skip

    def followed(self, page: Page) -> Updates:
        """Return what changes while a step goes on."""
        still = (self.board, self.drawer, self.models)
        return {one: value for one, value in self.redrawn(page).items() if one not in still}


def wired(name: str, view: Callable[[], str] = str, script: str = "") -> gr.HTML:
    """Make a component for one part, empty at first where no view draws it.

    What is done in it comes back as `lab_act`. A `script` of its own follows.
    """
    return html(
        view, js_on_load=_WIRE + script, elem_id=f"lab-{name}", elem_classes="lab-part", apply_default_css=False
    )


def _saving() -> gr.HTML:
    """Make the component that hands a file to the browser."""
    js = "watch('value', () => { if (props.value && props.value.name) save(props.value); });"
    return gr.HTML(html_template="<span></span>", js_on_load=js, elem_classes="lab-part", apply_default_css=False)


def room(beat: gr.HTML) -> tuple[Room, gr.Button]:
    """Lay out the lab view, and the way out of it: the decision in the middle, what speaks for it on both sides."""
    with gr.Row(elem_classes="lab-top-bar"):
        leave = gr.Button(gettext_lazy("All runs"), size="sm", scale=0, min_width=80, elem_id="leave")
        header = wired("header")
        summing = wired("summing", open_button)
        tools()
    track, progress = wired("track"), wired("progress")
    pane_tabs()
    with gr.Column(elem_classes="lab-pane-left", elem_id="lab-past"):
        seeking = wired("seeking", seek_box, (Path(__file__).parent / "history.js").read_text("utf-8"))
        found = gr.HTML(elem_id="lab-found", elem_classes="lab-part", apply_default_css=False)
        tree, place = wired("tree"), wired("place")
        drawing = chart()
        best = wired("best")
    board, summary = wired("board"), wired("summary")
    with gr.Column(elem_classes="lab-pane-right", elem_id="lab-evidence"):
        section_tabs()
        with gr.Column(elem_classes="lab-shown", elem_id="lab-shown"):
            selected()
            with gr.Column(elem_id="trying"):
                trying, tried = wired("trying", form), wired("tried")
            with gr.Column(elem_id="comparing"):
                comparing, compared = wired("comparing", comparing_form), wired("compared")
            drawer = wired("drawer")
            with gr.Column(elem_id="models"):
                languages("language-here")
                models = wired("models")
                with gr.Row() as keys:
                    key_of_optimizer = key_box(gettext_lazy("Key for the optimizer model"), "key-here-optimizer")
                    key_of_target = key_box(gettext_lazy("Key for the target model"), "key-here-target")
                    key_of_judge = key_box(gettext_lazy("Key for the judge"), "key-here-judge")
                further = gettext_lazy("Key for another model, to score prompts on")
                with gr.Accordion(further, open=False, elem_id="further"):
                    with gr.Row():
                        other = gr.Textbox(
                            label=gettext_lazy("Other model"), max_lines=1, interactive=True, min_width=280,
                            info=gettext_lazy("MODEL@URL, as you name it where prompts are scored."),
                            elem_id="further-model",
                        )  # fmt: skip
                        key_of_other = key_box(gettext_lazy("Key for the other model"), "key-here-other")
                    other_status = gr.HTML(elem_id="held-other", elem_classes="lab-slot")
    parts = Room(
        header, best, track, progress, board, drawer, drawing, tree, place, seeking, found, models, keys,
        key_of_optimizer, key_of_target, key_of_judge, other, key_of_other, other_status, summing, summary,
        comparing, compared, trying, tried, _saving(), beat,
    )  # fmt: skip
    return parts, leave
