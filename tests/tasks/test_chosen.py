"""What a person chooses of how a file is read: split, ids, metric, labels; stored feedback and its remarks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.core.task import Example
from lab.errors import DataError, MisuseError
from lab.tasks import splits
from lab.tasks.loaders import Loaded, load_task
from lab.tasks.notes import CODES, Note, sentence

PAIRS = [(f"film {i} is {'good' if i % 2 else 'bad'}", "yes" if i % 2 else "no") for i in range(24)]


def rows(folder: Path, made: list[dict[str, Any]], name: str = "rows.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(made))
    return path


def split_rows(parts: list[str], column: str = "split") -> list[dict[str, Any]]:
    return [{"text": q, "label": a, column: parts[i % len(parts)]} for i, (q, a) in enumerate(PAIRS)]


def codes(loaded: Loaded) -> set[str]:
    return {note.code for note in loaded.report.notes}


def test_a_given_split_is_kept(tmp_path: Path) -> None:
    loaded = load_task(rows(tmp_path, split_rows(["train", "Validation", "test"])))
    assert {e.input for e in loaded.task.train} == {q for q, _ in PAIRS[::3]}
    assert {e.input for e in loaded.task.dev} == {q for q, _ in PAIRS[1::3]}
    assert {e.input for e in loaded.task.test} == {q for q, _ in PAIRS[2::3]}
    assert "split_given" in codes(loaded)
    assert "text_unused" not in codes(loaded)


def test_dev_is_drawn_from_train_where_there_is_none(tmp_path: Path) -> None:
    loaded = load_task(rows(tmp_path, split_rows(["train", "train", "train", "test"])))
    assert (len(loaded.task.train), len(loaded.task.dev), len(loaded.task.test)) == (12, 6, 6)
    assert "dev_drawn_from_train" in codes(loaded)


def test_a_column_of_one_split_or_of_other_words_is_not_followed(tmp_path: Path) -> None:
    for parts in (["train"], ["north", "south"]):
        loaded = load_task(rows(tmp_path, split_rows(parts)))
        assert "split_given" not in codes(loaded)
        assert len(loaded.task.train) == 12


def test_a_named_split_column_leaves_out_what_is_neither(tmp_path: Path) -> None:
    loaded = load_task(rows(tmp_path, split_rows(["train", "dev", "spare"], "fold")), split="Fold")
    assert [(note.code, note.n) for note in loaded.report.dropped] == [("no_part", 8)]
    assert (len(loaded.task.train), len(loaded.task.dev)) == (8, 8)


def test_an_input_of_dev_that_is_in_train_too_is_said(tmp_path: Path) -> None:
    made = split_rows(["train", "dev"])
    made.append({"text": PAIRS[0][0].upper() + ".", "label": "no", "split": "dev"})
    assert Note("in_train_too", 1, ("dev",)) in load_task(rows(tmp_path, made)).report.notes


@given(st.lists(st.sampled_from([0, 1, 2, None]), max_size=30))
def test_a_given_split_loses_nothing_and_leaves_neither_train_nor_dev_empty(parts: list[int | None]) -> None:
    examples = [(Example.of(f"input {at}", "a"), part) for at, part in enumerate(parts)]
    found, drawn = splits.given(examples)
    if found is not None:
        train, dev, test = found
        assert train
        assert dev
        assert len(train) + len(dev) + len(test) == sum(part is not None for part in parts)
        assert drawn or {e.id for e in dev} == {e.id for e, part in examples if part == 1}


def test_of_a_large_file_more_rows_are_train(tmp_path: Path) -> None:
    path = rows(tmp_path, [{"text": f"film {i}", "label": "ab"[i % 2]} for i in range(6_000)])
    loaded = load_task(path)
    assert (len(loaded.task.train), len(loaded.task.dev), len(loaded.task.test)) == (4_500, 500, 1_000)
    assert "dev_capped" in codes(loaded)
    assert len(load_task(path, fractions=splits.FRACTIONS).task.dev) == 1_500


def test_an_id_column_names_the_examples_where_each_has_its_own(tmp_path: Path) -> None:
    made = [{"text": q, "label": a, "nr": f"r{i}"} for i, (q, a) in enumerate(PAIRS)]
    assert {e.id for e in load_task(rows(tmp_path, made), id="nr").task.train} <= {f"r{i}" for i in range(24)}
    assert load_task(rows(tmp_path, made)).task.train[0].id.startswith("e")
    made[0]["nr"] = "r1"
    loaded = load_task(rows(tmp_path, made), id="nr")
    assert loaded.task.train[0].id.startswith("e")
    assert "ids_not_unique" in codes(loaded)


def test_metric_and_labels_are_as_chosen(tmp_path: Path) -> None:
    path = rows(tmp_path, [*({"text": q, "label": a} for q, a in PAIRS), {"text": "film x", "label": "perhaps"}])
    loaded = load_task(path, metric="macro_f1", labels=["Yes", "no"])
    assert (loaded.task.metric, loaded.task.labels) == ("macro_f1", ("Yes", "no"))
    assert [(note.code, note.rows) for note in loaded.report.dropped] == [("not_a_label", ((25,),))]
    assert load_task(path, labels=()).task.labels == ()
    with pytest.raises(MisuseError, match="no metric 'blue'"):
        load_task(path, metric="blue")


def test_several_labels_are_one_answer_where_sets_are_compared(tmp_path: Path) -> None:
    made = [{"text": q, "tags": ["red", "blue"] if i % 2 else ["green"]} for i, (q, _) in enumerate(PAIRS)]
    task = load_task(rows(tmp_path, made), answer="tags", metric="set_f1").task
    assert {(e.answer, e.accepted) for e in task.train} == {("red, blue", ()), ("green", ())}
    one_of = load_task(rows(tmp_path, made), answer="tags").task
    assert {(e.answer, e.accepted) for e in one_of.train} == {("red", ("blue",)), ("green", ())}


def test_stored_feedback_brings_its_remarks_and_what_was_marked_as_good(tmp_path: Path) -> None:
    made = [
        {"item": {"question": q}, "output": a, "rating": "Bad" if i < 3 else "Good", "output_feedback": f"Say why {i}."}
        for i, (q, a) in enumerate(PAIRS)
    ]  # fmt: skip
    loaded = load_task(rows(tmp_path, made))
    assert loaded.mapping.inputs == ("question",)
    assert [(note.code, note.n) for note in loaded.report.dropped] == [("marked_bad", 3)]
    assert loaded.task.remarks == tuple(f"Say why {i}." for i in range(24))
    assert Note("remarks_kept", 24, ("output_feedback",)) in loaded.report.notes


def test_feedback_with_a_better_answer_uses_that(tmp_path: Path) -> None:
    made = [
        {"input": q, "output": "maybe", "expected": a, "rating": "Bad", "feedback": "Decide."}
        for q, a in PAIRS
    ]  # fmt: skip
    loaded = load_task(rows(tmp_path, made))
    assert (loaded.mapping.answer, loaded.report.n_kept, loaded.task.remarks) == ("expected", 24, ("Decide.",))


def test_every_note_is_a_sentence() -> None:
    for code in CODES:
        said = sentence(Note(code, 2, ("one", "two"), ((1,), (2, 3))))
        assert said.endswith("."), said
        assert said[0].isupper() or said[0].isdecimal(), said


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    path = rows(tmp_path, [{"text": q, "label": a} for q, a in PAIRS])
    for name in ("split", "id"):
        with pytest.raises(DataError, match="no column 'nowhere'"):
            load_task(path, **{name: "nowhere"})  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        load_task(path, colour="red")  # type: ignore[call-arg]
