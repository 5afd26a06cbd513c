"""A prompt with its slots, as another tool's template writes them: what is text there stays text."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from lab.core.layout import INPUT, joined, pieces

__all__ = ["as_it_is", "identifiers", "templated"]

Write = Callable[[str], str]


def templated(prompt: str, columns: Sequence[str], text: Write, slot: Write) -> tuple[dict[str, str], ...]:
    """Return the messages of a prompt as a template: `text` writes what stays, `slot` what a column is put into.

    A template renders to what `lab.core.layout.messages` gives for an example.
    """
    whole = slot(columns[0]) if len(columns) == 1 else joined((text(name), slot(name)) for name in columns)

    def filled(name: str) -> str:
        return slot(name) if name in columns else whole

    parts = pieces(prompt, columns)
    if len(parts) > 1:
        return (
            {"role": "user", "content": "".join(text(one) + (filled(name) if name else "") for one, name in parts)},
        )
    user = {"role": "user", "content": filled(INPUT)}
    return ({"role": "system", "content": text(prompt)}, user) if prompt.strip() else (user,)


def as_it_is(text: str) -> str:
    """Write a text as it stands."""
    return text


def identifiers(columns: Iterable[str], taken: Iterable[str] = ()) -> Mapping[str, str]:
    """Name each column by an identifier of its own, which is the column's name wherever that is one.

    Example:
        `identifiers(["text", "my text"]) == {"text": "text", "my text": "my_text"}`
    """
    used, found = set(taken), {}
    for column in columns:
        name = re.sub(r"\W+", "_", column, flags=re.ASCII).strip("_")
        name = f"column_{name}".rstrip("_") if not name or name[0].isdigit() or keyword.iskeyword(name) else name
        own, n = name, 2
        while own in used:
            own, n = f"{name}_{n}", n + 1
        used.add(own)
        found[column] = own
    return found
