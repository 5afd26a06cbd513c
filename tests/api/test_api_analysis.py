"""What a person asks of errors in Python, and what they do with a group of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import lab
from lab.core.asks import ErrorSample


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[lab.Run]:
    run = lab.begin(
        "sentiment", "protegi", preset="quick", name="analysed", book=tmp_path_factory.mktemp("a") / "a.sqlite"
    )
    run.autopilot(rounds=1)
    yield run
    run.session.book.close()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[lab.Run]:
    run = lab.begin("sentiment", "protegi", preset="quick", name="group", book=tmp_path / "group.sqlite")
    yield run
    run.session.book.close()


def test_the_confusion_matrix_counts_every_dev_example_and_its_diagonal_is_the_score(run: lab.Run) -> None:
    found = run.analysis().confusion()
    assert found.to_numpy().sum() == 50
    right = sum(found.loc[label, label] for label in found.index)
    assert right / 50 == pytest.approx(float(run.best.score or 0.0))


def test_slices_are_made_by_a_column_a_function_or_values(run: lab.Run) -> None:
    found = run.analysis()
    by_label = found.slices("answer")
    assert list(by_label["group"]) == ["negative", "positive"]
    assert by_label["n"].sum() == 50
    assert list(found.slices(lambda one: one.answer)["score"]) == list(by_label["score"])
    by_input = {one.input: one.answer for one in run.task.dev}
    assert list(found.slices(by_input)["n_wrong"]) == list(by_label["n_wrong"])
    with pytest.raises(lab.MisuseError, match="by must be one of answer, length"):
        found.slices("colour")


def test_every_group_of_errors_names_examples_that_came_out_wrong(run: lab.Run) -> None:
    found = run.analysis(run.baseline.prompt)
    hits = dict(found.heatmap().loc[run.baseline.prompt])
    wrong = {id for id, hit in hits.items() if hit < 1}
    for frame in (found.wrong_answers(), found.alike()):
        named = [id for ids in frame["wrong"] for id in ids]
        assert set(named) == wrong
        assert len(named) == len(wrong)


def test_the_heat_map_has_a_row_a_prompt_the_best_first(run: lab.Run) -> None:
    found = run.analysis().heatmap()
    means = list(found.mean(axis=1))
    assert means == sorted(means, reverse=True)
    assert found.index[0] == run.best.prompt


def test_what_was_tried_on_train_is_analysed_too(run: lab.Run) -> None:
    found = run.analysis(split="train")
    assert found.split == "train"
    known = {one.id for one in run.task.train}
    assert {id for ids in found.wrong_answers()["wrong"] for id in ids} <= known


def test_an_analysis_shows_itself_without_a_kernel_and_a_line_says_what_it_is(run: lab.Run) -> None:
    found = run.analysis()
    shown = found._repr_html_()
    assert "Confusion matrix" in shown
    assert "<svg" in shown
    assert "<button" not in shown
    assert repr(found).startswith("Analysis(")


def test_a_run_without_scores_has_nothing_to_analyse(fresh: lab.Run) -> None:
    with pytest.raises(lab.MisuseError, match="Nothing was measured on dev"):
        fresh.analysis()


def test_a_group_becomes_the_errors_of_the_next_critique(fresh: lab.Run) -> None:
    step = fresh.next(until="errors")
    errors = [item.value for item in step if isinstance(item.value, ErrorSample)]
    wanted = list(dict.fromkeys(one.example for one in errors if one.answer == "negative"))[:2]
    fresh.choose_errors(wanted)
    fresh.accept()
    critiques = fresh.next(until="critiques")
    assert {error.example for item in critiques for error in item.errors} == set(wanted)


def test_errors_can_be_chosen_only_where_they_wait(fresh: lab.Run) -> None:
    with pytest.raises(lab.MisuseError, match="No step waits here in which errors are chosen"):
        fresh.choose_errors(["e1"])
    fresh.next(until="errors")
    with pytest.raises(lab.MisuseError, match="None of these examples"):
        fresh.choose_errors(["e1"])


def test_a_group_becomes_the_examples_that_must_not_break(fresh: lab.Run) -> None:
    ids = [one.id for one in fresh.task.dev[:3]]
    fresh.protect(ids[:2])
    fresh.protect(ids[1:])
    session, node = fresh.session, fresh.node
    assert session.book.node(node).constraints.protected == tuple(ids)
    with pytest.raises(lab.MisuseError, match="no such example"):
        fresh.protect(["nowhere"])
