"""The judging of answers and the layout of messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.errors import MisuseError
from lab.tasks.layout import messages, placeholders
from lab.tasks.metrics import METRICS, Judged, is_number, judge
from lab.tasks.task import Example

YES_NO = ("no", "yes")


def hit(
    metric: str, answer: str, reply: str, labels: tuple[str, ...] = (), accepted: tuple[str, ...] = ()
) -> float:
    return judge(metric, labels, Example.of("a question", answer, accepted), reply).hit


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
        ("yes", "yes..", YES_NO),
        ("cat", "concatenate", ()),
        ("concatenate", "cat", ()),
    ],
)
def test_a_part_of_an_answer_earns_nothing(answer: str, reply: str, labels: tuple[str, ...]) -> None:
    assert hit("exact", answer, reply, labels) == 0.0


def test_a_free_answer_counts_exactly_but_for_the_space_around_it() -> None:
    assert hit("exact", ") >", "\n) > ") == 1.0
    assert hit("exact", "Paris", "paris") == 0.0
    assert hit("exact", "Paris", "Paris.") == 0.0


def test_any_accepted_answer_counts() -> None:
    assert hit("exact", "Platz", "Ort", accepted=("Stelle", "Ort")) == 1.0
    assert hit("exact", "same", "TRUE.", ("same", "not the same"), ("true",)) == 1.0
    assert hit("numeric", "7", "7.5", accepted=("7.5",)) == 1.0


@pytest.mark.parametrize("reply", ["", "  \n", "maybe so", "yes and no "])
def test_what_was_not_understood_is_wrong_and_kept_as_it_came(reply: str) -> None:
    assert judge("exact", YES_NO, Example.of("q", "yes"), reply) == Judged(reply, 0.0)


@pytest.mark.parametrize("reply", ["", "no idea ", "eighteen", "18/20"])
def test_a_reply_without_a_number_is_wrong_and_kept_as_it_came(reply: str) -> None:
    assert judge("numeric", (), Example.of("q", "18"), reply) == Judged(reply, 0.0)


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
def test_judging_never_fails_and_a_hit_is_0_or_1(metric: str, answer: str, reply: str) -> None:
    assert hit(metric, answer, reply) in (0.0, 1.0)


def test_a_long_reply_of_digits_is_judged() -> None:
    assert hit("numeric", "7", "7" * 100_000) == 0.0
    assert hit("numeric", "7" * 100_000, "7" * 100_000) == 1.0


def test_a_number_is_told_from_text_that_holds_one() -> None:
    assert all(map(is_number, ["18", "-1,003", "$4.50", "39.0", "50%", " 7 ", "reasons 3\n#### 18"]))
    assert not any(map(is_number, ["", "5 apples", "2024-01-01", "1/2", "(A)", "ninety", "1 2"]))


def test_every_metric_is_described_and_an_unknown_one_is_refused_with_the_choices() -> None:
    assert all(metric.about.endswith(".") for metric in METRICS.values())
    with pytest.raises(MisuseError, match="exact, numeric"):
        judge("bleu", (), Example.of("q", "a"), "a")


def test_a_prompt_without_a_slot_is_the_system_message() -> None:
    assert messages("Be brief.", "hi") == (
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "hi"},
    )


@pytest.mark.parametrize("blank", ["", "  \n"])
def test_a_blank_prompt_sends_the_input_alone(blank: str) -> None:
    assert messages(blank, "hi") == ({"role": "user", "content": "hi"},)


def test_every_input_slot_is_filled() -> None:
    prompt = "Text: {input}\nAgain: {{input}} and {{ input }}."
    assert messages(prompt, "hi") == ({"role": "user", "content": "Text: hi\nAgain: hi and hi."},)


@given(st.text())
def test_the_input_is_never_looked_at_for_slots(input: str) -> None:
    evil = input + r"{input}{{input}}\1\g<0>{label}"
    assert messages("a {input} b", evil) == ({"role": "user", "content": f"a {evil} b"},)
    assert messages("plain", evil)[1]["content"] == evil


@pytest.mark.parametrize(
    "prompt", ["${x} costs {0}", "{% if a %}", "{{ }}", '{"label": 1}', "{}", "{a b}", "{", "%s"]
)
def test_other_braces_are_data(prompt: str) -> None:
    assert placeholders(prompt) == ()
    assert messages(prompt, "hi")[0] == {"role": "system", "content": prompt}


def test_the_slots_a_rewrite_must_keep_are_listed_once_as_written() -> None:
    assert placeholders("{input} {{ name }} {input} {größe} ${x}") == ("{input}", "{{ name }}", "{größe}")
    assert placeholders("${input}") == ("{input}",)
