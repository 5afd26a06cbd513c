"""Marks by which a chat template begins and ends a turn, where a server leaves them in a reply."""

from __future__ import annotations

import re

__all__ = ["END_MARKS", "START_MARKS", "without_last_marks"]

END_MARKS = re.compile(
    r"<\|(?:im_end|endoftext|eot_id|eom_id|end|end_of_text|end_of_turn|return|eos|user)\|>|</s>|<end_of_turn>|<eos>"
    r"|\[\|endofturn\|\]|<\|end_response\|>|\[/?INST\]|<\|(?:im_start|start_header_id)\|>(?!\s*assistant)"
    r"|<｜end▁of▁sentence｜>",
    re.IGNORECASE,
)
START_MARKS = re.compile(
    r"\A\s*(?:<s>|<bos>|<\|im_start\|>\s*assistant|<\|start_header_id\|>\s*assistant\s*<\|end_header_id\|>|<\|assistant\|>"
    r"|<\|start_response\|>|<start_of_turn>\s*model\n|\[\|assistant\|\])",
    re.IGNORECASE,
)
# A text with these lays out turns itself: it may be a template.
_TURNS = re.compile(r"\[INST\]|<\|im_start\|>|<\|start_header_id\|>|<start_of_turn>|<\|user\|>", re.IGNORECASE)
_LAST = 20  # marks
_EDGE = 60  # characters that hold one


def without_last_marks(text: str) -> str:
    """Return a text without marks at its edges; one in its midst may be what the text speaks of."""
    text = START_MARKS.sub("", text)
    if _TURNS.search(text):
        return text
    for _ in range(_LAST):
        text = text.rstrip()
        at = max(0, len(text) - _EDGE)
        last = next((mark for mark in END_MARKS.finditer(text, at) if mark.end() == len(text)), None)
        if last is None:
            break
        text = text[: last.start()]
    return text
