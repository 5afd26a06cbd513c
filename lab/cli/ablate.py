"""`prompt-lab ablate`: scores a prompt without each of its sentences, one at a time."""

from __future__ import annotations

import argparse

from lab.cli import variations
from lab.cli.variations import add

__all__ = ["add", "run"]


def run(options: argparse.Namespace) -> int:
    """Measure, print what it shows, and return the exit status.

    Raises:
        LabError: when there is no such book, branch or prompt, or a model call failed for good.
    """
    return variations.run(options, "shortened")
