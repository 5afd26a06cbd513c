"""The benchmark of visitors walks the page as a browser would; how long it waits is the machine's, and not tested."""

from __future__ import annotations

import pytest

from lab.bench.visitors import REQUIRED_MS, measure, tables


@pytest.mark.long
def test_a_visitor_beside_nobody_steps_through_a_run_and_each_request_is_timed() -> None:
    found = measure(["nobody"], steps=2)
    assert found["nobody"]["required"] == REQUIRED_MS
    assert float(found["nobody"]["slowest_ms"]) >= float(found["nobody"]["median_ms"]) > 0
    assert int(found["nobody"]["requests"]) > 6
    assert tables(found).count("\n") == len(found) + 3
