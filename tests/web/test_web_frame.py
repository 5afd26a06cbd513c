"""The frame of a run in a real browser: what must be in view together, what must not move, how wide it may be."""

from __future__ import annotations

import pytest
from support.browser import person, sideways
from support.page import board, settled

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
_BOXES = """() => {
  const box = (selector) => {
    const found = document.querySelector(selector);
    if (!found) return null;
    const {left, top, right, bottom} = found.getBoundingClientRect();
    return {left, top, right, bottom};
  };
  return {decision: box(".lab-decision"), evidence: box(".lab-pane-right"), bar: box(".lab-actions"),
    main: box(".lab-actions .lab-go"), history: box(".lab-pane-left")};
}"""
_SHIFTS = """() => {
  window.shifted = 0;
  window.moved = [];
  new PerformanceObserver((list) => list.getEntries().forEach((one) => {
    if (one.hadRecentInput) return;
    window.shifted += one.value;
    one.sources.forEach(({node}) => window.moved.push(`${node?.className} ${(node?.textContent || "").slice(0, 30)}`));
  })).observe({type: "layout-shift", buffered: false});
}"""


@pytest.fixture
def served(tmp_path):
    from support.browser import free_port

    from lab.web.build import launch

    book = Book(tmp_path / "frame.sqlite")
    demo, url = launch(book, port=free_port())
    yield book, url
    demo.close()


def begun(book: Book, name: str) -> str:
    """Begins a small run that pauses at every phase."""
    kind = OPTIMIZERS[name]
    settings = kind.configure("quick", rounds=1) if "quick" in kind.presets else kind.configure(rounds=1)
    stops = tuple(phase.__name__ for phase in kind.phases)
    return Session(book).begin(bundled.load("sentiment"), optimizer_name=name, settings=settings, stops=stops)


@pytest.mark.long
@pytest.mark.parametrize("name", list(OPTIMIZERS))
def test_decision_evidence_and_bar_are_in_view_at_every_phase_and_nothing_moves(
    browser, served, seen, name
) -> None:
    book, url = served
    branch = begun(book, name)
    page = person(browser, seen, 1440, 900).new_page()
    page.goto(f"{url}?branch={branch}")
    page.locator(".lab-actions .lab-go").wait_for()
    page.wait_for_timeout(500)
    page.evaluate(_SHIFTS)
    widths = None
    for _ in range(MOST_STEPS):
        boxes = page.evaluate(_BOXES)
        for part, box in boxes.items():
            assert box is not None, part
            assert box["left"] >= 0, (part, box)
            assert box["top"] >= 0, (part, box)
            assert box["right"] <= 1440, (part, box)
            assert box["bottom"] <= 900, (part, box)
        for part in ("decision", "evidence", "history"):
            assert boxes[part]["bottom"] - boxes[part]["top"] > 500, part
        measured = [(box["left"], box["right"]) for box in (boxes[p] for p in ("decision", "evidence", "history"))]
        assert widths in (None, measured), "a step changed the width of a pane"
        widths = measured
        if page.locator("[data-act=more]").count() or page.get_by_text("ended by its own rule").count():
            break
        page.evaluate("() => { window.shifted = 0; window.moved = []; }")
        before = board(page)
        page.locator(".lab-actions .lab-go").click()
        page.wait_for_function(
            """before => !document.querySelector('.lab-running') && (document.querySelector('[data-act=more]')
            || (document.querySelector('[data-proposal]')?.dataset.proposal ?? before) !== before)""",
            arg=before,
        )
        page.wait_for_timeout(700)
        shifted = page.evaluate("window.shifted")
        where = page.locator(".lab-decision h3").first.inner_text()
        moved = page.evaluate("window.moved")
        assert shifted < 0.05, f"the page moved by {shifted:.3f} before {where}: {moved}"
    else:
        pytest.fail("the run did not end")


@pytest.mark.long
def test_nothing_is_wider_than_the_window_from_360_to_2560_pixels(browser, served, seen) -> None:
    book, url = served
    branch = begun(book, "protegi")
    page = person(browser, seen, 1440, 900).new_page()
    page.goto(f"{url}?branch={branch}")
    for act in ("next", "accept", "accept"):
        before = board(page)
        page.locator(f".lab-board [data-act={act}]").click()
        settled(page, before)
    for width in (360, 420, 700, 720, 900, 1024, 1181, 1440, 1920, 2560):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(150)
        assert sideways(page) == 0, width
        wide = page.evaluate(
            """() => [...document.querySelectorAll('.lab-top-bar, .lab-actions, .lab-decision, .lab-pane-right, .lab-pane-left, .lab-tools, .lab-moves')]
            .filter((one) => one.offsetParent !== null && one.getBoundingClientRect().right > innerWidth + 1
              || one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX === 'visible')
            .map((one) => one.className)"""
        )
        assert wide == [], (width, wide)


def test_a_place_of_the_history_and_a_tab_are_an_address_that_opens_them_again(browser, served, seen) -> None:
    book, url = served
    branch = begun(book, "protegi")
    page = person(browser, seen, 1440, 900).new_page()
    page.goto(f"{url}?branch={branch}")
    for act in ("next", "accept"):
        before = board(page)
        page.locator(f".lab-board [data-act={act}]").click()
        settled(page, before)
    page.locator("#lab-sections").get_by_role("tab", name="Rules").click()
    page.wait_for_url("**tab=rules**")
    page.locator(".lab-dot").first.click()
    shown = page.locator(".lab-look h4")
    shown.wait_for()
    page.wait_for_url("**node=**")

    elsewhere = person(browser, seen, 1440, 900).new_page()
    elsewhere.goto(page.url)
    elsewhere.locator(".lab-look h4").wait_for()
    assert elsewhere.locator(".lab-look h4").inner_text() == shown.inner_text()
    elsewhere.locator("#lab-sections [aria-selected=true]", has_text="Rules").wait_for()
    assert elsewhere.url == page.url
    elsewhere.locator(".lab-look").get_by_role("button", name="Close").click()
    elsewhere.wait_for_url(lambda now: "node=" not in now)


def test_an_address_of_a_place_that_is_not_there_is_let_go_of_with_a_sentence(browser, served, seen) -> None:
    book, url = served
    branch = begun(book, "opro")
    page = person(browser, seen, 1440, 900).new_page()
    page.goto(f"{url}?branch={branch}&node=nothing-like-that")
    page.locator(".lab-look", has_text="There is no such place").wait_for()
    page.wait_for_url(lambda now: "node=" not in now)
    assert page.locator("#lab-shown").is_visible()
    page.locator(".lab-look").get_by_role("button", name="Close").click()
    page.locator(".lab-look").wait_for(state="hidden")


def test_every_tab_of_the_evidence_is_in_view_and_has_a_number_key(browser, served, seen) -> None:
    book, url = served
    branch = begun(book, "opro")
    page = person(browser, seen, 1440, 900).new_page()
    page.goto(f"{url}?branch={branch}")
    page.locator(".lab-actions .lab-go").wait_for()
    page.wait_for_timeout(600)
    strip = page.get_by_role("tablist", name="Evidence")
    assert strip.evaluate("e => e.scrollWidth <= e.clientWidth")
    for i, (name, (title, _)) in enumerate(SECTIONS.items(), 1):
        page.keyboard.press(str(i))
        assert page.locator(".lab-frame").get_attribute("data-section") == name
        assert page.get_by_role("tabpanel", name=title).is_visible()
        assert page.get_by_role("tab", name=title, selected=True).count() == 1
    for pane in ("History", "Decision", "Evidence"):
        assert page.get_by_role("region", name=pane, exact=True).is_visible()


def test_candidates_are_sorted_shown_apart_and_kept_all_at_once_before_one_is_tried(browser, served, seen) -> None:
    book, url = served
    branch = begun(book, "ape")
    page = person(browser, seen, 1440, 900).new_page()
    page.goto(f"{url}?branch={branch}")
    for act in ("next", "accept"):
        before = board(page)
        page.locator(f".lab-board [data-act={act}]").click()
        settled(page, before)
    cards = page.locator(".lab-decision article")
    lengths = cards.evaluate_all("all => all.map((one) => Number(one.dataset.length))")
    n = len(lengths)
    assert n > 2
    page.locator("[data-order]").select_option("length")
    assert cards.evaluate_all("all => all.map((one) => Number(one.dataset.length))") == sorted(lengths)
    page.locator("[data-bulk=none]").click()
    page.get_by_role("button", name="Keep none and go on").wait_for()
    assert cards.evaluate_all("all => all.map((one) => Number(one.dataset.length))") == sorted(lengths)
    page.locator("[data-bulk=whole]").click()
    whole = page.locator("article[data-flaw='']").count()
    page.get_by_role("button", name=f"Keep {whole} and go on").wait_for()
    tick = page.locator("article[data-flaw=''] [data-field=keep]").last
    key = tick.get_attribute("data-key")
    tick.click()
    page.get_by_role("button", name=f"Keep {whole - 1} and go on").wait_for()
    assert page.evaluate("document.activeElement.dataset.key") == key, "a redraw of sorted cards keeps the focus"
    page.locator("[data-sift]").select_option("left")
    assert page.locator(".lab-decision article:visible").count() == n - whole + 1
    assert page.locator("[data-unshown]").inner_text() == f"{whole - 1} not shown, of which {whole - 1} kept"
    page.locator("[data-sift]").select_option("")

    page.locator(".lab-decision article").first.locator("h4").click()
    words = page.locator(".lab-chosen textarea").input_value()
    page.locator("#lab-trying summary").click()
    page.get_by_label("Your input").fill("Not bad at all, 4711.")
    page.get_by_role("button", name="Try it").click()
    page.locator("#lab-tried", has_text="What is read from it").wait_for()
    assert "4711" in page.locator("#lab-tried").inner_text()
    page.locator("#lab-tried summary").click()
    assert words in page.locator("#lab-tried").inner_text()
    assert board(page) is not None
    assert cards.count() == n, "a trial changes nothing"


def test_the_end_of_a_run_is_a_view_with_an_address_and_can_be_opened_before(browser, served, seen) -> None:
    book, url = served
    branch = begun(book, "opro")
    page = person(browser, seen, 1440, 900).new_page()
    page.goto(f"{url}?branch={branch}")
    page.locator(".lab-actions .lab-go").wait_for()
    page.wait_for_timeout(500)
    page.get_by_role("button", name="Summary").click()
    page.get_by_role("region", name="Summary of the run").wait_for()
    page.wait_for_url("**view=summary**")
    page.keyboard.press("Escape")
    page.locator(".lab-summary").wait_for(state="detached")
    assert "view=" not in page.url
    page.locator("[data-act=autopilot]").click()
    summary = page.get_by_role("region", name="Summary of the run")
    summary.wait_for()
    shown = summary.inner_text()
    for part in ("From start to best", "The sealed test", "What it cost", "What you did", "Take it along"):
        assert part in shown
    assert page.locator("[data-act=more]").is_visible(), "the bar stays in view"
    elsewhere = person(browser, seen, 1440, 900).new_page()
    elsewhere.goto(page.url)
    elsewhere.get_by_role("region", name="Summary of the run").wait_for()
    assert elsewhere.locator(".lab-summary").inner_text() == shown
    summary.get_by_role("button", name="Back to the run").click()
    page.locator(".lab-summary").wait_for(state="detached")


def test_the_chart_and_the_history_show_the_same_place(browser, served, seen) -> None:
    book, url = served
    branch = begun(book, "opro")
    page = person(browser, seen, 1440, 900).new_page()
    page.goto(f"{url}?branch={branch}")
    page.locator("[data-act=next]").click()
    settled(page, None)
    points = page.locator("#lab-chart .mark-symbol path")
    points.first.wait_for()
    page.wait_for_timeout(600)
    n = points.count()
    points.first.click()
    page.locator(".lab-look h4").wait_for()
    node = page.locator(".lab-look").get_attribute("data-looked")
    assert page.locator(f".lab-dot.lab-seen[data-node='{node}']").count() == 1
    page.wait_for_function("n => document.querySelectorAll('#lab-chart .mark-symbol path').length === n + 1", arg=n)
    page.locator(".lab-look").get_by_role("button", name="Close").click()
    page.wait_for_function("n => document.querySelectorAll('#lab-chart .mark-symbol path').length === n", arg=n)


def test_a_round_is_gone_through_by_the_keyboard_alone(browser, served, seen) -> None:
    book, url = served
    branch = begun(book, "protegi")
    page = person(browser, seen, 1440, 900).new_page()
    page.goto(f"{url}?branch={branch}")
    page.locator(".lab-actions .lab-go").wait_for()
    keys = page.keyboard

    def goes_on() -> None:
        before = board(page)
        page.wait_for_timeout(900)  # the same act within 0.8 s is taken for a double click
        keys.press("g")
        settled(page, before)

    while page.locator(".lab-decision h3").first.inner_text() != "Review critiques":
        goes_on()
    chosen = page.locator(".lab-chosen")
    assert chosen.get_attribute("data-place") == "0"
    assert page.locator(".lab-selected").inner_text().startswith("Critique 1")
    keys.press("j")
    assert chosen.get_attribute("data-place") == "1"
    keys.press("x")
    page.locator(".lab-chosen [data-field=keep]:not([checked])").wait_for()
    keys.press("k")
    keys.press("e")
    keys.press("ControlOrMeta+a")
    keys.type("Sarcasm is not dealt with, 4711.")
    keys.press("Escape")
    goes_on()
    assert "4711" in page.locator(".lab-decision").inner_text()
    keys.press("u")
    page.locator(".lab-here", has_text="Review critiques").wait_for()
    keys.press("?")
    page.locator("dialog[open]", has_text="undo").wait_for()
    keys.press("Escape")
    page.locator("dialog[open]").wait_for(state="hidden")
    page.locator(".lab-dot[tabindex='0']").focus()
    keys.press("ArrowUp")
    keys.press("Enter")
    page.locator(".lab-look h4").wait_for()
    assert page.locator(".lab-dot[tabindex='0']").count() == 1


def test_panes_are_folded_and_stay_so(browser, served, seen) -> None:
    book, url = served
    branch = begun(book, "protegi")
    page = person(browser, seen, 1440, 900).new_page()
    page.goto(f"{url}?branch={branch}")
    page.locator(".lab-actions .lab-go").wait_for()
    wide = page.locator(".lab-decision").bounding_box()["width"]
    page.locator("[data-fold=right]").click()
    page.locator("[data-edge=left]").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator(".lab-decision").bounding_box()["width"] > wide + 300
    folded = page.locator(".lab-decision").bounding_box()["width"]
    page.reload()
    page.locator(".lab-actions .lab-go").wait_for()
    assert abs(page.locator(".lab-decision").bounding_box()["width"] - folded) < 2
    page.locator("#lab-tools").get_by_role("button", name="Settings").click()
    page.locator("#lab-models .lab-using").wait_for()


def test_a_demo_is_begun_with_one_click_and_begin_is_in_view(browser, served, seen) -> None:
    _, url = served
    page = person(browser, seen, 1440, 900).new_page()
    page.goto(url)
    page.locator("#begin:not([disabled])").wait_for()
    box = page.locator("#begin").bounding_box()
    assert box["y"] + box["height"] <= 900
    page.get_by_role("button", name="Reviews, with ProTeGi").click()
    page.locator(".lab-board [data-act=next]").wait_for()
    assert "sentiment" in page.locator(".lab-header").inner_text()
    page.locator("#leave").click()
    page.locator("[data-find]").fill("nothing like that")
    page.locator(".lab-run").first.wait_for(state="hidden")
    page.locator("[data-find]").fill("senti")
    page.locator(".lab-run").get_by_role("button", name="Open").first.click()
    page.locator(".lab-board [data-act=next]").wait_for()


def test_the_history_is_searched_marked_and_drawn_as_large_as_asked_without_a_jump(browser, served, seen) -> None:
    book, url = served
    branch = begun(book, "protegi")
    page = person(browser, seen, 1440, 900).new_page()
    page.goto(f"{url}?branch={branch}")
    for act in ("next", "accept", "accept", "accept"):
        before = board(page)
        page.locator(f".lab-board [data-act={act}]").click()
        settled(page, before)
    page.evaluate("window.rows = [...document.querySelectorAll('.lab-dot')]")
    page.keyboard.press("/")
    page.keyboard.type("C1")
    line = page.locator(".lab-found li:visible")
    line.wait_for()
    assert line.inner_text().startswith("1 of 1: C1 “")
    hit = page.locator(".lab-dot[data-found=here]")
    assert "Review critiques" in hit.inner_text()
    assert page.evaluate("window.rows.every((one) => one.isConnected)"), "nothing is drawn anew"
    keys = page.keyboard
    keys.press("ControlOrMeta+a")
    keys.type("review")
    page.locator(".lab-found li", has_text="review positive").wait_for()
    n = page.locator(".lab-found li").count()
    assert n > 2
    keys.press("Enter")
    assert line.inner_text().startswith(f"2 of {n}")
    page.get_by_role("button", name="The place found before").click()
    assert line.inner_text().startswith(f"1 of {n}")
    page.locator("[data-act=seek]").press("Shift+Enter")
    assert line.inner_text().startswith(f"{n} of {n}")
    before = board(page)
    page.locator(".lab-actions .lab-go").click()
    settled(page, before)
    page.locator(".lab-dot[data-found=here]").wait_for()  # a step draws the history anew, the marks come back
    page.keyboard.press("/")
    keys.press("ArrowDown")
    keys.press("Enter")
    page.locator(".lab-look h4").wait_for()

    full = page.locator(".lab-lines").bounding_box()["height"]
    page.get_by_label("Size of the history").select_option("compact")
    assert page.locator(".lab-lines").bounding_box()["height"] < 0.65 * full
    rows = page.locator(".lab-dot").evaluate_all(
        """all => all.map((one) => one.querySelector('i').getBoundingClientRect().bottom
        - one.getBoundingClientRect().bottom)"""
    )
    assert max(map(abs, rows)) < 6, "dots stand in their rows"
    page.get_by_label("The history alone in its pane").click()
    assert not page.locator("#lab-chart").is_visible()
    page.get_by_label("Size of the history").select_option("fit")
    page.set_viewport_size({"width": 1440, "height": 420})
    page.wait_for_function(
        "() => { const b = document.querySelector('.lab-tree-box'); return b.scrollHeight <= b.clientHeight + 1; }"
    )
    page.set_viewport_size({"width": 1440, "height": 900})
    page.reload()
    page.locator(".lab-dot").first.wait_for()
    assert page.get_by_label("Size of the history").input_value() == "fit"
    page.keyboard.press("/")
    keys.type("nothing like that")
    page.locator(".lab-found", has_text="Nothing in this history holds").wait_for()
    keys.press("Escape")
    page.locator(".lab-found").wait_for(state="detached")
    assert page.locator(".lab-dot[data-found]").count() == 0


_CARRIED = """([name, text]) => { const carried = new DataTransfer();
carried.items.add(new File([text], name)); return carried; }"""


def test_a_file_is_dropped_anywhere_on_the_first_page_and_goes_where_it_belongs(
    browser, served, seen, tmp_path
) -> None:
    book, url = served
    page = person(browser, seen, 1280, 720).new_page()
    page.goto(url)
    page.locator("#begin:not([disabled])").wait_for()

    def carry(name: str, text: str, drops: bool = True) -> None:
        carried = page.evaluate_handle(_CARRIED, [name, text])
        page.dispatch_event("h1", "dragover", {"dataTransfer": carried})
        page.locator(".lab-veil", has_text="Drop your file here").wait_for()
        if drops:
            page.dispatch_event(".lab-veil", "drop", {"dataTransfer": carried})
            page.locator(".lab-veil").wait_for(state="hidden")

    told = page.locator("[data-told]")
    carry("left.csv", "", drops=False)
    page.locator(".lab-veil").wait_for(state="hidden")  # it was carried on
    assert not told.is_visible()
    carry("<b>film.mp4", "no")
    assert told.inner_text().startswith("“<b>film.mp4” is of a kind that is not read here.")
    for name, n in (("first.csv", 12), ("second.csv", 16)):
        carry(name, "text,label\n" + "".join(f"that was {i},{'good' if i % 2 else 'bad'}\n" for i in range(n)))
        assert told.inner_text().startswith(f"“{name}” is taken as your own examples")
        page.locator("#report", has_text=f"{n}").wait_for()
        page.locator("#file", has_text=name.split(".")[0]).wait_for()
    assert page.get_by_label("Your own examples").is_checked()

    from lab.store.lab_file import write_lab

    branch = begun(book, "opro")
    write_lab(book, tmp_path / "run.lab", Session(book).branch(branch).run)
    data = page.evaluate_handle(
        """bytes => { const carried = new DataTransfer();
        carried.items.add(new File([new Uint8Array(bytes)], "run.lab")); return carried; }""",
        list((tmp_path / "run.lab").read_bytes()),
    )
    page.dispatch_event("h1", "dragover", {"dataTransfer": data})
    page.dispatch_event(".lab-veil", "drop", {"dataTransfer": data})
    page.get_by_text("taken in", exact=False).first.wait_for()


def test_the_box_for_a_file_shows_its_label_and_its_icon_apart(browser, served, seen) -> None:
    _, url = served
    page = person(browser, seen, 1280, 720).new_page()
    page.goto(url)
    page.locator("#begin:not([disabled])").wait_for()
    page.get_by_label("Your own examples").click()
    label, icon = page.locator("#file > label"), page.locator("#file [data-testid=upload-icon]")
    icon.wait_for()
    above, below = label.bounding_box(), icon.bounding_box()
    assert above["y"] + above["height"] <= below["y"]
    page.get_by_text("Choose a file of examples, or drop one").wait_for()


def test_a_comparison_and_every_tab_are_addresses_and_back_leads_to_where_one_was(browser, served, seen) -> None:
    book, url = served
    branch = begun(book, "opro")
    page = person(browser, seen, 1440, 900).new_page()
    page.goto(f"{url}?branch={branch}")
    page.locator(".lab-actions .lab-go").wait_for()
    page.wait_for_timeout(600)
    page.locator("[data-act=autopilot]").click()
    page.get_by_role("region", name="Summary of the run").wait_for()
    page.keyboard.press("Escape")
    page.locator(".lab-summary").wait_for(state="detached")
    page.locator("#lab-sections").get_by_role("tab", name="Compare").click()
    page.get_by_role("button", name="Compare", exact=True).click()
    page.locator(".lab-compared-two", has_text="From the first to the second").wait_for()
    page.wait_for_url("**compare=..**")
    page.locator("[data-arg=first]").fill("P0")
    page.locator("[data-arg=second]").fill("P1")
    page.wait_for_timeout(900)
    page.get_by_role("button", name="Compare", exact=True).click()
    page.locator("[data-compared='P0..P1']").wait_for()
    page.wait_for_url("**compare=P0..P1**")
    shown = page.locator(".lab-compared").inner_text()

    elsewhere = person(browser, seen, 1440, 900).new_page()
    elsewhere.goto(page.url)
    elsewhere.locator("[data-compared='P0..P1']").wait_for()
    assert elsewhere.locator(".lab-compared").inner_text() == shown
    assert elsewhere.locator("[data-arg=second]").input_value() == "P1"
    page.locator("[data-arg=second]").fill("P99")
    page.get_by_role("button", name="Compare", exact=True).click()
    page.locator("#lab-compared", has_text="This run has no “P99”").wait_for()

    page.locator(".lab-dot").first.click()
    page.locator(".lab-look h4").wait_for()
    page.wait_for_url("**node=**")
    page.locator("[data-pin]").click()
    page.locator(".lab-compared-two").wait_for()
    page.locator(".lab-look").wait_for(state="detached")
    left, pinned = page.url, page.locator("[data-arg=first]").input_value()
    page.go_back()
    page.locator(".lab-frame .lab-dot").first.wait_for()
    assert "compare=" in page.url
    page.locator(".lab-compared-two").wait_for()
    page.go_forward()
    page.wait_for_url(left)
    page.wait_for_function("(pinned) => document.querySelector('[data-arg=first]')?.value === pinned", arg=pinned)
    page.go_back()
    page.locator(".lab-compared-two").wait_for()

    phone = person(browser, seen, 400, 860).new_page()
    phone.goto(f"{url}?branch={branch}&tab=compare&compare=P0..P1")
    phone.locator(".lab-compared-two").wait_for()
    phone.close()
    page.set_viewport_size({"width": 400, "height": 860})
    page.locator("[data-pane-tab=history]").click()
    page.wait_for_url("**pane=history**")
    page.reload()
    page.locator(".lab-tree-box").wait_for()
    page.locator("#leave").click()
    page.wait_for_url(lambda now: "pane=" not in now and "compare=" not in now)
