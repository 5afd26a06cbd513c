"""The prompt in a file of another tool, to start from: a DSPy program, a LangChain template, a promptfoo file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lab.errors import DataError
from lab.tasks.formats.promptfoo import parsed

__all__ = ["prompt_of", "read_prompt", "read_text"]

MOST_BYTES = 5_000_000
_DEEPEST = 40


def read_prompt(path: Path) -> str:
    """Return the prompt that a file holds; of one that is no file of another tool, that is its text.

    Raises:
        DataError: when it cannot be read, is too large, or holds no prompt.
    """
    found = prompt_of(read_text(path, "prompt"), path.suffix.lower())
    if not found:
        raise DataError(f"The prompt file “{path.name}” holds no prompt. Give the text of one.")
    return found


def read_text(path: Path, what: str) -> str:
    """Return the text of a file, without space around it; `what` it holds is said where that cannot be done.

    Raises:
        DataError: when there is no such file, or it cannot be read, is too large, empty or not UTF-8.
    """
    called = f"The {what} file “{path.name}”"
    try:
        if not path.exists():
            raise DataError(f"There is no {what} file “{path}”.")
        if path.stat().st_size > MOST_BYTES:
            raise DataError(f"{called} is larger than {MOST_BYTES // 10**6} MB.")
        text = path.read_text(encoding="utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise DataError(f"{called} is not UTF-8 text (byte {error.start + 1}). Save it as UTF-8.") from None
    except (OSError, ValueError) as error:
        raise DataError(f"{called} cannot be read: {error}.") from None
    if not text:
        raise DataError(f"{called} is empty. Write the {what} into it.")
    return text


def prompt_of(text: str, suffix: str = "") -> str:
    """Return the prompt in the text of a file; "" where it is data of a tool and holds none.

    Example:
        `prompt_of('{"predict": {"signature": {"instructions": "Name the mood."}}}', ".json") == "Name the mood."`
    """
    if suffix not in (".json", ".yaml", ".yml"):
        return text.strip()
    try:
        data = json.loads(text) if suffix == ".json" else parsed(text, "prompt file")
    except (ValueError, RecursionError, DataError):  # not what its name says: a text
        return text.strip()
    if isinstance(data, str):
        return data.strip()
    found = (said for one in _mappings(data) for said in _said(one))
    return next((one.strip() for one in found if one.strip()), "")


def _mappings(data: object, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """Yield the objects in some data, the outer ones first."""
    if depth > _DEEPEST:
        return
    if isinstance(data, Mapping):
        yield data
    inner = data.values() if isinstance(data, Mapping) else data if isinstance(data, list) else ()
    for one in inner:
        yield from _mappings(one, depth + 1)


def _said(one: Mapping[str, Any]) -> Iterator[str]:
    """Yield what an object calls a prompt, as DSPy, LangChain and promptfoo do."""
    signature, kwargs, prompts = one.get("signature"), one.get("kwargs"), one.get("prompts")
    if isinstance(signature, Mapping) and isinstance(signature.get("instructions"), str):
        yield signature["instructions"]
    for template in (kwargs.get("template") if isinstance(kwargs, Mapping) else None, one.get("template")):
        if isinstance(template, str):
            yield template
    for prompt in prompts if isinstance(prompts, list) else ():
        told = prompt.get("raw", prompt.get("content")) if isinstance(prompt, Mapping) else prompt
        if isinstance(told, str) and not told.startswith("file://"):
            yield told
