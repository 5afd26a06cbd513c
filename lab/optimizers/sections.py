"""The part of a prompt that may be edited: what stands under a heading “# Task”, or else the whole prompt.

Prompts have sections where the start prompt has them: a heading that an optimizer wrote is its own.

A section is found and replaced by its position. What stands around it stays as it is, to the letter.
"""

from __future__ import annotations

import re

from lab.core.asks import Flaw

_TASK = re.compile(r"^# +task\b[^\n]*\n", re.IGNORECASE | re.MULTILINE)
_HEADING = re.compile(r"^# ", re.MULTILINE)


def section_of(prompt: str, start: str | None = None) -> tuple[str, str, str]:
    r"""Split a prompt into what stands before, in and after the first section whose heading begins with “task”.

    The section ends before the next line that starts with “# ”. Blank lines around its text are not part of it.
    A prompt without such a section, or with no text in it, is one section as a whole; so is any prompt where the
    `start` prompt has none.

    Example:
        `section_of("# Task\nSay yes.\n\n# Text\n{input}") == ("# Task\n", "Say yes.", "\n\n# Text\n{input}")`
    """
    if not (task := _TASK.search(prompt)) or (start is not None and not _TASK.search(start)):
        return "", prompt, ""
    following = _HEADING.search(prompt, task.end())
    body = prompt[task.end() : following.start() if following else None]
    blank = body[: len(body) - len(body.lstrip())]
    first = task.end() + blank.rfind("\n") + 1  # the first line keeps its indentation
    last = task.end() + len(body.rstrip())
    return (prompt[:first], prompt[first:last], prompt[last:]) if first < last else ("", prompt, "")


def with_section(prompt: str, text: str, start: str | None = None) -> str:
    """Put a text in the place of the prompt's section."""
    before, _, after = section_of(prompt, start)
    return before + text + after


def section_flaw(text: str, parent: str, start: str | None = None) -> Flaw | None:
    """Describe why a prompt cannot follow its parent: its section is empty or hold a heading; or None.

    A text that differs from its parent outside the section is a person's own and is not looked into.
    """
    before, _, after = section_of(parent, start)
    end = len(text) - len(after)
    if not (before or after) or end < len(before) or not (text.startswith(before) and text.endswith(after)):
        return None
    section = text[len(before) : end]
    if not section.strip():
        return Flaw("empty_section")
    return Flaw("heading_in_section") if _HEADING.search(section) else None
