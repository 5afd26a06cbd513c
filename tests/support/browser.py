"""A real Chromium for the faces: opened without network of its own, and what it saw is kept to be checked."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
LOCAL = ("127.0.0.1", "localhost", "::1")
# What a browser says when a page is left while it still waits for an answer.
HARMLESS = ("AbortError", "Connection errored", "net::ERR_ABORTED", "BodyStreamBuffer was aborted")
# What Notebook 7.6 says of an empty notebook as well.
NOTEBOOK_7 = "Cannot read properties of undefined (reading 'schema')"


def browser_path() -> str | None:
    """The first Chromium or Chrome on PATH."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


@dataclass
class Seen:
    """What pages did that a person would not see: requests elsewhere, complaints, errors and dialogs."""

    elsewhere: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    known: tuple[str, ...] = ()  # what is said without us
    windows: list[BrowserContext] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Begins to take down what a page does."""
        page.on("request", lambda request: self._request(request.url))
        page.on("pageerror", lambda error: self._complain(str(error)))
        page.on("console", lambda message: self._complain(message.text) if message.type == "error" else None)
        page.on("dialog", self._dialog)

    def check(self) -> None:
        """Fails when anything left this machine, complained, or opened a dialog."""
        assert not self.elsewhere, f"requests left this machine: {sorted(set(self.elsewhere))}"
        assert not self.dialogs, f"dialogs opened: {self.dialogs}"
        assert not self.complaints, f"the console complained: {self.complaints}"

    def close(self) -> None:
        """Closes the windows of all persons: those left open go on following what later tests do."""
        for window in self.windows:
            window.close()

    def _request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in LOCAL:
            self.elsewhere.append(url)

    def _complain(self, text: str) -> None:
        if not any(known in text for known in (*HARMLESS, *self.known)):
            self.complaints.append(text[:400])

    def _dialog(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Opens a browser with a fresh profile; each `new_context()` is another person."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), headless=True, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def person(browser: Browser, seen: Seen, width: int = 1280, height: int = 900, **given: Any) -> BrowserContext:
    """Gives a browser window of a new person; all that its pages do is seen."""
    context = browser.new_context(viewport={"width": width, "height": height}, **given)
    context.set_default_timeout(30_000)  # these machines are shared
    context.on("page", seen.watch)
    seen.windows.append(context)
    return context


def free_port() -> int:
    """Gives a port of this machine that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def sideways(page: Page) -> int:
    """How many pixels the page can be scrolled sideways; a page that fits gives 0."""
    overflow: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return max(0, overflow)
