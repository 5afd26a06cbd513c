"""What all tests share: their own lab book, no real endpoint, and an honest word about skipped browser tests."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.register_assert_rewrite("support")

from support.browser import BROWSERS, browser_path  # noqa: E402, after the line that has its asserts explained

pytest_plugins = ["support.page"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--browser", choices=("found", "required"), default="found", help="required: fail without one")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--browser") == "required" and not browser_path():
        raise pytest.UsageError(f"No browser was found; one of these must be on PATH: {', '.join(BROWSERS)}.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("browser") and not browser_path():
            item.add_marker(pytest.mark.skip(reason="no Chromium or Chrome on PATH"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [r for r in terminalreporter.stats.get("skipped", []) if "no Chromium" in str(r.longrepr)]
    if skipped:
        terminalreporter.write_line(
            f"{len(skipped)} browser tests were skipped: no Chromium or Chrome on PATH "
            "(on Debian: apt-get install chromium)."
        )


@pytest.fixture(autouse=True)
def _no_real_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LAB_BOOK", str(tmp_path / "lab.sqlite"))
