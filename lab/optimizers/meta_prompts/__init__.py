"""The meta-prompts: one Markdown file a role, written for this project, with `{name}` slots.

They have the parts that the papers describe and none of the papers' sentences. Edit the files to change
what the optimizer model is asked; what is put into a slot is data and is never looked at for slots again.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_SLOT = re.compile(r"\{(\w+)\}")


@cache
def _template(name: str) -> str:
    return files(__package__).joinpath(f"{name}.md").read_text(encoding="utf-8").strip()


def fill(name: str, **slots: str | int) -> str:
    """Fills the slots of a meta-prompt in one pass.

    Raises:
        KeyError: when the file names a slot that is not given.

    Example:
        `fill("protegi_paraphrase", prompt="Answer {input}.")` leaves `{input}` as it is.
    """
    return _SLOT.sub(lambda slot: str(slots[slot[1]]), _template(name))
