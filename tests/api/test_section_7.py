"""What DESIGN.md types in its section on Python, run as it is written there, with the practice model."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import lab


@pytest.fixture
def df() -> pd.DataFrame:
    rows = [
        (f"{'Great' if i % 2 else 'Awful'} {thing}.", "positive" if i % 2 else "negative")
        for i, thing in enumerate(f"film number {n}" for n in range(60))
    ]
    return pd.DataFrame(rows, columns=["text", "label"])


@pytest.mark.long
def test_what_the_design_types_runs_as_written_and_once_more(df: pd.DataFrame, tmp_path: Path) -> None:
    @lab.metric
    def my_metric(reply: str, example: lab.Example) -> float:
        return float(example.answer in reply.lower())

    for _ in range(2):  # Run All, and Run All again
        task = lab.Task.from_frame(
            df, input="text", answer="label", start="Is this review positive or negative?", metric=my_metric
        )
        model = lab.connect("practice")
        run = lab.begin(
            task, "protegi", preset="quick", model=model, optimizer_model="practice", name="by hand",
            book=tmp_path / "mine.sqlite",
        )  # fmt: skip
        run.goto(run.root)
        step = run.next(until="candidates")
        step[0].edit("Answer positive or negative.")
        step[1].drop("noise") if len(step) > 1 else None
        step.add("Answer with one word: positive or negative.")
        node = run.node
        run.accept()
        other = run.fork(name="my way")
        run.undo()
        run.goto(node)
        assert run.node == node
        assert other.node != node
        assert other.name == "my way"
        other.autopilot(rounds=1)
        assert other.best.prompt
        assert other.best.score is not None
        assert other.best.score.interval is not None
        for frame in (other.scores(), other.errors(), other.critiques(), other.history(), other.calls()):
            assert isinstance(frame, pd.DataFrame)
        assert other.chart().to_dict()
        compared = lab.compare(task, ["Good or bad?", "Answer positive or negative."], model=model)
        assert len(compared.frame()) == 2
        assert lab.open(tmp_path / "mine.sqlite", name="by hand") == run
    assert len(lab.Session(tmp_path / "mine.sqlite").branches()) == 2
    whole = lab.optimize(task, "protegi", rounds=1, preset="thrifty", model=model)
    assert whole.done


async def test_the_async_forms_do_the_same_in_a_loop_that_runs() -> None:
    run = lab.begin("sentiment", preset="quick", name="awaited")
    step = await run.anext(until="critiques")
    step[0].edit("Sarcasm is not named.")
    await run.aaccept()
    await run.aautopilot(rounds=1)
    same = lab.begin("sentiment", preset="quick", name="plain")
    step = same.next(until="critiques")  # in a running loop too
    step[0].edit("Sarcasm is not named.")
    same.accept()
    same.autopilot(rounds=1)
    assert run.node == same.node
