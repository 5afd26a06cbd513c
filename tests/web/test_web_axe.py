"""No view of the page breaks a rule of axe-core, of any level, in light and in dark; and 200 % zoom loses nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.browser import free_port, person, sideways
from support.page import board

from lab.optimizers import OPTIMIZERS
from lab.session import Session
from lab.store import Book
from lab.tasks import bundled
from lab.views.sections import SECTIONS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    # Gradio's own, on every event, with pandas 3 and Starlette 1.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore:.*:UserWarning"),
]
MOST_STEPS = 16
_RUN = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.flatMap((rule) =>
  rule.nodes.map((node) => `${rule.id} (${rule.impact}): ${node.target.join(" ")}: ${node.html.slice(0, 160)}`))"""


def axe() -> Path:
    """The script, which npm puts beside the programs that it puts on PATH."""
    for folder in os.environ["PATH"].split(os.pathsep):
        found = Path(folder).parent / "axe-core" / "axe.min.js"
        if found.exists():
            return found
    pytest.skip("axe-core is not installed (npm install axe-core, its node_modules/.bin on PATH)")


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    from lab.web.build import launch

    book = Book(tmp_path_factory.mktemp("axe") / "axe.sqlite")
    demo, url = launch(book, port=free_port())
    yield book, url
    demo.close()


def begun(book: Book, name: str) -> str:
    kind = OPTIMIZERS[name]
    settings = kind.configure("quick", rounds=1) if "quick" in kind.presets else kind.configure(rounds=1)
    stops = tuple(phase.__name__ for phase in kind.phases)
    return Session(book).begin(bundled.load("sentiment"), optimizer_name=name, settings=settings, stops=stops)


def broken(page, where: str) -> list[str]:
    """What axe-core finds in both themes, as lines that say where."""
    found = []
    for theme in ("light", "dark"):
        page.evaluate("theme => document.body.classList.toggle('dark', theme === 'dark')", theme)
        page.wait_for_timeout(300)
        found += [f"{where}, {theme}: {line}" for line in page.evaluate(_RUN)]
    page.evaluate("document.body.classList.remove('dark')")
    return found


def opened_with_axe(context, url: str):
    page = context.new_page()
    page.goto(url)
    page.add_script_tag(path=axe())
    page.add_style_tag(
        content="*, *::before, *::after { transition: none !important; }"
    )  # colours half way are none
    return page


@pytest.mark.long
@pytest.mark.parametrize("name", list(OPTIMIZERS))
def test_no_phase_of_an_optimizer_breaks_a_rule_of_axe(browser, served, seen, name) -> None:
    book, url = served
    branch = begun(book, name)
    page = opened_with_axe(person(browser, seen, 1440, 900), f"{url}?branch={branch}")
    page.locator(".lab-actions .lab-go").wait_for()
    page.wait_for_timeout(800)
    found = []
    for _ in range(MOST_STEPS):
        title = page.locator(".lab-decision h3").first.inner_text()
        found += broken(page, f"{name}, {title}")
        if page.locator("[data-done]").count():
            break
        before = board(page)
        page.locator(".lab-actions .lab-go").click()
        page.wait_for_function(
            """before => !document.querySelector('.lab-running') && (document.querySelector('[data-done]')
            || (document.querySelector('[data-proposal]')?.dataset.proposal ?? before) !== before)""",
            arg=before,
        )
        page.wait_for_timeout(700)
    page.locator(".lab-summary").wait_for()
    found += broken(page, f"{name}, summary")
    page.keyboard.press("Escape")
    for i, section in enumerate([*SECTIONS], 1):
        page.keyboard.press(str(i))
        found += broken(page, f"{name}, {section}")
    page.get_by_role("button", name="Settings").click()
    found += broken(page, f"{name}, settings")
    page.keyboard.press("?")
    found += broken(page, f"{name}, keys")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("the")
    page.locator(".lab-found").wait_for()
    found += broken(page, f"{name}, what was found in the history")
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Compare").click()
    page.get_by_role("button", name="Compare", exact=True).click()
    page.locator(".lab-compared-two").wait_for()
    found += broken(page, f"{name}, two prompts compared")
    page.locator(".lab-dot").first.click()
    page.locator(".lab-look").wait_for()
    found += broken(page, f"{name}, a look at the history")
    assert not found, "\n".join(sorted(set(found)))


def test_home_and_set_up_break_no_rule_of_axe(browser, served, seen) -> None:
    book, url = served
    begun(book, "opro")
    page = opened_with_axe(person(browser, seen, 1440, 900), url)
    page.locator("#begin:not([disabled])").wait_for()
    found = broken(page, "home")
    page.get_by_label("Your own examples").check()
    page.wait_for_timeout(800)
    found += broken(page, "own examples")
    page.get_by_role("button", name="Advanced").click()
    page.wait_for_timeout(500)
    found += broken(page, "advanced")
    assert not found, "\n".join(sorted(set(found)))


def test_twice_as_large_nothing_is_lost(browser, served, seen) -> None:
    book, url = served
    branch = begun(book, "protegi")
    page = person(browser, seen, 720, 450, device_scale_factor=2).new_page()  # 1440 x 900 at 200 %
    page.goto(f"{url}?branch={branch}")
    page.locator(".lab-actions .lab-go").wait_for()
    page.wait_for_timeout(600)
    assert sideways(page) == 0
    for selector in (".lab-actions .lab-go", "[data-act=autopilot]", "[data-fold=left]", "#lab-summing button"):
        box = page.locator(selector).bounding_box()
        assert box is not None, selector
        assert box["x"] >= 0, selector
        assert box["x"] + box["width"] <= 720, selector
        assert box["y"] + box["height"] <= 450, selector
    assert page.locator(".lab-decision").bounding_box()["height"] >= 150
