"""The pictures of the page are made by one command; those that README shows are small, and are the ones it shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.paths import ROOT

from lab.bench.pictures import SHOWN, draw_shown

LARGEST = 250_000  # bytes


def test_readme_shows_the_pictures_that_the_command_makes_and_they_are_small() -> None:
    shown = re.findall(r"!\[[^\]]{20,}\]\((.+?)\)", (ROOT / "README.md").read_text("utf-8"))
    assert sorted(shown) == sorted(f"notebooks/{name}.png" for name in SHOWN.values())
    for file in shown:
        assert (ROOT / file).stat().st_size < LARGEST


@pytest.mark.browser
@pytest.mark.long
def test_the_pictures_of_readme_are_made_of_the_views_that_are_named(tmp_path: Path) -> None:
    files = draw_shown(tmp_path)
    assert sorted(file.stem for file in files) == sorted(SHOWN.values())
    for file in files:
        assert file.read_bytes().startswith(b"\x89PNG")
        assert file.stat().st_size < LARGEST
