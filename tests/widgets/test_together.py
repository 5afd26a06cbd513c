"""One book, two faces: two panels in a kernel, another kernel and the page, in a real JupyterLab and browser."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.browser import Seen, chromium, free_port, person
from support.notebook import jupyterlab, run_all, surroundings

pytestmark = [pytest.mark.browser, pytest.mark.long]
AT_MOST_S = 1.0
BEGINS = [
    "import lab\nrun = lab.begin('sentiment', 'protegi', preset='quick', name='by hand')\nrun.panel()",
    "run.panel()",
]
OPENS = ["import lab\nlab.open(name='by hand').panel()"]


def write(path: Path, cells: list[str]) -> None:
    nbformat = pytest.importorskip("nbformat")
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
    }
    notebook.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
    nbformat.write(notebook, path)


@pytest.fixture
def lab_page(tmp_path: Path) -> Iterator[str]:
    """The page as the command serves it, on the book that the notebooks use."""
    command = [sys.executable, "-m", "lab", "--port", str(free_port())]
    with subprocess.Popen(command, env=surroundings(tmp_path), stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().split()[4]
        server.terminate()


def test_panels_kernels_and_the_page_follow_each_other_within_a_second(tmp_path: Path, lab_page: str) -> None:
    pytest.importorskip("jupyterlab")
    seen = Seen()
    with jupyterlab(tmp_path) as address, chromium() as browser:
        write(tmp_path / "work" / "one.ipynb", BEGINS)
        write(tmp_path / "work" / "two.ipynb", OPENS)
        window = person(browser, seen, height=1800)
        one, two, web = window.new_page(), window.new_page(), window.new_page()
        one.goto(f"{address}/lab/workspaces/one/tree/one.ipynb")
        run_all(one)
        two.goto(f"{address}/lab/workspaces/two/tree/two.ipynb")
        run_all(two)
        opened_at(web, lab_page)
        first, second, other = (
            one.locator(".lab-panel").nth(0),
            one.locator(".lab-panel").nth(1),
            two.locator(".lab-panel"),
        )
        faces = {
            "the panel": first,
            "a second panel": second,
            "another kernel": other,
            "the page": web.locator(".lab-panel"),
        }
        for face in faces.values():
            face.locator("[data-act=next]").wait_for()
        assert "object at" not in one.content() + two.content()

        first.locator("[data-act=next]").click()
        for face in faces.values():
            face.locator(".lab-here", has_text="Choose error samples").wait_for()
        took = {}
        for act, shown in (
            ("accept", "Review critiques"),
            ("undo", "Choose error samples"),
            ("redo", "Review critiques"),
        ):
            for acting in faces:
                faces[acting].locator(f"[data-act={act}]").first.click()
                faces[acting].locator(".lab-here", has_text=shown).wait_for()
                began = time.monotonic()
                for name, face in faces.items():
                    face.locator(".lab-here", has_text=shown).wait_for()
                    took[acting, act, name] = round(time.monotonic() - began, 2)
                back = {"accept": "undo", "undo": "redo", "redo": "undo"}[act]
                last = acting == list(faces)[-1]
                if not last:
                    faces[acting].locator(f"[data-act={back}]").first.click()
                    for face in faces.values():
                        face.locator(".lab-here", has_text=shown).wait_for(state="detached")
        print(took)
        assert max(took.values()) < AT_MOST_S, took
    seen.check()


def opened_at(page, address: str) -> None:
    """Opens the newest run in the page."""
    page.goto(address)
    page.locator("#lab-list").get_by_role("button", name="Open").first.click()
    page.locator("[data-act=next]").wait_for()


def test_a_panel_says_when_its_kernel_is_gone_and_what_is_saved_shows_its_last_state(tmp_path: Path) -> None:
    pytest.importorskip("jupyterlab")
    seen = Seen()
    with jupyterlab(tmp_path) as address, chromium() as browser:
        write(tmp_path / "work" / "one.ipynb", BEGINS[:1])
        page = person(browser, seen, height=1800).new_page()
        page.goto(f"{address}/lab/tree/one.ipynb")
        run_all(page)
        panel = page.locator(".lab-panel")
        panel.locator("[data-act=next]").click()
        panel.locator(".lab-here", has_text="Choose error samples").wait_for()
        panel.locator("[data-act=accept]").click()
        panel.locator(".lab-here", has_text="Review critiques").wait_for()
        assert page.locator(".lab-saved > *").count() == 0, "beside a live panel the saved state is not drawn"
        page.wait_for_timeout(9000)
        assert not panel.locator(".lab-gone").is_visible(), "a kernel that has nothing to do is there all the same"
        page.keyboard.press("ControlOrMeta+s")
        page.wait_for_timeout(1500)
        page.get_by_role("menuitem", name="Kernel", exact=True).click()
        page.get_by_text("Shut Down Kernel", exact=True).click()
        panel.get_by_text("The kernel of this panel is gone.").wait_for(timeout=15_000)

        again = page.context.new_page()
        again.goto(f"{address}/lab/workspaces/again/tree/one.ipynb?reset")
        again.locator(".lab-saved .lab-board", has_text="Review critiques").wait_for()
        again.get_by_text("model not found").wait_for(state="attached")
        assert not again.get_by_text("model not found").is_visible(), "what is saved says it better"
        assert again.locator(".lab-saved button:visible").count() == 0

        exported = tmp_path / "work" / "one.html"
        subprocess.run(
            [sys.executable, "-m", "nbconvert", "--to", "html", str(exported.with_suffix(".ipynb"))], check=True
        )
        assert "object at" not in exported.read_text("utf-8")
        still = browser.new_page()  # unwatched: the frame that nbconvert makes asks for libraries elsewhere
        still.goto(exported.as_uri())
        still.locator(".lab-saved .lab-board", has_text="Review critiques").wait_for()
    seen.complaints = [one for one in seen.complaints if "widget model not found" not in one]  # JupyterLab's own
    seen.check()
