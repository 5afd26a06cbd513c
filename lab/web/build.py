"""The web face: the page over a lab book, and the handlers that answer to it."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path

import gradio as gr
from starlette.routing import Route

from lab.store import Book
from lab.views.assets import narrow_style, style
from lab.web import setup
from lab.web.desk import Desk
from lab.web.events import listen
from lab.web.layout import layout
from lab.web.pulse import route

_ADDRESS = """(branch) => {
  const url = new URL(location.href);
  if (branch) url.searchParams.set('branch', branch); else url.searchParams.delete('branch');
  if (url.href !== location.href) history.pushState(null, '', url);
  window.labBack ??= addEventListener('popstate', () => location.reload()) || true;
  return [];
}"""


def build(book: Book, shared: bool = False) -> tuple[gr.Blocks, list[Route]]:
    """Make the page over a lab book, and what it is served with; `shared`: each browser is a person of its own."""
    demo: gr.Blocks = gr.Blocks(title="Prompt Lab", analytics_enabled=False, fill_width=True)
    with demo:
        page = layout()
        desk = Desk(book, page, shared)
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
        listen(room.pulse.lab_changed, desk.changed, [owner, branch], places, queue=False)
    demo.queue(default_concurrency_limit=20)
    return demo, [route(desk.version)]


def launch(book: Book, *, host: str = "127.0.0.1", port: int = 7860, wait: bool = False) -> tuple[gr.Blocks, str]:
    """Serve the page and return it with its address; `wait` keeps the process here until it is ended.

    On an address that only this machine can reach, every page is that of the person whose book it is.

    Raises:
        OSError: when the port is taken.
    """
    demo, routes = build(book, shared=not is_loopback(host))
    # The loader refuses more than 50 MB in a sentence; the limit here only keeps the disk from being filled.
    _, url, _ = demo.launch(
        app_kwargs={"routes": routes},
        server_name=host, server_port=port, prevent_thread_lock=not wait, quiet=True, share=False,
        head=f"<style>.gradio-container.gradio-container.gradio-container .contain {{ {narrow_style()} }}</style>",
        css=style() + (Path(__file__).parent / "web.css").read_text("utf-8"), theme=_theme(),
        max_file_size="1gb", footer_links=[], run_history=False, enable_monitoring=False, ssr_mode=False,
        show_error=False, mcp_server=False, inbrowser=False,
    )  # fmt: skip
    # A beating heart would hold one of the six connections that a browser opens to a server.
    demo.config["connect_heartbeat"] = False
    return demo, url


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach an address to listen on."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


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
