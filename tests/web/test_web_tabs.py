"""The web face at its edges: two tabs, two runs, double clicks, a narrow window, a huge file."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from support.browser import free_port, person, sideways
from support.page import begin, board, opened, press, title
from support.paths import ROOT

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    # Gradio's own, on every event, with pandas 3 and Starlette 1.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore:.*:UserWarning"),
]


@pytest.fixture
def page(browser, address, seen):
    return opened(person(browser, seen), address)


@pytest.mark.long
def test_a_step_left_running_does_not_come_back_into_another_run(page, slow_model) -> None:
    begin(page, model=slow_model)
    page.locator(".lab-board [data-act=next]").click()
    page.locator(".lab-running").wait_for()
    page.locator("#leave").click()
    page.locator("#begin:not([disabled])").wait_for()
    page.locator("#start textarea").fill("The second run: positive or negative?")
    begin(page)
    there = page.url
    page.wait_for_timeout(2500)
    assert page.url == there
    assert "The second run" in page.locator(".lab-best").inner_text()
    assert page.locator(".lab-running").count() == 0


def stale(page):
    """Opens the page in another tab, which does not hear of what happens elsewhere."""
    other = page.context.new_page()
    other.goto(page.url)
    other.locator("[data-proposal]").wait_for()
    other.route("**/lab/version?*", lambda route: None)
    return other


@pytest.mark.long
def test_a_stale_tab_is_told_and_shows_where_the_branch_is(page) -> None:
    begin(page)
    press(page, "next")
    other = stale(page)
    before = board(page)
    press(page, "accept")
    other.locator(".lab-board [data-act=accept]").click()
    other.get_by_text("decided already").first.wait_for()
    other.wait_for_function("b => document.querySelector('[data-proposal]').dataset.proposal !== b", arg=before)
    assert title(other) == title(page) == "Review critiques"


@pytest.mark.long
def test_an_undo_in_a_stale_tab_moves_nothing(page) -> None:
    begin(page)
    press(page, "next")
    other = stale(page)
    press(page, "accept")
    now = board(page)
    other.locator("[data-act=undo]").click()
    other.get_by_text("moved on in the meantime").first.wait_for()
    page.reload()
    page.locator("[data-proposal]").wait_for()
    assert board(page) == now


def test_a_double_click_is_one_click(page) -> None:
    begin(page)
    press(page, "next")
    page.locator("[data-act=fork]").dblclick()
    page.locator("select[data-act=switch]").wait_for()
    page.wait_for_timeout(800)
    assert page.locator("select[data-act=switch] option").count() == 2
    page.locator(".lab-board [data-act=accept]").dblclick()
    page.wait_for_function("document.querySelector('.lab-board h3').innerText === 'Review critiques'")
    assert page.get_by_text("decided already").count() == 0


def test_what_comes_next_is_read_from_its_beginning(page) -> None:
    page.set_viewport_size({"width": 1280, "height": 700})
    begin(page)
    press(page, "next")
    page.locator(".lab-board [data-act=accept]").scroll_into_view_if_needed()
    press(page, "accept")
    assert title(page) == "Review critiques"
    page.wait_for_function("document.querySelector('.lab-board h3').getBoundingClientRect().top >= 0")
    assert page.evaluate("document.activeElement.tagName") == "H3"


def test_a_long_word_in_a_critique_does_not_widen_a_phone_page(page) -> None:
    page.set_viewport_size({"width": 420, "height": 800})
    begin(page)
    press(page, "next")
    press(page, "accept")
    field = page.locator(".lab-board textarea").first
    field.fill("https://example.org/" + "x" * 3000)
    field.blur()
    page.get_by_text("Your changes to what the model wrote").wait_for()
    assert sideways(page) == 0


def test_back_leads_to_the_run_before(page) -> None:
    begin(page)
    first = page.url
    page.locator("#leave").click()
    page.locator("#begin:not([disabled])").wait_for()
    page.wait_for_url(lambda url: "branch=" not in url)
    page.go_back()
    page.locator(".lab-board [data-act=next]").wait_for()
    assert page.url == first


def test_a_file_of_200_megabytes_is_refused_in_the_page_in_our_own_words(page, tmp_path) -> None:
    file = tmp_path / "huge.csv"
    with file.open("wb") as sparse:
        sparse.truncate(200_000_000)
    page.get_by_label("Your own examples").check()
    page.locator("#file input[type=file]").set_input_files(file)
    said = page.get_by_text("The file 'huge.csv' has 200 MB; at most 50 MB are read.")
    said.wait_for()
    assert said.evaluate("line => line.closest('#file-size') !== null")  # it stays, at the upload
    assert page.locator(".toast-body").count() == 0
    page.get_by_label("Bundled task").check()
    said.wait_for(state="hidden")  # it is about the upload, which is not shown


@pytest.mark.long
def test_a_file_that_is_too_large_is_refused_where_it_is_dropped_and_a_smaller_one_is_read_after_it(page) -> None:
    page.get_by_label("Your own examples").check()
    page.locator("#file input[type=file]").wait_for(state="attached")
    page.locator("#file button").first.evaluate(
        """box => {
          const given = new DataTransfer();
          given.items.add(new File([new Uint8Array(51e6)], "big.csv"));
          box.dispatchEvent(new DragEvent("drop", {dataTransfer: given, bubbles: true, cancelable: true}));
        }"""
    )
    page.get_by_text("The file 'big.csv' has 51 MB").wait_for()
    rows = "text,label\n" + "".join(f"line {i},{('yes', 'no')[i % 2]}\n" for i in range(24))
    small = {"name": "small.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    page.locator("#file input[type=file]").set_input_files(small)
    page.locator("#report", has_text="24 rows were read").wait_for()
    assert not page.get_by_text("big.csv").is_visible()


def test_eight_tabs_of_one_browser_work_side_by_side_and_follow_each_other(page, slow_model) -> None:
    page.locator("#start textarea").fill("Eight tabs: positive or negative?")  # nothing is known of it yet
    begin(page, model=slow_model)
    tabs = [page, *(page.context.new_page() for _ in range(7))]
    for tab in tabs[1:]:
        tab.goto(page.url)
        tab.locator("[data-act=next]").wait_for()
    tabs[4].locator(".lab-board [data-act=next]").click()
    for tab in tabs:
        tab.locator(".lab-running", has_text="of 50 calls").wait_for()
        assert tab.locator("[data-act=next]").is_disabled()
    tabs[7].locator("[data-act=stop]").click()
    for tab in tabs:
        tab.get_by_text("Stopped. What had arrived is kept").wait_for()
        assert tab.locator("[data-act=next]").is_enabled()
    ninth = page.context.new_page()
    ninth.goto(page.url)
    ninth.locator("[data-act=next]").wait_for()


def test_what_is_done_in_one_tab_stands_in_the_other_within_a_second(page) -> None:
    begin(page)
    press(page, "next")
    other = page.context.new_page()
    other.goto(page.url)
    other.locator("[data-proposal]").wait_for()
    press(page, "accept")
    other.locator(".lab-board", has_text="Review critiques").wait_for()
    for act, shown in (("undo", "Choose error samples"), ("redo", "Review critiques"), ("undo", "Choose error")):
        page.locator(f"[data-act={act}]").click()
        page.locator(".lab-board", has_text=shown).wait_for()
        began = time.monotonic()
        other.locator(".lab-board", has_text=shown).wait_for()
        assert time.monotonic() - began < 1
    page.locator("tbody [data-field=keep]").first.uncheck()
    other.locator("tbody [data-field=keep]").first.wait_for()
    other.wait_for_function("!document.querySelector('tbody [data-field=keep]').checked", timeout=1500)


def test_a_page_whose_lab_is_gone_says_so(browser, seen, tmp_path) -> None:
    port = free_port()
    command = [sys.executable, str(ROOT / "app.py"), "--port", str(port), "--book", str(tmp_path / "b.sqlite")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        server.stdout.readline()
        page = opened(person(browser, seen), f"http://127.0.0.1:{port}")
        begin(page)
        assert not page.get_by_text("The lab does not answer").is_visible()
        server.kill()
        page.get_by_text("The lab does not answer").wait_for()
    seen.complaints.clear()  # of requests that nobody answered


def test_words_that_are_being_typed_outlive_what_another_tab_does(page) -> None:
    begin(page)
    for act in ("next", "accept"):
        press(page, act)
    other = page.context.new_page()
    other.goto(page.url)
    other.locator("[data-proposal]").wait_for()
    words = page.locator("article textarea").first
    words.click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Half a sen")
    other.locator("article [data-field=keep]").last.uncheck()
    page.wait_for_function("![...document.querySelectorAll('article [data-field=keep]')].at(-1).checked")
    assert words.input_value() == "Half a sen"
    page.keyboard.type("tence.")
    assert words.input_value() == "Half a sentence."
    page.locator("article h4").first.click()
    other.wait_for_function("document.querySelector('article textarea').value === 'Half a sentence.'", timeout=3000)
