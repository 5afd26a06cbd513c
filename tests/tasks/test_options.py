"""Questions with options, in the forms that public files write them: the model sees the options, a letter is right."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lab.tasks.loaders import Loaded, load_records, load_task

Row = dict[str, Any]


def loaded(row: Callable[[int], Row], **chosen: Any) -> Loaded:
    return load_records([row(at) for at in range(24)], **chosen)


LETTER = "ABC"
ROWS: dict[str, Callable[[int], Row]] = {
    "MMLU of the hub": lambda i: {"question": f"q{i}", "choices": [f"x{i}", f"y{i}", f"z{i}"], "answer": i % 3},
    "MMLU as CSV": lambda i: {
        "question": f"q{i}",
        "A": f"x{i}",
        "B": f"y{i}",
        "C": f"z{i}",
        "answer": LETTER[i % 3],
    },
    "ARC": lambda i: {
        "question": f"q{i}",
        "choices": {"text": [f"x{i}", f"y{i}", f"z{i}"], "label": ["1", "2", "3"]},
        "answerKey": str(1 + i % 3),
    },
    "CommonsenseQA of old": lambda i: {
        "question": f"q{i}",
        "choices": [{"label": one, "text": f"{two}{i}"} for one, two in zip(LETTER, "xyz", strict=True)],
        "answerKey": LETTER[i % 3],
    },
    "MedQA": lambda i: {
        "question": f"q{i}",
        "answer": f"{'xyz'[i % 3]}{i}",
        "options": {"A": f"x{i}", "B": f"y{i}", "C": f"z{i}"},
        "answer_idx": LETTER[i % 3],
    },
    "MedMCQA": lambda i: {"question": f"q{i}", "opa": f"x{i}", "opb": f"y{i}", "opc": f"z{i}", "cop": i % 3},
    "AQuA": lambda i: {"question": f"q{i}", "options": [f"A)x{i}", f"B)y{i}", f"C)z{i}"], "correct": LETTER[i % 3]},
    "Social IQa": lambda i: {
        "question": f"q{i}",
        "answerA": f"x{i}",
        "answerB": f"y{i}",
        "answerC": f"z{i}",
        "label": 1 + i % 3,
    },
    "HellaSwag": lambda i: {"question": f"q{i}", "endings": [f"x{i}", f"y{i}", f"z{i}"], "label": str(i % 3)},
    "SWAG": lambda i: {
        "question": f"q{i}",
        "ending0": f"x{i}",
        "ending1": f"y{i}",
        "ending2": f"z{i}",
        "label": i % 3,
    },
    "a quiz of a spreadsheet": lambda i: {
        "Question": f"q{i}",
        "Option 1": f"x{i}",
        "Option 2": f"y{i}",
        "Option 3": f"z{i}",
        "Correct Answer": f"{'xyz'[i % 3]}{i}",
    },
    "a quiz that names its columns": lambda i: {
        "Question": f"q{i}",
        "Option A": f"x{i}",
        "Option B": f"y{i}",
        "Option C": f"z{i}",
        "Correct Answer": f"Option {LETTER[i % 3]}",
    },
}


@pytest.mark.parametrize("form", ROWS)
def test_the_options_are_part_of_the_input_and_the_answer_is_a_letter(form: str) -> None:
    task = loaded(ROWS[form]).task
    for example in (*task.train, *task.dev, *task.test):
        question, options = example.fields
        at = int(question[1:])
        assert options == f"A) x{at}\nB) y{at}\nC) z{at}"
        assert example.answer == LETTER[at % 3]
    assert task.labels == ("A", "B", "C")
    assert "letter" in task.start


def test_what_was_done_is_said() -> None:
    notes = loaded(ROWS["MMLU as CSV"]).report.notes
    assert [note.texts for note in notes if note.code == "options_joined"] == [("A", "B", "C")]
    assert not [note for note in notes if note.code == "text_unused"]


def test_options_that_are_the_same_in_every_row_are_labels_and_numbers_become_their_texts() -> None:
    task = loaded(lambda i: {"text": f"t {i}", "choices": ["negative", "positive"], "label": i % 2}).task
    assert task.inputs == ("text",)
    assert task.labels == ("negative", "positive")


def test_a_start_prompt_with_slots_for_the_columns_has_its_own_way() -> None:
    task = loaded(ROWS["MMLU as CSV"], start="{question} A: {A} B: {B} C: {C}").task
    assert task.inputs == ("question", "A", "B", "C")


def test_columns_that_the_answer_does_not_name_are_no_options() -> None:
    task = loaded(lambda i: {"text": f"t{i}", "option_1": f"x{i}", "option_2": f"y{i}", "label": "yno"[i % 3]}).task
    assert task.labels == ("n", "o", "y")
    assert task.inputs == ("text",)


def test_a_row_whose_answer_is_none_of_its_options_is_left_out_by_its_number() -> None:
    rows = [ROWS["MMLU as CSV"](at) for at in range(24)]
    rows[4]["answer"] = "E"
    (dropped,) = load_records(rows).report.dropped
    assert (dropped.code, dropped.rows) == ("missing_answer", ((5,),))


def test_train_and_test_under_one_key_each_are_the_split(tmp_path: Path) -> None:
    rows = [{"text": f"t {i}", "label": "ab"[i % 2]} for i in range(30)]
    for held in ({"train": rows[:20], "test": rows[20:]}, {"data": {"train": rows[:20], "test": rows[20:]}}):
        path = tmp_path / "splits.json"
        path.write_text(json.dumps(held))
        task = load_task(path).task
        assert (len(task.train) + len(task.dev), len(task.test)) == (20, 10)


def test_lines_of_json_may_end_in_commas(tmp_path: Path) -> None:
    path = tmp_path / "cut.jsonl"
    path.write_text(",\n".join(json.dumps({"text": f"t {i}", "label": "ab"[i % 2]}) for i in range(20)))
    assert load_task(path).report.n_kept == 20


def test_lines_of_fasttext_are_read(tmp_path: Path) -> None:
    path = tmp_path / "train.txt"
    path.write_text("".join(f"__label__{'ab'[i % 2]} text number {i}\n" for i in range(20)))
    loaded = load_task(path)
    assert loaded.task.labels == ("a", "b")
    assert {example.input for example in loaded.task.train} <= {f"text number {i}" for i in range(20)}


def test_titles_above_the_column_names_are_left_out_and_said(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text("Survey of May\n\ntext,label\n" + "".join(f"t {i},{'ab'[i % 2]}\n" for i in range(20)))
    loaded = load_task(path)
    assert loaded.report.n_rows == loaded.report.n_kept == 20
    assert [note.texts for note in loaded.report.notes if note.code == "title_left_out"] == [("Survey of May",)]


OUT_OF_ORDER: dict[str, Callable[[int], Row]] = {
    "labels beside texts": lambda i: {
        "question": f"q{i}",
        "choices": {"text": [f"z{i}", f"x{i}", f"y{i}"], "label": ["C", "A", "B"]},
        "answerKey": LETTER[i % 3],
    },
    "texts by letter": lambda i: {
        "question": f"q{i}",
        "options": {"C": f"z{i}", "A": f"x{i}", "B": f"y{i}"},
        "answer": LETTER[i % 3],
    },
    "objects": lambda i: {
        "question": f"q{i}",
        "choices": [{"label": one, "text": f"{two}{i}"} for one, two in zip("BCA", "yzx", strict=True)],
        "answerKey": LETTER[i % 3],
    },
    "letters in the texts": lambda i: {
        "question": f"q{i}",
        "options": [f"B) y{i}", f"C) z{i}", f"A) x{i}"],
        "correct": LETTER[i % 3],
    },
}


@pytest.mark.parametrize("row", OUT_OF_ORDER.values(), ids=OUT_OF_ORDER.keys())
def test_a_letter_stays_with_its_option_in_whatever_order_they_stand(row: Callable[[int], Row]) -> None:
    task = loaded(row).task
    for example in (*task.train, *task.dev, *task.test):
        at = "".join(one for one in example.input.split("\n")[0] if one.isdigit())
        assert f"A) x{at}\nB) y{at}\nC) z{at}" in example.input
        assert example.answer == LETTER[int(at) % 3]


def test_letters_that_do_not_begin_at_a_are_kept() -> None:
    task = loaded(
        lambda i: {
            "question": f"q{i}",
            "options": {"F": f"x{i}", "G": f"y{i}", "H": f"z{i}"},
            "answer": "FGH"[i % 3],
        }
    ).task
    assert {example.answer for example in task.train} == {"F", "G", "H"}
    assert all("F) x" in example.input and "A)" not in example.input for example in task.train)


def test_initials_of_names_are_no_letters_of_options() -> None:
    task = loaded(
        lambda i: {
            "question": f"q{i}",
            "options": [f"J. Smith{i}", f"B. Miller{i}", f"T. Jones{i}"],
            "answer": LETTER[i % 3],
        }
    ).task
    assert all("A) J. Smith" in example.input for example in task.train)
