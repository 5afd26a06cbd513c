"""The benchmark of the book says its figures; how large they are is the machine's, and not tested."""

from __future__ import annotations

import pytest

from lab.bench.book import REQUIRED, measure, tables


@pytest.mark.long
def test_every_figure_is_measured_beside_what_is_required_of_it() -> None:
    found = measure(rounds=2, nodes=30, answers=2_000)
    assert found.keys() == {"n_nodes", "n_nodes_in_book", "n_answers", "made_s", "first_state_ms", *REQUIRED}
    assert found["n_nodes_in_book"]["measured"] >= 30
    assert found["n_answers"]["measured"] == 2_000
    assert found["n_lost"]["measured"] == 0
    assert {name: row["required"] for name, row in found.items() if "required" in row} == REQUIRED
    assert found["n_nodes"]["measured"] >= 8
    assert all(row["measured"] > 0 for name, row in found.items() if name != "n_lost")
    assert tables(found).count("\n") == len(found) + 3
