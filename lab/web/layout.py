"""The page: the set-up and the list of runs, or the lab view in their place."""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr
from gradio.blocks import Block

from lab.i18n import gettext, gettext_lazy
from lab.models.access import ANYTHING, Access
from lab.views.demonstrations import demonstrations
from lab.web.blocks import html
from lab.web.dropping import dropping
from lab.web.frame import languages
from lab.web.pulse import pulse
from lab.web.room import Room, room, wired
from lab.web.setup import ENDINGS, OWN, Form, setup


@dataclass(frozen=True)
class Layout:
    """The components of the page."""

    owner: gr.BrowserState
    branch: gr.Textbox  # the branch that is shown; empty in the set-up
    leave: gr.Button
    begin_view: gr.Column
    demos: gr.HTML
    form: Form
    runs: gr.HTML
    take_in: gr.UploadButton
    lab_view: gr.Column
    room: Room

    @property
    def places(self) -> list[Block]:
        """What may change when a person enters, acts in or leaves the lab view."""
        return [
            self.branch, self.begin_view, self.form.problem, self.runs, self.take_in, self.lab_view,
            *self.room.parts,
        ]  # fmt: skip


def layout(access: Access = ANYTHING) -> Layout:
    """Lay out the page."""
    # Fixed, so that a browser keeps its runs over restarts; it guards nothing but against mixing up.
    owner = gr.BrowserState(None, storage_key="prompt-lab-owner", secret="prompt-lab")  # noqa: S106
    branch = gr.Textbox(visible="hidden", elem_id="branch")
    beat = pulse()  # outside of both views: each follows what changes
    with gr.Column(elem_classes="lab-first") as begin_view:
        with gr.Row(elem_classes="lab-top"):
            html(_title)
            demos = wired("demos", demonstrations)
            languages("language")
        dropping(OWN, ENDINGS)
        form = setup(access)
        runs = wired("list")
        take_in = gr.UploadButton(
            gettext_lazy("Take in a run from a .lab file"), file_types=[".lab"], size="sm", scale=0,
            elem_id="take-in",
        )  # fmt: skip
    with gr.Column(visible=False, elem_classes="lab-panel lab-frame") as lab_view:
        parts, leave = room(beat)
    return Layout(owner, branch, leave, begin_view, demos, form, runs, take_in, lab_view, parts)


def _title() -> str:
    about = gettext("Optimize a prompt step by step, with a say in every step.")
    return f'<div class="lab lab-brand"><h1>Prompt Lab</h1><p class="lab-muted">{about}</p></div>'
