"""A key that a person entered is nowhere but in memory and in what is sent to its address."""

from __future__ import annotations

import io
import json
import logging
import traceback
import urllib.request
from pathlib import Path

import pytest
from support.browser import Seen, chromium, free_port, person
from support.keyed_server import Keyed, keyed_server
from support.layout import bare_layout
from support.page import settings

from lab.errors import LabError
from lab.models.access import Access
from lab.models.connect import connect, use
from lab.models.connections import Connections
from lab.models.endpoint import Endpoint
from lab.session import Session
from lab.store import Book
from lab.tasks import bundled

KEY = "sk-planted-47110815-never-to-be-seen"
TASK = bundled.load("sentiment")


@pytest.fixture
def server():
    with keyed_server(KEY) as keyed:
        yield keyed


def everything_on_disk(folder: Path) -> bytes:
    """All bytes under a folder: the book, its log and whatever else was written there."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def locals_of_the_lab(problem: BaseException) -> str:
    """What a tool for crash reports would write of the lab's own frames."""
    frames = [frame for frame, _ in traceback.walk_tb(problem.__traceback__)]
    return repr([frame.f_locals for frame in frames if "tests" not in Path(frame.f_code.co_filename).parts])


async def test_a_run_leaves_the_key_in_no_file_no_output_and_no_log(server: Keyed, tmp_path, capfd) -> None:
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.DEBUG)
    try:
        session = Session(tmp_path / "book.sqlite")
        branch = session.begin(TASK, models=use(session, connect("m", server.base_url, key=KEY)))
        await session.advance(branch, go_on=True)
    finally:
        logging.getLogger().removeHandler(handler)
        logging.getLogger().setLevel(logging.WARNING)
    assert set(server.came) == {KEY}
    assert session.book.n_calls() > 50
    assert KEY.encode() not in everything_on_disk(tmp_path)
    assert KEY not in heard.getvalue()
    assert KEY not in "".join(capfd.readouterr())
    assert KEY not in str(session.state(branch))


async def test_a_refusal_that_quotes_the_key_is_told_without_it(server: Keyed, tmp_path) -> None:
    session = Session(tmp_path / "book.sqlite")
    branch = session.begin(TASK, models=use(session, connect("broken", server.base_url, key=KEY)))
    with pytest.raises(LabError) as caught:
        await session.advance(branch)
    assert set(server.came) == {KEY}
    assert KEY not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert "perform" in locals_of_the_lab(caught.value)
    assert KEY not in locals_of_the_lab(caught.value)
    assert KEY not in f"{caught.value} {caught.value!r} {caught.value.__dict__}"
    assert KEY not in repr((session, session.connections, session.connections.keys))
    assert KEY.encode() not in everything_on_disk(tmp_path)


def test_a_key_is_one_persons_alone(tmp_path) -> None:
    from lab.web.desk import Desk

    endpoint = Endpoint("m", "http://example.test/v1")
    shared = Access(is_shared=True, offered=(endpoint,))
    desk = Desk(Book(tmp_path / "book.sqlite"), bare_layout(), shared)
    desk.session("ann").connections.keys.hold(endpoint.base_url, KEY)
    assert desk.session("ann").connections.keys.of(endpoint) == KEY
    assert desk.session("ben").connections.keys.of(endpoint) == ""
    assert Connections().keys.of(endpoint) == ""
    assert KEY not in repr(vars(desk))


def test_a_key_is_taken_out_of_its_box_only_when_there_is_an_address_for_it(tmp_path) -> None:
    from lab.web.connection import keyed
    from lab.web.events import Updates

    session, form = Session(tmp_path / "book.sqlite"), bare_layout().form.models

    def typed(*boxes: str) -> Updates:
        return keyed(session, form, dict(zip(form.typed, (*boxes, "practice", ""), strict=True)))

    found = typed("practice", KEY, "m@http://example.test/v1", f" {KEY} ")
    assert KEY not in str(found.values())
    assert form.optimizer.key not in found, "it waits for an address"
    assert found[form.target.key] == ""
    assert "held in memory" in found[form.target.key_status]
    assert session.connections.keys.of(Endpoint("m", "http://example.test/v1")) == KEY
    wrong = typed("m@nowhere", KEY, "m@http://other.test/v1", "schlüssel")
    assert "lab-failure" in wrong[form.optimizer.key_status]
    assert "no key has" in wrong[form.target.key_status]
    assert KEY not in str(wrong.values())
    assert "schlüssel" not in str(wrong.values())


def test_a_key_is_lost_with_the_process_which_is_said_and_it_can_be_entered_again(tmp_path) -> None:
    from lab.web.desk import Desk

    page = bare_layout()
    before = Desk(Book(tmp_path / "book.sqlite"), page).session("ann")
    branch = before.begin(TASK, models=use(before, connect("m", "http://example.test/v1", key=KEY)))
    desk, room = Desk(Book(tmp_path / "book.sqlite"), page), page.room
    here = {page.owner: "ann", page.branch: branch, **dict.fromkeys(room.key_boxes, "")}
    found = desk.keyed(here)
    assert "No key is held for example.test" in found[room.models]
    found = desk.keyed({**here, room.key_of_target: KEY})
    assert found[room.key_of_target] == ""
    assert "A key for example.test is held in memory" in found[room.models]
    assert KEY not in str(found.values())
    assert desk.session("ann").connections.keys.of(Endpoint("m", "http://example.test/v1")) == KEY


def test_the_key_of_a_further_model_is_taken_for_its_own_address(tmp_path) -> None:
    from lab.web.desk import Desk

    page = bare_layout()
    desk, room = Desk(Book(tmp_path / "book.sqlite"), page), page.room
    here = {page.owner: "ann", room.other: "m@http://other.test/v1", room.key_of_other: KEY}
    found = desk.keyed_other(here)
    assert found[room.key_of_other] == ""
    assert "A key for other.test is held in memory" in found[room.other_status]
    keys = desk.session("ann").connections.keys
    assert keys.of(Endpoint("m", "http://other.test/v1")) == KEY
    assert keys.of(Endpoint("m", "http://example.test/v1")) == ""
    found = desk.keyed_other({**here, room.other: ""})
    assert room.key_of_other not in found
    assert "No model is named" in found[room.other_status]
    assert KEY not in str(found.values())


@pytest.mark.long
@pytest.mark.browser
@pytest.mark.long
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore:.*:UserWarning")
def test_a_key_typed_into_the_page_is_in_nothing_that_a_browser_is_given(server: Keyed, tmp_path, capfd) -> None:
    from lab.web.build import launch

    shared = Access(is_shared=True, offered=(Endpoint("broken", server.base_url),))
    demo, url = launch(Book(tmp_path / "book.sqlite"), port=free_port(), access=shared)
    seen, given = Seen(), []
    try:
        with chromium() as browser:
            ann = person(browser, seen).new_page()
            ann.on("requestfinished", lambda request: given.append(_body(request)))
            ann.goto(url)
            ann.locator("#begin:not([disabled])").wait_for()
            for role in ("Optimizer model", "Target model"):
                ann.get_by_label(role, exact=True).fill(f"broken@{server.base_url}")
                ann.get_by_label(role, exact=True).press("Enter")
            ann.locator("#how-target button").first.click()
            ann.locator("#key-target input").fill(KEY)
            ann.locator("#begin").click()
            ann.locator("[data-act=next]").click()
            ann.locator(".lab-failure", has_text="The step failed").wait_for()
            assert set(server.came) == {KEY}
            settings(ann)
            ann.locator("#lab-models", has_text="is held in memory").wait_for()
            stored = ann.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
            typed = ann.evaluate("[...document.querySelectorAll('input, textarea')].map((field) => field.value)")
            pages = [ann.content(), stored, *typed]
            for _ in range(150):  # a stream that a reload cuts off can no longer be read
                if any("is held in memory" in body for body in given):
                    break
                ann.wait_for_timeout(100)
            ann.reload()
            ann.locator("#lab-models, .lab-header").first.wait_for()
            pages.append(ann.content())

            ben = person(browser, seen).new_page()
            ben.goto(ann.url)
            ben.locator("#begin:not([disabled])").wait_for()
            ben.get_by_label("Target model", exact=True).fill(f"broken@{server.base_url}")
            ben.get_by_label("Target model", exact=True).press("Enter")
            ben.locator("#how-target button").first.click()
            ben.locator("#held-target", has_text="No key is held").wait_for()
            ben.locator("#check-target").click()
            ben.locator("#found-target .lab-failure").wait_for(timeout=60_000)
            assert server.came[-1] != KEY
            pages.append(ben.content())
        for path in ("config", "", "gradio_api/info"):
            with urllib.request.urlopen(f"{url}{path}") as answer:
                pages.append(answer.read().decode())
    finally:
        demo.close()
    assert json.loads(pages[-3])["components"]
    assert any("is held in memory" in body for body in given)
    for page in (*pages, *given):
        assert KEY not in page
    assert KEY.encode() not in everything_on_disk(tmp_path)
    out, err = capfd.readouterr()
    assert KEY not in out + err


def _body(request) -> str:
    try:
        return request.response().text()
    except Exception:  # a page that was left, or a file
        return ""
