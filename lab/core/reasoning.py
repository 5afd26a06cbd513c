"""What a model thinks aloud before it speaks: found by its marks, and cut from what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["is_closed", "reasoning_spans", "without_reasoning"]

# Tags as models write them: <think>, <thinking>, [THINK], &lt;think&gt;, <|begin_of_thought|> and ◁think▷.
_NAMES = (
    r"(?:seed:|ant)?think(?:ing)?|thoughts?|thought_process|inner_monologue|reasoning|reflections?|scratchpad"
    r"|analysis"
)
_REST = rf"[ \t]{{0,3}}(?:{_NAMES})(?:[ \t][^<>\n]{{0,80}})?(?:>|&gt;)"
_TAG = re.compile(
    rf"(?:<|&lt;)[ \t]{{0,3}}(?P<end>/?){_REST}"
    r"|\[(?P<end2>/?)think(?:ing)?\]|◁(?P<end3>/?)think▷|<\|(?:begin|(?P<end4>end))_of_thought\|>",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    rf"(?:<|&lt;)[ \t]{{0,3}}/{_REST}|\[/think(?:ing)?\]|◁/think▷|<\|end_of_thought\|>", re.IGNORECASE
)
# gpt-oss speaks in channels; where a server swallows their marks, their names are left.
_FINAL = "<|channel|>final<|message|>"
_BARE_FINAL = re.compile(r"\Aanalysis(?=\S).{0,200000}?assistantfinal", re.DOTALL)
_INDENT = 40  # characters that may stand before a tag on its line
_MARKS = re.compile(r"<\|(?:begin|end)_of_solution\|>|<\|(?:return|end)\|>\s*\Z")


def without_reasoning(text: str) -> tuple[str, str]:
    r"""Split a reply into what it says and what was thought aloud, each without the marks of the other.

    A text without such marks is returned as it is. Thinking that is not closed goes on to the end, and leaves what
    stood before it, often nothing.

    Example:
        `without_reasoning("<think>Is it? Yes.</think>\n\nyes") == ("yes", "Is it? Yes.")`
    """
    spans = tuple(reasoning_spans(text))
    if not spans:
        return text, ""
    starts, ends = [start for start, _ in spans], [end for _, end in spans]
    said = "".join(text[a:b] for a, b in zip([0, *ends], [*starts, len(text)], strict=True))
    thought = (_without_marks(text[start:end]) for start, end in spans)
    return _MARKS.sub("", said).strip(), "\n\n".join(filter(None, thought))


def reasoning_spans(text: str) -> Iterator[tuple[int, int]]:
    """Find the stretches of thinking aloud, in order, with the marks around them.

    A tag opens one where it begins the text or a line; in the midst of a line it is spoken of (“inside <think> and
    </think> tags”). Without an opening tag all that stands before the closing one is thought.
    """
    if (spoken := _final(text)) is not None:
        yield 0, spoken
        return
    spans: list[tuple[int, int]] = []
    opened: int | None = None
    spoken_of = False
    after = 0
    at = 0
    # What opens within thinking opens nothing.
    while tag := (_TAG if opened is None else _CLOSING).search(text, at):
        at = tag.end()
        if opened is not None:
            spans.append((opened, at))
            opened, after = None, at
        elif not any(tag.group("end", "end2", "end3", "end4")):
            if _begins(text, after, tag.start()):
                opened = tag.start()
            spoken_of = opened is None
        elif spoken_of:
            spoken_of = False
        else:
            spans[:] = [(0, at)]
            after = at
    yield from spans
    if opened is not None:
        yield opened, len(text)


def is_closed(thought: str) -> bool:
    """Return whether a stretch of thinking aloud, with its marks, came to an end."""
    tags = list(_TAG.finditer(thought))
    if not tags:
        return True  # a channel, which ends where the next one begins
    last = tags[-1]
    return last.end() == len(thought) and any(last.group("end", "end2", "end3", "end4"))


def _final(text: str) -> int | None:
    """Return where the channel begins in which gpt-oss answers."""
    if (at := text.rfind(_FINAL)) >= 0:
        return at + len(_FINAL)
    bare = _BARE_FINAL.match(text)
    return bare.end() if bare else None


def _begins(text: str, after: int, at: int) -> bool:
    """Return whether only blanks stand between a tag and the line's start, or the tag `after` which it comes."""
    before = text[max(after, at - _INDENT) : at].rstrip("*_>` \t")
    return before.endswith("\n") or (not before and at - after <= _INDENT)


def _without_marks(thought: str) -> str:
    return re.sub(r"<\|[a-z]{1,12}\|>(?:analysis|final|assistant)?", " ", _TAG.sub("", thought)).strip()
