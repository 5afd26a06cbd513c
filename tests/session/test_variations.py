"""What the wording and each sentence of a prompt are worth: measured once, paired, counted, shown and told."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import pytest

import lab
from lab.session.acts import act
from lab.views.page import page

PROMPT = "Is the review positive or negative? Sarcasm means the opposite. Answer with one word."


@pytest.fixture
def run() -> lab.Run:
    task = replace(lab.load("sentiment"), start=PROMPT)
    run = lab.begin(task, "protegi", preset="quick", name="by hand")
    run.next()
    return run


def test_rewordings_are_measured_once_and_their_calls_are_this_runs(run: lab.Run) -> None:
    found = run.best.sensitivity()
    frame = found.frame()
    assert len(frame) == 10
    scores = [float(run.best.score or 0), *frame.score]
    assert found.spread == max(scores) - min(scores)
    assert (frame.change - (frame.score - float(run.best.score or 0))).abs().max() < 1e-9
    spent = [one for _, one in run.session.state(run.id).spends if one.what == "variants"]
    assert sum(one.calls for one in spent) > 0
    again = run.best.sensitivity()
    assert again.frame().equals(frame)
    assert [one for _, one in run.session.state(run.id).spends if one.what == "variants"] == spent
    assert "spread" in found.sentences()[0]


def test_a_variant_is_not_a_prompt_of_the_run(run: lab.Run) -> None:
    before = run.scores().prompt.tolist(), run.best.prompt
    run.best.sensitivity()
    assert (run.scores().prompt.tolist(), run.best.prompt) == before
    assert "words" in run.scores().columns


def test_each_sentence_is_left_out_and_what_that_costs_is_told(run: lab.Run) -> None:
    found = run.best.drop_sentences()
    assert list(found.frame().what) == [
        "Is the review positive or negative?", "Sarcasm means the opposite.", "Answer with one word.",
    ]  # fmt: skip
    worst = found.frame().sort_values("change").iloc[0]
    assert worst.what in found.sentences()[1]
    assert worst.change < 0


def test_a_prompt_of_one_sentence_and_one_of_no_run_are_refused_in_a_sentence() -> None:
    run = lab.begin("sentiment", "protegi", preset="quick", name="short")
    with pytest.raises(lab.MisuseError, match="one sentence"):
        run.best.drop_sentences()
    with pytest.raises(lab.MisuseError, match="not of a run"):
        lab.ScoredPrompt("x").sensitivity()


@pytest.mark.long
async def test_the_page_says_what_it_takes_before_and_shows_the_table_after(run: lab.Run) -> None:
    drawn = page(run.session.state(run.id)).drawer
    assert "500 calls to the target model at most" in drawn
    await act(run.session, run.id, {"act": "vary", "kind": "reworded"})
    await run.session.jobs.ended(run.id)
    after = page(run.session.state(run.id)).drawer
    assert "labels in another order" in after
    assert "a spread of" in after
    with pytest.raises(lab.MisuseError, match="must be one of"):
        await act(run.session, run.id, {"act": "vary", "kind": "longer"})


@pytest.mark.long
@pytest.mark.parametrize("command", ["sensitivity", "ablate"])
def test_the_commands_print_the_table(run: lab.Run, command: str) -> None:
    book = run.session.book.path
    call = [sys.executable, "-m", "lab", command, "--book", str(book), "--branch", "by hand"]
    found = json.loads(subprocess.run([*call, "--json"], capture_output=True, text=True, check=True).stdout)
    assert len(found["variants"]) == (10 if command == "sensitivity" else 3)
    text = subprocess.run(call, capture_output=True, text=True, check=True).stdout
    assert found["sentences"][0] in text
