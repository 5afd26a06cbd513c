"""Reads rows that hold conversations: chats to fine-tune on, evals, prompts and completions as messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lab.tasks.notes import Note

__all__ = ["Flattened", "flattened"]

Row = Mapping[str, Any]

_CHATS = ("messages", "conversations", "conversation")  # a chat to its end, the answer with it
_ROLES = {"human": "user", "gpt": "assistant", "model": "assistant", "developer": "system"}


@dataclass(frozen=True)
class Flattened:
    """Rows of texts: the columns of the input and the answer, what all chats began with, and what to say."""

    rows: list[Row]
    inputs: tuple[str, ...] = ()
    answer: str = ""
    start: str = ""
    notes: tuple[Note, ...] = ()


def flattened(rows: list[Row]) -> Flattened:
    """Make texts of conversations: the user's last turn is the input, what the assistant says to it the answer.

    A system message that all rows share is the prompt to start with. Rows without a conversation stay as they are.

    Example:
        `{"messages": [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "4"}]}` is a row with
        the input `2+2?` and the answer `4`.
    """
    column = next((key for key in rows[0] if _turns(rows[0][key]) is not None), None) if rows else None
    if column is None:
        return Flattened(rows)
    read = [_flat(row, column) for row in rows]
    answers = ("answer",) if any("answer" in row for row, _, _ in read) else ()
    systems = {system for _, system, _ in read}
    start = next(iter(systems)) if len(systems) == 1 else ""
    flat = [row if start or not system else {"system": system, **row} for row, system, _ in read]
    earlier = sum(n > 1 for _, _, n in read)
    notes = [Note("start_from_file")] if start else []
    notes += [Note("earlier_turns_left_out", earlier)] if earlier else []
    return Flattened(flat, ("input",), *answers or ("",), start, tuple(notes))


def _flat(row: Row, column: str) -> tuple[Row, str, int]:
    """Return a row as texts, its system message, and how many turns of the user led to the answer."""
    others = {key: _text_of_turns(value) for key, value in row.items() if key != column}
    turns = _turns(row.get(column)) or []
    system = "\n\n".join(text for role, text in turns if role == "system")
    talk = [(role, text) for role, text in turns if role in ("user", "assistant")]
    last = max((at for at, (role, _) in enumerate(talk) if role == "user"), default=-1)
    answers = [text for role, text in talk[last + 1 :] if role == "assistant"]
    flat = {"input": talk[last][1] if last >= 0 else ""}
    if column in _CHATS or answers:
        flat["answer"] = "\n".join(answers)
    return {**flat, **others}, system.strip(), sum(role == "user" for role, _ in talk)


def _text_of_turns(value: Any) -> Any:
    """Return what a completion says that is given as messages; any other value as it is."""
    turns = _turns(value)
    return value if turns is None else "\n".join(text for _, text in turns)


def _turns(value: Any) -> Sequence[tuple[str, str]] | None:
    """Return the role and the text of each message; None where a value is no conversation."""
    if not isinstance(value, list) or not value or not all(isinstance(turn, dict) for turn in value):
        return None
    found = [(turn.get("role", turn.get("from")), turn.get("content", turn.get("value", ""))) for turn in value]
    if not all(isinstance(role, str) for role, _ in found):
        return None
    return [(_ROLES.get(role, role), _content(content)) for role, content in found]


def _content(content: Any) -> str:
    """Return the text of a message, whose content may be a list of parts."""
    if isinstance(content, str):
        return content
    parts: Iterable[Any] = content if isinstance(content, list) else ()
    return "\n".join(str(part.get("text", "")) for part in parts if isinstance(part, dict) and "text" in part)
