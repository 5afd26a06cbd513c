"""The web face: a set-up, the lab view, and one handler for all that is done in it."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from typing import Any

import gradio as gr

from lab.errors import LabError, MisuseError
from lab.events import act
from lab.jobs import Jobs
from lab.session import Session
from lab.store import Book
from lab.views.page import Page, page, progress_part
from lab.views.work import Work, failure, work_list
from lab.web.room import Room, filled, only, room, same, wired
from lab.web.setup import Form, begun, setup

_ADDRESS = """(branch) => {
  const url = new URL(location.href);
  if (branch) url.searchParams.set('branch', branch); else url.searchParams.delete('branch');
  if (url.href !== location.href) history.pushState(null, '', url);
  return [];
}"""
_TITLE = '<div class="lab"><h1>Prompt Lab</h1><p class="lab-muted">Optimize a prompt step by step, with a say in every step.</p></div>'
_LIVE_S = 1.0  # how often the tree and the numbers follow a running step
_LISTED = 30


def build(book: Book) -> gr.Blocks:
    """Makes the page over a lab book; the book and the jobs are all that the process holds."""
    jobs = Jobs()
    desk = Desk(book, jobs)
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}
    with gr.Blocks(title="Prompt Lab", analytics_enabled=False, fill_width=True) as demo:
        owner = gr.BrowserState(None, storage_key="prompt-lab-owner", secret="prompt-lab")
        branch = gr.Textbox(visible="hidden", elem_id="branch")
        with gr.Row(elem_classes="lab-top"):
            gr.HTML(_TITLE)
            leave = gr.Button(
                "New run or other work", size="sm", visible=False, scale=0, min_width=200, elem_id="leave"
            )
        with gr.Column() as first:
            form = setup()
            listed = wired("list")
        with gr.Column(visible=False, elem_classes="lab-panel") as second:
            parts = room()
        places = Places(branch, first, second, leave, listed, form, parts)

        demo.load(desk.opened, owner, [owner, form.begin, *places.all], **quiet)
        form.begin.click(desk.began, [owner, *form.asked], places.all, **quiet)
        leave.click(desk.left, owner, places.all, **quiet)
        listed.lab_act(desk.reopened, owner, places.all, **quiet)
        for part in parts.speaking:
            part.lab_act(desk.acted, [owner, branch], [branch, *parts.parts], trigger_mode="multiple", **quiet)
        branch.change(None, branch, None, js=_ADDRESS, **quiet)
    demo.queue(default_concurrency_limit=20)
    return demo
