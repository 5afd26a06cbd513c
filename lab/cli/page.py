"""`prompt-lab`: opens the lab in the browser."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from lab.errors import MisuseError

if TYPE_CHECKING:
    from lab.models.access import Access

# How long a thread that computes may keep the others waiting, each time: the loop of the page waits so for each
# thing that it reads or sends.
_TURN_S = 0.001


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("--book", type=Path, metavar="PATH", help="the lab book; default: in your data folder")
    parser.add_argument("--port", type=int, default=7860, help="default: 7860")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on; default: this machine only")
    parser.add_argument(
        "--allow-host", action="append", default=[], metavar="NAME",
        help="a further name by which browsers reach the page, as behind a proxy; repeatable",
    )  # fmt: skip
    parser.add_argument("--root-path", metavar="PATH", help="the path under which a proxy shows the page")
    parser.add_argument(
        "--mcp", nargs="?", const="read", choices=("read", "act"), default="",
        help="offer tools over MCP: those that read, or with `--mcp act` those that act as well",
    )  # fmt: skip
    shared = parser.add_argument_group("where the page is shared (--host beyond this machine)")
    shared.add_argument(
        "--offer", action="append", default=[], metavar="MODEL@URL",
        help="a model that visitors may use, with your key where it is yours; repeatable",
    )  # fmt: skip
    shared.add_argument(
        "--calls-each", type=int, default=0, metavar="N",
        help="how many calls of offered models each visitor may make in all; default: no limit",
    )  # fmt: skip
    shared.add_argument(
        "--own-endpoints", action="store_true", help="let visitors use endpoints of their own, at public addresses"
    )
    parser.add_argument(
        "--optimizer", action="append", default=[], metavar="FILE",
        help="a Python file with an optimizer of your own (lab/optimizers/README.md); repeatable",
    )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Serve the web face until it is ended, and return the exit status.

    Raises:
        LabError: when the address, the book or an optimizer cannot be used.
    """
    from lab.api.tools import tools
    from lab.models.access import Access
    from lab.models.endpoint import Endpoint
    from lab.optimizers import load
    from lab.session import default_book
    from lab.store import Book

    host, port = options.host, options.port
    if _taken(host, port):
        raise MisuseError(
            f"{host}:{port} cannot be used; perhaps another program has it. Choose another with --port."
        )
    for file in options.optimizer:
        load(file)
    book = Book(options.book or default_book())
    offered = tuple(map(Endpoint.of, options.offer))
    access = Access(False, offered, options.own_endpoints, options.calls_each)
    from lab.web.build import is_loopback, launch

    sys.setswitchinterval(_TURN_S)
    try:
        demo, url = launch(
            book,
            host=host,
            port=port,
            access=access,
            hosts=options.allow_host,
            root_path=options.root_path,
            tools=tools,
            mcp=options.mcp,
        )
    except OSError as problem:
        raise MisuseError(f"The page cannot be served on {host}:{port}: {problem}.") from None
    if not is_loopback(host):
        print(_shared(access))
    if options.mcp:
        print(f"Its tools are offered over MCP at {url.rstrip('/')}/gradio_api/mcp/.")
    print(f"Prompt Lab is at {url} (lab book: {book.path}). Press Ctrl+C to end.", flush=True)
    try:
        demo.block_thread()
    finally:
        book.close()
    return 0


def _shared(access: Access) -> str:
    models = ", ".join(("the practice model", *(one.spec for one in access.offered)))
    own = " and endpoints of their own at public addresses" if access.own_endpoints else ""
    most = f" Each may make {access.calls:,} calls of what you offer." if access.calls and access.offered else ""
    return (
        f"Shared mode: whoever reaches this address is a person of their own, and may use {models}{own}.{most} "
        "A person is told apart by a random id in the browser, not by a password."
    )


def _taken(host: str, port: int) -> bool:
    """Return whether the address cannot be listened on; asked first, because the page takes seconds to make."""
    import socket

    try:
        with socket.create_server((host, port)):
            return False
    except (OSError, OverflowError):
        return True
