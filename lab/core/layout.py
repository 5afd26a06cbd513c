"""How a prompt and an input become messages. Text is data: nothing in it is rendered as a template."""

from __future__ import annotations

import re

__all__ = ["messages", "placeholders"]

_INPUT = re.compile(r"\{\{\s*input\s*\}\}|\{input\}")
_SLOT = re.compile(r"\{\{\s*[^\W\d]\w*\s*\}\}|\{input\}|(?<!\$)\{[^\W\d]\w*\}")


def messages(prompt: str, input: str) -> tuple[dict[str, str], ...]:
    """Put the input where the prompt says `{input}` (or `{{input}}`), else behind the prompt.

    Without a slot the prompt is the system message, left out when blank. The text put in is never looked at
    again, so an input that holds a slot stays as it is.
    """
    if _INPUT.search(prompt):
        return ({"role": "user", "content": _INPUT.sub(lambda _: input, prompt)},)
    user = {"role": "user", "content": input}
    return ({"role": "system", "content": prompt}, user) if prompt.strip() else (user,)


def placeholders(prompt: str) -> tuple[str, ...]:
    """List the `{name}` and `{{name}}` slots of a prompt as written, once each, that a rewrite must keep."""
    return tuple(dict.fromkeys(_SLOT.findall(prompt)))
