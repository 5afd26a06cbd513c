"""The menu of exports in a real browser: a click saves a file that holds what the lab would write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import lab
from lab.errors import MisuseError
from lab.export import FORMATS
from lab.export.menu import download, page_with_exports


@pytest.fixture
def run() -> lab.Run:
    run = lab.begin("sentiment", "opro", preset="quick", name="by hand")
    run.next()
    return run


def test_each_format_is_in_the_menu_and_brings_its_file(run: lab.Run) -> None:
    drawn = page_with_exports(run.session.state(run.id)).drawer
    for name in (*FORMATS, "csv", "json"):
        assert f'data-format="{name}"' in drawn
        assert download(run.session, run.id, {"act": "export", "format": name}).content.strip()
    assert download(run.session, run.id, {"format": "text"}).content == run.best.prompt


@pytest.mark.parametrize("format", ["word", "<b>", "", None, 3])
def test_a_format_that_there_is_not_is_refused(run: lab.Run, format: Any) -> None:
    with pytest.raises(MisuseError, match="no format"):
        download(run.session, run.id, {"format": format})


def test_the_panel_hands_the_file_to_the_browser(run: lab.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("anywidget")
    panel, sent = run.panel(), []
    monkeypatch.setattr(panel.face, "send", sent.append)
    try:
        panel._handle_event({"act": "export", "format": "text"})
        for task in tuple(panel._tasks):
            task.result(20)
    finally:
        panel.close()
    assert [one["save"]["name"] for one in sent] == ["prompt.txt"]
    assert sent[0]["save"]["content"] == run.best.prompt


@pytest.mark.browser
@pytest.mark.long
def test_a_click_saves_the_file_and_a_second_click_does_so_again(run: lab.Run, tmp_path: Path) -> None:
    import shutil

    from playwright.sync_api import sync_playwright
    from support.browser import FLAGS, browser_path, free_port

    from lab.store import Book
    from lab.web.build import launch

    demo, url = launch(Book(run.session.book.path), port=free_port())
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=browser_path(), args=list(FLAGS))
            page = browser.new_page()
            page.goto(f"{url}?branch={run.id}")
            page.locator("[data-section-tab=test]").click(timeout=30_000)
            for _ in range(2):
                with page.expect_download() as saved:
                    page.locator("[data-act=export][data-format=messages]").click()
                shutil.copy(saved.value.path(), tmp_path / "got.json")
                assert saved.value.suggested_filename == "messages.json"
                assert (tmp_path / "got.json").read_text("utf-8") == run.best.export(format="messages")
                page.wait_for_timeout(900)  # a double click is one click
            browser.close()
    finally:
        demo.close()
