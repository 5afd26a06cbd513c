"""The practice model behind OpenAI's chat completions protocol, as an ASGI app.

Replies are equal for equal requests, down to their ids; `created` is therefore 0 and tells no time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from lab.errors import MisuseError, ModelError
from lab.practice.chance import unit
from lab.practice.metaprompt import role_of
from lab.practice.optimizer import reply
from lab.practice.target import Draw, answer, split_messages

MODEL = "practice"
_TOKEN = re.compile(r"\s*(?:\w{1,6}|[^\w\s])")
_ROLES = ("system", "developer", "user", "assistant")
_LONGEST = 60_000
_MOST_CHOICES = 128


class _Refused(MisuseError):
    """Carries an answer in OpenAI's error shape out of the checks; it never leaves this module."""

    def __init__(self, message: str, param: str | None = None, code: str | None = None, status: int = 400):
        super().__init__(message)
        self.param, self.code, self.status = param, code, status


@dataclass(frozen=True)
class _Wanted:
    messages: tuple[dict[str, str], ...]
    n: int
    temperature: float
    seed: int
    stop: tuple[str, ...]
    max_tokens: int | None


def _error(refused: _Refused) -> JSONResponse:
    body = {
        "message": str(refused), "type": "invalid_request_error", "param": refused.param, "code": refused.code
    }  # fmt: skip
    return JSONResponse({"error": body}, refused.status)


def _text(content: object, at: str) -> str:
    if isinstance(content, str):
        return content
    if content is None:
        return ""
    if isinstance(content, list) and all(
        isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("text"), str)
        for part in content
    ):
        return "\n".join(part["text"] for part in content)
    raise _Refused(f"The content of {at} is not text. The practice model reads text only.", at)


def _messages(body: Mapping[str, Any]) -> tuple[dict[str, str], ...]:
    given = body.get("messages")
    if not isinstance(given, list) or not given:
        raise _Refused("There are no messages. Send a list with at least one message.", "messages")
    messages = []
    for i, message in enumerate(given):
        at = f"messages[{i}]"
        if not isinstance(message, dict) or message.get("role") not in _ROLES:
            raise _Refused(f"The role of {at} is not known. Use one of: {', '.join(_ROLES)}.", f"{at}.role")
        messages.append({"role": message["role"], "content": _text(message.get("content"), f"{at}.content")})
    return tuple(messages)


def _number(body: Mapping[str, Any], name: str, least: float, most: float, whole: bool = True) -> float | None:
    value = body.get(name)
    if value is None:
        return None
    fits = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
    if not fits or not least <= value <= most:
        kind = "a whole number" if whole else "a number"
        raise _Refused(f"The value of {name} cannot be used. Give {kind} from {least:g} to {most:g}.", name)
    return float(value) if not whole else value


def _stop(body: Mapping[str, Any]) -> tuple[str, ...]:
    stop = body.get("stop") or ()
    stops = (stop,) if isinstance(stop, str) else stop
    if not isinstance(stops, list | tuple) or len(stops) > 4 or not all(isinstance(s, str) for s in stops):
        raise _Refused("The value of stop cannot be used. Give a text or up to four texts.", "stop")
    return tuple(s for s in stops if s)


def _wanted(body: object) -> _Wanted:
    if not isinstance(body, dict):
        raise _Refused("The request is not a JSON object. Send one with model and messages.")
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise _Refused("No model is named. Ask for the model practice.", "model")
    if model != MODEL:
        raise _Refused(
            f"The model {model!r} does not exist here. Ask for the model practice.", "model", "model_not_found", 404
        )
    if body.get("stream"):
        raise _Refused("The practice model does not stream. Send the request with stream=false.", "stream")
    messages = _messages(body)
    if sum(len(message["content"]) for message in messages) > _LONGEST:
        raise _Refused(
            f"The request is longer than the {_LONGEST} characters that the practice model reads.",
            "messages", "context_length_exceeded",
        )  # fmt: skip
    tokens = _number(body, "max_completion_tokens", 1, 1_000_000) or _number(body, "max_tokens", 1, 1_000_000)
    temperature = _number(body, "temperature", 0, 2, whole=False)
    return _Wanted(
        messages=messages,
        n=int(_number(body, "n", 1, _MOST_CHOICES) or 1),
        temperature=1.0 if temperature is None else temperature,
        seed=int(_number(body, "seed", -(2**63), 2**63 - 1) or 0),
        stop=_stop(body),
        max_tokens=None if tokens is None else int(tokens),
    )


def _said(wanted: _Wanted, sample: int) -> str:
    draw = Draw(wanted.temperature, wanted.seed, sample)
    asked = [m["content"] for m in wanted.messages if m["role"] == "user"]
    told = any(m["content"].strip() for m in wanted.messages if m["role"] in ("system", "developer"))
    if not told and len(asked) == 1 and role_of(asked[0]):
        return reply(asked[0], draw)
    try:
        return answer(*split_messages(wanted.messages), draw)
    except ModelError as error:
        raise _Refused(str(error), "messages", "unknown_task") from error


def count_tokens(text: str) -> int:
    """Counts tokens in a rough way: a word of up to six letters is one, so is a punctuation mark."""
    return len(_TOKEN.findall(text))


def _cut(text: str, wanted: _Wanted) -> tuple[str, str]:
    ends = [at for stop in wanted.stop if (at := text.find(stop)) >= 0]
    text = text[: min(ends)] if ends else text
    tokens = list(_TOKEN.finditer(text))
    if wanted.max_tokens is not None and len(tokens) > wanted.max_tokens:
        return text[: tokens[wanted.max_tokens - 1].end()], "length"
    return text, "stop"


def complete(body: object) -> dict[str, Any]:
    """Answers a chat completion request, given and returned as JSON values."""
    wanted = _wanted(body)
    choices = [_cut(_said(wanted, sample), wanted) for sample in range(wanted.n)]
    n_prompt = sum(count_tokens(m["content"]) + 3 for m in wanted.messages)
    n_reply = sum(count_tokens(text) for text, _ in choices)
    return {
        "id": f"chatcmpl-practice-{int(unit(wanted) * 16**12):012x}",
        "object": "chat.completion",
        "created": 0,
        "model": MODEL,
        "system_fingerprint": "simulated-model",
        "choices": [
            {
                "index": i, "message": {"role": "assistant", "content": text, "refusal": None},
                "logprobs": None, "finish_reason": reason,
            }
            for i, (text, reason) in enumerate(choices)
        ],
        "usage": {
            "prompt_tokens": n_prompt, "completion_tokens": n_reply, "total_tokens": n_prompt + n_reply,
        },
    }  # fmt: skip


async def _completions(request: Request) -> JSONResponse:
    try:
        body = json.loads(await request.body())
    except ValueError:
        return _error(_Refused("The request is not JSON. Send a JSON object with model and messages."))
    try:
        return JSONResponse(complete(body))
    except _Refused as refused:
        return _error(refused)


async def _models(request: Request) -> JSONResponse:
    model = {"id": MODEL, "object": "model", "created": 0, "owned_by": "prompt-lab (simulated model)"}
    return JSONResponse({"object": "list", "data": [model]})


def app() -> Starlette:
    """Makes the app that serves POST /v1/chat/completions and GET /v1/models."""
    return Starlette(
        routes=[
            Route("/v1/chat/completions", _completions, methods=["POST"]),
            Route("/v1/models", _models, methods=["GET"]),
        ]
    )
