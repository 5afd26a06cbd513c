"""The guided notebooks: they run from top to bottom, and one of them in a real JupyterLab with real clicks."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from support.browser import Seen, chromium, free_port, person
from support.paths import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
HOSTILE = "</textarea><img src=x onerror=alert(1)><script>alert(2)</script>"
WORDS = "Nothing says that hollow praise for a bad event is blame."


def surroundings(folder: Path) -> dict[str, str]:
    """Gives an environment in which Jupyter and the lab read and write in one folder only."""
    own = {
        name: str(folder / name.lower())
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "HOME")
    }
    for path in own.values():
        Path(path).mkdir(exist_ok=True)
    return {**os.environ, **own, "LAB_BOOK": str(folder / "lab.sqlite"), "PYTHONPATH": str(ROOT)}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom_without_key_or_network(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    for name, value in surroundings(tmp_path).items():
        monkeypatch.setenv(name, value)
    notebook = nbformat.read(path, as_version=4)
    client = nbclient.NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code")
    streams = [out for cell in notebook.cells for out in cell.get("outputs", ()) if out.output_type == "stream"]
    assert not [out.text for out in streams if out.name == "stderr"]
    assert (tmp_path / "lab.sqlite").exists()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs(path: Path) -> None:
    nbformat = pytest.importorskip("nbformat")
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    assert not [cell.id for cell in code if cell.outputs or cell.execution_count is not None]
    assert notebook.metadata.kernelspec.name == "python3"
    assert "widgets" not in notebook.metadata


@contextmanager
def jupyterlab(folder: Path) -> Iterator[str]:
    """Runs a JupyterLab of its own on a free port of this machine and gives its address."""
    port = free_port()
    log = folder / "jupyter.log"
    work = folder / "work"
    work.mkdir()
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", f"--ServerApp.port={port}", "--ServerApp.ip=127.0.0.1",
        "--ServerApp.port_retries=0", "--IdentityProvider.token=", "--ServerApp.password=",
        f"--ServerApp.root_dir={work}", "--LabApp.news_url=None", "--LabApp.extension_manager=readonly",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    with log.open("wb") as out:
        server = subprocess.Popen(command, stdout=out, stderr=out, env=surroundings(folder), cwd=work)
    address = f"http://127.0.0.1:{port}"
    try:
        _await_answer(server, f"{address}/api", log)
        yield address
    finally:
        for _ in range(2):  # the first one only asks whether to shut down
            server.send_signal(signal.SIGINT)
            time.sleep(0.3)
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _await_answer(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and server.poll() is None:
        try:
            with urlopen(address, timeout=3):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not answer:\n{log.read_text(errors='replace')[-2000:]}")


def run_all(page: Page) -> None:
    """Runs all cells and waits for the last; the menu does nothing until the kernel is connected, so try again."""
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=40_000)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=40_000)
    for _ in range(12):
        if page.locator(".jp-Dialog").count():  # it asks for a kernel when it is told to run before it has one
            page.locator(".jp-Dialog .jp-mod-accept").click()
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        try:
            page.wait_for_function(_PROMPTS + r".some((text) => /\[(\*|\d+)\]/.test(text))", timeout=3000)
            break
        except Exception as problem:
            if "Timeout" not in type(problem).__name__:
                raise
    failed = page.locator('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"]')
    page.wait_for_function(
        _PROMPTS + r".every((text) => /\[\d+\]/.test(text)) || document.querySelector('[data-mime-type$=stderr]')",
        timeout=60_000,
    )
    assert failed.count() == 0, failed.first.inner_text()


_PROMPTS = "[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map((one) => one.textContent)"


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
