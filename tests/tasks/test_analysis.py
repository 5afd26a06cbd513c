"""Groups of errors, the confusion matrix, the heat map and doubtful labels, against hand-worked cases and scikit-learn."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from sklearn.metrics import confusion_matrix

from lab.core.task import Example, Task
from lab.tasks.analysis import (
    NO_LABEL,
    Answered,
    by_likeness,
    by_wrong_answer,
    confusion,
    heatmap,
    slices,
    suspects,
    values,
)

LABELS = ("no", "yes")


def answered(answers: str, *got: str, inputs: tuple[str, ...] = ()) -> Answered:
    """Make answers, a letter each: y and n are labels, ? is none of them."""
    named = {"y": "yes", "n": "no", "?": "who knows"}
    examples = tuple(
        Example.of(inputs[i] if inputs else f"text {i}", named[answer]) for i, answer in enumerate(answers)
    )
    task = Task("toy", "Yes or no?", (), examples, metric="accuracy", labels=LABELS)
    hits = tuple(tuple(float(a == b) for a, b in zip(answers, row, strict=True)) for row in got)
    texts = tuple(tuple(named[letter] for letter in row) for row in got)
    return Answered(task, examples, tuple(f"p{i}" for i in range(len(got))), hits, texts)


def test_a_confusion_matrix_is_that_of_scikit_learn() -> None:
    rng = Random(1)
    answers, got = ("".join(rng.choices("yn", k=200)) for _ in range(2))
    found = confusion(answered(answers, got))
    assert found is not None
    assert [list(row) for row in found.counts] == confusion_matrix(list(answers), list(got)).tolist()
    assert found.labels == found.given == LABELS


def test_what_is_not_a_label_has_a_column_of_its_own_and_what_was_not_measured_has_none() -> None:
    found = answered("yynn", "y?n?")
    assert confusion(found) == confusion(replace(found, hits=((1.0, 0.0, 1.0, 0.0),)))
    known = confusion(found)
    assert known is not None
    assert (known.given, known.counts) == ((*LABELS, NO_LABEL), ((1, 0, 1), (0, 1, 1)))
    missing = confusion(replace(found, hits=((1.0, None, 1.0, None),)))
    assert missing is not None
    assert missing.counts == ((1, 0), (0, 1))


def test_free_text_has_no_confusion_matrix_but_few_answers_that_come_again_are_labels() -> None:
    free = answered("yynn", "yynn")
    assert confusion(replace(free, task=replace(free.task, labels=()))) is not None
    examples = tuple(replace(one, answer=f"answer {i}") for i, one in enumerate(free.examples))
    assert confusion(replace(free, task=replace(free.task, labels=()), examples=examples)) is None


def test_errors_are_grouped_by_what_was_answered_the_commonest_first() -> None:
    found = by_wrong_answer(answered("yyyynn", "nn?yyn"))
    assert [(group.texts, len(group.wrong)) for group in found] == [
        (("yes", "no"), 2),
        (("yes", NO_LABEL), 1),
        (("no", "yes"), 1),
    ]


def test_a_slice_has_the_score_of_its_examples_with_wilsons_interval() -> None:
    found = answered("y" * 20 + "n" * 10, "y" * 15 + "n" * 5 + "n" * 10)
    by_label = slices(found, values(found.task, found.examples, "answer") or ())
    assert [(group.texts, len(group.examples), len(group.wrong)) for group in by_label] == [
        (("no",), 10, 0),
        (("yes",), 20, 5),
    ]
    assert by_label[1].score == 0.75
    assert by_label[1].interval == pytest.approx((0.531, 0.888), abs=1e-3)  # Wilson's, 15 of 20
    with pytest.raises(ValueError, match="one value for each"):
        slices(found, ["a"])


def test_columns_of_many_numbers_or_texts_fall_in_quarters_and_others_stay_as_they_are() -> None:
    rows = tuple(Example.of(f"q {i}", "yes", fields=("ab"[i % 2], str(i), "w " * i)) for i in range(80))
    task = Task("toy", "?", (), rows, inputs=("kind", "price", "text"))
    assert set(values(task, rows, "kind") or ()) == {"a", "b"}
    assert set(values(task, rows, "price") or ()) == {"0 to 19", "20 to 39", "40 to 59", "60 to 79"}
    assert {*(values(task, rows, "text") or ())} == {
        "0 to 19 words", "20 to 39 words", "40 to 59 words", "60 to 79 words",
    }  # fmt: skip
    assert values(task, rows, "answer") == ("yes",) * 80
    assert values(task, rows, "no such column") is None
    hits = (tuple(float(i < 40) for i in range(80)),)
    by_price = slices(Answered(task, rows, ("p",), hits, (None,)), values(task, rows, "price") or ())
    assert [group.score for group in by_price] == [1, 1, 0, 0]  # in the order of the numbers


def test_errors_that_are_alike_stand_together_under_the_words_they_share() -> None:
    films = tuple(f"the film was slow and the plot was thin number {i}" for i in range(8))
    meals = tuple(f"our waiter brought cold soup to table {i}" for i in range(8))
    found = answered("y" * 32, "n" * 16 + "y" * 16, inputs=(*films, *meals, *(f"fine day {i}" for i in range(16))))
    groups = by_likeness(found)
    assert groups == by_likeness(found)
    assert sum(len(group.wrong) for group in groups) == 16
    for group in groups:
        inputs = {one.input for one in found.examples if one.id in group.wrong}
        assert inputs <= set(films) or inputs <= set(meals)
        assert {"film", "plot", "waiter", "soup", "slow", "thin", "cold", "was"} & set(group.texts)


def test_few_errors_and_inputs_without_words_make_no_groups_by_likeness() -> None:
    assert by_likeness(answered("yyyyyyyy", "nnnnnyyy")) == ()
    assert by_likeness(answered("y" * 8, "n" * 8, inputs=tuple("!" * (i + 1) for i in range(8)))) == ()
    (one,) = by_likeness(answered("y" * 8, "n" * 8, inputs=("same words",) * 8))
    assert len(one.wrong) == 8


def test_a_heat_map_has_the_best_prompt_on_top_and_the_easiest_examples_first() -> None:
    found = heatmap(answered("yyyy", "nnny", "yyyn", "ynny"))
    assert found.prompts == (1, 2, 0)
    assert found.examples == (0, 3, 1, 2)  # two prompts get 0 and 3 right, and of these the best one 0
    assert found.hits == ((1.0, 0.0, 1.0, 1.0), (1.0, 1.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0))


def test_a_label_that_good_prompts_agree_against_is_doubtful_and_one_that_bad_ones_do_is_not() -> None:
    good, bad = "yyyyyyyyyn", "nnnnnnnnyy"
    found = suspects(answered("y" * 10, good, good, good, bad, bad))
    assert [(one.example.input, one.given, one.n_agree, one.n_good) for one in found] == [("text 9", "no", 3, 3)]
    assert suspects(answered("y" * 10, good, good)) == ()  # two agree by chance


def test_what_is_not_a_label_says_nothing_against_one() -> None:
    unread = "yyyyyyyyy?"
    assert suspects(answered("y" * 10, *(unread,) * 6)) == ()
