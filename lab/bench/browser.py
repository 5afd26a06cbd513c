"""A Chromium to look at the page with."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lab.errors import MisuseError

__all__ = ["chromium"]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


@contextmanager
def chromium() -> Iterator[Any]:
    """Open the first Chromium or Chrome on PATH, with a fresh profile.

    Raises:
        MisuseError: when there is none, or no Playwright.
    """
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        found = None
    if found is None:
        raise MisuseError("This needs Playwright (pip install playwright) and a Chromium or Chrome on PATH.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield browser
        finally:
            browser.close()
