"""Exported programs, run as they are against the practice server over loopback: they score what the lab says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from support.serving import serving

import lab
from lab.practice.protocol.app import app
from lab.practice.protocol.faults import Conditions, Under

PACKAGES = {"python": "openai", "dspy": "dspy", "langchain": "langchain_openai", "inspect": "inspect_ai"}
# The interpreter that has those packages: of this environment, or of one beside it, because they want much.
PYTHON = os.environ.get("EXPORTS_PYTHON", sys.executable)
ELSEWHERE = [format for format in PACKAGES if format != "python"]
TASKS = ("sentiment", "triage", "dates", "word-problems", "contacts")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(Under(app(), Conditions())) as url:
        yield url


def measured(task: object, prompt: str | None = None) -> lab.Run:
    """A run whose start prompt is measured on dev."""
    given = {} if prompt is None else {"start": prompt}
    run = lab.begin(task, "opro", preset="thrifty", settings={"rounds": 1}, **given)
    run.next()
    return run


@cache
def is_there(python: str, package: str) -> bool:
    code = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({package!r}) is None)"
    return subprocess.run([python, "-c", code], timeout=60).returncode == 0


def scored(run: lab.Run, format: str, folder: Path, address: str) -> dict[str, float]:
    """What a program prints of the start prompt, on the answers that the lab has exported."""
    python = sys.executable if format == "python" else PYTHON
    if not is_there(python, PACKAGES[format]):
        pytest.skip(f"{PACKAGES[format]} is not installed")
    program = folder / "program.py"
    run.baseline.export(program, format=format)
    run.answers(folder / "dev.csv", prompts=[run.task.start])
    surroundings = {
        **os.environ, "OPENAI_BASE_URL": address, "OPENAI_API_KEY": "a key", "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "PYTHONPATH": "", "DSPY_CACHEDIR": str(folder), "HOME": str(folder),
    }  # fmt: skip
    command = [python, program.name, "dev.csv", "--json"]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=surroundings, timeout=240)
    assert ran.returncode == 0, ran.stderr[-2000:]
    found: dict[str, float] = json.loads(ran.stdout.strip().splitlines()[-1])
    return found


def check(run: lab.Run, format: str, folder: Path, address: str) -> None:
    found, score = scored(run, format, folder, address), run.baseline.score
    assert score is not None
    assert found["score"] == pytest.approx(float(score), abs=1e-12)
    assert found["n"] == score.n_examples


@pytest.mark.long
@pytest.mark.parametrize("task", TASKS)
def test_the_script_scores_what_the_lab_says(task: str, tmp_path: Path, address: str) -> None:
    check(measured(task), "python", tmp_path, address)


@pytest.mark.long
def test_a_script_with_several_inputs_another_reading_and_a_prompt_full_of_marks(
    tmp_path: Path, address: str
) -> None:
    rows = [
        {"text": f"I {'love' if i % 2 else 'hate'} thing {i}, \"=1+1\", {{x}}", "place": f"shop {i}",
         "label": "positive" if i % 2 else "negative"}
        for i in range(60)
    ]  # fmt: skip
    start = 'Is this review "positive" or {{negative}}? {% raw %}\n{text} (from {{ place }})'
    task = lab.Task.from_records(rows, input=["text", "place"], answer="label", start=start, reading="named")
    check(measured(task), "python", tmp_path, address)


@pytest.mark.long
@pytest.mark.parametrize("task", ["sentiment", "triage"])
@pytest.mark.parametrize("format", ELSEWHERE)
def test_a_program_of_another_tool_scores_what_the_lab_says(
    format: str, task: str, tmp_path: Path, address: str
) -> None:
    check(measured(task), format, tmp_path, address)


@pytest.mark.long
@pytest.mark.parametrize("format", ELSEWHERE)
def test_a_program_of_another_tool_takes_slots_and_marks_as_they_are(
    format: str, tmp_path: Path, address: str
) -> None:
    rows = [
        {"my text": f"I {'love' if i % 2 else 'hate'} thing {i} {{x}} {{{{y}}}}",
         "label": "positive" if i % 2 else "negative"}
        for i in range(40)
    ]  # fmt: skip
    start = 'Is it "positive" or {negative}? {% x %} {{ 7 * 7 }}\n  Answer with one word: {my text}'
    task = lab.Task.from_records(rows, input="my text", answer="label", start=start)
    check(measured(task), format, tmp_path, address)


@pytest.mark.long
@pytest.mark.skipif(shutil.which("promptfoo") is None, reason="promptfoo is not on PATH: npm install promptfoo")
def test_the_configuration_of_promptfoo_runs_as_it_is(tmp_path: Path, address: str) -> None:
    rows = [
        {"text": f"I {'love' if i % 2 else 'hate'} thing {i}" + ("", " {{text}}", " {% x", "\n")[i % 4],
         "label": "positive" if i % 2 else "negative"}
        for i in range(60)
    ]  # fmt: skip
    start = 'Is it "positive" or {{negative}}? {% x %}\nAnswer with one word.'
    run = measured(lab.Task.from_records(rows, input="text", answer="label", start=start))
    run.baseline.export(tmp_path / "promptfooconfig.yaml")
    surroundings = {
        **os.environ, "OPENAI_API_KEY": "a key", "PROMPTFOO_DISABLE_TELEMETRY": "1", "PROMPTFOO_DISABLE_UPDATE": "1",
        "PROMPTFOO_PYTHON": sys.executable, "PROMPTFOO_CONFIG_DIR": str(tmp_path / "own"), "PYTHONPATH": "",
    }  # fmt: skip
    text = (tmp_path / "promptfooconfig.yaml").read_text().replace("http://127.0.0.1:8001/v1", address)
    (tmp_path / "promptfooconfig.yaml").write_text(text)
    subprocess.run(
        ["promptfoo", "eval", "--no-cache", "--no-progress-bar", "--no-table", "-o", "found.json"],
        cwd=tmp_path, capture_output=True, env=surroundings, timeout=240,
    )  # fmt: skip
    found = json.loads((tmp_path / "found.json").read_text())["results"]
    assert found["stats"]["errors"] == 0
    assert run.baseline.score is not None
    n = run.baseline.score.n_examples
    assert found["stats"]["successes"] == round(float(run.baseline.score) * n)
    assert found["stats"]["successes"] + found["stats"]["failures"] == n
