"""`python -m lab lessons`: writes the notebooks of the guided course, from their one source."""

from __future__ import annotations

import argparse
from pathlib import Path

from lab.learn.notebook import built, write
from lab.views.numbers import counted


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument(
        "folder", type=Path, metavar="FOLDER", help="where to write them; solutions go into a folder there"
    )
    parser.add_argument(
        "--force", action="store_true", help="write over notebooks that are otherwise, with your work"
    )


def run(options: argparse.Namespace) -> int:
    """Write what is not there, and say what was left as it is.

    Raises:
        OSError: when the folder cannot be written.
    """
    texts = built()
    written = write(options.folder, texts, force=options.force)
    kept = len(texts) - len(written)
    more = f"; {counted(kept, 'notebook')} left as they are (--force writes them anew)" if kept else ""
    print(f"{counted(len(written), 'notebook')} written into {options.folder}{more}.")
    return 0
