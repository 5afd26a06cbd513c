"""A real JupyterLab or Notebook 7, with folders of its own, and how its cells are run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from support.browser import free_port
from support.paths import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page


App: TypeAlias = Literal["jupyterlab", "notebook"]  # by the name of its module


def surroundings(folder: Path) -> dict[str, str]:
    """Gives an environment in which Jupyter and the lab read and write in one folder only."""
    own = {
        name: str(folder / name.lower())
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "HOME")
    }
    for path in own.values():
        Path(path).mkdir(exist_ok=True)
    return {**os.environ, **own, "LAB_BOOK": str(folder / "lab.sqlite"), "PYTHONPATH": str(ROOT)}


@contextmanager
def jupyterlab(folder: Path, app: App = "jupyterlab") -> Iterator[str]:
    """Runs a JupyterLab, or a Notebook 7, of its own on a free port of this machine and gives its address."""
    port = free_port()
    log = folder / "jupyter.log"
    work = folder / "work"
    work.mkdir()
    command = [
        sys.executable, "-m", app, "--no-browser", f"--ServerApp.port={port}", "--ServerApp.ip=127.0.0.1",
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
        _await_answer(server, f"{address}/api/status", log)
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
    pytest.fail(f"Jupyter did not answer:\n{log.read_text(errors='replace')[-2000:]}")


def open_notebook(page: Page, address: str, name: str, app: App = "jupyterlab") -> None:
    """Opens a notebook of the folder in which the server runs."""
    page.goto(f"{address}/{'lab/tree' if app == 'jupyterlab' else 'notebooks'}/{name}")


def run_all(page: Page) -> None:
    """Runs all cells and waits for the last; the menu does nothing until the kernel is connected, so try again."""
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=40_000)
    page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').first.wait_for(timeout=40_000)
    for _ in range(12):
        try:
            if page.locator(".jp-Dialog").count():  # asks for a kernel when it is told to run before it has one
                page.locator(".jp-Dialog .jp-mod-accept").click(timeout=3000)
            page.get_by_role("menuitem", name="Run", exact=True).click(timeout=3000)
            page.get_by_role("menuitem", name="Run All Cells", exact=True).click(timeout=3000)
            page.wait_for_function(_PROMPTS + r".some((text) => /\[(\*|\d+)\]/.test(text))", timeout=8000)
            break
        except Exception as problem:
            if "Timeout" not in type(problem).__name__:
                raise
    page.wait_for_function(
        _PROMPTS + r".every((text) => /\[\d+\]/.test(text)) || document.querySelector('[data-mime-type$=error]')",
        timeout=180_000,
    )
    failed = page.locator('[data-mime-type$="jupyter.stderr"], [data-mime-type$="jupyter.error"]')
    told = [text for text in failed.all_inner_texts() if text.strip()]  # a progress bar that has ended is empty
    assert not told, told[0]


_PROMPTS = "[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map((one) => one.textContent)"
