"""`prompt-lab score`: prompts side by side from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lab.cli.main import main


def test_prompts_are_scored_and_the_second_compared_with_the_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (better := tmp_path / "better.txt").write_text(
        "Classify the review. Answer with one word, positive or negative. Sarcasm means the opposite.\n"
    )
    called = ["score", "--task", "sentiment", "--prompt", "Is this review positive or negative?", "--prompt-file",
              str(better), "--book", str(tmp_path / "lab.sqlite")]  # fmt: skip
    assert main([*called, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    first, second = found["prompts"]
    assert found["split"] == "dev"
    assert first["change"] is None
    assert second["score"] - first["score"] == pytest.approx(second["change"])
    assert second["change_low"] <= second["change"] <= second["change_high"]
    assert len(found["sentences"]) == 1
    assert main(called) == 0
    said = capsys.readouterr().out
    assert "0 new calls" in said  # the book kept them
    assert f"2 against 1: {found['sentences'][0]}" in said


def test_without_a_prompt_it_says_how_to_give_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", "--task", "sentiment"]) == 1
    assert "--prompt-file" in capsys.readouterr().err
