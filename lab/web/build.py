"""The web face: the page over a lab book, and the handlers that answer to it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from socket import getfqdn, gethostname
from threading import Thread

import gradio as gr
from starlette.middleware import Middleware
from starlette.routing import Route

from lab.errors import MisuseError
from lab.models.access import ANYTHING, Access
from lab.session import Session
from lab.store import OWNER, Book
from lab.tasks import evidence
from lab.views.assets import style
from lab.web import setup
from lab.web.blocks import Blocks
from lab.web.compression import Compression
from lab.web.desk import Desk
from lab.web.events import listen
from lab.web.first_page import FirstPage
from lab.web.frame import head
from lab.web.guard import Guard
from lab.web.language import Language
from lab.web.layout import layout
from lab.web.program import Mcp, Tool, offer
from lab.web.pulse import route

LARGEST_UPLOAD = "60mb"  # what is over 50 MB is refused before, in the sentence of the loader
_LOOK_S, _KEPT_S = 600, 3600  # how often uploads that nobody began with are looked for, and how old they get
_SWITCH_S = 0.0001  # a page is drawn in hundreds of short calls to SQLite; after each it waits for whoever computes
_ADDRESS = """(branch) => {
  const url = new URL(location.href);
  const other = (url.searchParams.get('branch') || '') !== (branch || '');
  if (other) ['node', 'tab', 'view', 'compare', 'pane'].forEach((one) => url.searchParams.delete(one));
  if (branch) url.searchParams.set('branch', branch); else url.searchParams.delete('branch');
  if (url.href !== location.href) history.pushState(null, '', url);
  window.labBack ??= addEventListener('popstate', () => location.reload()) || true;
  return [];
}"""


Tools = Callable[[Session], Iterable[Tool]]


def build(
    book: Book, access: Access = ANYTHING, tools: Tools | None = None, mcp: Mcp = ""
) -> tuple[gr.Blocks, list[Route]]:
    """Make the page over a lab book, and what it is served with; where it is shared, each browser is a person.

    `tools` are what other programs may ask of the person whose book it is; a page that is shared has none.
    """
    demo = Blocks(title="Prompt Lab", analytics_enabled=False, fill_width=True, delete_cache=(_LOOK_S, _KEPT_S))
    with demo:
        page = layout(access)
        desk = Desk(book, page, access)
        form, room, owner, branch, places = page.form, page.room, page.owner, page.branch, page.places
        listen(demo.load, desk.opened, [owner], [owner, form.begin, *places])
        begins = [owner, *form.models.typed, *form.asked]
        listen(form.begin.click, desk.began, begins, [*places, *form.models.held, form.file])
        setup.answer(form, owner, desk.session, desk.files)
        listen(page.demos.lab_act, desk.demonstrated, [owner], places)
        listen(page.leave.click, desk.left, [owner], places)
        listen(page.runs.lab_act, desk.listed, [owner], places)
        listen(page.take_in.upload, desk.took_in, [owner, page.take_in], places)
        for part in room.speaking:
            listen(part.lab_act, desk.acted, [owner, branch], places, trigger_mode="multiple")
            listen(part.lab_mark, desk.marked, [owner, branch], [room.board, room.pulse], trigger_mode="multiple")
        for part in (room.tree, room.place):
            listen(part.lab_look, desk.looked, [owner, branch], [room.place], queue=False, trigger_mode="multiple")
        listen(room.seeking.lab_act, desk.sought, [owner, branch], [room.found])
        listen(room.comparing.lab_act, desk.compared, [owner, branch], [room.compared])
        listen(room.trying.lab_act, desk.tried, [owner, branch], [room.tried])
        keys = room.key_boxes
        entering = [event for box in keys for event in (box.blur, box.submit)]
        listen(entering, desk.keyed, [owner, branch, *keys], [*keys, room.models])
        listen(
            [room.key_of_other.blur, room.key_of_other.submit], desk.keyed_other,
            [owner, room.other, room.key_of_other], [room.key_of_other, room.other_status],
        )  # fmt: skip
        branch.change(None, branch, None, js=_ADDRESS, show_progress="hidden", api_visibility="private")
        listen(room.pulse.lab_moved, desk.moved, [owner, branch], [room.progress, room.pulse], queue=False)
        listen(room.pulse.lab_changed, desk.changed, [owner, branch], places, queue=False)
        if tools is not None and not access.is_shared:
            offer(tools(desk.session(OWNER)), mcp)
    demo.queue(default_concurrency_limit=20)
    return demo, [route(desk.version)]


def launch(
    book: Book,
    *,
    host: str = "127.0.0.1",
    port: int = 7860,
    wait: bool = False,
    access: Access = ANYTHING,
    hosts: Collection[str] = (),
    root_path: str | None = None,
    tools: Tools | None = None,
    mcp: Mcp = "",
) -> tuple[gr.Blocks, str]:
    """Serve the page and return it with its address; `wait` keeps the process here until it is ended.

    On an address that only this machine can reach, every page is that of the person whose book it is. On another
    one the page is shared: each browser is a person, who may call what `access` says and nothing else. `hosts` are
    further names by which it is reached, `root_path` where it stands behind a proxy. `tools` are what other
    programs may ask of a page that is not shared, `mcp` which of them are MCP tools as well.

    Raises:
        MisuseError: when `mcp` is asked for on a shared page, or its package is not installed.
        OSError: when the port is taken.
    """
    access = replace(access, is_shared=access.is_shared or not is_loopback(host))
    if mcp:
        _check_mcp(access)
    demo, routes = build(book, access, tools, mcp)
    sys.setswitchinterval(_SWITCH_S)
    own = {host, gethostname(), getfqdn(), *hosts} if access.is_shared else set(hosts)
    before = [
        Middleware(Guard, hosts=own, is_shared=access.is_shared), Middleware(FirstPage), Middleware(Compression),
        Middleware(Language),
    ]  # fmt: skip
    _, url, _ = demo.launch(
        app_kwargs={"routes": routes, "middleware": before}, root_path=root_path,
        server_name=host, server_port=port, prevent_thread_lock=not wait, quiet=True, share=False,
        head=head(),
        css=style() + (Path(__file__).parent / "web.css").read_text("utf-8"), theme=_theme(),
        max_file_size=LARGEST_UPLOAD, footer_links=[], run_history=False, enable_monitoring=False, ssr_mode=False,
        show_error=False, mcp_server=bool(mcp), inbrowser=False,
    )  # fmt: skip
    Thread(target=_load, name="lab-loading", daemon=True).start()  # no first view needs it, the first scores do
    return demo, url


def _check_mcp(access: Access) -> None:
    if access.is_shared:
        raise MisuseError("A shared page offers no tools. Leave --mcp out, or let it listen on this machine only.")
    if find_spec("mcp") is None:
        raise MisuseError("Tools over MCP need a further package: pip install 'prompt-lab[mcp]'.")


def _load() -> None:
    """Load what no first view needs, but the first scores do, and the first call over a network."""
    evidence.load()
    import lab.models.network  # noqa: F401


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
