"""Reading a reply that comes as server-sent events, as servers send that only stream, asked or not. Pure.

The pieces are put together to the completion that the same server would send whole, and that is read as any other.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["assembled", "is_stream"]

_DONE = "[DONE]"
_TEXTS = ("content", "reasoning_content", "reasoning", "refusal")


def is_stream(content_type: str, text: str) -> bool:
    """Return whether a body is a stream of events; some servers call it something else."""
    return "event-stream" in content_type.lower() or text.lstrip()[:6].lower().startswith(("data:", "event:"))


def assembled(text: str) -> dict[str, Any] | None:
    """Put the pieces of a stream together; None where it holds none of a completion.

    A choice has a `finish_reason` if a piece gave one. One that was never ended has null there, unless the stream
    says that it is over: then the server has no word for the end of a reply, and the field is left out.

    Example:
        `assembled('data: {"choices": [{"delta": {"content": "Hi"}, "finish_reason": "stop"}]}')["choices"]` is
        `[{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}]`
    """
    whole: dict[str, Any] = {}
    choices: dict[int, dict[str, Any]] = {}
    is_over = False
    for data in _events(text):
        if data == _DONE:
            is_over = True
            continue
        try:
            piece = json.loads(data)
        except (ValueError, RecursionError):
            continue
        if not isinstance(piece, Mapping):
            continue
        if "error" in piece and not piece.get("choices"):
            return dict(piece)
        whole.update({name: value for name, value in piece.items() if name != "choices" and value is not None})
        for choice in _mappings(piece.get("choices")):
            index = choice.get("index")
            _add(choices.setdefault(index if type(index) is int else 0, {}), choice)
    if not choices:
        return None
    return {**whole, "choices": [_ended(i, choices[i], is_over) for i in sorted(choices)]}


def _events(text: str) -> Iterator[str]:
    """Yield the data of each event; the lines of one are joined."""
    lines: list[str] = []
    for line in (*text.splitlines(), ""):
        if line.startswith("data:"):
            lines.append(line[5:].removeprefix(" "))
        elif not line and lines:
            yield "\n".join(lines).strip()
            lines = []


def _add(choice: dict[str, Any], piece: Mapping[str, Any]) -> None:
    """Add a piece to what a choice holds; texts are lists of pieces."""
    delta = piece.get("delta", piece.get("message"))
    texts = (
        {name: delta.get(name) for name in _TEXTS} if isinstance(delta, Mapping) else {"text": piece.get("text")}
    )
    for name, text in texts.items():
        if isinstance(text, str):
            choice.setdefault(name, []).append(text)
    for name, values in _logprobs(piece):
        choice.setdefault("logprobs", {}).setdefault(name, []).extend(values)
    choice.update({name: piece[name] for name in ("finish_reason", "error") if piece.get(name) is not None})


def _logprobs(piece: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    logprobs = piece.get("logprobs")
    lists = logprobs.items() if isinstance(logprobs, Mapping) else ()
    return ((name, values) for name, values in lists if isinstance(values, list))


def _ended(index: int, choice: dict[str, Any], is_over: bool) -> dict[str, Any]:
    rest = {name: value for name, value in choice.items() if name in ("finish_reason", "error", "logprobs")}
    if "finish_reason" not in rest and not is_over:
        rest["finish_reason"] = None
    if "text" in choice:
        return {"index": index, "text": "".join(choice["text"]), **rest}
    texts = {name: "".join(choice[name]) for name in _TEXTS if name in choice}
    return {"index": index, "message": {"role": "assistant", "content": "", **texts}, **rest}


def _mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    return (one for one in value if isinstance(one, Mapping)) if isinstance(value, list) else iter(())
