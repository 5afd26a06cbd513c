"""What all tests share: their own lab book, no real endpoint, and an honest word about skipped browser tests."""

from __future__ import annotations

from inspect import signature
from pathlib import Path

import pytest
from hypothesis import settings

# Time is measured by `lab bench`, on a machine of its own; here it would fail a test that others slow down.
settings.register_profile("lab", deadline=None)
settings.load_profile("lab")

pytest.register_assert_rewrite("support")

from support.browser import BROWSERS, browser_path  # noqa: E402, after the line that has its asserts explained

pytest_plugins = ["support.page"]
UNIT_ROOMS = ("core", "optimizers", "tasks")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--browser", choices=("found", "required"), default="found", help="required: fail without one")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--browser") == "required" and not browser_path():
        raise pytest.UsageError(f"No browser was found; one of these must be on PATH: {', '.join(BROWSERS)}.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("browser") and not browser_path():
            item.add_marker(pytest.mark.skip(reason="no Chromium or Chrome on PATH"))
        if is_unit(item):
            item.add_marker(pytest.mark.unit)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the other rooms unread where only the unit tests are wanted: some import whole toolkits."""
    rooms = {folder.name for folder in Path(__file__).parent.iterdir() if folder.is_dir()} - set(UNIT_ROOMS)
    return True if config.option.markexpr == "unit" and collection_path.name in rooms else None


def is_unit(item: pytest.Item) -> bool:
    """Return whether a test is of a pure room, and neither long nor with files or other processes of its own."""
    named = signature(item.function).parameters if isinstance(item, pytest.Function) else ()
    pure = item.path.parent.name in UNIT_ROOMS and "tmp_path" not in named
    return pure and not item.get_closest_marker("long") and not item.get_closest_marker("llama")


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
