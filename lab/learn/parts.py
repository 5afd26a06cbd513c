"""The parts of a hand-in."""

from __future__ import annotations

import json
from dataclasses import dataclass

__all__ = ["ABOUT", "BOOK", "PROGRESS", "About", "read_about"]

ABOUT, BOOK, PROGRESS = "hand-in.json", "book.sqlite", "progress.json"  # all that such a file holds


@dataclass(frozen=True)
class About:
    """Whose hand-in it is, and about which branch of the book."""

    student: str
    branch: str
    version: int = 1


def read_about(text: str) -> About:
    """Read what a hand-in says of itself.

    Raises:
        ValueError, TypeError: when it is something else.
    """
    told = About(**json.loads(text))
    if not isinstance(told.student, str) or not isinstance(told.branch, str):
        raise TypeError("a name and a branch are texts")
    return told
