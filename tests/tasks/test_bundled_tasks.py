"""The bundled tasks: large enough, balanced, fixed, quick to load, and with all that a student has to know."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from importlib.resources import files

import pytest

from lab.errors import MisuseError
from lab.practice.personality import PERSONALITIES
from lab.tasks.bundled import Sign, expert_prompt, load, misleading_prompt, names, signs
from lab.tasks.metrics import METRICS, judge


def rows(name: str) -> list[dict[str, str]]:
    text = files("lab.tasks.bundled").joinpath(name, "examples.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_there_are_six_bundled_tasks_in_this_order() -> None:
    assert names() == ("sentiment", "triage", "dates", "word-problems", "contacts", "hidden-rule")


@pytest.mark.parametrize("name", names())
def test_a_task_is_large_enough_and_half_of_it_is_for_training(name: str) -> None:
    task = load(name)
    sizes = [len(split) for split in (task.train, task.dev, task.test)]
    assert sum(sizes) >= 200
    assert sizes[0] >= sizes[1] >= 40
    assert sizes[2] >= 40


@pytest.mark.parametrize("name", names())
def test_labels_or_cases_are_spread_alike_over_the_splits(name: str) -> None:
    task = load(name)
    if task.labels:
        for split in (task.train, task.dev, task.test):
            counts = Counter(example.answer for example in split)
            assert set(counts) == set(task.labels)
            assert max(counts.values()) - min(counts.values()) <= 1
    every = rows(name)
    sizes = Counter(row["split"] for row in every)
    for case in {row["case"] for row in every}:
        spread = Counter(row["split"] for row in every if row["case"] == case)
        shares = [spread[split] / sizes[split] for split in ("train", "dev", "test")]
        assert max(shares) - min(shares) <= 0.1, case


@pytest.mark.parametrize("name", names())
def test_no_input_is_there_twice(name: str) -> None:
    inputs = [" ".join(row["input"].split()).casefold() for row in rows(name)]
    assert [text for text, n in Counter(inputs).items() if n > 1] == []


@pytest.mark.parametrize("name", names())
def test_every_reference_answer_is_a_hit_by_the_metric_of_the_task(name: str) -> None:
    task = load(name)
    assert task.metric in METRICS
    for example in (*task.train, *task.dev, *task.test):
        assert judge(task.metric, task.labels, example, example.answer).hit == 1, example


@pytest.mark.parametrize("name", names())
def test_a_task_says_what_it_is(name: str) -> None:
    task = load(name)
    assert task.name == name
    assert task.licence == "MIT, written for Prompt Lab"
    assert 0 < len(task.start.split()) < 15
    assert len(re.findall(r"[.!?](?:\s|$)", task.about)) >= 2


@pytest.mark.parametrize("name", names())
def test_a_readme_stands_beside_the_data_and_shows_the_prompts(name: str) -> None:
    readme = files("lab.tasks.bundled").joinpath(name, "README.md").read_text(encoding="utf-8")
    flat = " ".join(readme.replace("\n> ", "\n").split())
    assert " ".join(load(name).start.split()) in flat
    for personality in PERSONALITIES:
        assert personality.name in flat.lower()
        assert " ".join(expert_prompt(name, personality.name).split()) in flat
    assert len(readme.splitlines()) >= 30


@pytest.mark.parametrize("name", names())
def test_every_personality_has_an_expert_prompt_of_its_own(name: str) -> None:
    experts = [expert_prompt(name, personality.name) for personality in PERSONALITIES]
    assert len({*experts, load(name).start, misleading_prompt(name)}) == len(experts) + 2
    assert expert_prompt(name) == expert_prompt(name, "chatty")
    assert len(expert_prompt(name, "hasty").split()) <= 50


@pytest.mark.parametrize("name", names())
def test_the_signs_of_errors_are_found_in_the_data_and_say_a_sentence(name: str) -> None:
    found = signs(name)
    judged_whole = load(name).metric != "numeric"  # of a numeric task only the last number is seen
    assert any(sign.longer for sign in found) == judged_whole
    train = load(name).train
    for sign in found:
        assert sign.say.endswith(".")
        given = "a remark of several words around it " * 20
        assert any(sign.fits(example.input, example.answer, given) for example in train), sign


def test_a_sign_fits_by_what_stands_in_the_input_and_by_the_length_of_the_answer() -> None:
    long = Sign("", True, "one word", "Too long.")
    assert long.fits("any", "bug", "This is a bug.")
    assert not long.fits("any", "bug", "Feature.")
    but = Sign(r"\bbut\b", False, r"\bturn", "Mind the turn.")
    assert but.fits("Nice, BUT dear.", "negative", "positive")
    assert not but.fits("A button.", "negative", "positive")


def test_errors_of_form_come_first_among_the_signs() -> None:
    for name in names():
        order = [sign.longer for sign in signs(name)]
        assert order == sorted(order, reverse=True)


def test_the_labels_stand_in_the_experts_of_the_label_tasks() -> None:
    for name in ("sentiment", "triage"):
        for personality in PERSONALITIES:
            assert all(label in expert_prompt(name, personality.name).lower() for label in load(name).labels)


@pytest.mark.parametrize("ask", [load, expert_prompt, misleading_prompt, signs])
@pytest.mark.parametrize("name", ["poetry", "", "../sentiment", "sentiment/task.json"])
def test_an_unknown_name_is_refused_with_the_known_ones(ask: object, name: str) -> None:
    assert callable(ask)
    with pytest.raises(MisuseError, match="sentiment, triage, dates"):
        ask(name)


def test_an_unknown_personality_is_refused_with_the_known_ones() -> None:
    with pytest.raises(MisuseError, match="chatty, literal, hasty"):
        expert_prompt("sentiment", "moody")


def test_loading_imports_nothing_heavy() -> None:
    code = (
        "import sys; from lab.tasks.bundled import load; load('triage');"
        "print(*(m for m in ('pandas', 'openai', 'gradio', 'numpy', 'lab.practice') if m in sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert said == [], f"heavy modules were imported: {said}"
