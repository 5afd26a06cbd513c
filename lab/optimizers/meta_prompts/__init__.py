"""The meta-prompts: one Markdown file a role, written for this project, with `{name}` slots.

They have the parts that the papers describe and none of the papers' sentences. Edit the files to change
what the optimizer model is asked; what is put into a slot is data and is never looked at for slots again.
"""

from __future__ import annotations

import re
from importlib.resources import files

_SLOT = re.compile(r"\{(\w+)\}")


# Read once, at import: filling a meta-prompt later touches no file.
_TEMPLATES = {
    file.name.removesuffix(".md"): file.read_text(encoding="utf-8").strip()
    for file in files(__package__).iterdir()
    if file.name.endswith(".md")
}


def fill(name: str, **slots: str | int) -> str:
    """Fill the slots of a meta-prompt in one pass.

    Raises:
        KeyError: when the file names a slot that is not given.

    Example:
        `fill("protegi_paraphrase", prompt="Answer {input}.")` leaves `{input}` as it is.
    """
    return _SLOT.sub(lambda slot: str(slots[slot[1]]), _TEMPLATES[name])
