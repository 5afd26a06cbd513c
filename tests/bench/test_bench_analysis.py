"""Fifty prompts on a thousand examples are analysed in under a second."""

from __future__ import annotations

from lab.bench.analysis import REQUIRED, measure, tables


def test_fifty_prompts_on_a_thousand_examples_are_analysed_in_under_a_second() -> None:
    found = measure(examples=1000)
    assert found["analysis_ms"]["measured"] < REQUIRED["analysis_ms"]
    assert "| analyse all of it, ms |" in tables(found)
