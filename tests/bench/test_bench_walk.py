"""The walk of one critique goes where the design says that it goes."""

from __future__ import annotations

from lab.bench.walk import measure, tables


def test_the_walk_goes_from_the_reply_to_the_next_ask_through_the_rooms_that_the_design_names() -> None:
    found = measure()
    passed = found["passed"]
    assert found["files"]["measured"] == len(passed)
    assert found["functions"]["measured"] == sum(len(names) for names in passed.values() if isinstance(names, list))
    for file in (
        "models/wire.py",
        "models/perform.py",
        "optimizers/protegi.py",
        "core/review.py",
        "session/acts.py",
    ):
        assert file in passed
    assert "Criticise.read" in str(passed["optimizers/protegi.py"])
    assert not any(file.startswith(("views/", "web/", "practice/", "bench/")) for file in passed)
    assert tables(found).count("\n") == len(passed) + 3
