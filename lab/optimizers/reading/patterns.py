"""How a pattern of words is written: the words in a list, their spaces kept where the pattern is verbose."""

from __future__ import annotations

import re

APOSTROPHE = "['’]"
_SPACE, _ESCAPED = re.compile(r"(?<!\\) "), r"\\ "  # one not escaped yet: groups may stand in one another


def one_of(*words: str) -> str:
    r"""Write words, or patterns of words, as one group of alternatives; the first that fits is taken.

    Example:
        `one_of("hi", "got it") == r"(?:hi|got\ it)"`
    """
    return f"(?:{_SPACE.sub(_ESCAPED, '|'.join(words))})"
