"""The judging of answers and the layout of messages."""

from __future__ import annotations

import json
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.paths import ROOT

from lab.core.task import Example
from lab.errors import MisuseError
from lab.tasks.metrics import METRICS, Judged, is_number, judge, total
from lab.tasks.readings import READINGS

YES_NO = ("no", "yes")


def hit(
    metric: str,
    answer: str,
    reply: str,
    labels: tuple[str, ...] = (),
    accepted: tuple[str, ...] = (),
    reading: str = "",
) -> float:
    found = judge(metric, labels, Example.of("a question", answer, accepted), reply, reading).hit
    assert found is not None
    return found


@pytest.mark.parametrize("reply", ["yes", " Yes\n", "YES.", "yes .", "yEs"])
def test_a_label_counts_in_any_case_with_space_around_it_and_one_full_stop(reply: str) -> None:
    assert judge("exact", YES_NO, Example.of("q", "yes"), reply) == Judged("yes", 1.0)


@pytest.mark.parametrize(
    ("answer", "reply", "labels"),
    [
        ("valid", "invalid", ("invalid", "valid")),
        ("invalid", "valid", ("invalid", "valid")),
        ("no", "I do not know", YES_NO),
        ("no", "I do not know.", YES_NO),
        ("no", "no, yes", YES_NO),
        ("cat", "concatenate", ()),
        ("concatenate", "cat", ()),
    ],
)
def test_a_part_of_an_answer_earns_nothing(answer: str, reply: str, labels: tuple[str, ...]) -> None:
    assert hit("exact", answer, reply, labels) == 0.0


def test_a_free_answer_counts_strictly_but_for_the_space_around_it() -> None:
    assert hit("exact", ") >", "\n) > ", reading="strict") == 1.0
    assert hit("exact", "Paris", "paris", reading="strict") == 0.0
    assert hit("exact", "Paris", "Paris.", reading="strict") == 0.0


def test_a_label_counts_strictly_with_one_full_stop_alone() -> None:
    assert hit("exact", "yes", "yes.", YES_NO, reading="strict") == 1.0
    assert hit("exact", "yes", "yes..", YES_NO, reading="strict") == 0.0
    assert hit("exact", "yes", "**yes**", YES_NO, reading="strict") == 0.0


def test_any_accepted_answer_counts() -> None:
    assert hit("exact", "Platz", "Ort", accepted=("Stelle", "Ort")) == 1.0
    assert hit("exact", "same", "TRUE.", ("same", "not the same"), ("true",)) == 1.0
    assert hit("numeric", "7", "7.5", accepted=("7.5",)) == 1.0


@pytest.mark.parametrize("reply", ["", "  \n", "maybe so", "yes and no "])
def test_what_was_not_understood_is_wrong_and_kept_as_it_came(reply: str) -> None:
    for reading in ("", "strict"):
        assert judge("exact", YES_NO, Example.of("q", "yes"), reply, reading) == Judged(reply, 0.0, "unread")


@pytest.mark.parametrize("reply", ["", "no idea ", "eighteen", "18/20"])
def test_a_reply_without_a_number_is_wrong_and_kept_as_it_came(reply: str) -> None:
    assert judge("numeric", (), Example.of("q", "18"), reply, "strict") == Judged(reply, 0.0, "unread")
    if reply in ("", "no idea "):
        assert judge("numeric", (), Example.of("q", "18"), reply) == Judged(reply, 0.0, "unread")


@pytest.mark.parametrize(
    ("answer", "reply"),
    [
        ("39", "39.0"),
        ("39.0", "The answer is 39."),
        ("1234", "That is $1,234.00 in all."),
        ("1,234,567", "1234567"),
        ("-5", "So it is −5"),
        ("-5", "x = -5"),
        ("-5", "-$5"),
        ("-5", "$-5"),
        ("3", "10-7 is 3"),
        ("7", "10-7"),
        ("18", "She eats 3 and sells 18 eggs"),
        ("18", "#### 18\n(9 each, 2 times)"),
        ("5", "- 5"),
        ("0.5", ".5"),
        ("50", "50%"),
        ("1000", "1e3"),
        ("18", r"\boxed{18}"),
        ("18", "**18**"),
        ("16 - 3 = <<16-3=13>>13, and 5 more.\n#### 18", "18"),
        ("They lose 3.\n#### -1,003", "-1003"),
    ],
)
def test_the_last_number_of_a_reply_has_the_value_of_the_answer(answer: str, reply: str) -> None:
    assert hit("numeric", answer, reply) == 1.0


@pytest.mark.parametrize(
    ("answer", "reply"),
    [
        ("6", "5.5"),
        ("5", "5.5"),
        ("5.5", "5"),
        ("5", "-5"),
        ("8", "18"),
        ("1", "18"),
        ("234", "1,234"),
        ("18", "18 eggs, no, 19"),
        ("0.1", "0.10000000000000001"),
        ("2", "3/2"),
        ("2", "H2O"),
        ("18", "1e99999999999999999999"),
    ],
)
def test_another_number_earns_nothing(answer: str, reply: str) -> None:
    assert hit("numeric", answer, reply) == 0.0


def test_the_number_understood_is_shown_plain() -> None:
    assert judge("numeric", (), Example.of("q", "1"), "about $1,234.50!").got == "1234.50"


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2), st.text(alphabet="abc .,!?\n", max_size=20))
def test_a_number_is_found_whatever_words_come_before_it(number: object, words: str) -> None:
    assert hit("numeric", str(number), f"{words} it is {number}") == 1.0


@given(st.sampled_from(sorted(METRICS)), st.text(), st.text())
def test_judging_never_fails_and_a_hit_is_from_0_to_1(metric: str, answer: str, reply: str) -> None:
    found = judge(metric, (), Example.of("a question", answer), reply)
    assert (found.form == "unjudged") == (found.hit is None)
    assert found.hit is None or 0.0 <= found.hit <= 1.0
    assert metric == "judge" or found.hit is not None


def test_a_long_reply_of_digits_is_judged() -> None:
    assert hit("numeric", "7", "7" * 100_000) == 0.0
    assert hit("numeric", "7" * 100_000, "7" * 100_000) == 1.0


def test_a_number_is_told_from_text_that_holds_one() -> None:
    assert all(map(is_number, ["18", "-1,003", "$4.50", "39.0", "50%", " 7 ", "reasons 3\n#### 18"]))
    assert not any(map(is_number, ["", "5 apples", "2024-01-01", "1/2", "(A)", "ninety", "1 2"]))


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1"])
def test_labels_are_judged_one_by_one_as_by_exact(metric: str) -> None:
    for reply in ("Yes.", "no", "I think yes", ""):
        assert judge(metric, YES_NO, Example.of("q", "yes"), reply) == judge(
            "exact", YES_NO, Example.of("q", "yes"), reply
        )


def summed(metric: str, labels: tuple[str, ...], rows: list[tuple[str, str]]) -> float | None:
    examples = [Example.of(f"question {i}", answer) for i, (answer, _) in enumerate(rows)]
    judged = [judge(metric, labels, example, reply) for example, (_, reply) in zip(examples, rows, strict=True)]
    return total(metric, labels, examples, [j.got for j in judged], [j.hit for j in judged])


LOPSIDED = [*[("no", "no")] * 8, ("yes", "no"), ("yes", "yes")]


def test_accuracy_is_the_mean_of_the_hits() -> None:
    assert summed("accuracy", YES_NO, LOPSIDED) == pytest.approx(0.9)
    assert summed("numeric", (), [("1", "1"), ("2", "3")]) == 0.5


def test_macro_f1_gives_a_rare_label_the_weight_of_a_frequent_one() -> None:
    # no: 8 right, 1 given too often; yes: 1 right, 1 missed.
    assert summed("macro_f1", YES_NO, LOPSIDED) == pytest.approx((16 / 17 + 2 / 3) / 2)


def test_a_reply_that_is_no_label_is_a_miss_of_its_class_alone() -> None:
    assert summed("macro_f1", YES_NO, [("no", "no"), ("yes", "yes"), ("yes", "It may be.")]) == pytest.approx(
        (1 + 2 / 3) / 2
    )


def test_a_label_that_nobody_gave_or_expected_does_not_count() -> None:
    assert summed("macro_f1", ("no", "perhaps", "yes"), [("no", "No."), ("yes", "yes")]) == 1.0


def test_macro_f1_without_labels_takes_those_of_the_answers() -> None:
    assert summed("macro_f1", (), [("a", "a"), ("b", "a")]) == pytest.approx((2 / 3 + 0) / 2)


def test_an_accepted_wording_is_the_answer_in_macro_f1() -> None:
    example = Example.of("q", "yes", ("aye",))
    judged = judge("macro_f1", YES_NO, example, "aye")
    assert total("macro_f1", YES_NO, [example], [judged.got], [judged.hit]) == 1.0


@pytest.mark.parametrize("metric", sorted(METRICS))
def test_rows_that_were_not_measured_are_left_out_of_the_sum(metric: str) -> None:
    answer = {"field_f1": '{"a": 1}', "multiple_choice": "B"}.get(metric, "1")
    examples = [Example.of(f"q{i}", answer) for i in range(3)]
    got = ["", examples[0].answer, "x"]
    assert total(metric, (), examples, got, [None, 1.0, None]) == 1.0
    assert total(metric, (), examples, got, [None, None, None]) is None
    assert total(metric, (), [], [], []) is None


@given(st.lists(st.tuples(st.sampled_from(YES_NO), st.sampled_from([*YES_NO, "eh"])), min_size=1, max_size=12))
def test_macro_f1_lies_between_0_and_1_and_is_1_only_for_all_right(rows: list[tuple[str, str]]) -> None:
    score = summed("macro_f1", YES_NO, rows)
    assert score is not None
    assert 0.0 <= score <= 1.0
    assert (score == 1.0) == all(answer == reply for answer, reply in rows)


ANA = {"name": "Ana Ruiz", "email": "ana@example.com"}
BEN = {"name": "Ben Okafor", "phone": "+442079460018"}


def fields(expected: object, reply: object) -> float:
    return hit("field_f1", json.dumps(expected), reply if isinstance(reply, str) else json.dumps(reply))


@pytest.mark.parametrize(
    ("reply", "score"),
    [
        ([ANA, BEN], 1.0),
        ([BEN, ANA], 1.0),
        ([ANA], 4 / 6),
        (ANA, 4 / 6),
        ([ANA, BEN, {"name": "Cy"}], 8 / 9),
        ([ANA, BEN | {"company": "N/A"}], 8 / 9),
        ([ANA, BEN | {"company": None, "email": " "}, {}], 1.0),
        ([ANA, {"full_name": "Ben Okafor", "phone": BEN["phone"]}], 6 / 8),
        # A field of the one does not count for the other.
        ([{"name": "Ana Ruiz", "phone": BEN["phone"]}, {"name": "Ben Okafor", "email": ANA["email"]}], 4 / 8),
        ([ANA, ANA], 4 / 8),
        ([], 0.0),
    ],
)
def test_the_fields_of_two_people_are_counted(reply: object, score: float) -> None:
    assert fields([ANA, BEN], reply) == pytest.approx(score)


def test_values_are_compared_without_case_and_outer_space_and_phones_by_their_digits() -> None:
    assert fields([ANA], [{"name": " ana RUIZ ", "email": "Ana@Example.com"}]) == 1.0
    assert fields([BEN], [{"name": "Ben Okafor", "phone": "+44 (20) 7946-0018"}]) == 1.0
    assert fields([BEN], [{"name": "Ben Okafor", "phone": "44 20 7946 0018"}]) == 0.5
    assert fields([BEN], [{"name": "Ben Okafor", "phone": "020 7946 0018"}]) == 0.5
    assert fields([{"qty": 2, "note": "1-2"}], [{"qty": "2", "note": "12"}]) == 0.5


def test_a_reference_without_anybody_is_met_by_an_empty_list_only() -> None:
    assert fields([], []) == 1.0
    assert fields([], [ANA]) == 0.0


@pytest.mark.parametrize(
    "reply",
    [
        "```json\n[]\n```", "Here you are: []", "[] done", "", "[1]", "null", "3", '["a"]', "[" * 100_000, "{" * 9,
        '[{"a": NaN}]', '[{"a": -Infinity}]', '[{"a": 1e999}]', '{"a": ' + "9" * 5000 + "}", "[{'a': 1}]",
    ],
)  # fmt: skip
def test_a_reply_that_is_not_json_as_a_whole_earns_nothing_strictly_and_is_kept_as_it_came(reply: str) -> None:
    assert judge("field_f1", (), Example.of("q", "[]"), reply, "strict") == Judged(reply, 0.0, "unread")


def test_what_was_understood_is_shown_as_compact_json_in_one_order() -> None:
    reply = ' {"phone": " +44 20 ", "name": "Zoë",\n"company": null} '
    assert judge("field_f1", (), Example.of("q", "[]"), reply).got == '[{"name":"Zoë","phone":"+44 20"}]'


def test_half_a_surrogate_pair_is_understood_and_can_be_stored() -> None:
    judged = judge("field_f1", (), Example.of("q", r'{"a": "\ud800"}'), r'{"a": "\ud800"}')
    assert judged.hit == 1.0
    assert judged.got.encode() == rb'[{"a":"\ud800"}]'


def test_deep_nesting_and_many_objects_are_judged() -> None:
    for depth in (400, 950, 2000, 100_000):
        assert 0.0 <= fields([ANA], '{"a": ' + "[" * depth + "]" * depth + "}") < 1.0
    assert fields([ANA], [ANA] * 20_000) == pytest.approx(4 / 40_002)
    many = [{"name": f"person {i}"} for i in range(100)]
    assert fields(many, many[::-1]) == 1.0


PEOPLE = st.lists(st.dictionaries(st.sampled_from("abc"), st.sampled_from("xy"), max_size=3), max_size=4)


@given(PEOPLE, PEOPLE)
def test_persons_are_matched_for_the_most_that_any_pairing_gives(expected: list[object], got: list[object]) -> None:
    def count(rows: list[object]) -> int:
        return sum(len(row) for row in rows if isinstance(row, dict))

    def shared(a: object, b: object) -> int:
        assert isinstance(a, dict)
        assert isinstance(b, dict)
        return len(a.items() & b.items())

    short, long = sorted((expected, got), key=len)
    best = max(sum(map(shared, short, order)) for order in permutations(long))
    parts = count(expected) + count(got)
    assert fields(expected, got) == pytest.approx(2 * best / parts if parts else 1.0)


@pytest.mark.parametrize("name", sorted(METRICS))
def test_every_metric_gives_its_worked_example_the_hit_that_it_says(name: str) -> None:
    answer, reply, expected = METRICS[name].example
    labels = YES_NO if answer in YES_NO else ()
    if name == "judge":  # a model says what the hit is: test_rubric.py
        assert judge(name, labels, Example.of("q", answer), reply).form == "unjudged"
        return
    assert hit(name, answer, reply, labels) == pytest.approx(expected)
    low, high = METRICS[name].range
    assert low <= expected <= high


@pytest.mark.parametrize(
    ("metric", "answer", "reply", "expected"),
    [
        ("contains", "ok", "In Oktober", 0.0),
        ("contains", "ok", "<think>ok</think>no", 0.0),
        ("contains", "C++", "I like C++.", 1.0),
        ("numeric:0.01", "3.14", "about 3.15", 1.0),
        ("numeric:0.01", "3.14", "about 3.16", 0.0),
        ("numeric:5%", "200", "It is 190.", 1.0),
        ("numeric:5%", "200", "It is 189.", 0.0),
        ("numeric:0.001", "1/3", "0.333", 1.0),
        ("set_f1", "red, blue", "- blue\n- red", 1.0),
        ("set_f1", '["red", "blue"]', "red", 2 / 3),
        ("set_f1", "red", "green", 0.0),
        ("token_f1", "the Eiffel Tower", "Eiffel tower!", 1.0),
        ("multiple_choice", "B", "(b)", 1.0),
        ("multiple_choice", "(B)", "The answer is B.", 1.0),
        ("multiple_choice", "B", "It could be A.\nAnswer: B", 1.0),
        ("multiple_choice", "A", "A dog barks", 0.0),
        ("regex", r"\bcat\b", "a cat sat", 1.0),
        ("regex", r"\bcat\b", "concatenate", 0.0),
        ("regex", "(", "(", 0.0),
    ],
)
def test_each_measure_counts_what_it_says(metric: str, answer: str, reply: str, expected: float) -> None:
    assert hit(metric, answer, reply) == pytest.approx(expected)


def test_readme_names_every_metric_and_reading() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in (*METRICS, *READINGS) if f"`{name}`" not in readme] == []


def test_the_accepted_answer_that_a_reply_has_most_of_counts() -> None:
    assert hit("token_f1", "a car", "the automobile", accepted=("automobile",)) == 1.0


@pytest.mark.parametrize("name", ["numeric:", "numeric:x", "numeric:-1", "numeric:1e999", "numeric:nan", "exact:1"])
def test_a_tolerance_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(MisuseError, match="no metric"):
        hit(name, "1", "1")


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=20))
def test_macro_f1_agrees_with_scikit_learn(rows: list[tuple[str, str]]) -> None:
    scored = pytest.importorskip("sklearn.metrics")
    answers, replies = zip(*rows, strict=True)
    seen = sorted({*answers, *replies})
    expected = scored.f1_score(answers, replies, labels=seen, average="macro", zero_division=0)
    assert summed("macro_f1", ("a", "b", "c"), rows) == pytest.approx(expected)


def test_every_metric_is_described_and_an_unknown_one_is_refused_with_the_choices() -> None:
    assert all(metric.about.endswith(".") for metric in METRICS.values())
    with pytest.raises(MisuseError, match="exact, accuracy, macro_f1, contains, numeric"):
        judge("bleu", (), Example.of("q", "a"), "a")
