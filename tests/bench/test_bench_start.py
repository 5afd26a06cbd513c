"""The benchmark of the start says its figures; how large they are is the machine's, and not tested."""

from __future__ import annotations

import pytest

from lab.bench.start import REQUIRED, measure, tables


@pytest.mark.long
def test_every_figure_is_measured_beside_what_is_required_of_it() -> None:
    found = measure(times=1)
    assert {name: row["required"] for name, row in found.items()} == REQUIRED
    assert all(row["measured"] > 0 for row in found.values())
    assert tables(found).count("\n") == len(found) + 3
