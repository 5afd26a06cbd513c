"""Lessons 07 and 09: each diagnosis of their checks is reached, and says what it should."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.lessons import Says, every_finding_of, said, solved

import lab
from lab.learn.checks import branching, write
from lab.learn.lesson import find, lesson
from lab.optimizers import OPTIMIZERS, unregister


@pytest.fixture(autouse=True)
def _only_the_labs_own_optimizers() -> Iterator[None]:
    before = set(OPTIMIZERS)
    yield
    for name in set(OPTIMIZERS) - before:
        unregister(name)


@pytest.mark.long
def test_each_diagnosis_of_branching_is_reached() -> None:
    task = lab.load("sentiment")
    run = lab.begin(task, "protegi", preset="quick", rounds=1, seed=6, name="07")
    critiques = run.next(until="critiques")
    words = find("branching.edit").value()
    waiting = run.fork(name="07 waits")
    step = waiting.step
    critiques[0].edit(words, why="a reason")
    run.accept()
    run.autopilot(rounds=1)
    untouched = lab.begin(task, "protegi", preset="quick", rounds=1, seed=5, name="07 alone")
    untouched.autopilot(rounds=1)
    early = lab.begin(task, "protegi", preset="quick", rounds=1, seed=6, name="07 early")
    early.next(until="critiques")
    needs = find("branching.claim").value()
    recorded = lab.open(lab.learn.recording())
    recorded.goto(recorded.root)
    four = recorded.next(until="critiques")
    triage = lab.load("triage")
    edits = recorded.next(until="candidates")
    measured = lab.compare(triage, [triage.start, *(one.text for one in edits)])
    two = lab.compare(triage, [triage.start, edits[2].text, f"{edits[2].text} Be brief."])
    same = lab.compare(task, [task.start, task.start])
    cases = [
        Says("branching.edit", ("The prompt is bad.", "so", step), "not yet", "would not know what to add"),
        Says("branching.edit", (words, "", step), "not yet", "There is no reason"),
        Says("branching.edit", (words, "a reason", step), "right", "is kept with it"),
        Says("branching.which", ("S99", run), "not yet", "There is no step 'S99'"),
        Says("branching.which", ("S2", run), "not yet", "nothing was edited"),
        Says("branching.which", ("S3", run), "right", "1 edited"),
        Says("branching.verdict", ("cannot tell", same), "right", "same prompt"),
        Says("branching.blame", ("C3", untouched), "not yet", "No critique is behind"),
        Says("branching.blame", ("none", untouched), "right", "start prompt"),
        Says("branching.blame", ("C77", run), "not yet", "behind no stretch"),
        Says("branching.blame", ("C3", run), "right", "by a person"),
        Says("branching.back", (3, run), "not yet", "not a run"),
        Says("branching.back", (run, run), "not yet", "not a branch"),
        Says("branching.back", (untouched, run), "not yet", "does not wait at the critiques"),
        Says("branching.back", (waiting, early), "not yet", "moved away"),
        Says("branching.back", (waiting, run), "right", "stands at its end"),
        Says("branching.causes", (2, four), "not yet", "not a list"),
        Says("branching.causes", (["two"], four), "not yet", "is not the number of a critique"),
        Says("branching.causes", ([4], four), "not yet", "no number 4"),
        Says("branching.causes", ([0, 1, 2], four), "not yet", "Number 1 names nothing"),
        Says("branching.causes", ([0, 3], four), "not yet", "Number 3 names nothing"),
        Says("branching.causes", ([2], four), "not yet", "one more"),
        Says("branching.causes", (find("branching.causes").value(), four), "right", "at least two"),
        Says("branching.gains", ({"2": ""}, measured), "not yet", "not a list"),
        Says("branching.gains", ([0, 2], measured), "not yet", "edit 0 hold 0"),
        Says("branching.gains", ([0], two), "not yet", "one more"),
        Says("branching.gains", (find("branching.gains").value(), measured), "right", "Only there"),
        Says("branching.claim", ("several seeds",), "not yet", "not a list"),
        Says("branching.claim", (["a larger model"],), "not yet", "nothing to do with it"),
        Says("branching.claim", (needs[:2],), "not yet", "2 of these"),
        Says("branching.claim", (needs,), "right", "begin to say it"),
    ]
    with every_finding_of(branching):
        said(cases)


def test_each_diagnosis_of_writing_is_reached() -> None:
    names: dict[str, object] = {}
    for cell in lesson("write").cells:
        if cell.kind == "code" and "learn.check" not in cell.text and "compare" not in cell.text:
            exec(cell.text.replace("run.history()", "None; run.name").split("None;")[0], names)
        elif cell.kind == "todo" and cell.task and cell.task.name in ("write.request", "write.best_first"):
            exec(cell.task.done, names)
    run = names["run"]
    assert isinstance(run, lab.Run)
    task = lab.load("sentiment")
    alone = lab.begin(task, "climb", rounds=1, name="09 alone")
    alone.autopilot(rounds=1)
    step = run.next()
    step[0].edit("Is this review positive or negative? Answer with one lower-case word and nothing else.")
    run.accept()
    half = run.fork(name="09 half-way")
    run.autopilot(rounds=2)
    same = lab.compare(task, [task.start, task.start])
    cases = [
        Says("write.pure", ("sorted",), "not yet", "not a list"),
        Says("write.pure", (["time.time()"],), "not yet", "has an effect"),
        Says("write.pure", (["print"],), "not yet", "none of the six"),
        Says("write.pure", (["sorted(...)"],), "not yet", "One more"),
        Says("write.pure", (find("write.pure").value(),), "right", "the same, always"),
        Says("write.request", (5,), "not yet", "not a function"),
        Says("write.request", (lambda best: None,), "open", "gives nothing back"),
        Says("write.request", (lambda best: "Reword it.",), "not yet", "letter by letter"),
        Says("write.request", (lambda best: f"Reword: {best}",), "not yet", "between the tags"),
        Says(
            "write.request", (lambda best: f"<INSTRUCTIONS>{best}</INSTRUCTIONS>",), "not yet", "Nothing is asked"
        ),
        Says("write.request", (solved("write.request"),), "right", "begins and ends"),
        Says("write.best_first", (lambda scored: [text for text, _ in scored],), "not yet", "highest score"),
        Says("write.best_first", (solved("write.best_first"),), "right", "ranks"),
        Says("write.edited", (5,), "not yet", "not a run"),
        Says("write.edited", (alone,), "not yet", "Nothing was edited"),
        Says("write.edited", (half,), "not yet", "not ended"),
        Says("write.edited", (run,), "right", "It ended after 2 rounds"),
        Says("write.verdict", ("cannot tell", same), "right", "same prompt"),
    ]
    with every_finding_of(write):
        said(cases)
