"""Finding the model servers of this machine, whatever else listens on it."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from support.serving import serving
from support.toy_server import Toy

from lab.models.discovery import PORTS, Found, find
from lab.models.endpoint import Endpoint
from lab.practice import MODELS
from lab.practice import asgi_app as practice


def port_of(url: str) -> int:
    return int(url.rsplit(":", 1)[1].removesuffix("/v1"))


def app(answer: Callable[[Request], Awaitable[Response]]) -> Starlette:
    return Starlette(routes=[Route("/v1/models", answer)])


def saying(response: Callable[[], Response]) -> Starlette:
    async def answer(request: Request) -> Response:
        return response()

    return app(answer)


def naming(*models: Any) -> Starlette:
    return saying(lambda: Response(json.dumps({"data": [{"id": model} for model in models]})))


def found(url: str, **how: Any) -> tuple[str, ...]:
    return tuple(one.spec.removesuffix(f"@{url}") for one in asyncio.run(find([port_of(url)], **how)))


async def test_every_model_of_every_server_is_found_under_the_name_that_it_can_be_asked_by() -> None:
    with serving(practice()) as one, serving(Toy().app) as other:
        told = await find([port_of(one), port_of(other), port_of(one)])
    assert [item.spec for item in told] == [*(f"{name}@{one}" for name in MODELS), f"toy@{other}"]
    assert Endpoint.of(told[-1].spec) == Endpoint("toy", other)
    assert told[-1].about == f"port {port_of(other)}"


async def test_a_program_is_a_guess_by_its_port() -> None:
    # Whatever listens at these ports where the test runs, or nothing: it must be told by the port alone.
    told = await find()
    assert all(one.about == f"port {port}, as {PORTS[port]}'s" for one in told for port in [port_in(one)])
    assert sorted(PORTS) == [1234, 8000, 8080, 11434]


def port_in(one: Found) -> int:
    return port_of(Endpoint.of(one.spec).base_url)


def test_nothing_is_asked_but_this_machine_once_and_without_a_key() -> None:
    asked: list[tuple[str, str, str | None]] = []

    async def answer(request: Request) -> Response:
        asked.append((request.method, request.url.path, request.headers.get("authorization")))
        return RedirectResponse("http://192.0.2.1/v1/models")

    with serving(app(answer)) as url:
        assert found(url) == ()
    assert asked == [("GET", "/v1/models", None)]


async def _drip() -> AsyncIterator[bytes]:
    while True:
        yield b" "
        await asyncio.sleep(0.01)


async def _flood() -> AsyncIterator[bytes]:
    yield b'{"data": [{"id": "toy"}], "more": "'
    for _ in range(10):
        yield b"x" * 1_000_000
    yield b'"}'


ODD: dict[str, Callable[[], Response]] = {
    "html": lambda: PlainTextResponse("<h1>Welcome to nginx!</h1>"),
    "brackets": lambda: PlainTextResponse("[" * 100_000),
    "not utf-8": lambda: Response(b"\xff\xfe{}"),
    "500": lambda: JSONResponse({"data": [{"id": "toy"}]}, 500),
    "401": lambda: JSONResponse({"data": [{"id": "toy"}]}, 401),
    "an object": lambda: JSONResponse({"data": {"id": "toy"}}),
    "no names": lambda: JSONResponse({"data": [["id", "toy"], "toy", None, {"name": "toy"}, {"id": 7}]}),
    "a list": lambda: JSONResponse(["toy"]),
    "null": lambda: JSONResponse(None),
    "no gzip": lambda: Response(b"not gzip", headers={"content-encoding": "gzip"}),
    "drip": lambda: StreamingResponse(_drip()),
    "10 MB": lambda: StreamingResponse(_flood()),
}


def test_what_answers_something_else_or_never_ends_is_not_listed() -> None:
    now: list[str] = []
    with serving(saying(lambda: ODD[now[-1]]())) as url:
        for name in ODD:
            now.append(name)
            assert found(url, wait_s=0.25) == (), name


def test_a_name_that_no_request_could_carry_is_left_out_and_any_other_stays_as_it_is() -> None:
    fine = ["<script>alert(1)</script>", "a b.gguf", "naïve/模型:7b", "llama@home", "@", "x" * 200]
    bad = ["", " ", "a\nb", "a\x00b", "a\u202eb", " a", "x" * 201, "a@http://192.0.2.1/v1", "\ud83d", None, 7, {}]
    with serving(naming(*bad, *fine, *fine)) as url:
        assert found(url) == tuple(fine)
        for name in fine:
            assert Endpoint.of(f"{name}@{url}") == Endpoint(name, url)


def test_of_a_long_list_a_hundred_are_shown() -> None:
    with serving(naming(*(f"m{n}" for n in range(500)))) as url:
        assert found(url) == tuple(f"m{n}" for n in range(100))


async def test_a_port_where_nothing_listens_or_nothing_is_said_is_left_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert (await find([9, silent.getsockname()[1]], wait_s=0.1)) == ()
    assert (await find([])) == ()
