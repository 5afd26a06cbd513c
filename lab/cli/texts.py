"""A text on the command line: written out, or `@FILE`; read in one place, with the same words for every command."""

from __future__ import annotations

from pathlib import Path

from lab.errors import MisuseError
from lab.tasks.formats.prompts import read_prompt, read_text

__all__ = ["TEXT_OR_FILE", "prompt_or_file", "text_or_file"]

TEXT_OR_FILE = "TEXT|@FILE"


def prompt_or_file(given: str) -> str:
    """Return a prompt that is written out, or the one in the file that follows an `@`, which may be one
    of DSPy, LangChain or promptfoo.

    Raises:
        MisuseError: when it is empty.
        DataError: when the file cannot be read, or holds no prompt.
    """
    return read_prompt(Path(given[1:])) if given.startswith("@") else _written(given, "prompt")


def text_or_file(given: str, what: str) -> str:
    """Return a text that is written out, or all of the file that follows an `@`; `what` it is called in messages.

    Raises:
        MisuseError: when it is empty.
        DataError: when the file cannot be read, or is empty.
    """
    return read_text(Path(given[1:]), what) if given.startswith("@") else _written(given, what)


def _written(given: str, what: str) -> str:
    if not given.strip():
        raise MisuseError(f"The {what} is empty. Write it out, or name a file of it as @FILE.")
    return given
