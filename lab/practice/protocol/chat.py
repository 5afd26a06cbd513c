"""POST /v1/chat/completions: a conversation in, replies out, whole or token by token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from lab.practice import respond
from lab.practice.protocol.checks import (
    Refused,
    Wanted,
    affordable,
    as_object,
    count,
    flag,
    most_tokens,
    options,
    text,
    wanted,
)
from lab.practice.protocol.choices import Choice, choices, envelope, spoken, usage
from lab.practice.protocol.likelihood import END, Row
from lab.practice.protocol.tokens import tokens

_ROLES = ("system", "developer", "user", "assistant")
_MOST_TOP = 20

Messages = tuple[dict[str, str], ...]


def complete(body: object) -> dict[str, Any]:
    """Answer a chat completion request, given and returned as JSON values.

    Raises:
        Refused: when it cannot be served.
    """
    want, messages = _read(as_object(body))
    drawn = _draw(want, messages)
    return {
        **envelope("chatcmpl", "chat.completion", want, messages),
        "choices": [
            {
                "index": i,
                "message": {"role": "assistant", "content": choice.text, "refusal": None},
                "logprobs": _logprobs(choice.rows),
                "finish_reason": choice.reason,
            }
            for i, choice in enumerate(drawn)
        ],
        "usage": _usage(messages, drawn),
    }


def chunks(body: object) -> list[dict[str, Any]]:
    """Answer a chat completion request as the pieces of a stream.

    Raises:
        Refused: when it cannot be served.
    """
    want, messages = _read(as_object(body))
    drawn = _draw(want, messages)
    head = envelope("chatcmpl", "chat.completion.chunk", want, messages)
    if want.with_usage:
        head["usage"] = None
    pieces = [piece for i, choice in enumerate(drawn) for piece in _pieces(i, choice)]
    stream = [{**head, "choices": [piece]} for piece in pieces]
    return [*stream, {**head, "choices": [], "usage": _usage(messages, drawn)}] if want.with_usage else stream


def _pieces(i: int, choice: Choice) -> list[dict[str, Any]]:
    said = [
        _piece(i, {"content": token}, None, choice.rows and choice.rows[at : at + 1])
        for at, token in enumerate(choice.tokens)
    ]
    opened = _piece(i, {"role": "assistant", "content": "", "refusal": None}, None)
    return [opened, *said, _piece(i, {}, choice.reason)]


def _piece(
    i: int, delta: dict[str, Any], reason: str | None, rows: tuple[Row, ...] | None = None
) -> dict[str, Any]:
    return {"index": i, "delta": delta, "logprobs": _logprobs(rows), "finish_reason": reason}


def _logprobs(rows: tuple[Row, ...] | None) -> dict[str, Any] | None:
    if rows is None:
        return None
    content = [
        {**_named(row.token, row.logprob), "top_logprobs": [_named(token, logprob) for token, logprob in row.top]}
        for row in rows
    ]
    return {"content": content, "refusal": None}


def _named(token: str, logprob: float | None) -> dict[str, Any]:
    return {"token": token, "logprob": logprob, "bytes": None if token == END else list(token.encode())}


def _usage(messages: Messages, drawn: Sequence[Choice]) -> dict[str, int]:
    n_prompt = sum(len(tokens(message["content"])) + 3 for message in messages)
    return usage(n_prompt, sum(len(choice.tokens) for choice in drawn))


def _draw(want: Wanted, messages: Messages) -> list[Choice]:
    return spoken(lambda: choices(want, partial(respond, want.model, messages)), "messages")


def _read(body: Mapping[str, Any]) -> tuple[Wanted, Messages]:
    for field in ("tools", "functions"):
        if body.get(field):
            raise Refused(f"The practice model calls no tools. Send the request without {field}.", field)
    form = body.get("response_format")
    if form is not None and not (isinstance(form, dict) and form.get("type") == "text"):
        raise Refused(
            "The practice model writes plain text only. Send response_format of the type text, or none.",
            "response_format",
        )
    limits = [most_tokens(body, name, 1) for name in ("max_completion_tokens", "max_tokens")]
    want = replace(wanted(body, max_tokens=limits[0] or limits[1], top=_top(body)), options=options(body))
    messages = _messages(body)
    affordable(want.n, sum(len(message["content"]) for message in messages))
    return want, messages


def _top(body: Mapping[str, Any]) -> int | None:
    asked, top = flag(body, "logprobs"), count(body, "top_logprobs", 0, _MOST_TOP)
    if top and not asked:
        raise Refused("Send logprobs=true with top_logprobs, or leave both out.", "top_logprobs")
    return (top or 0) if asked else None


def _messages(body: Mapping[str, Any]) -> Messages:
    given = body.get("messages")
    if not isinstance(given, list) or not given:
        raise Refused("There are no messages. Send a list with at least one message.", "messages")
    messages = []
    for i, message in enumerate(given):
        at = f"messages[{i}]"
        if not isinstance(message, dict) or message.get("role") not in _ROLES:
            raise Refused(f"The role of {at} is not known. Use one of: {', '.join(_ROLES)}.", f"{at}.role")
        messages.append({"role": message["role"], "content": _content(message.get("content"), f"{at}.content")})
    # Read as one text, so that many short messages count as much as a long one.
    text("".join(message["content"] for message in messages), "messages")
    return tuple({**message, "content": text(message["content"], "messages")} for message in messages)


def _content(content: object, at: str) -> str:
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else [None]
    texts = [part.get("text") if isinstance(part, dict) and part.get("type") == "text" else None for part in parts]
    if not all(isinstance(text, str) for text in texts):
        raise Refused(f"The content of {at} is not text. Send text: the practice model reads nothing else.", at)
    return "\n".join(str(text) for text in texts)
