"""The ASGI app: routes, errors in OpenAI's shape, and streams. One JSON read and one written for each request."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from lab.practice import MODELS
from lab.practice.protocol import chat, completions
from lab.practice.protocol.checks import Refused, known_model, read_json

LONGEST_BODY = 1 << 20  # bytes

Answer = Callable[[object], Any]


def to_json(value: object) -> bytes:
    """Write compact JSON in UTF-8, whatever half characters are in it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def refusal(refused: Refused) -> Response:
    """Make the response that refuses a request."""
    return Response(to_json(refused.body()), refused.status, media_type="application/json")


async def read_body(request: Request) -> bytes:
    """Read a body to its end, but keeps no more than it may hold: who is still sending hears no answer.

    Raises:
        Refused: when it is too long (413).
    """
    kept, size = list[bytes](), 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= LONGEST_BODY:
            kept.append(chunk)
    if size > LONGEST_BODY:
        raise Refused(f"The request is longer than {LONGEST_BODY} bytes. Send less at once.", status=413)
    return b"".join(kept)


async def _events(chunks: Iterable[object]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield b"data: " + to_json(chunk) + b"\n\n"
    yield b"data: [DONE]\n\n"


def _served(complete: Answer, chunks: Answer) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        try:
            body = read_json(await read_body(request))
            if body.get("stream") is True:
                return StreamingResponse(_events(chunks(body)), media_type="text/event-stream")
            return Response(to_json(complete(body)), media_type="application/json")
        except Refused as refused:
            return refusal(refused)

    return serve


def _model(name: str) -> dict[str, Any]:
    return {
        "id": name, "object": "model", "created": 0, "owned_by": "prompt-lab (simulated model)",
        "description": MODELS[name],
    }  # fmt: skip


async def _models(request: Request) -> Response:
    listed = {"object": "list", "data": [_model(name) for name in MODELS]}
    return Response(to_json(listed), media_type="application/json")


async def _one_model(request: Request) -> Response:
    try:
        found = _model(known_model(request.path_params["name"]))
    except Refused as refused:
        return refusal(refused)
    return Response(to_json(found), media_type="application/json")


async def _health(request: Request) -> Response:
    return Response(to_json({"status": "ok"}), media_type="application/json")


async def _not_served(request: Request, error: Exception) -> Response:
    """Word what the router refuses: an unknown address (404) or method (405)."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = error.headers if isinstance(error, HTTPException) else None
    said = {
        404: "There is nothing at this address. Ask /v1/chat/completions, /v1/completions or /v1/models.",
        405: f"This address takes no {request.method}. Use {(headers or {}).get('Allow', 'another method')}.",
    }.get(status, "The request cannot be served. Look at its address and method.")
    response = refusal(Refused(said, code="unknown_url" if status == 404 else None, status=status))
    response.headers.update(headers or {})
    return response


def app() -> Starlette:
    """Make the app that serves chat completions, completions, models and health."""
    made = Starlette(
        routes=[
            Route("/v1/chat/completions", _served(chat.complete, chat.chunks), methods=["POST"]),
            Route("/v1/completions", _served(completions.complete, completions.chunks), methods=["POST"]),
            Route("/v1/models", _models, methods=["GET"]),
            Route("/v1/models/{name}", _one_model, methods=["GET"]),
            Route("/health", _health, methods=["GET"]),
        ],
        exception_handlers={HTTPException: _not_served},
    )
    made.router.redirect_slashes = False
    return made
