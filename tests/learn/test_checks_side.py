"""Lesson 05: each diagnosis of its checks is reached, and says what it should."""

from __future__ import annotations

import pandas as pd
import pytest
from support.lessons import Says, every_finding_of, said, solved

from lab.learn.checks import side
from lab.learn.lesson import find


@pytest.mark.long
def test_each_diagnosis_of_the_races_is_reached() -> None:
    weakness = find("side.weakness").value()
    all_of_it = [*side._EQUAL, *side._OWN]
    clear = pd.DataFrame({"ape": [0.8] * 10, "protegi": [0.5, 0.6] * 5})
    cases = [
        Says("side.fair", ("all",), "not yet", "not a list"),
        Says("side.fair", (all_of_it,), "open", "Nothing was taken out"),
        Says("side.fair", (all_of_it[1:],), "not yet", "“task” was taken out"),
        Says("side.fair", (all_of_it[:-1],), "not yet", "“rounds” need not be equal"),
        Says("side.fair", (list(side._EQUAL),), "right", "its own business"),
        Says("side.forecast", ("pe2", clear), "not yet", "not one of the three"),
        Says("side.forecast", ("protegi", clear), "right", "it is ape"),
        Says("side.forecast", ("ape", clear[::-1].rename(columns={"ape": "protegi", "protegi": "ape"})), "right", "is protegi"),
        Says("side.verdict", ("opro", clear), "not yet", "not one of the three"),
        Says("side.verdict", ("protegi", clear), "not yet", "below 0"),
        Says("side.verdict", ("ape", clear), "right", "-0.25"),
        Says("side.paired", (lambda a, b: ((a - b).mean(), 0, 0),), "not yet", "It is b less a"),
        Says("side.paired", (solved("side.paired"),), "right", "pairs by seed"),
        Says("side.budget", (0,), "not yet", "A whole number"),
        Says("side.budget", (5000,), "not yet", "more than twice"),
        Says("side.budget", (300,), "not yet", "it stops behind"),
        Says("side.budget", (500,), "right", "the round ends"),
        Says("side.weakness", (["ape"],), "not yet", "not the dict"),
        Says("side.weakness", (dict.fromkeys(weakness, ""),), "open", "No sentence"),
        Says("side.weakness", ({**weakness, next(iter(weakness)): "opro"},), "not yet", "inputs with their right answers"),
        Says("side.weakness", (weakness,), "right", "where it belongs"),
    ]  # fmt: skip
    with every_finding_of(side):
        said(cases)
