"""The guided tour goes along with each step of each optimizer, in the optimizer's own words."""

from __future__ import annotations

from html import escape
from types import SimpleNamespace
from typing import get_args

import pytest

from lab.core.asks import Shown
from lab.optimizers import OPTIMIZERS, shown
from lab.views.tour import STOPS, tour


def test_each_kind_of_items_has_a_stop_with_an_example() -> None:
    assert set(STOPS) == set(get_args(Shown))
    for stop in STOPS.values():
        assert stop.given
        assert stop.made
        assert stop.see.endswith(".")
        assert stop.do.endswith(".")


@pytest.mark.parametrize("name", ["ape", "protegi", "opro", "pe2"])
def test_each_step_of_the_four_optimizers_that_shows_items_has_a_stop_with_the_papers_word(name: str) -> None:
    told = [(phase, tour(object.__new__(phase))) for phase in OPTIMIZERS[name].phases if shown(phase)]
    assert len(told) >= 3
    for phase, drawn in told:
        assert escape(phase.term) in drawn
        assert 'data-key="tour"' in drawn
        assert drawn.count("Goes in") == drawn.count("Comes out") == 1
        assert "data-open" not in drawn.replace("data-open=", "")


def test_what_an_optimizer_makes_its_prompts_of_is_what_its_example_shows() -> None:
    first = {
        name: next(tour(object.__new__(one)) for one in OPTIMIZERS[name].phases if one.__name__ == phase)
        for name, phase in (("ape", "Induce"), ("protegi", "Edit"), ("opro", "Propose"), ("pe2", "Rewrite"))
    }
    assert "echo → ECHO" in first["ape"]  # demonstrations
    assert "A negation is not named" in first["protegi"]  # a critique
    assert "71" in first["opro"]  # scores
    assert "does not ask for every step" in first["pe2"]  # reasoning
    assert len(set(first.values())) == 4


def test_a_step_that_does_not_say_what_it_shows_has_no_stop() -> None:
    assert tour(SimpleNamespace(term="x")) == ""  # type: ignore[arg-type]
