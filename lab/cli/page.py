"""`prompt-lab`: opens the lab in the browser."""

from __future__ import annotations

import argparse
from pathlib import Path

from lab.errors import MisuseError


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("--book", type=Path, metavar="PATH", help="the lab book; default: in your data folder")
    parser.add_argument("--port", type=int, default=7860, help="default: 7860")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on; default: this machine only")
    parser.add_argument(
        "--optimizer", action="append", default=[], metavar="FILE",
        help="a Python file with an optimizer of your own (lab/optimizers/README.md); repeatable",
    )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Serve the web face until it is ended, and return the exit status.

    Raises:
        LabError: when the address, the book or an optimizer cannot be used.
    """
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
    from lab.web.build import launch

    try:
        demo, url = launch(book, host=host, port=port)
    except OSError as problem:
        raise MisuseError(f"The page cannot be served on {host}:{port}: {problem}.") from None
    print(f"Prompt Lab is at {url} (lab book: {book.path}). Press Ctrl+C to end.", flush=True)
    try:
        demo.block_thread()
    finally:
        book.close()
    return 0


def _taken(host: str, port: int) -> bool:
    """Return whether the address cannot be listened on; asked first, because the page takes seconds to make."""
    import socket

    try:
        with socket.create_server((host, port)):
            return False
    except (OSError, OverflowError):
        return True
