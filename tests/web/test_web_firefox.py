"""The page in Firefox: a round is walked, and a critique edited, as in Chromium."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.long]

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
WALK = Path(__file__).with_name("firefox.cjs")


def modules() -> Path | None:
    """Return the folder of the packages of Node in which puppeteer-core is, beside a node on PATH."""
    folders = (Path(one).parent for one in os.environ["PATH"].split(os.pathsep) if one.endswith(".bin"))
    return next((one for one in folders if (one / "puppeteer-core").is_dir()), None)


@pytest.mark.skipif(FIREFOX is None, reason="there is no Firefox on PATH")
def test_a_round_is_walked_in_firefox_and_an_edited_critique_is_kept(address: str) -> None:
    packages = modules()
    if packages is None:
        pytest.skip("puppeteer-core is not installed: npm install puppeteer-core")
    walked = subprocess.run(
        ["node", str(WALK), address, str(FIREFOX)], capture_output=True, text=True, timeout=300,
        env={**os.environ, "NODE_PATH": str(packages)},
    )  # fmt: skip
    assert walked.returncode == 0, walked.stderr
    found = json.loads(walked.stdout)
    assert found["steps"][:4] == ["Try the prompts", "Choose error samples", "Review critiques", "Review edits"]
    assert found["kept"]
    assert found["errors"] == []
