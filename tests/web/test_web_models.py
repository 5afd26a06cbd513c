"""Connecting models in the page: found, checked, limited, stopped at a ceiling, and changed on the way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.browser import free_port, person, sideways
from support.keyed_server import keyed_server
from support.page import evidence, settings
from support.serving import serving

from lab.store import Book

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore:.*:UserWarning"),
]
HOSTILE = "<img src=x onerror=alert(1)>${alert(2)}{{x}}"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    from lab.web.build import launch

    demo, url = launch(Book(tmp_path_factory.mktemp("web") / "lab.sqlite"), port=free_port())
    yield url
    demo.close()


@pytest.fixture(scope="module")
def practice() -> Iterator[str]:
    """The practice model over HTTP, as any server of this machine."""
    from lab.practice.protocol.app import app

    with serving(app()) as url:
        yield url


def opened(context, address: str):
    page = context.new_page()
    page.goto(address)
    page.locator("#begin:not([disabled])").wait_for()
    return page


def choose(page, role: str, spec: str) -> None:
    page.get_by_label(f"{role} model", exact=True).fill(spec)
    page.get_by_label(f"{role} model", exact=True).press("Enter")


def unfold(page, name: str) -> None:
    page.locator(f"#{name} button").first.click()


def number(page, fold: str, label: str, drawn: str = ""):
    """Gives a field of a fold once it is filled: what is typed before that would be written over."""
    from playwright.sync_api import expect

    field = page.locator(f"#{fold}").get_by_label(label)
    expect(field).to_have_value(drawn, timeout=30_000)
    return field


def test_a_model_is_checked_stopped_at_a_ceiling_and_goes_on_when_it_is_raised(
    browser, address, practice, seen
) -> None:
    page = opened(person(browser, seen), address)
    choose(page, "Optimizer", f"practice@{practice}")
    choose(page, "Target", f"practice@{practice}")
    unfold(page, "how-target")
    page.locator("#check-target").click()
    card = page.locator("#found-target")
    card.locator("h4").wait_for()
    assert "What practice (simulated) can do" in card.inner_text()
    assert "echoed with its log-probabilities" in card.inner_text()
    assert "log-likelihood" in card.inner_text()
    number(page, "how-target", "Price of input tokens").fill("2")
    number(page, "how-target", "Price of output tokens").fill("10")
    unfold(page, "ceiling")
    number(page, "ceiling", "Maximum calls").fill("50")
    page.locator("#begin").click()
    page.locator("[data-act=autopilot]").click()
    stopped = page.locator(".lab-failure", has_text="The limit of 50 calls is reached")
    stopped.wait_for()
    assert stopped.inner_text().count("kept") == 1

    settings(page)
    using = page.locator("#lab-models")
    using.get_by_text("50 calls of 50, 0 left").wait_for()
    assert "$0.0" in using.inner_text()
    using.locator("[data-arg=calls]").fill("many")
    using.locator("[data-act=ceiling]").click()
    page.get_by_text("“many” is not a number").wait_for()
    page.wait_for_timeout(900)  # the same act within 0.8 s is taken for a double click
    using.locator("[data-arg=calls]").fill("60000")
    using.locator("[data-act=ceiling]").click()
    using.get_by_text("59,950 left").wait_for()
    target = using.locator(".lab-use", has_text="Target model")
    target.locator("[data-arg=concurrency]").fill("8")
    target.locator("[data-act=use]").click()
    page.wait_for_function("() => document.querySelectorAll('[data-arg=concurrency]')[1].defaultValue === '8'")
    page.locator("[data-act=next]").click()
    page.locator("[data-proposal]").wait_for()
    page.reload()
    settings(page)
    assert target.locator("[data-arg=concurrency]").input_value() == "8"
    using.get_by_text("Step by step").click()
    assert using.locator("tbody tr", has_text="Try the prompts").count() == 1
    assert using.locator("tbody tr", has_text="Score on the dev split").count() == 1


@pytest.mark.long
def test_what_cannot_be_used_is_said_in_its_place_and_nothing_begins(browser, address, practice, seen) -> None:
    page = opened(person(browser, seen), address)
    unfold(page, "how-target")
    box = number(page, "how-target", "Concurrent calls", "64")
    box.fill("fast")
    page.locator("#begin").click()
    page.locator("#problem", has_text="Concurrent calls: “fast” is not a number").wait_for()
    assert box.input_value() == "fast"
    box.fill("4")
    gone = f"127.0.0.1:{free_port()}"
    choose(page, "Target", f"gone@http://{gone}/v1")
    page.locator("#held-target", has_text=gone).wait_for()
    page.locator("#check-target").click()
    page.locator("#found-target .lab-failure").wait_for()
    choose(page, "Target", "m@nowhere")
    page.locator("#held-target .lab-failure", has_text="MODEL@URL").wait_for()
    choose(page, "Target", f"{HOSTILE}@{practice}")
    page.locator("#held-target", has_text="No key is held").wait_for()
    page.locator("#check-target").click()
    page.locator("#found-target .lab", has_text="onerror").wait_for()
    assert page.locator("#found-target img").count() == 0
    assert not page.locator(".lab-panel").is_visible()


def test_models_of_this_machine_are_looked_for_only_when_asked(
    browser, address, practice, seen, monkeypatch
) -> None:
    from lab.models import discovery

    find, asked = discovery.find, []

    async def here():
        asked.append(1)
        return await find((int(practice.rsplit(":", 1)[1].partition("/")[0]), free_port()))

    monkeypatch.setattr(discovery, "find", here)
    page = opened(person(browser, seen, 420, 800), address)
    for fold in ("how-optimizer", "how-target", "ceiling"):
        unfold(page, fold)
    page.locator("#key-target").wait_for()
    assert sideways(page) == 0
    assert not asked
    page.locator("#look").click()
    page.locator("#looked", has_text="found").wait_for()
    assert asked == [1]
    page.get_by_label("Target model", exact=True).click()
    page.get_by_role("option", name=f"practice-literal@{practice}").click()
    page.locator("#held-target", has_text="Most servers on your own machine need none").wait_for()
    assert sideways(page) == 0
    page.locator("#begin").click()
    page.locator("[data-act=next]").wait_for()
    assert f"practice-literal at {practice[7:-3]} · simulated model" in page.locator(".lab-models").inner_text()
    settings(page)
    page.locator("[data-act=ceiling]").wait_for()
    assert sideways(page) == 0


def test_prompts_are_scored_on_a_further_model_with_a_key_of_its_own_and_what_fails_comes_into_sight(
    browser, address, seen
) -> None:
    with keyed_server("sk-of-a-further-model") as server:
        page = opened(person(browser, seen), address)
        page.locator("#begin").click()
        page.locator("[data-act=next]").click()
        page.locator("[data-proposal]").wait_for()
        evidence(page, "Models")
        page.locator("[data-arg=model]").fill(f"m@{server.base_url}")
        page.locator("[data-act=transfer]").scroll_into_view_if_needed()
        page.locator("[data-act=transfer]").click()
        failed = page.locator(".lab-failure", has_text="refused the key")
        failed.wait_for()
        page.wait_for_function(
            "one => { const box = one.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight; }",
            arg=failed.element_handle(),
        )
        settings(page)
        unfold(page, "further")
        page.locator("#further-model").get_by_label("Other model").fill(f"m@{server.base_url}")
        page.locator("#key-here-other input").fill(server.key)
        page.locator("#key-here-other input").press("Enter")
        page.locator("#held-other", has_text="is held in memory").wait_for()
        assert page.locator("#key-here-other input").input_value() == ""
        evidence(page, "Models")
        page.locator("[data-act=transfer]").click()
        page.locator(".lab-fates", has_text="keeps").or_(page.locator(".lab-fates", has_text="loses")).wait_for()
        assert server.came[-1] == server.key
