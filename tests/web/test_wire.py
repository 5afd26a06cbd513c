"""What the page is served with: made once, compressed, and without work for what stays as it is."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import zlib
from collections.abc import Callable
from copy import copy
from pathlib import Path
from typing import Any

import gradio as gr
import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from support.browser import free_port
from support.pseudo import bracketed

from lab.store import Book
from lab.web.blocks import Blocks
from lab.web.build import build
from lab.web.compression import Compression
from lab.web.first_page import FirstPage
from lab.web.language import Language

LONG = "<p>a step of ProTeGi</p>" * 200


def visits(app: Starlette, *addresses: str, **headers: str) -> list[httpx2.Response]:
    async def go() -> list[httpx2.Response]:
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://lab.test") as client:
            return [await client.get(one, headers=headers) for one in addresses]

    return asyncio.run(go())


def serving(answer: Callable[[Request], Response], middleware: type) -> Starlette:
    async def endpoint(request: Request) -> Response:
        return answer(request)

    return Starlette(routes=[Route("/{path:path}", endpoint)], middleware=[Middleware(middleware)])


@pytest.mark.parametrize("kind", [HTMLResponse, JSONResponse])
def test_pages_and_answers_are_a_fraction_of_themselves_on_the_wire(kind: type[Response]) -> None:
    (answer,) = visits(serving(lambda request: kind(LONG), Compression), "/")
    assert answer.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["vary"]
    assert int(answer.headers.get("content-length", 0)) < len(LONG) / 10
    assert LONG in answer.text


@pytest.mark.parametrize(
    "answer",
    [
        HTMLResponse("<p>short</p>"), PlainTextResponse(LONG), HTMLResponse(status_code=204), Response(b"\x00" * 5000),
        HTMLResponse(zlib.compress(LONG.encode(), wbits=31), headers={"Content-Encoding": "gzip"}),
    ],
)  # fmt: skip
def test_what_is_short_packed_already_or_no_text_goes_as_it_is(answer: Response) -> None:
    (got,) = visits(serving(lambda request: answer, Compression), "/")
    assert got.status_code == answer.status_code
    assert [got.headers.get(name) for name in ("content-length", "content-encoding")] == [
        answer.headers.get(name) for name in ("content-length", "content-encoding")
    ]


def test_who_takes_no_gzip_gets_none() -> None:
    app = serving(lambda request: HTMLResponse(LONG), Compression)
    (answer,) = visits(app, "/", **{"Accept-Encoding": "identity"})
    assert "content-encoding" not in answer.headers
    assert answer.text == LONG


async def test_each_event_of_a_stream_is_there_before_the_next_one_is_made() -> None:
    sent: list[dict[str, Any]] = []
    seen: list[str] = []
    unpacker = zlib.decompressobj(wbits=31)

    async def events():
        for i in range(3):
            yield f"data: {i}\n\n"
            read = b"".join(one.get("body", b"") for one in sent[1:])
            seen.append(zlib.decompressobj(wbits=31).decompress(read).decode())

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    app = serving(lambda request: StreamingResponse(events(), media_type="text/event-stream"), Compression)
    scope = {
        "type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": [(b"accept-encoding", b"gzip")],
    }  # fmt: skip
    await app(scope, asyncio.Event().wait, send)
    assert seen == ["data: 0\n\n", "data: 0\n\ndata: 1\n\n", "data: 0\n\ndata: 1\n\ndata: 2\n\n"]
    assert unpacker.decompress(b"".join(one.get("body", b"") for one in sent[1:])).decode() == seen[-1]
    assert unpacker.eof


def test_the_first_page_is_made_once_for_each_name_that_it_is_reached_by() -> None:
    made: list[str] = []

    def page(request: Request) -> Response:
        made.append(str(request.url))
        return HTMLResponse(f"page {len(made)} for {request.headers['host']}")

    app = serving(page, FirstPage)
    same = visits(app, "/", "/?branch=a", "/?branch=b&node=S3")
    assert {one.text for one in same} == {"page 1 for lab.test"}
    (other,) = visits(app, "/", host="127.0.0.1:7860")
    assert other.text == "page 2 for 127.0.0.1:7860"
    assert [one.text for one in visits(app, "/x", "/x", "/?deep_link=y", "/?page=z")] == [
        f"page {n} for lab.test" for n in (3, 4, 5, 6)
    ], "nothing else is kept"


def test_a_first_page_that_failed_is_made_again() -> None:
    codes = [500, 200, 404]
    app = serving(lambda request: HTMLResponse(status_code=codes.pop(0)), FirstPage)
    assert [one.status_code for one in visits(app, "/", "/", "/")] == [500, 200, 200]


def test_first_pages_are_kept_for_a_few_names_only() -> None:
    """Behind an address of all hosts, a visitor may ask by as many names as there are addresses."""
    made: list[str] = []

    def page(request: Request) -> Response:
        made.append(request.headers["host"])
        return HTMLResponse("page")

    app = serving(page, FirstPage)
    for i in range(40):
        visits(app, "/", host=f"10.0.0.{i}")
    visits(app, "/", host="10.0.0.39")
    visits(app, "/", host="10.0.0.0")
    assert made == [f"10.0.0.{i}" for i in range(40)] + ["10.0.0.0"]


@pytest.fixture
def blocks(monkeypatch: pytest.MonkeyPatch) -> tuple[Blocks, list[type]]:
    made: list[type] = []
    with Blocks() as demo:
        parts = [gr.HTML(), gr.Textbox(), gr.HTML(), gr.Row(), gr.UploadButton()]
        go = gr.Button()
        go.click(lambda: None, None, parts)
    for kind in (gr.HTML, gr.Textbox, gr.Row, gr.UploadButton):
        init = kind.__init__

        def noted(self, *args, _init=init, _kind=kind, **more):
            made.append(_kind)
            _init(self, *args, **more)

        monkeypatch.setattr(kind, "__init__", noted)
    return demo, made


def answered(demo: Blocks, updates: dict[Any, Any]) -> list[Any]:
    from gradio.state_holder import SessionState

    (fn,) = demo.fns.values()
    given = {part: copy(value) for part, value in updates.items()}  # Gradio takes updates apart
    return asyncio.run(demo.postprocess_data(fn, given, SessionState(demo)))


def test_a_part_that_an_answer_leaves_out_is_not_made_anew_and_stays_in_the_page(blocks) -> None:
    demo, made = blocks
    first, text, second, row, upload = next(iter(demo.fns.values())).outputs
    stays = gr.skip()
    assert answered(demo, {first: "<b>new</b>"}) == ["<b>new</b>", stays, stays, stays, stays]
    assert answered(demo, {second: {"tag": "x"}, text: "typed"}) == [stays, "typed", {"tag": "x"}, stays, stays]
    assert made == []
    update = answered(demo, {row: gr.update(visible=False), first: gr.update(elem_classes="x"), upload: None})
    assert update[3]["visible"] is False
    assert update[0]["elem_classes"] == ["x"]
    assert update[1:3] == [stays, stays]
    assert sorted(one.__name__ for one in made) == ["HTML", "Row"]
    assert answered(demo, gr.skip()) == [stays] * 5


def test_answers_are_what_gradio_itself_would_send(blocks) -> None:
    demo, _ = blocks
    parts = next(iter(demo.fns.values())).outputs
    first, text, second, row, upload = parts
    plain = copy(demo)
    plain.__class__ = gr.Blocks
    for updates in (
        {first: "<b>new</b>"}, {text: "typed"}, {row: gr.update(visible=False)}, {first: None, second: {"a": [1]}},
        {first: gr.update(value="<i>x</i>"), text: gr.update(visible=True), upload: None}, gr.skip(),
    ):  # fmt: skip
        whole = [
            one if part in updates else gr.skip() for part, one in zip(parts, answered(plain, updates), strict=True)
        ]
        assert answered(demo, updates) == whole


def test_a_page_that_is_opened_again_is_described_as_the_first_one(tmp_path: Path) -> None:
    from gradio.state_holder import SessionState

    book = Book(tmp_path / "b.sqlite")
    demo, _ = build(book)
    first, second = SessionState(demo), SessionState(demo)
    plain = {id: gr.blocks.BlocksConfig.config_for_block(id, [], part) for id, part in demo.blocks.items()}
    assert first.config_values == plain
    some = next(iter(first.config_values))
    first.config_values[some]["props"]["value"] = "mine"
    assert second.config_values == plain, "what one visitor is shown is not another's"
    assert demo.config["connect_heartbeat"] is False
    book.close()


def test_what_a_part_is_built_with_is_described_in_the_language_of_who_opens_the_page(tmp_path: Path) -> None:
    book = Book(tmp_path / "b.sqlite")
    demo, _ = build(book)

    def parts() -> dict[str, dict[str, Any]]:
        return {one["props"].get("elem_id"): one["props"] for one in demo.get_config_file()["components"]}

    with bracketed():
        said = parts()
    assert said["source"]["choices"] == [("⟦Bundled task⟧", "bundled"), ("⟦Your own examples⟧", "own")]
    assert said["source"]["value"] == parts()["source"]["value"] == "bundled"
    assert said["metric"]["choices"][:2] == [("⟦As the answers look⟧", ""), ("exact", "exact")]
    assert said["begin"]["value"] == "⟦Begin⟧"
    assert "⟦The lab does not answer" in said["lab-pulse"]["html_template"]
    assert "⟦“{name}” is taken in" in said["lab-dropping"]["value"]
    assert "⟦file &#x27;{name}&#x27;⟧" in said["file-size"]["value"]
    assert "⟦" not in repr(parts())
    book.close()


def test_the_page_is_told_its_language_and_a_file_that_is_a_page_is_left_as_it_is() -> None:
    app = serving(lambda request: HTMLResponse("<html><head></head></html>"), Language)
    asked = {"accept-language": "zh-CN", "cookie": "prompt-lab-language=<script>; other"}
    page, file = visits(app, "/", "/gradio_api/file=mine.html", **asked)
    assert "navigator, 'language', {get: () => \"zh-CN\"}" in page.text
    assert int(page.headers["content-length"]) == len(page.content)
    assert "<script>;" not in page.text
    assert "Accept-Language" in page.headers["vary"]
    assert file.text == "<html><head></head></html>"
    (chosen,) = visits(app, "/", **{**asked, "cookie": "prompt-lab-language=en"})
    assert '{get: () => "en"}' in chosen.text


def test_no_event_waits_for_a_summary_of_all_events_before_it(tmp_path: Path) -> None:
    book = Book(tmp_path / "b.sqlite")
    queue = build(book)[0]._queue
    queue.events_recorded = 5000
    said = queue.compute_analytics_summary([{"function": "acted", "status": "success", "process_time": 0.1}])
    assert said == {"functions": {}}
    assert queue.ANALYTICS_MAX_EVENTS == 1
    book.close()


def test_a_look_draws_the_place_alone_and_holds_no_queue(tmp_path: Path) -> None:
    book = Book(tmp_path / "b.sqlite")
    demo, _ = build(book)
    looks = [one for one in demo.fns.values() for _, event in one.targets if event == "lab_look"]
    assert {(len(one.outputs), one.queue) for one in looks} == {(1, False)}
    book.close()


def test_a_server_has_loaded_what_scores_need_before_somebody_waits_for_it() -> None:
    program = (
        "import sys, tempfile, time\nfrom pathlib import Path\nfrom lab.store import Book\nfrom lab.web import build\n"
        "build.launch(Book(Path(tempfile.mkdtemp()) / 'b.sqlite'), port=int(sys.argv[1]))\n"
        "until = time.monotonic() + 60\n"
        "while 'statsmodels.stats.power' not in sys.modules and time.monotonic() < until: time.sleep(0.1)\n"
        "assert {'scipy.stats', 'statsmodels.stats.power'} <= set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(free_port())], check=True, timeout=120)
