"""The benchmark of the page lets people step at once; how long they wait is the machine's, and not tested."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from lab.bench.page import REQUIRED, measure, tables


@pytest.mark.long
def test_people_who_step_at_once_each_come_to_a_proposal_of_their_own() -> None:
    found = measure(["people"], people=3)
    assert found["n_people"] == {"measured": 3}
    assert found["n_failed"] == {"measured": 0, "required": 0}
    assert found["slowest_ms"]["measured"] >= found["median_ms"]["measured"] > 0
    assert found["median_ms"]["required"] == REQUIRED["median_ms"]
    assert tables(found).count("\n") == len(found) + 3


@pytest.mark.long
@pytest.mark.browser
def test_a_click_a_first_view_and_a_step_are_measured_in_a_browser() -> None:
    # In a process of its own, as `lab bench` is one: the browser that it opens disturbs those of later walks.
    program = "import json; from lab.bench import page; page._ROUNDS = {'200': 3}; print(json.dumps(page.measure(['click'])))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert found["nodes_200"]["measured"] > 9
    for figure in ("click_200_ms", "first_view_ms", "step_kb"):
        assert found[figure]["measured"] > 0
        assert found[figure]["required"] == REQUIRED[figure]
