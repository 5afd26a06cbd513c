"""How a prompt and an input become messages. Text is data: nothing in it is rendered as a template."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

__all__ = ["INPUT", "Fields", "filled", "joined", "messages", "pieces", "placeholders", "whole"]

INPUT = "input"  # the slot of the whole input, whatever its columns are called
Fields = Iterable[tuple[str, str]]  # name and text of each input column

_NAMED = r"(?<!\$)\{[^\W\d]\w*\}|\{\{\s*[^\W\d]\w*\s*\}\}"


def messages(prompt: str, input: str, fields: Fields = ()) -> tuple[dict[str, str], ...]:
    """Put the input where the prompt says `{input}` (or `{{input}}`), else behind the prompt.

    A field is put where the prompt names it in the same way. Without a slot the prompt is the system message, left
    out when blank. The text put in is never looked at again, so an input that holds a slot stays as it is.

    Example:
        `messages("Is it funny? {joke}", "joke: …", [("joke", "Why …")])` is one message of the user.
    """
    texts = {INPUT: input, **dict(fields)}
    slot = _slot(tuple(texts))
    if slot.search(prompt):
        return ({"role": "user", "content": slot.sub(lambda found: texts[_name(found)], prompt)},)
    user = {"role": "user", "content": input}
    return ({"role": "system", "content": prompt}, user) if prompt.strip() else (user,)


def pieces(prompt: str, inputs: Iterable[str] = ()) -> tuple[tuple[str, str], ...]:
    """Split a prompt into (text, name of the slot behind it), the last with no slot, as ""; none is ever rendered.

    Example:
        `pieces("Is {joke} funny?", ("joke",)) == (("Is ", "joke"), (" funny?", ""))`
    """
    found, at = [], 0
    for slot in _slot((INPUT, *inputs)).finditer(prompt):
        found.append((prompt[at : slot.start()], _name(slot)))
        at = slot.end()
    return (*found, (prompt[at:], ""))


def filled(prompt: str, inputs: Iterable[str] = ()) -> tuple[str, ...]:
    """List the slots of a prompt that an input is put into, as written, once each; `inputs` names its columns."""
    return tuple(dict.fromkeys(found[0] for found in _slot((INPUT, *inputs)).finditer(prompt)))


def placeholders(prompt: str, inputs: Iterable[str] = ()) -> tuple[str, ...]:
    """List the `{name}` and `{{name}}` slots of a prompt as written, once each, that a rewrite must keep.

    Those that an input is put into are among them, also where the name of a column is no identifier.
    """
    return tuple(dict.fromkeys(found[0] for found in _any((INPUT, *inputs)).finditer(prompt)))


def whole(inputs: Iterable[str] = ()) -> str:
    """Return the slots that the whole input is put into: one, unless one of several columns has its name.

    Example:
        `whole(("instruction", "input"))` has a line for each, as the input has it.
    """
    names = tuple(inputs)
    names = names if len(names) > 1 and INPUT in names else ()
    return joined((name, f"{{{name}}}") for name in names) or f"{{{INPUT}}}"


def joined(fields: Fields) -> str:
    """Write several fields as one text, a line each.

    Example:
        `joined([("premise", "It rains."), ("hypothesis", "It is wet.")])` is two lines, each with its name.
    """
    return "\n".join(f"{name}: {text}" for name, text in fields)


def _name(found: re.Match[str]) -> str:
    return found["double"] or found["single"]


@lru_cache(64)
def _slot(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(_filling(names))


@lru_cache(64)
def _any(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(f"{_filling(names)}|{_NAMED}")


def _filling(names: tuple[str, ...]) -> str:
    # The longest name first, so that none is taken for another that it begins with.
    one = "|".join(
        re.escape(name) for name in sorted(filter(None, set(names)), key=lambda name: (-len(name), name))
    )
    return rf"\{{\{{\s*(?P<double>{one})\s*\}}\}}|\{{(?P<single>{one})\}}"
