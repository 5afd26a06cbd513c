"""Replies that come as a stream of events, though none was asked for, or because nothing else is answered."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from lab.errors import ModelError
from lab.models.client import Client
from lab.models.endpoint import Endpoint
from lab.models.roles import Limits
from lab.models.stream import assembled, is_stream
from lab.models.wire import read_answer

ASKED = {"model": "m", "messages": [{"role": "user", "content": "4"}]}


def event(data: Any) -> str:
    return f"data: {data if isinstance(data, str) else json.dumps(data)}\n\n"


def piece(text: str, **fields: Any) -> str:
    return event({"choices": [{"index": 0, "delta": {"content": text}, **fields}]})


@given(st.lists(st.text(max_size=8), min_size=1), st.sampled_from(["\n", "\r\n"]))
def test_the_pieces_of_a_reply_are_its_text(pieces: list[str], line_end: str) -> None:
    sent = "".join(map(piece, pieces)) + piece("", finish_reason="stop")
    usage = event({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}})
    answer = read_answer(assembled((": hello\n\n" + sent + usage + event("[DONE]")).replace("\n", line_end)), ASKED)
    assert answer is not None
    said = "".join(pieces)
    assert answer.text == said
    assert (answer.flaw is None) == bool(said.strip())
    assert (answer.n_input_tokens, answer.n_output_tokens) == (3, 2)


@pytest.mark.parametrize(
    ("stream", "flaw"),
    [
        (piece("yes") + event("[DONE]"), None),  # no word for the end, but an end
        (piece("yes", finish_reason="stop"), None),  # an end without [DONE]
        (piece("yes"), "unfinished"),
        (piece("yes") + 'data: {"choices": [{"del', "unfinished"),
        (piece("yes", finish_reason="length") + event("[DONE]"), "cut_off"),
    ],
)
def test_a_stream_that_broke_off_is_told_from_one_that_ended(stream: str, flaw: str | None) -> None:
    answer = read_answer(assembled(stream), ASKED)
    assert answer is not None
    assert (answer.text, answer.flaw and answer.flaw.code) == ("yes", flaw)


@given(st.text() | st.lists(st.text()).map(lambda lines: "".join(event(line) for line in lines)))
def test_whatever_comes_as_a_stream_is_put_together_or_is_none(text: str) -> None:
    found = assembled(text)
    assert found is None or read_answer(found, ASKED) is not None or "error" in found


def test_a_stream_is_known_by_what_it_says_or_by_how_it_begins() -> None:
    assert is_stream("text/event-stream; charset=utf-8", "")
    assert is_stream("application/json", "\ndata: {}")
    assert not is_stream("application/json", '{"data": 1}')


class Streaming:
    """A server that only streams: it says so, or streams unasked."""

    def __init__(self, *, says: str = "", usage: bool = True) -> None:
        self.sent: list[dict[str, Any]] = []
        self.says, self.usage = says, usage
        self.app = Starlette(routes=[Route("/v1/chat/completions", self._answer, methods=["POST"])])

    async def _answer(self, request: Request) -> Response:
        body = await request.json()
        self.sent.append(body)
        if self.says and not body.get("stream"):
            return JSONResponse({"error": {"message": self.says, "param": None}}, 400)
        if not self.usage and "stream_options" in body:
            return JSONResponse({"detail": "Unsupported parameter: stream_options"}, 400)

        async def events() -> AsyncIterator[str]:
            for one in (piece("ye"), piece("s", finish_reason="stop"), event("[DONE]")):
                yield one

        return StreamingResponse(events(), media_type="text/event-stream")


@pytest.mark.parametrize(
    "says",
    [
        "",
        "This model only support stream mode, please enable the stream parameter to access the model.",
        "stream must be true",
        "Non-streaming is not supported: set stream=true",
    ],
)
@pytest.mark.parametrize("usage", [True, False])
async def test_a_server_that_only_streams_is_read_and_asked_so_from_then_on(says: str, usage: bool) -> None:
    server = Streaming(says=says, usage=usage)
    client = Client(Endpoint("m", "http://localhost/v1"), app=server.app, limits=Limits(tries=1))
    answers = [await client.answer(ASKED) for _ in range(3)]
    assert [(answer.text, answer.flaw) for answer in answers] == [("yes", None)] * 3
    n_refused = (1 + (not usage)) if says else 0
    assert len(server.sent) == 3 + n_refused
    if says:
        assert "only answers in a stream" in answers[0].notes[0]


async def test_a_server_that_refuses_a_stream_too_says_so_after_two_calls() -> None:
    async def refuse(request: Request) -> Response:
        sent.append(await request.body())
        return JSONResponse({"error": {"message": "only stream mode"}}, 400)

    sent: list[bytes] = []
    app = Starlette(routes=[Route("/v1/chat/completions", refuse, methods=["POST"])])
    with pytest.raises(ModelError, match="only stream mode"):
        await Client(Endpoint("m", "http://localhost/v1"), app=app).answer(ASKED)
    assert len(sent) == 2
