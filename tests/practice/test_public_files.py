"""Runs on public data with the practice model end with something true: a gain, or why there is none to be had."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.paths import DATA

from lab.bench.direct import Direct, autopilot
from lab.core.asks import Context
from lab.errors import ModelError
from lab.optimizers import OPTIMIZERS
from lab.practice import guesses, knows
from lab.tasks.loaders import load_task

FILES = sorted((*DATA.glob("bbh/*.json"), *DATA.glob("instruction_induction/execute/*.json")))
pytestmark = pytest.mark.skipif(not FILES, reason="the public data sets are not at ../shared/data")


def reached(path: Path, start: str, optimizer: str = "protegi") -> tuple[float, float]:
    task = load_task(path, start=start).task
    kind = OPTIMIZERS[optimizer]
    way = autopilot(kind, Context(task.sealed(), kind.configure("quick", rounds=2), 0), Direct(task))
    return way[0].best, way[-1].best


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("name", ["sentiment", "word_in_context"])
def test_every_optimizer_leaves_0_on_labels(name: str, optimizer: str) -> None:
    (path,) = [path for path in FILES if path.stem == name]
    start = "Classify the review." if name == "sentiment" else "Give the answer."
    first, last = reached(path, start, optimizer)
    assert first == 0 < last


@pytest.mark.long
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_has_a_gain_or_no_rules_are_claimed_for_it(path: Path) -> None:
    task = load_task(path, start="Give the answer.").task
    try:
        gained = any(last > first for first, last in (reached(path, "Give the answer.", one) for one in OPTIMIZERS))
    except ModelError:  # refused: said before the run
        assert not knows(task)
        return
    assert gained or not (knows(task) or guesses(task))
