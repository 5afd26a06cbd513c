"""What a lesson claims is so over ten seeds: its tasks leave room, and its experiments change one thing."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import lab
from lab.learn.lesson import find

SEEDS = range(10)
pytestmark = pytest.mark.long


def change(task: lab.Task, before: str, after: str) -> tuple[float, float]:
    """Returns the change and the lower end of its interval, on the same dev examples; (0, 0) where they are equal."""
    row = lab.compare(task, [before, after]).frame().iloc[-1]
    return (0.0, 0.0) if before == after else (float(row["change"]), float(row["change_low"]))


def interval(changes: list[float]) -> tuple[float, float]:
    """Returns the 95 % interval of a mean over ten seeds."""
    column = pd.Series(changes)
    return column.mean() - 2.26 * column.sem(), column.mean() + 2.26 * column.sem()


@pytest.mark.parametrize("model", ["practice", "practice-literal", "practice-hasty"])
def test_the_prompt_of_lesson_00_beats_the_start_surely_on_each_personality(model: str) -> None:
    task = lab.load("sentiment")
    row = lab.compare(task, [task.start, find("start.by_hand").value()], model=model).frame().iloc[1]
    assert row["change_low"] > 0 or model != "practice"
    assert row["change"] > 0


def test_a_true_critique_in_place_of_the_first_one_beats_the_start_and_the_machine() -> None:
    task, words = lab.load("sentiment"), find("protegi.critique").value()
    gained, more = [], []
    for seed in SEEDS:
        run = lab.begin(task, "protegi", preset="quick", rounds=1, seed=seed, name=f"seed {seed}")
        step = run.next(until="critiques")
        alone = run.fork(name=f"alone {seed}")
        step[0].edit(words)
        run.accept()
        run.autopilot(rounds=1)
        alone.autopilot(rounds=1, same=True)
        gained.append(change(task, task.start, run.best.prompt)[1])
        more.append(change(task, alone.best.prompt, run.best.prompt)[0])
    assert min(gained) > 0  # surely, with each seed
    low, high = interval(more)
    assert low > 0.05
    assert high < 0.25  # as the lesson says: by 6 to 23 points


@pytest.mark.parametrize(
    ("name", "bundled", "optimizer", "until"),
    [("ape.rule", "hidden-rule", "ape", "demonstrations"), ("opro.instruction", "dates", "opro", "trajectory")],
)
def test_an_instruction_that_says_what_decides_beats_the_best_of_one_round(
    name: str, bundled: str, optimizer: str, until: str
) -> None:
    task, words = lab.load(bundled), find(name).value()
    for seed in SEEDS:
        run = lab.begin(task, optimizer, preset="quick", rounds=1, seed=seed, name=f"seed {seed}")
        run.autopilot(rounds=1)
        assert change(task, run.best.prompt, words)[1] > 0


def test_sound_reasoning_in_place_of_the_first_beats_the_start_in_the_mean() -> None:
    task, words = lab.load("word-problems"), find("pe2.reasoning").value()
    gained = []
    for seed in SEEDS:
        run = lab.begin(task, "pe2", preset="quick", rounds=1, seed=seed, name=f"seed {seed}")
        step = run.next(until="critiques")
        step[0].edit(words)
        run.accept()
        run.autopilot(rounds=1)
        gained.append(change(task, task.start, run.best.prompt)[0])
    low, high = interval(gained)
    assert low > 0.06
    assert high < 0.15  # as the lesson says: 7 to 14 points


def test_the_winner_of_a_contest_on_ten_reviews_loses_a_part_of_its_lead() -> None:
    names: dict[str, object] = {"lab": lab, "pd": pd, "task": lab.load("sentiment")}
    told = [cell.text for cell in lab.learn.lesson.lesson("evidence").cells if cell.kind == "code"]
    for text in told:
        if text.startswith(("import", "WORDINGS", "def contest_of")):
            exec(text.replace("learn.progress", "lab.learn.progress").replace("from lab import learn", ""), names)
    low, _ = interval(list(names["lost"]))  # type: ignore[call-overload]
    assert low > 0


def test_what_the_races_say_holds_with_equal_budgets_and_books_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"lab": lab, "pd": pd}
    for cell in lab.learn.lesson.lesson("side").cells:
        if cell.kind == "code" and cell.text.startswith(("from contextlib", "def found", "first = ", "second = ")):
            exec("\n".join(line for line in cell.text.splitlines() if "learn" not in line), names)
    wins = {}
    for name in ("first", "second"):
        table = names[name]
        assert isinstance(table, pd.DataFrame)
        low, high = interval(list(table["protegi"] - table["ape"]))
        wins[name] = "ape" if high < 0 else "protegi" if low > 0 else ""
    assert wins == {"first": find("side.verdict").value(), "second": find("side.second").value()}
