"""Lesson 08: each diagnosis of its checks is reached, and says what it should."""

from __future__ import annotations

import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from support.lessons import Says, every_finding_of, said, solved

import lab
from lab import learn
from lab.learn.checks import yours
from lab.learn.lesson import find


@pytest.mark.long
def test_each_diagnosis_is_reached_and_says_where_to_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [{"comment": one.input, "verdict": one.answer, "source": "shop", "n": f"{n} a"}
            for n, one in enumerate(lab.load("sentiment").train)]  # fmt: skip

    def task(answer: str, start: str = "Is it positive?") -> lab.Task:
        return lab.Task.from_records(rows, input="comment", answer=answer, start=start, name="mine")

    texts = lab.Task.from_records(rows, input="comment", answer="n", start="Which?", name="texts")
    mine = lab.load("sentiment")
    begun = lab.begin(mine, "protegi", preset="quick", rounds=1, seed=6, name="begun")
    edited = lab.begin(mine, "protegi", preset="quick", rounds=1, seed=6, name="edited")
    edited.next(until="critiques")[0].edit("Say that the answer is one lower-case word and nothing else.")
    edited.accept()
    early = edited.fork(name="edited early")
    edited.autopilot(rounds=1)
    no_test = lab.begin(mine, "protegi", preset="quick", rounds=1, seed=7, name="no test")
    no_test.next(until="critiques")[0].edit("Say that the answer is one lower-case word and nothing else.")
    no_test.accept()
    no_test.autopilot(rounds=1)

    def by_hand(seed: int, reply: str) -> lab.Run:
        hand = lab.begin(
            mine, "opro", preset="quick", rounds=1, seed=seed, optimizer_model="by-hand", name=f"attempt {seed}"
        )
        with suppress(lab.AwaitedError):
            hand.next(until="candidates")
        if reply:
            hand.reply({one.key: reply for one in hand.requests()})
        return hand

    good = "<START>Positive or negative? Answer with one lower-case word and nothing else.<END>"
    same = f"<START>{mine.start}<END>"
    ollama, gguf, hand = find("yours.names").value()
    names = find("yours.names").value()
    first = [
        Says("yours.load", ("my_reviews.csv",), "not yet", "not a task"),
        Says("yours.load", (texts,), "not yet", "no labels"),
        Says("yours.load", (task("verdict"),), "right", "labels negative, positive"),
        Says("yours.metric", (lambda reply, example: float(example.answer in reply),), "not yet", "nor does case"),
        Says("yours.metric", (lambda reply, example: float(example.answer in reply.lower()),), "not yet", "Both labels"),
        Says("yours.metric", (solved("yours.metric"),), "right", "is not fooled"),
        Says("yours.names", (["practice"],), "not yet", "not the dict"),
        Says("yours.names", (dict.fromkeys(names, ""),), "open", "No model has a name"),
        Says("yours.names", ({**names, ollama: "llama3.2@"},), "not yet", ollama),
        Says("yours.names", ({**names, gguf: "tiny.gguf"},), "not yet", gguf),
        Says("yours.names", ({**names, hand: "practice"},), "not yet", hand),
        Says("yours.names", (names,), "right", "can be asked"),
        Says("yours.ceiling", ("much",), "not yet", "ceiling"),
        Says("yours.ceiling", ({"calls": 3000, "cost_usd": 0.5},), "not yet", "3000 calls"),
        Says("yours.ceiling", ({"calls": 300},), "not yet", "half a dollar"),
        Says("yours.ceiling", ({"calls": 300, "cost_usd": 0.5},), "right", "before call 301"),
        Says("yours.reply", (5, begun), "not yet", "is a text"),
        Says("yours.reply", (good, by_hand(0, "")), "not yet", "No proposal waits"),
        Says("yours.reply", (same, by_hand(1, same)), "not yet", "could not be used"),
        Says("yours.reply", (good, by_hand(2, good)), "right", "was read of it"),
    ]  # fmt: skip
    file = learn.hand_in(edited, "ada.zip", "Ada")
    with zipfile.ZipFile("bad.zip", "w") as bad:
        bad.writestr("hand-in.json", "{}")
    with every_finding_of(yours):
        said([
            *first,
            Says("yours.capstone", (5, "report.html"), "not yet", "not a run"),
            Says("yours.capstone", (begun, "report.html"), "not yet", "Nothing in it is by you"),
            Says("yours.capstone", (early, "report.html"), "not yet", "No round is over"),
            Says("yours.capstone", (no_test, "report.html"), "not yet", "The test was not opened"),
        ])  # fmt: skip
        no_test.test([mine.start, no_test.best.prompt], reason="the end")
        said([Says("yours.capstone", (no_test, "report.html"), "not yet", "There is no report")])
        no_test.best.export("report.html")
        said([
            Says("yours.capstone", (no_test, "report.html"), "right", "the test was opened once"),
            Says("yours.file", ("bad.zip",), "not yet", "cannot be read"),
            Says("yours.file", (learn.hand_in(begun, "begun.zip", "Ben"),), "not yet", "no edit of yours"),
            Says("yours.file", (file,), "right", "Ada: sentiment with protegi"),
        ])  # fmt: skip
