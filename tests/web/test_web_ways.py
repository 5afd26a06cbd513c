"""More that a person does in the page: looking into an answer, other words, another optimizer."""

from __future__ import annotations

import pytest
from support.browser import Seen, person
from support.page import begin, evidence, field, opened

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    # Gradio's own, on every event, with pandas 3 and Starlette 1.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore:.*:UserWarning"),
]


def test_the_set_up_says_what_a_run_takes_and_follows_the_preset(address: str, browser, seen: Seen) -> None:
    with person(browser, seen) as context:
        page = opened(context, address)
        page.locator("#expense", has_text="2 rounds take at most").wait_for()
        page.locator("#preset-protegi").get_by_text("Paper").click()
        page.locator("#expense", has_text="6 rounds take at most 378 optimizer calls").wait_for()
        page.locator("#preset-protegi").get_by_text("Quick").click()
        page.locator("#expense", has_text="2 rounds take at most").wait_for()
        field(page, "Rounds").fill("3")
        page.locator("#expense", has_text="3 rounds take at most").wait_for()


@pytest.mark.long
def test_a_person_looks_into_an_answer_rewords_a_request_and_goes_on_with_another_optimizer(
    address: str, browser, seen: Seen
) -> None:
    with person(browser, seen) as context:
        page = opened(context, address)
        page.locator("#preset-protegi").get_by_text("Quick").click()
        page.locator("#expense", has_text="2 rounds take at most").wait_for()
        begin(page)
        page.locator("[data-act=next]").click()
        page.locator("h3", has_text="Choose error samples").wait_for()
        page.locator("summary", has_text="Why this answer?").first.click()
        page.locator(".lab-glass").get_by_text("No real model can").first.wait_for()
        page.locator("[data-act=accept]").click()
        page.locator("h3", has_text="Review critiques").wait_for()
        evidence(page, "Model talk")
        page.locator("summary", has_text="What was sent to the models").wait_for()
        page.locator("summary", has_text="Request 1").click()
        words = page.locator("textarea.lab-meta").first
        words.fill(words.input_value() + "\nMind what is said about sarcasm.")
        page.locator("[data-act=reword]").first.click()
        page.locator("summary", has_text="reworded by you").wait_for()
        assert words.input_value().endswith("Mind what is said about sarcasm.")
        page.locator("summary", has_text="Other optimizer").click()
        page.locator("select[data-arg=name]").select_option("opro")
        page.locator("[data-act=optimizer]").click()
        page.get_by_text("OPRO begins here with 1 prompt").wait_for()
        page.locator("[data-act=next]").click()
        page.locator("h3", has_text="Choose what is shown").wait_for()
        page.locator("[data-act=undo]").click()
        page.locator("h3", has_text="Score the start prompt").wait_for()
        page.locator("[data-act=undo]").click()
        page.locator("h3", has_text="Review critiques").wait_for()
