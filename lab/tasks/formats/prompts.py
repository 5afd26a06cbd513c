"""The prompt in a file of another tool, to start from: a DSPy program, a LangChain template, a promptfoo file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lab.errors import DataError
from lab.tasks.formats.promptfoo import parsed

__all__ = ["prompt_of", "read_prompt"]

MOST_BYTES = 5_000_000
_DEEPEST = 40


def read_prompt(path: Path) -> str:
    """Return the prompt that a file holds; of one that is no file of another tool, that is its text.

    Raises:
        DataError: when it cannot be read, is too large, or holds no prompt.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise DataError(f"The prompt file “{path.name}” is larger than {MOST_BYTES // 10**6} MB.")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"The prompt file “{path.name}” cannot be read: {error}.") from None
    found = prompt_of(text, path.suffix.lower())
    if not found:
        raise DataError(f"The prompt file “{path.name}” holds no prompt. Give the text of one.")
    return found


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
