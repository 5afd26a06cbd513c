"""The bundled tasks: balanced, fixed, quick to load, and with rules that an expert prompt states."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest

from lab.errors import MisuseError
from lab.tasks.bundled import expert_prompt, load, names


def test_there_are_two_bundled_tasks() -> None:
    assert names() == ("sentiment", "triage")


@pytest.mark.parametrize("name", names())
def test_every_split_is_balanced_and_no_example_is_in_two_splits(name: str) -> None:
    task = load(name)
    for split in (task.train, task.dev, task.test):
        counts = Counter(example.answer for example in split)
        assert set(counts) == set(task.labels)
        assert len(set(counts.values())) == 1
    every = [example.input for example in (*task.train, *task.dev, *task.test)]
    assert len(every) == len(set(every)) >= 160
    assert (len(task.train), len(task.dev), len(task.test)) == (80, 40, 40)


@pytest.mark.parametrize("name", names())
def test_a_bundled_task_says_what_it_is(name: str) -> None:
    task = load(name)
    assert task.name == name
    assert task.metric == "exact"
    assert task.licence == "MIT, written for Prompt Lab"
    assert len(task.start.split()) < 15
    assert all(label in expert_prompt(name) for label in task.labels)
    assert task.about


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(MisuseError, match="sentiment, triage"):
        load("poetry")
    with pytest.raises(MisuseError, match="sentiment, triage"):
        expert_prompt("poetry")


def test_loading_imports_nothing_heavy_and_is_quick() -> None:
    code = (
        "import time, sys; from lab.tasks.bundled import load; t = time.perf_counter(); load('triage');"
        "print(time.perf_counter() - t, *(m for m in ('pandas', 'openai', 'gradio', 'numpy') if m in sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert len(said) == 1, f"heavy modules were imported: {said[1:]}"
    assert float(said[0]) < 0.5  # 50 ms on an idle machine; room for a busy one
