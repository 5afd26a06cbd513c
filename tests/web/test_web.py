"""The web face in a real browser: what a person meets from the first visit to the way back."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace

import pytest
from support.browser import free_port, person, sideways
from support.page import begin, board, evidence, field, opened, press, settled, title

from lab.optimizers import OPTIMIZERS
from lab.store import Book

pytestmark = [
    pytest.mark.browser,
    # Gradio's own, on every event, with pandas 3 and Starlette 1.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore:.*:UserWarning"),
]
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script> {{ x }} ${alert(3)} **b**"


def test_a_person_walks_a_round_edits_refuses_goes_back_and_returns(browser, address, seen) -> None:
    page = opened(person(browser, seen), address)
    assert "Is this review positive or negative?" in page.locator("#start textarea").input_value()
    begin(page)
    assert "simulated model" in page.locator(".lab-header").inner_text()
    assert "not measured yet" in page.locator(".lab-header").inner_text()

    press(page, "next")
    assert title(page) == "Choose error samples"
    first_tick = page.locator("tbody [data-field=keep]").first
    n = page.locator("tbody [data-field=keep]:checked").count()
    first_tick.uncheck()
    page.get_by_role("button", name=f"Keep {n - 1} and go on").wait_for()
    press(page, "accept")

    assert title(page) == "Review critiques"
    words = "Sarcastic praise counts as blame, 4711."
    page.locator("article textarea").first.fill(words)
    press(page, "accept")  # straight after typing: the words must not be lost

    assert title(page) == "Review edits"
    drawer = page.locator(".lab-drawer")
    evidence(page, "Model talk")
    drawer.locator("summary", has_text="Request 1").click()
    assert words in drawer.locator("textarea").first.input_value()
    assert words in page.locator(".lab-because").first.inner_text()

    card = page.locator("article").first
    edited = card.locator("textarea").input_value()
    card.locator("[data-field=keep]").uncheck()
    page.wait_for_timeout(500)
    assert card.locator("textarea").input_value() == edited
    assert float(card.locator("textarea").evaluate("e => getComputedStyle(e.closest('.lab-pair')).opacity")) < 0.9
    card.get_by_label("Why left out").fill("says nothing new")
    press(page, "accept")
    assert title(page) == "Review paraphrases"
    assert "1 item left out" in page.locator(".lab-board").inner_text()

    before = board(page)
    page.get_by_role("button", name="Undo").click()
    settled(page, before)
    assert title(page) == "Review edits"
    assert not page.locator("article").first.locator("[data-field=keep]").is_checked()
    assert page.get_by_label("Why left out").first.input_value() == "says nothing new"
    page.get_by_role("button", name="Redo").click()
    page.locator(".lab-here", has_text="Review paraphrases").wait_for()

    dots = page.locator(".lab-dot")
    assert dots.count() == 5
    dots.nth(2).focus()
    page.keyboard.press("Enter")
    look = page.locator(".lab-look")
    look.locator("h4", has_text="Review critiques").wait_for()
    assert "4711" in look.inner_text()  # beside what was taken out
    assert page.locator(".lab-here", has_text="Review paraphrases").count() == 1, "a look moves nothing"
    look.get_by_role("button", name="Go back here").click()
    page.locator(".lab-here", has_text="Review critiques").wait_for()
    assert page.locator(".lab-look").count() == 0
    assert page.locator("article textarea").first.input_value() == words
    page.get_by_role("button", name="Branch from here").click()
    page.locator("select[data-act=switch]").wait_for()
    assert page.locator("select[data-act=switch] option:checked").inner_text() == "branch 2"
    press(page, "accept")
    assert page.locator(".lab-dot").count() == 6

    shown, where = (
        [page.locator(part).inner_text() for part in (".lab-header", ".lab-track", ".lab-board")],
        page.url,
    )
    assert "branch=" in where
    page.reload()
    settled(page, None)
    assert page.url == where
    assert [page.locator(part).inner_text() for part in (".lab-header", ".lab-track", ".lab-board")] == shown
    assert page.locator(".lab-dot").count() == 6

    elsewhere = person(browser, seen).new_page()  # another browser of the same person
    elsewhere.goto(where)
    settled(elsewhere, None)
    assert [elsewhere.locator(part).inner_text() for part in (".lab-header", ".lab-track", ".lab-board")] == shown
    elsewhere.close()

    page.locator("[data-arg=rounds]").fill("2")
    page.locator("[data-act=autopilot]").click()
    page.locator("[data-act=more]").wait_for(timeout=40_000)
    assert page.locator("#lab-chart svg").count() == 1
    page.locator("[data-act=more]").click()
    settled(page, None)
    assert "Round 3 of 3" in page.locator(".lab-track").inner_text()

    page.locator("#leave").click()
    page.locator("#lab-list").get_by_role("button", name="Open").nth(1).click()
    page.locator(".lab-here").wait_for()
    assert page.locator("select[data-act=switch] option:checked").inner_text() == "main"


def test_on_a_shared_address_a_stranger_sees_nothing_of_it(browser, seen, tmp_path) -> None:
    from lab.web.build import launch

    port = free_port()
    demo, _ = launch(Book(tmp_path / "shared.sqlite"), host="0.0.0.0", port=port)
    try:
        mine = person(browser, seen)
        page = opened(mine, f"http://127.0.0.1:{port}")
        begin(page)
        stranger = person(browser, seen).new_page()
        stranger.goto(page.url)
        stranger.locator("#begin:not([disabled])").wait_for()
        assert "no such branch of yours" in stranger.locator("#problem").inner_text()
        assert not stranger.locator(".lab-panel").is_visible()
        assert not stranger.locator("#lab-list [data-act]").count()
        page.reload()
        page.locator("[data-act=next]").wait_for()
    finally:
        demo.close()


def test_a_step_can_be_left_returned_to_and_stopped(browser, address, slow_model, seen) -> None:
    page = opened(person(browser, seen), address)
    begin(page, model=slow_model)
    page.locator("[data-act=next]").click()
    page.locator(".lab-running", has_text=re.compile(r"of 50 calls")).wait_for()
    height = page.locator(".lab-running").bounding_box()["height"]
    page.reload()
    page.locator(".lab-running", has_text=re.compile(r"[1-9]\d* of")).wait_for()
    assert page.locator("[data-act=next]").is_disabled()
    assert abs(page.locator(".lab-running").bounding_box()["height"] - height) < 2
    began = time.monotonic()
    page.locator("[data-act=stop]").click()
    page.get_by_text("Stopped. What had arrived is kept").wait_for()
    assert time.monotonic() - began < 3
    assert page.locator("[data-act=next]").is_enabled()
    page.locator(".lab-header summary", has_text="Spent").click()
    calls = page.locator(".lab-stats div", has_text="Target calls").locator("dd").first.inner_text()
    assert int(calls) > 0


def test_a_model_that_cannot_be_reached_is_said_in_its_place(browser, address, seen) -> None:
    page = opened(person(browser, seen), address)
    begin(page, model=f"gone@http://127.0.0.1:{free_port()}/v1")
    page.locator("[data-act=next]").click()
    page.locator(".lab-failure", has_text="The step failed.").wait_for(timeout=30_000)
    assert page.locator("[data-act=next]").is_enabled()


def test_hostile_names_examples_prompts_and_critiques_are_inert(browser, address, seen, tmp_path) -> None:
    file = tmp_path / "x<img src=x onerror=alert(9)>.jsonl"
    rows = [{"text": f"{HOSTILE} {i}", "label": ("yes<b>", "no")[i % 2]} for i in range(24)]
    file.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    page = opened(person(browser, seen), address)
    page.get_by_label("Your own examples").check()
    page.locator("#file input[type=file]").set_input_files(file)
    page.locator("#report", has_text="24 rows were read").wait_for()
    page.locator("#start textarea").fill(f"Classify. {HOSTILE}")
    begin(page)
    assert HOSTILE in page.locator(".lab-prompt").first.inner_text()
    press(page, "next")
    assert HOSTILE in page.locator(".lab-board .lab-table").first.inner_text()
    press(page, "accept")
    page.locator("article textarea").first.fill(f"{HOSTILE} </textarea><b>")
    page.locator("article h4").first.click()
    page.locator(".lab-written").wait_for()
    assert page.locator("article textarea").first.input_value() == f"{HOSTILE} </textarea><b>"
    press(page, "accept")
    assert "</textarea><b>" in page.locator(".lab-because").first.inner_text()
    assert page.locator(".lab-panel :is(img, script, iframe)").count() == 0


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("picture.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00"),
        ("broken.json", b'[{"text": '),
        ("few.csv", b"text,label\na,yes\nb,no\n"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_the_page(browser, address, seen, tmp_path, name, content) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    page = opened(person(browser, seen), address)
    page.get_by_label("Your own examples").check()
    page.locator("#begin").click()
    page.locator("#problem", has_text="No file is chosen yet").wait_for()
    page.locator("#file input[type=file]").set_input_files(file)
    page.locator("#problem .lab-failure", has_text=name).wait_for()
    said = page.locator("#problem").inner_text()
    assert "Traceback" not in said
    assert said.strip().endswith(".")
    page.locator("#begin").click()
    page.wait_for_timeout(400)
    assert not page.locator(".lab-panel").is_visible()


def test_a_wrong_setting_changes_nothing_and_the_form_keeps_its_words(browser, address, seen) -> None:
    page = opened(person(browser, seen), address)
    field(page, "Rounds").fill("0")
    page.locator("#start textarea").fill("My own words.")
    page.locator("#begin").click()
    page.locator("#problem", has_text="rounds must be from 1 to 100").wait_for()
    assert page.locator("#start textarea").input_value() == "My own words."


def choose(page, label: str, name: str) -> None:
    if label == "Optimizer":
        card = page.locator(".lab-method", has=page.get_by_text(name, exact=True))
        card.click()
        _expect(card).to_have_attribute("aria-pressed", "true", timeout=15_000)
        return
    field(page, label).click()
    page.get_by_role("option", name=name, exact=True).click()


def _expect(found):
    from playwright.sync_api import expect

    return expect(found)


def holds(page, label: str, value: str) -> None:
    """Waits until a field of the set-up has a value: it may be filled a moment later."""
    _expect(field(page, label)).to_have_value(value, timeout=30_000)


def ticked(page, label: str) -> None:
    _expect(field(page, label)).to_be_checked(timeout=15_000)


@pytest.mark.long
def test_the_settings_follow_the_optimizer_and_keep_what_was_typed(browser, address, seen) -> None:
    page = opened(person(browser, seen), address)
    page.get_by_role("button", name="Advanced").click()
    holds(page, "Beam", "2")  # typed in once the part that was opened is there
    field(page, "Beam").fill("3")
    field(page, "Rounds").fill("2")
    for name, setting, phase in (
        ("APE", "Subsamples", "Choose demonstrations"),
        ("OPRO", "Buckets", "Choose what is shown"),
        ("PE2", "Backtrack", "Review the reasoning"),
    ):
        choose(page, "Optimizer", name)
        field(page, setting).wait_for()
        _expect(field(page, "Minibatch")).to_have_count(0)
        ticked(page, phase)
        _expect(field(page, "Rounds")).to_have_count(1)
    page.locator("#paper", has_text="Ye et al.").wait_for()
    choose(page, "Optimizer", "APE")
    field(page, "Subsamples").fill("2")
    choose(page, "Optimizer", "ProTeGi")
    field(page, "Minibatch").wait_for()
    holds(page, "Beam", "3")
    holds(page, "Rounds", "2")
    field(page, "Review critiques").uncheck()
    page.locator("#begin").click()
    press(page, "next")
    page.locator(".lab-dot").first.wait_for()
    press(page, "accept")
    assert title(page) == "Review edits"
    assert "Round 1 of 2" in page.locator(".lab-track").inner_text()


@pytest.mark.long
def test_a_preset_fills_the_settings_until_one_is_touched(browser, seen, tmp_path, monkeypatch) -> None:
    from lab.web import build, choice

    given = {"paper": {}, "quick": {"rounds": 2, "proposals": 3}}
    having = {name: replace(one, presets=given) for name, one in OPTIMIZERS.items() if name != "protegi"}
    monkeypatch.setattr(choice, "OPTIMIZERS", {"protegi": OPTIMIZERS["protegi"], **having})
    demo, url = build.launch(Book(tmp_path / "presets.sqlite"), port=free_port())
    try:
        page = opened(person(browser, seen), url)
        choose(page, "Optimizer", "OPRO")
        ticked(page, "Quick")
        page.get_by_role("button", name="Advanced").click()
        field(page, "Paper").check()
        holds(page, "Proposals", "8")
        field(page, "Quick").check()
        for label, value in (("Rounds", "2"), ("Proposals", "3"), ("Shown", "20")):
            holds(page, label, value)
        field(page, "Proposals").fill("2")
        page.locator("#preset-opro input:checked").wait_for(state="detached")
        page.locator("#begin").click()
        for act in ("next", "accept", "accept"):
            press(page, act)
        assert title(page) == "Review proposals"
        assert page.locator("article").count() == 2
    finally:
        demo.close()


@pytest.mark.long
def test_demonstrations_are_left_out_and_candidates_without_a_parent_are_added(browser, address, seen) -> None:
    page = opened(person(browser, seen, 420, 800), address)
    choose(page, "Which task", "hidden-rule")
    choose(page, "Optimizer", "APE")
    page.get_by_role("button", name="Advanced").click()
    field(page, "Subsamples").fill("2")
    page.locator("#begin").click()
    press(page, "next")
    assert title(page) == "Choose demonstrations"
    page.locator("tbody [data-field=keep]").first.uncheck()
    page.get_by_text("20 further examples in no group").click()
    page.get_by_role("button", name="Keep 9 and go on").wait_for()
    assert sideways(page) == 0
    press(page, "accept")
    assert title(page) == "Review the candidates"
    assert "Induced prompt 1" in page.locator(".lab-board").inner_text()
    assert page.get_by_text("Compared with").count() == 0
    page.get_by_role("button", name="Add a prompt").click()
    page.get_by_text("added by you").wait_for()
    page.locator("article", has_text="added by you").locator("textarea").first.fill(
        "Write the word in capital letters, 4711."
    )
    assert sideways(page) == 0
    press(page, "accept")
    assert title(page) == "Choose the survivors"
    assert "4711" in "".join(field.input_value() for field in page.locator("article textarea").all())
    assert page.locator(".lab-done").count() == 3


def test_a_narrow_screen_is_never_scrolled_sideways(browser, address, seen) -> None:
    page = opened(person(browser, seen, 420, 800), address)
    assert sideways(page) == 0
    begin(page)
    for act in ("next", "accept", "accept"):
        press(page, act)
        assert sideways(page) == 0


@pytest.mark.long
def test_the_set_up_follows_the_file_and_keeps_what_a_person_typed(browser, address, seen, tmp_path) -> None:
    rows = [f"Satz Nummer {i} ist lang genug,ja,{('hoch', 'tief')[i % 2]}" for i in range(24)]
    own, none = tmp_path / "own.csv", tmp_path / "none.csv"
    own.write_text("\n".join(["text,label,rating", *rows]), "utf-8")
    none.write_bytes(b"")
    page = opened(person(browser, seen), address)
    start, upload = page.locator("#start textarea"), page.locator("#file input[type=file]")
    answer = page.locator("#answer-column input")
    bundled = start.input_value()

    page.get_by_label("Your own examples").check()
    upload.set_input_files(own)
    page.locator("#problem", has_text="every answer is 'ja'").wait_for()
    assert answer.input_value() == "label"
    assert not page.locator("#unfit").is_visible()
    answer.click()
    page.get_by_role("option", name="rating").click()
    page.locator("#report", has_text="24 rows were read").wait_for()
    page.wait_for_function("document.querySelector('#start textarea').value.includes('hoch, tief')")
    page.locator("#problem .lab-failure").wait_for(state="hidden")
    page.locator("#unfit", has_text="only has rules for the kinds of task that are bundled").wait_for()

    for label in ("Optimizer model", "Target model"):
        page.get_by_label(label, exact=True).fill("real@http://localhost:1/v1")
        page.get_by_label(label, exact=True).press("Enter")
    page.locator("#unfit").wait_for(state="hidden")

    page.get_by_label("Bundled task").check()
    page.wait_for_function("start => document.querySelector('#start textarea').value === start", arg=bundled)
    start.fill("My own words.")
    page.get_by_label("Your own examples").check()
    page.locator("#report", has_text="24 rows were read").wait_for()
    assert start.input_value() == "My own words."

    for seed in ("", "1.5", "-1", "4294967296"):
        page.get_by_label("Seed", exact=True).fill(seed)
        page.locator("#begin").click()
        page.locator("#problem", has_text="The seed must be a whole number from 0 to 4294967295.").wait_for()
        page.get_by_label("Bundled task").check()
        page.locator("#problem .lab-failure").wait_for(state="hidden")
        page.get_by_label("Your own examples").check()
        answer.wait_for()

    page.locator("#file").get_by_role("button", name="Clear").click()
    answer.wait_for(state="hidden")
    upload.set_input_files(none)
    page.locator("#problem", has_text="is empty").wait_for()
    assert not answer.is_visible()
    assert start.input_value() == "My own words."
