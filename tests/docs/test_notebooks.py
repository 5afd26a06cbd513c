"""The guided notebooks: they run from top to bottom, and are worked in with real clicks, in JupyterLab and Notebook 7."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.browser import NOTEBOOK_7, Seen, chromium, person
from support.notebook import App, jupyterlab, open_notebook, run_all, surroundings
from support.paths import ROOT

import lab
from lab.learn.lesson import LESSONS, lesson
from lab.learn.progress import Progress

if TYPE_CHECKING:
    from playwright.sync_api import Page

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SOLUTIONS = sorted((ROOT / "notebooks" / "solutions").glob("*.ipynb"))
SLOWEST_S = 90  # of its own: others on the machine make it no slower
HOSTILE = "</textarea><img src=x onerror=alert(1)><script>alert(2)</script>"
WALKS = ("01_protegi", "02_ape", "03_opro", "04_pe2")  # through a round of an optimizer
WORDS = "Nothing says that hollow praise for a bad event is blame."


def _cpu_s() -> float:
    """Returns the seconds of processors that kernels, once they have ended, took so far."""
    resource = pytest.importorskip("resource")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return float(used.ru_utime + used.ru_stime)


@pytest.mark.parametrize(
    "path",
    [NOTEBOOKS[0], *(pytest.param(path, marks=pytest.mark.long) for path in (*NOTEBOOKS[1:], *SOLUTIONS))],
    ids=lambda path: f"{path.parent.name}-{path.stem}",
)
def test_a_notebook_runs_from_top_to_bottom_and_once_more_without_key_or_network(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    for name, value in surroundings(tmp_path).items():
        monkeypatch.setenv(name, value)

    def ran() -> dict[str, object]:
        notebook = nbformat.read(path, as_version=4)
        began = _cpu_s()
        nbclient.NotebookClient(
            notebook, timeout=5 * SLOWEST_S, resources={"metadata": {"path": str(tmp_path)}}
        ).execute()
        assert _cpu_s() - began < SLOWEST_S
        assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code")
        streams = [out for cell in notebook.cells for out in cell.get("outputs", ()) if out.output_type == "stream"]
        assert not [out.text for out in streams if out.name == "stderr"]
        session = lab.Session(tmp_path / "lab.sqlite")
        here = {branch.name: branch.node for branch in session.branches()}
        assert len(here) == len(session.branches())
        found = {**here, "calls": session.book.n_calls()}
        session.book.close()
        return found

    first = ran()
    if path in NOTEBOOKS:
        assert ran() == first  # the same runs at the same places, and nothing is paid for twice
    known = Progress.beside(tmp_path / "lab.sqlite").read()
    told = [lesson(name) for name, file in LESSONS.items() if file == path.stem]
    for name in (task for one in told for task in one.tasks):
        assert known[name].passed == (path in SOLUTIONS), name


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_compares_with_intervals_and_lets_the_reader_go_first(path: Path) -> None:
    nbformat = pytest.importorskip("nbformat")
    cells = nbformat.read(path, as_version=4).cells
    assert 20 <= len(cells) <= 80
    code = [cell for cell in cells if cell.cell_type == "code"]
    own = [cell for cell in code if cell.source.startswith("my_")]
    assert len(own) >= 2
    assert all(cells[cells.index(cell) - 1].cell_type == "markdown" for cell in own)  # it is asked for in words
    if path.stem in WALKS:
        assert sum("lab.compare(" in cell.source for cell in code) >= 2
    first_shown, asked = None, ""
    for cell in code:
        asked = asked if "until=" not in cell.source else cell.source.partition('until="')[2].partition('"')[0]
        if asked in ("critiques", "candidates") and cell.source.splitlines()[-1] == "step":
            first_shown = first_shown or cell
    first_written = next(cell for cell in own if cell.source.partition("=")[2].strip().startswith('""'))
    if path.stem in WALKS:  # others may ask to edit what is shown
        assert first_shown is None or code.index(first_written) < code.index(first_shown)
    assert first_shown is not None or path.stem not in WALKS


@pytest.mark.parametrize("path", [*NOTEBOOKS, *SOLUTIONS], ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_notebook_is_kept_without_outputs(path: Path) -> None:
    nbformat = pytest.importorskip("nbformat")
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    assert not [cell.id for cell in code if cell.outputs or cell.execution_count is not None]
    assert notebook.metadata.kernelspec.name == "python3"
    assert "widgets" not in notebook.metadata


@pytest.mark.long
@pytest.mark.browser
def test_in_jupyterlab_a_critique_is_edited_and_accepted_with_real_clicks(tmp_path: Path) -> None:
    pytest.importorskip("jupyterlab")
    seen = Seen()
    with jupyterlab(tmp_path) as address, chromium() as browser:
        shutil.copy(ROOT / "notebooks" / "01_protegi.ipynb", tmp_path / "work")
        page = person(browser, seen, height=1400).new_page()
        page.goto(f"{address}/lab/tree/01_protegi.ipynb")
        run_all(page)
        panel = page.locator(".lab-panel")
        panel.scroll_into_view_if_needed()
        here = panel.locator(".lab-here")

        here.get_by_text("Choose error samples").wait_for()
        panel.locator("[data-act=accept]").focus()
        page.keyboard.press("Enter")  # a key that JupyterLab would like to have
        here.get_by_text("Review critiques").wait_for()
        words = panel.locator("article textarea")
        words.first.fill(f"{WORDS} {HOSTILE}")
        panel.locator("[data-act=accept]").click()  # at once: what was typed must not be lost
        here.get_by_text("Review edits").wait_for()

        drawer = panel.locator("details[data-key=drawer]")
        drawer.locator("summary").first.click()
        drawer.locator("summary").nth(1).click()
        sent = drawer.locator("textarea").first
        sent.wait_for()
        assert f"{WORDS} {HOSTILE}" in sent.input_value()
        assert panel.locator("img, script").count() == 0

        panel.locator("[data-act=undo]").click()
        here.get_by_text("Review critiques").wait_for()
        panel.locator("[data-act=redo]").click()
        here.get_by_text("Review edits").wait_for()
        panel.locator("[data-act=fork]").click()
        panel.locator("select[data-act=switch]").wait_for()
        words.first.click()
        page.keyboard.press("ControlOrMeta+End")
        page.keyboard.type(" aabb")  # letters that are commands outside of a field
        assert words.first.input_value().endswith(" aabb")
        words.last.focus()
        panel.get_by_text("Your changes to what the model wrote").first.wait_for()
        assert words.last.evaluate("field => field === document.activeElement")
    seen.check()


def _put(page: Page, cell_with: str, text: str) -> None:
    """Types a text over the cell that begins so, runs it, and the check that follows."""
    cell = page.locator(".jp-CodeCell").filter(has_text=cell_with).first
    cell.scroll_into_view_if_needed()
    cell.locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.insert_text(text)
    page.keyboard.press("Shift+Enter")


def _checked(page: Page, task: str, words: str) -> None:
    """Runs the check of a task, and waits for what it says."""
    cell = page.locator(".jp-CodeCell").filter(has_text=f'learn.check("{task}"').first
    cell.scroll_into_view_if_needed()
    cell.locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    cell.locator(".jp-OutputArea").get_by_text(words).first.wait_for()


@pytest.mark.long
@pytest.mark.browser
@pytest.mark.parametrize("app", ["jupyterlab", "notebook"])
def test_in_jupyter_numbers_prompts_and_questions_are_wrong_first_then_hinted_then_right(
    app: App, tmp_path: Path
) -> None:
    pytest.importorskip(app)
    seen = Seen(known=(NOTEBOOK_7,) if app == "notebook" else ())
    with jupyterlab(tmp_path, app) as address, chromium() as browser:
        shutil.copy(ROOT / "notebooks" / "00_start_here.ipynb", tmp_path / "work")
        page = person(browser, seen, height=1400).new_page()
        open_notebook(page, address, "00_start_here.ipynb", app)
        run_all(page)
        _put(page, "my_number = None", "my_number = 100")  # a number
        _checked(page, "start.noise", "0.71 times as wide")
        hint = page.locator("details", has_text="Twice as many is not enough").first
        hint.scroll_into_view_if_needed()
        hint.locator("summary").click()
        hint.get_by_text("Twice as many is not enough").wait_for()
        _put(page, "my_number = 100", "my_number = 200")
        _checked(page, "start.noise", "takes four times as many")
        _put(page, 'my_prompt = ""', 'my_prompt = "Is it a good film?"')  # a prompt
        _checked(page, "start.by_hand", "could not be read")
        good = "Is this review positive or negative? Answer with one lower-case word and nothing else."
        _put(page, 'my_prompt = "Is it', f'my_prompt = "{good}"')
        _checked(page, "start.by_hand", "Better on 50 examples")
        _put(page, "my_answers =", 'my_answers = {1: "a", 2: "b", 3: "a", 4: "b", 5: "c"}')  # questions
        _checked(page, "start.questions", "4 of 5 are right")
        _put(page, "my_answers =", 'my_answers = {1: "c", 2: "b", 3: "a", 4: "b", 5: "c"}')
        _checked(page, "start.questions", "3 of 7 tasks")
    seen.check()


@pytest.mark.long
@pytest.mark.browser
@pytest.mark.parametrize("app", ["jupyterlab", "notebook"])
def test_in_jupyter_a_function_and_a_critique_are_wrong_first_then_right(app: App, tmp_path: Path) -> None:
    pytest.importorskip(app)
    seen = Seen(known=(NOTEBOOK_7,) if app == "notebook" else ())
    with jupyterlab(tmp_path, app) as address, chromium() as browser:
        shutil.copy(ROOT / "notebooks" / "01_protegi.ipynb", tmp_path / "work")
        page = person(browser, seen, height=1400).new_page()
        open_notebook(page, address, "01_protegi.ipynb", app)
        run_all(page)
        _put(page, "def errors_of", "def errors_of(rows):\n    return [row for row in rows if row['hit'] < 1]")
        _checked(page, "protegi.errors_of", "TypeError")
        right = "[row for row in rows if row['hit'] is not None and row['hit'] < 1]"
        _put(page, "def errors_of", f"def errors_of(rows):\n    return {right}")
        _checked(page, "protegi.errors_of", "that the library finds")
        critique = "Nothing says that the answer is one lower-case word and nothing else."
        _put(page, 'my_critique = ""', 'my_critique = "It is too vague."')
        _checked(page, "protegi.critique", "would not know what to add")
        _put(page, "my_critique =", f'my_critique = "{critique}"')
        _checked(page, "protegi.critique", "The errors bear it out")
    seen.check()
