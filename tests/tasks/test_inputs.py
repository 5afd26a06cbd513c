"""Several input columns: named, named by the slots of the start prompt, or guessed where they go together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lab.errors import DataError
from lab.tasks.loaders import Loaded, load_task
from lab.tasks.notes import Note
from lab.tasks.task import Task

PLACES = ("stage", "beach", "boat", "market", "roof", "train", "lake", "field", "road", "hill")


def nli(folder: Path, **more: str) -> Path:
    rows = [
        {
            "premise": f"A man sits on the {place}.",
            "hypothesis": f"Somebody is near a {place}.",
            **more,
            "label": label,
        }
        for place, label in zip(PLACES, ("yes", "no") * 5, strict=True)
    ]
    path = folder / "nli.json"
    path.write_text(json.dumps(rows))
    return path


def about_columns(loaded: Loaded) -> list[Note]:
    """All but what the answers were taken for, which test_readings asks of."""
    return [note for note in loaded.report.notes if note.code != "answers_are"]


def codes(loaded: Loaded) -> list[str]:
    return [note.code for note in about_columns(loaded)]


@pytest.mark.parametrize("start", ["{premise} so {hypothesis}?", "{{premise}} so {{ hypothesis }}?"])
def test_the_slots_of_the_start_prompt_name_the_inputs(tmp_path: Path, start: str) -> None:
    loaded = load_task(nli(tmp_path), start=start)
    assert loaded.task.inputs == loaded.mapping.inputs == ("premise", "hypothesis")
    assert codes(loaded) == ["columns_from_start"]
    example = loaded.task.train[0]
    assert example.input == f"premise: {example.fields[0]}\nhypothesis: {example.fields[1]}"
    assert loaded.task.fields(example) == tuple(zip(("premise", "hypothesis"), example.fields, strict=True))


def test_columns_that_go_together_are_guessed_together(tmp_path: Path) -> None:
    assert load_task(nli(tmp_path)).mapping.inputs == ("premise", "hypothesis")
    assert load_task(nli(tmp_path), input="premise").mapping.inputs == ("premise",)


def test_named_inputs_stand_in_the_order_of_their_naming(tmp_path: Path) -> None:
    loaded = load_task(nli(tmp_path), input=["Hypothesis", "premise"], answer="label")
    assert loaded.task.inputs == ("hypothesis", "premise")
    assert loaded.task.train[0].input.startswith("hypothesis: Somebody")
    assert codes(loaded) == ["columns_named"]
    with pytest.raises(DataError, match="named as the input and as the answer"):
        load_task(nli(tmp_path), input=["premise", "label"], answer="label")


def test_one_input_is_as_it_was_and_known_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text("text,label\n" + "".join(f"film {i} {{text}},{'yes' if i % 2 else 'no'}\n" for i in range(9)))
    task = load_task(path, start="Good? {text}").task
    assert task.inputs == ("text",)
    assert task.train[0].fields == ()
    assert task.train[0].id == type(task.train[0]).of(task.train[0].input, task.train[0].answer).id


@pytest.mark.parametrize(
    ("start", "inputs", "said"),
    [
        ("{premise} so {hypothesis}?", None, ()),
        ("Does it follow?", None, ()),
        ("Does it follow? {input}", None, ()),
        ("Does it follow from {premise}?", ["premise", "hypothesis"], ("input_without_slot", ("hypothesis",))),
        ("Does {hypothesis} follow?", ["premise"], ("slot_not_input", ("{hypothesis}",))),
        ("Is it {so}? {premise} {hypothesis}", None, ("slot_unknown", ("{so}",))),
        ("Does it follow?", ["premise"], ("text_unused", ("hypothesis",))),
        ("{premise}: {label}", None, ("slot_not_input", ("{label}",))),
    ],
)
def test_a_slot_without_a_column_and_a_text_without_a_slot_are_said(
    tmp_path: Path, start: str, inputs: list[str] | None, said: tuple[str, tuple[str, ...]]
) -> None:
    loaded = load_task(nli(tmp_path), input=inputs, start=start)
    notes = [(note.code, note.texts) for note in about_columns(loaded)[1:]]
    assert said in notes if said else notes == []
    assert all(sentence.endswith(".") for sentence in loaded.report.sentences())


def test_a_column_that_is_blank_in_all_rows_or_is_an_id_is_not_missed(tmp_path: Path) -> None:
    loaded = load_task(nli(tmp_path, comment="", row_id="one two three four five six seven"))
    assert codes(loaded) == ["columns_guessed"]


def test_rows_are_missing_an_input_only_where_all_of_it_is_blank(tmp_path: Path) -> None:
    rows = [{"instruction": f"do {place}", "input": "", "output": f"done {place}"} for place in PLACES]
    path = tmp_path / "rows.json"
    path.write_text(json.dumps([*rows, {"instruction": " ", "input": "", "output": "x"}]))
    report = load_task(path).report
    assert [(note.code, note.rows) for note in report.dropped] == [("missing_input", ((11,),))]


def test_near_equal_rows_and_one_label_for_nearly_all_are_said(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    texts = [f"film {i}" for i in range(10)] + ["Film 3.", "film  4"]
    path.write_text(
        "text,label\n" + "".join(f"{text},{'no' if i < 2 else 'yes'}\n" for i, text in enumerate(texts))
    )
    notes = load_task(path).report.notes
    assert Note("near_equal", 2, rows=((4, 11), (5, 12))) in notes
    assert Note("imbalanced", 83, ("yes",)) in notes


def test_python_takes_several_inputs(tmp_path: Path) -> None:
    task = Task.from_file(nli(tmp_path), input=["premise", "hypothesis"], answer="label")
    assert task.inputs == ("premise", "hypothesis")
