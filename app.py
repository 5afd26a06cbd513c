"""Opens the lab in the browser: `python app.py [--book PATH] [--port N] [--host NAME] [--optimizer FILE]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the web face until it is ended, and return the exit status."""
    parser = argparse.ArgumentParser(prog="app.py", description="Prompt Lab in the browser.")
    parser.add_argument("--book", type=Path, metavar="PATH", help="the lab book; default: in your data folder")
    parser.add_argument("--port", type=int, default=7860, help="default: 7860")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on; default: this machine only")
    parser.add_argument(
        "--optimizer", action="append", default=[], metavar="FILE",
        help="a Python file with an optimizer of your own (lab/optimizers/README.md); repeatable",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    return _serve(options.book, options.host, options.port, options.optimizer)


def _serve(path: Path | None, host: str, port: int, own: Sequence[str]) -> int:
    from lab.errors import LabError
    from lab.optimizers import load
    from lab.session import default_book
    from lab.store import Book

    if _taken(host, port):
        return _failed(f"{host}:{port} cannot be used; perhaps another program has it. Choose another with --port.")
    try:
        for file in own:
            load(file)
        book = Book(path or default_book())
    except LabError as problem:
        return _failed(str(problem))
    from lab.web.build import launch

    try:
        demo, url = launch(book, host=host, port=port)
    except OSError as problem:
        return _failed(f"The page cannot be served on {host}:{port}: {problem}.")
    print(f"Prompt Lab is at {url} (lab book: {book.path}). Press Ctrl+C to end.", flush=True)
    demo.block_thread()
    return 0


def _taken(host: str, port: int) -> bool:
    """Return whether the address cannot be listened on; asked first, because the page takes seconds to make."""
    import socket

    try:
        with socket.create_server((host, port)):
            return False
    except (OSError, OverflowError):
        return True


def _failed(sentence: str) -> int:
    print(f"lab: {sentence}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
