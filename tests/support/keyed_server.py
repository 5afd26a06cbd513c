"""A model server that asks for a key, remembers which it was sent, and repeats it wherever it can."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from support.browser import free_port
from support.serving import serving

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


@dataclass
class Keyed:
    """The server: its address, the key that it takes, and the keys that came."""

    base_url: str
    key: str
    came: list[str] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        """Answers with the key in the text, or refuses with the key in the refusal; "broken" always refuses."""
        from starlette.responses import JSONResponse

        asked = await request.json()
        sent = request.headers.get("authorization", "").removeprefix("Bearer ")
        self.came.append(sent)
        if sent != self.key or asked["model"] == "broken":
            return JSONResponse({"error": {"message": f"Incorrect API key provided: {sent}."}}, 401)
        message = {"role": "assistant", "content": f"positive {sent}"}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        return JSONResponse(
            {"object": "chat.completion", "model": f"m-{sent}", "system_fingerprint": sent, "choices": [choice]}
        )


@contextmanager
def keyed_server(key: str) -> Iterator[Keyed]:
    """Serves on a free port of this machine."""
    from starlette.applications import Starlette
    from starlette.routing import Route

    port = free_port()
    keyed = Keyed(f"http://127.0.0.1:{port}/v1", key)
    with serving(Starlette(routes=[Route("/v1/chat/completions", keyed.answer, methods=["POST"])]), port):
        yield keyed
