"""The page behind a reverse proxy, under a path of its own: it loads, draws, runs a step and takes a file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Mount, Route
from support.browser import free_port, person
from support.page import begin, opened, press, settled, title
from support.serving import serving

from lab.store import Book

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore:.*:UserWarning"),
]
PATH = "/course/lab"
OF_THE_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "te", "upgrade"}


def proxy(upstream: str) -> Starlette:
    """Pass on what is asked for under PATH, without it, as the usual proxies do; nothing is elsewhere."""
    to = httpx2.AsyncClient(base_url=upstream, timeout=None, trust_env=False)

    async def passed(request: Request) -> StreamingResponse:
        path = request.scope["path"].removeprefix(PATH) or "/"
        told = {name: value for name, value in request.headers.items() if name not in OF_THE_CONNECTION}
        told |= {"x-forwarded-host": told["host"], "x-forwarded-proto": "http"}
        asked = to.build_request(
            request.method,
            httpx2.URL(path=path, query=request.url.query.encode()),
            headers=told,
            content=request.stream(),
        )
        answer = await to.send(asked, stream=True)

        async def body() -> AsyncIterator[bytes]:
            try:
                async for chunk in answer.aiter_raw():
                    yield chunk
            finally:
                await answer.aclose()

        kept = {name: value for name, value in answer.headers.items() if name not in OF_THE_CONNECTION}
        return StreamingResponse(body(), answer.status_code, kept)

    async def nothing(request: Request) -> PlainTextResponse:
        is_icon = request.url.path == "/favicon.ico"  # which a browser asks any host for
        return PlainTextResponse("", 204) if is_icon else PlainTextResponse("nothing here", 404)

    methods = ["GET", "POST", "HEAD", "OPTIONS"]
    under = Mount(PATH, routes=[Route("/{rest:path}", passed, methods=methods)])
    return Starlette(routes=[under, Route("/{rest:path}", nothing, methods=methods)])


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    from lab.web.build import launch

    book = Book(tmp_path_factory.mktemp("web") / "lab.sqlite")
    demo, _ = launch(book, port=free_port(), root_path=PATH)
    with serving(proxy(f"http://127.0.0.1:{demo.server_port}")) as served:
        yield served.removesuffix("/v1") + PATH + "/"
    demo.close()


def test_the_page_under_a_path_loads_runs_a_step_draws_its_chart_and_takes_a_file(
    browser, behind, seen, tmp_path: Path
) -> None:
    context = person(browser, seen)
    missed = list[str]()
    context.on("response", lambda answer: missed.append(answer.url) if answer.status >= 400 else None)
    page = opened(context, behind)
    file = tmp_path / "reviews.csv"
    rows = [f"film {i} is {('bad', 'good')[i % 2]},{('no', 'yes')[i % 2]}\n" for i in range(24)]
    file.write_text("text,label\n" + "".join(rows), "utf-8")
    page.get_by_label("Your own examples").check()
    page.locator("#file input[type=file]").set_input_files(file)
    page.locator("#report", has_text="24 rows were read").wait_for()
    page.get_by_label("Bundled task").check()

    begin(page)
    assert urlsplit(page.url).path == f"{PATH}/"
    press(page, "next")
    press(page, "accept")
    assert title(page) == "Review critiques"
    page.reload()
    settled(page, None)
    assert title(page) == "Review critiques"
    page.locator("[data-act=autopilot]").click()
    page.locator("#lab-chart svg").wait_for(timeout=60_000)
    assert missed == [], "asked for outside the path"
