"""The benchmark of the book says its figures; how large they are is the machine's, and not tested."""

from __future__ import annotations

from lab.bench.book import REQUIRED, measure, tables


def test_every_figure_is_measured_beside_what_is_required_of_it() -> None:
    found = measure(rounds=2)
    assert found.keys() == {"n_nodes", "first_state_ms", *REQUIRED}
    assert {name: row["required"] for name, row in found.items() if "required" in row} == REQUIRED
    assert found["n_nodes"]["measured"] >= 8
    assert all(row["measured"] > 0 for row in found.values())
    assert tables(found).count("\n") == len(found) + 3
