"""What the views show of a person's own data: how a file is read, examples that a prompt quotes, remarks to use."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from support.drawn import HOSTILE, inert, state_of, task

from lab.core.asks import Candidate, Critique, Generate, Request
from lab.core.review import Mark, Proposal
from lab.core.task import Example, Task
from lab.optimizers import protegi
from lab.tasks.loaders import load_task
from lab.views.page import page
from lab.views.preview import preview

LONG = "The waiter forgot our order twice and nobody said that they were sorry about it"
OWN = replace(task(), train=(Example.of(LONG, "no"), *task().train), start="Is it good?")


def board(phase: object, items: tuple[object, ...], own: Task = OWN, **state: object) -> str:
    made = state_of(phase, run_task=own, proposal=Proposal(Generate((Request("words"),)), 0, items))  # type: ignore[arg-type]
    return page(replace(made, **state)).board  # type: ignore[arg-type]


def test_a_prompt_that_quotes_examples_is_marked_with_which_and_stays() -> None:
    phase = protegi.Edit(0, (Candidate("Is it good?"),), ())
    leak = Candidate(f"If the text is “{LONG.upper()}”, say no.", parent="Is it good?", origin="edit")
    drawn = board(phase, (leak, Candidate("Judge the mood.", parent="Is it good?", origin="edit")))
    assert drawn.count("Copied from train: 1 example.") == 1
    assert LONG in inert(drawn).words
    assert "Cannot be used as it is" not in drawn


def test_the_best_prompt_is_marked_too_also_where_a_person_wrote_it() -> None:
    start = f"Is it good? For example: Is it good? 20 -> no; {LONG} -> no"
    phase = protegi.Edit(0, (Candidate(start),), ())
    head = page(state_of(phase, run_task=replace(OWN, start=start))).best
    assert "Copied from train: 1 example." in head
    assert "Copied from dev: 1 example." in head


REMARKS = ("Say which words decide.", *HOSTILE)


def test_remarks_of_a_file_can_be_added_as_critiques_and_are_inert() -> None:
    own = replace(OWN, remarks=REMARKS)
    phase = protegi.Criticise(0, (Candidate("Is it good?"),), ())
    drawn = board(phase, (Critique("too vague"),), own)
    assert f"Remarks of your file ({len(REMARKS)})" in drawn
    assert 'data-text="Say which words decide."' in drawn
    inert(drawn)
    used = board(phase, (Critique("too vague"),), own, draft=((-1, Mark(text=REMARKS[0], like=0)),))
    assert f"Remarks of your file ({len(REMARKS) - 1})" in used
    edits = board(
        protegi.Edit(0, (Candidate("Is it good?"),), ()), (Candidate("Good?", parent="Is it good?"),), own
    )
    assert "Remarks of your file" not in edits


def test_a_preview_names_the_columns_by_their_parts_and_is_inert(tmp_path: Path) -> None:
    rows = [
        {"note": HOSTILE[i % 6], "premise": f"{HOSTILE[i % 6]} {i}", "hypothesis": f"so {i}", "label": "yes" if i % 2 else "no"}
        for i in range(12)
    ]  # fmt: skip
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(rows))
    drawn = preview(load_task(path))
    words = inert(drawn).words
    for head in ("premise (input)", "hypothesis (input)", "label (answer)", "note"):
        assert head in words
    assert "12 rows were read" in words
    assert "The answers are: no, yes." in words
    assert words.index("premise (input)") < words.index("label (answer)")
