"""A tiny model behind the OpenAI protocol that can do everything, and unlearn each thing: what servers do badly.

Its log-probabilities depend on the text before a token alone, so that what is generated and what is scored agree.
"""

from __future__ import annotations

import json
import re
from itertools import accumulate, count
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from lab.models.capabilities import Capabilities
from lab.models.client import Client
from lab.models.connections import Connections
from lab.models.endpoint import Endpoint
from lab.practice.chance import unit

STORY = re.findall(
    r"\w+", "The sea is wide and blue and cold and it sings to whoever listens at night without a lamp"
)
KNOWN = {
    "model", "messages", "prompt", "max_tokens", "max_completion_tokens", "temperature", "n", "stop", "seed",
    "logprobs", "top_logprobs", "echo", "suffix",
}  # fmt: skip
UNSUPPORTED = "Unsupported {0}: '{1}' is not supported with this model."


def tokens(text: str) -> list[str]:
    return re.findall(r"\s?\w+|\s|[^\w\s]", text)


def logprob(before: str, token: str) -> float:
    return round(-0.05 - 2 * unit("toy", before[-40:], token), 6)


def scored(before: str, text: str) -> list[tuple[str, float]]:
    read = tokens(text)
    starts = accumulate(map(len, read), initial=0)
    return [(token, logprob(before + text[:at], token)) for token, at in zip(read, starts, strict=False)]


class Toy:
    """The server, with the bad habits named."""

    def __init__(self, *habits: str) -> None:
        self.habits = set(habits)
        self.bodies: list[dict[str, Any]] = []
        self._drawn = count()
        self.app = Starlette(
            routes=[
                Route("/v1/chat/completions", self._chat, methods=["POST"]),
                Route("/v1/completions", self._completions, methods=["POST"]),
                Route("/v1/models", self._models, methods=["GET"]),
            ]
        )

    def has(self, habit: str) -> bool:
        return habit in self.habits

    async def _models(self, request: Request) -> Response:
        return JSONResponse({"data": [{"id": "toy", "meta": {"n_ctx": 4096}}]})

    async def _chat(self, request: Request) -> Response:
        body = await self._read(request)
        if refused := self._refused(body):
            return refused
        before = "".join(f"<{m['role']}>{m['content']}" for m in body["messages"]) + "<assistant>"
        forced = self._forced(body)
        made = [self.reply(before, body, forced) for _ in range(self._n(body))]
        choices = [
            {
                "index": i,
                "message": {"role": "assistant", "content": text},
                "finish_reason": finish,
                "logprobs": self._chat_logprobs(before, text, body),
            }
            for i, (text, finish) in enumerate(made)
        ]
        return JSONResponse({"model": body["model"], "choices": choices})

    async def _completions(self, request: Request) -> Response:
        body = await self._read(request)
        if refused := self._unanswered() or self._refused(body):
            return refused
        before, suffix = body["prompt"], body.get("suffix") or ""
        fills = suffix and not self.has("suffix ignored") and not self.has("suffix appended")
        text, finish = self.reply(f"{before}{suffix}" if fills else before, body, None)
        written = text + (suffix if self.has("suffix appended") else "")
        choice = {"index": 0, "text": written, "finish_reason": finish, "logprobs": self._told(before, text, body)}
        if body.get("echo") and not self.has("echo ignored"):
            choice["text"] = before + text
        return JSONResponse({"model": body["model"], "choices": [choice]})

    def _unanswered(self) -> Response | None:
        if self.has("no completions"):
            return JSONResponse({"detail": "Not Found"}, 404)
        if self.has("completions broken"):
            return PlainTextResponse("Internal Server Error", 500)
        return JSONResponse({"error": "slow down"}, 429) if self.has("completions busy") else None

    def _told(self, before: str, text: str, body: dict[str, Any]) -> dict[str, Any] | None:
        if self.has("logprobs null") or body.get("logprobs") is None:
            return None
        given, echoed = scored(before, text), body.get("echo") and not self.has("echo ignored")
        if echoed and not self.has("echo without logprobs"):
            given = scored("", before) + given
        if echoed and self.has("echo shifted"):
            given = [(token, p) for (token, _), (_, p) in zip(given, given[1:] + given[:1], strict=True)]
        if self.has("always certain"):
            given = [(token, 0.0) for token, _ in given]
        if self.has("chat shape in completions"):
            return {"content": [{"token": t, "logprob": p, "top_logprobs": []} for t, p in given]}
        return {
            "tokens": [t for t, _ in given],
            "token_logprobs": [None if echoed and i == 0 else p for i, (_, p) in enumerate(given)],
            "top_logprobs": None,
            "text_offset": list(accumulate((len(t) for t, _ in given[:-1]), initial=0)),
        }

    async def _read(self, request: Request) -> dict[str, Any]:
        body: dict[str, Any] = await request.json()
        self.bodies.append(body)
        return body

    def _refused(self, body: dict[str, Any]) -> Response | None:
        if any(self.has(f"fails at {field}") for field in body):
            return PlainTextResponse("Internal Server Error", 500)
        if self.has("strict") and (extra := sorted(body.keys() - KNOWN)):
            return JSONResponse({"detail": [{"loc": ["body", name], "msg": "Extra", "type": "extra_forbidden"}
                                            for name in extra]}, 422)  # fmt: skip
        for field, code in (("max_tokens", "unsupported_parameter"), ("temperature", "unsupported_value")):
            if field in body and self.has(f"{field} refused"):
                message = UNSUPPORTED.format(code[12:], field)
                return JSONResponse({"error": {"message": message, "param": field, "code": code}}, 400)
        if body.get("n", 1) > 1 and self.has("n refused"):
            return JSONResponse({"error": {"message": "only one completion choice is allowed"}}, 400)
        return None

    def _n(self, body: dict[str, Any]) -> int:
        return 1 if self.has("n ignored") else int(body.get("n", 1))

    def _forced(self, body: dict[str, Any]) -> str | None:
        if "grammar" in body and not self.has("grammar ignored"):
            written = re.fullmatch(r'root ::= "((?:[^"\\]|\\.)*)"(?: \| ".*")?', body["grammar"], re.S)
            assert written
            return re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t", "r": "\r"}.get(m[1], m[1]), written[1])
        field = "guided_choice" if self.has("older choice") else "structured_outputs"
        if field in body and not self.has("choice ignored"):
            return str((body[field] if field == "guided_choice" else body[field]["choice"])[0])
        if "response_format" in body and self.has("schema"):
            schema = body["response_format"]["json_schema"]["schema"]
            return json.dumps({name: one["enum"][0] for name, one in schema["properties"].items()})
        return None

    def reply(self, before: str, body: dict[str, Any], forced: str | None) -> tuple[str, str]:
        at = 0 if not body.get("temperature", 1) and not self.has("unsteady") else self._seed(body)
        shift = int(unit("story", before, at) * len(STORY))
        made = tokens(forced if forced is not None else " ".join(STORY[shift:] + STORY[:shift]))
        limits = [
            body.get(name) for name in ("max_tokens", "max_completion_tokens") if not self.has(f"{name} ignored")
        ]
        limit = next((limit for limit in limits if limit is not None), None)
        finish = "stop" if limit is None or limit >= len(made) else "length"
        text = "".join(made if limit is None else made[:limit])
        for stop in body.get("stop") or ():
            if stop in text and not self.has("stop ignored"):
                text, finish = text.partition(stop)[0] + (stop if self.has("stop left in") else ""), "stop"
        return text, finish

    def _seed(self, body: dict[str, Any]) -> int:
        seed = None if self.has("seed ignored") else body.get("seed")
        return next(self._drawn) + 1000 if seed is None else int(seed)

    def _chat_logprobs(self, before: str, text: str, body: dict[str, Any]) -> dict[str, Any] | None:
        if not body.get("logprobs") or self.has("logprobs null") or self.has("chat logprobs null"):
            return None
        told = scored(before, text)
        forced = "grammar" in body or "structured_outputs" in body
        if self.has("always certain") or (self.has("logprobs after the grammar") and forced):
            told = [(token, 0.0) for token, _ in told]
        n_top = body.get("top_logprobs") or 0
        content = [
            {
                "token": token,
                "logprob": p,
                "top_logprobs": [{"token": t, "logprob": q} for t, q in self._top(token, p)][:n_top],
            }
            for token, p in told
        ]
        if self.has("names the end"):
            content.append({"token": "", "logprob": -0.6, "top_logprobs": []})
        return {"content": content}

    def _top(self, token: str, p: float) -> list[tuple[str, float]]:
        return [(token, p), ("yes", p - 1), (" no", p - 2), ("maybe", p - 3)]


NOWHERE = "http://127.0.0.1:9/v1"  # the port that throws everything away: nothing listens there


ALL = Capabilities(
    checked=True, token_limit="max_tokens", temperature=True, n=True, stop=True, seed=True,
    log_probabilities="chat", likelihood="echo", forcing="choice", infill=True,
)  # fmt: skip


def connected(app: Any) -> Connections:
    def open_client(endpoint: Endpoint, **how: Any) -> Client:
        return Client(endpoint, app=app, **how)

    return Connections(open_client=open_client)
