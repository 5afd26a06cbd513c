"""The web face: the page over a lab book, and the handlers that answer to it."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from lab.store import Book
from lab.views.assets import style
from lab.web import setup
from lab.web.desk import Desk
from lab.web.events import listen
from lab.web.layout import layout

_ADDRESS = """(branch) => {
  const url = new URL(location.href);
  if (branch) url.searchParams.set('branch', branch); else url.searchParams.delete('branch');
  if (url.href !== location.href) history.pushState(null, '', url);
  window.labBack ??= addEventListener('popstate', () => location.reload()) || true;
  return [];
}"""


def build(book: Book) -> gr.Blocks:
    """Make the page over a lab book; the book and its jobs are all that the process holds."""
    demo: gr.Blocks = gr.Blocks(title="Prompt Lab", analytics_enabled=False, fill_width=True)
    with demo:
        page = layout()
        desk = Desk(book, page)
        form, room, owner, branch, places = page.form, page.room, page.owner, page.branch, page.places
        listen(demo.load, desk.opened, [owner], [owner, form.begin, *places])
        begins = [owner, *form.models.typed, *form.asked]
        listen(form.begin.click, desk.began, begins, [*places, *form.models.held])
        setup.answer(form, owner, desk.session)
        listen(page.leave.click, desk.left, [owner], places)
        listen(page.runs.lab_act, desk.listed, [owner], places)
        for part in room.speaking:
            listen(part.lab_act, desk.acted, [owner, branch], places, trigger_mode="multiple")
        keys = (room.key_of_optimizer, room.key_of_target)
        entering = [event for box in keys for event in (box.blur, box.submit)]
        listen(entering, desk.keyed, [owner, branch, *keys], [*keys, room.models])
        listen(
            [room.key_of_other.blur, room.key_of_other.submit], desk.keyed_other,
            [owner, room.other, room.key_of_other], [room.key_of_other, room.other_status],
        )  # fmt: skip
        branch.change(None, branch, None, js=_ADDRESS, show_progress="hidden", api_visibility="private")
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
