"""`prompt-lab pictures`: makes a picture of every view of the page."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("folder", type=Path, help="where the pictures are written")
    parser.add_argument("--only", action="append", default=[], metavar="VIEW", help="one view; repeatable")
    parser.add_argument(
        "--readme", action="store_true", help="those that README shows, in few colours, and no others"
    )


def run(options: argparse.Namespace) -> int:
    """Write the pictures, print their paths, and return the exit status.

    Raises:
        MisuseError: when there is no Playwright or no Chromium.
    """
    pictures = import_module("lab.bench.pictures")  # as `bench` imports its modules: when one is asked for
    files = pictures.draw_shown(options.folder) if options.readme else pictures.draw(options.folder, options.only)
    print("\n".join(map(str, files)))
    return 0
