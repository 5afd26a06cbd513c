"""The web face: a set-up, the lab view, and the handlers that connect them to the lab."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from lab.store import Book
from lab.views.assets import style
from lab.web.connection import answer
from lab.web.desk import Desk
from lab.web.room import room, wired
from lab.web.setup import setup

_TITLE = (
    '<div class="lab lab-brand"><h1>Prompt Lab</h1>'
    '<p class="lab-muted">Optimize a prompt step by step, with a say in every step.</p></div>'
)
_ADDRESS = """(branch) => {
  const url = new URL(location.href);
  if (branch) url.searchParams.set('branch', branch); else url.searchParams.delete('branch');
  if (url.href !== location.href) history.pushState(null, '', url);
  window.labBack ??= addEventListener('popstate', () => location.reload()) || true;
  return [];
}"""


def build(book: Book) -> gr.Blocks:
    """Make the page over a lab book; the book and its jobs are all that the process holds."""
    desk = Desk(book)
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}
    demo: gr.Blocks = gr.Blocks(title="Prompt Lab", analytics_enabled=False, fill_width=True)
    with demo:
        # Fixed, so that a browser keeps its work over restarts; it guards nothing but against mixing up.
        owner = gr.BrowserState(None, storage_key="prompt-lab-owner", secret="prompt-lab")  # noqa: S106
        branch = gr.Textbox(visible="hidden", elem_id="branch")
        with gr.Row(elem_classes="lab-top"):
            gr.HTML(_TITLE)
            leave = gr.Button(
                "New run or other work", size="sm", visible=False, scale=0, min_width=200, elem_id="leave"
            )
        with gr.Column(elem_classes="lab-first") as first:
            form = setup(owner, desk.session)
            work = wired("list")
        with gr.Column(visible=False, elem_classes="lab-panel") as second:
            parts = room()
        places = [branch, first, second, leave, work, form.problem, *parts.parts]
        demo.load(desk.opened, owner, [owner, form.begin, *places], **quiet)
        models = form.models
        form.begin.click(desk.began, [owner, *models.typed, *form.asked], [*places, *models.held], **quiet)
        answer(models, owner, desk.session)
        leave.click(desk.left, owner, places, **quiet)
        work.lab_act(desk.listed, owner, places, **quiet)
        for part in parts.speaking:
            part.lab_act(desk.acted, [owner, branch], places, trigger_mode="multiple", **quiet)
        entering = [event for box in parts.boxes for event in (box.blur, box.submit)]
        gr.on(entering, desk.held, [owner, branch, *parts.boxes], [*parts.boxes, parts.models], **quiet)
        _, further = parts.other
        taking = [further.blur, further.submit]
        gr.on(taking, desk.entrusted, [owner, *parts.other], [further, parts.held], **quiet)
        branch.change(None, branch, None, js=_ADDRESS, **quiet)
        demo.unload(desk.closed)
    demo.queue(default_concurrency_limit=20)
    return demo


def launch(book: Book, *, host: str = "127.0.0.1", port: int = 7860, wait: bool = False) -> tuple[gr.Blocks, str]:
    """Serve the page and return it with its address; `wait` keeps the process here until it is ended.

    Raises:
        OSError: when the port is taken.
    """
    demo = build(book)
    # The loader refuses more than 50 MB in a sentence; the limit here only keeps the disk from being filled.
    _, url, _ = demo.launch(
        server_name=host, server_port=port, prevent_thread_lock=not wait, quiet=True, share=False,
        css=style() + (Path(__file__).parent / "web.css").read_text("utf-8"), theme=_theme(),
        max_file_size="1gb", footer_links=[], run_history=False, enable_monitoring=False, ssr_mode=False,
        show_error=False, mcp_server=False, inbrowser=False,
    )  # fmt: skip
    return demo, url


def _theme() -> gr.themes.Base:
    """Use the fonts of the machine: nothing is fetched from elsewhere."""
    theme: gr.themes.Base = gr.themes.Default(
        primary_hue="indigo",
        neutral_hue="slate",
        radius_size="md",
        font=["system-ui", "Segoe UI", "Roboto", "Ubuntu", "sans-serif"],
        font_mono=["ui-monospace", "Menlo", "Consolas", "monospace"],
    )
    return theme
