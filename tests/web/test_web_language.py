"""The page in another language: as the browser asks, as its reader chooses, each reader of a run in their own."""

from __future__ import annotations

import re

import pytest
from support.browser import free_port, person, sideways
from support.page import press

from lab.optimizers import OPTIMIZERS
from lab.session import Session
from lab.store import Book
from lab.tasks import bundled

pytestmark = [
    pytest.mark.browser,
    # Gradio's own, on every event, with pandas 3 and Starlette 1.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore:.*:UserWarning"),
]
CHINESE = re.compile("[一-鿿]")
_CARRIED = """([name, text]) => { const carried = new DataTransfer();
carried.items.add(new File([text], name)); return carried; }"""


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    from lab.web.build import launch

    book = Book(tmp_path_factory.mktemp("language") / "lab.sqlite")
    demo, url = launch(book, port=free_port())
    yield book, url
    demo.close()


def first(context, url: str):
    page = context.new_page()
    page.goto(url)
    page.locator("#begin:not([disabled])").wait_for()
    return page


def begun(book: Book) -> str:
    kind = OPTIMIZERS["protegi"]
    return Session(book).begin(
        bundled.load("sentiment"), optimizer_name="protegi", settings=kind.configure("quick", rounds=1)
    )


def choose(page, language: str) -> None:
    with page.expect_navigation():
        page.locator("[data-language]").filter(visible=True).select_option(language)


def test_a_page_is_in_the_language_of_its_browser_until_its_reader_chooses_another(browser, served, seen) -> None:
    _, url = served
    context = person(browser, seen, locale="zh-CN")
    page = first(context, url)
    assert page.locator("#begin").inner_text() == "开始"
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    choose(page, "en")
    page.locator("#begin", has_text="Begin").wait_for()
    assert page.locator("html").get_attribute("lang") == "en"
    assert not CHINESE.search(page.locator(".lab-first").inner_text().replace("文 A", "").replace("简体中文", ""))
    assert first(context, url).locator("#begin").inner_text() == "Begin"  # it is kept, in the other tabs too

    french = first(person(browser, seen, locale="fr-FR"), url)
    assert french.locator("html").get_attribute("lang") == "en"
    french.locator("#source").get_by_text("Your own examples").click()
    french.locator("#file", has_text="Drop File Here").wait_for()  # Gradio's own words, in the page's language
    choose(french, "zh")
    french.locator("#source").get_by_text("你自己的样例").click()
    french.locator("#file", has_text="将文件拖放到此处").wait_for()


def test_two_people_follow_one_run_each_in_their_own_language(browser, served, seen) -> None:
    book, url = served
    branch = begun(book)
    chinese = person(browser, seen, 1440, 900, locale="zh-TW").new_page()
    english = person(browser, seen, 1440, 900).new_page()
    for page in (chinese, english):
        page.goto(f"{url}?branch={branch}")
        page.locator(".lab-actions .lab-go").wait_for()
    press(chinese, "next")
    english.locator(".lab-board h3", has_text="Choose error samples").wait_for()
    assert chinese.locator(".lab-board h3").inner_text() == "选择错例样本"
    assert english.locator(".lab-actions .lab-go").inner_text().startswith("Keep ")
    assert chinese.locator(".lab-actions .lab-go").inner_text().startswith("保留")
    press(english, "accept")
    chinese.locator(".lab-board h3", has_text="审阅评语").wait_for()
    assert sideways(chinese) == 0

    chinese.locator(".lab-card textarea").first.fill("标签需要全部小写。")
    press(chinese, "accept")
    english.locator(".lab-board h3", has_text="Review edits").wait_for()
    english.locator(".lab-because", has_text="标签需要全部小写。").first.wait_for()
    assert "标签需要全部小写。" not in english.locator(".lab-tree-box").inner_text()
    chinese.locator("[data-fold]").first.wait_for()
    choose_in_settings(chinese)


def choose_in_settings(page) -> None:
    """The choice stands under the settings of a run too, and leads back to the same place."""
    page.locator(".lab-tools [data-section-tab=settings]").click()
    title = page.locator(".lab-board h3").inner_text()
    assert CHINESE.search(title)
    choose(page, "en")
    page.locator(".lab-board h3", has_text="Review edits").wait_for()
    page.locator("[data-language]").filter(visible=True).wait_for()  # the same tab of the evidence


def test_what_is_refused_and_what_a_file_holds_is_said_in_the_language_of_the_page(browser, served, seen) -> None:
    _, url = served
    page = first(person(browser, seen, locale="zh-CN"), url)

    def drop(name: str, text: str) -> None:
        carried = page.evaluate_handle(_CARRIED, [name, text])
        page.dispatch_event("h1", "dragover", {"dataTransfer": carried})
        page.dispatch_event(".lab-veil", "drop", {"dataTransfer": carried})

    told = page.locator("[data-told]")
    drop("film.mp4", "no")
    told.filter(has_text="film.mp4").wait_for()
    assert CHINESE.search(told.inner_text())
    for name, n in (("first.csv", 12), ("second.csv", 16)):
        drop(name, "text,label\n" + "".join(f"that was {i},{'good' if i % 2 else 'bad'}\n" for i in range(n)))
        page.locator("#report", has_text=f"{n}").wait_for()
        page.locator("#file", has_text=name.split(".")[0]).wait_for()
    assert "训练集 8" in page.locator("#report").inner_text()
    drop("few.csv", "text,label\na,good\nb,bad\n")
    page.locator("#problem .lab-failure").wait_for()
    said = page.locator("#problem .lab-failure").inner_text()
    assert CHINESE.search(said)
    assert "usable" not in said

    page.goto(f"{url}?branch=nothing")
    page.locator("#problem .lab-failure").wait_for()
    assert CHINESE.search(page.locator("#problem .lab-failure").inner_text())
