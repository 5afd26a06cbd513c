"""`python -m lab verify`: checks all that is in a lab book, which is only read."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from lab.errors import MisuseError
from lab.store.verify import Verified, sentence, verify
from lab.views.numbers import counted

_NAMES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "tasks": ("task", "tasks"), "runs": ("set-up", "set-ups"), "nodes": ("node", "nodes"),
        "proposals": ("proposal", "proposals"), "branches": ("branch", "branches"), "moves": ("move", "moves"),
        "calls": ("reply", "replies"), "payments": ("payment", "payments"), "measures": ("score", "scores"),
    }
)  # fmt: skip


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("book", type=Path, metavar="BOOK", help="the file of the lab book")


def run(options: argparse.Namespace) -> int:
    """Print how many of each there are and what is wrong, and return the exit status.

    Raises:
        LabError: when there is no such book, or nothing in it to verify.
    """
    if not options.book.is_file():
        raise MisuseError(f"There is no lab book at “{options.book}”.")
    found = verify(options.book)
    for wrong in found.wrong:
        print(f"lab: {sentence(wrong)}", file=sys.stderr)
    print(f"{_counted(found)}: {len(found.wrong)} wrong")
    return 1 if found.wrong else 0


def _counted(found: Verified) -> str:
    rows = [counted(found.counts.get(table, 0), *name) for table, name in _NAMES.items()]
    unchecked = f" (of {found.n_unmeasured} not all answers are here)" if found.n_unmeasured else ""
    return f"{counted(found.n_ids, 'id')} recomputed; {', '.join(rows)}{unchecked}"
