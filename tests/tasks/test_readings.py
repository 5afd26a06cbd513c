"""What is read of a reply before it is judged: every form of an answer, and nothing that is another one."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.core.codec import decode, encode
from lab.core.task import Example, Task
from lab.errors import MisuseError
from lab.tasks import bundled
from lab.tasks.metrics import METRICS, judge, usual_reading
from lab.tasks.readings import READINGS, STRICT, check, fitting, read

SENTIMENT = ("negative", "positive")
POSITIVE = Example.of("A film.", "positive")


def read_label(reply: str, reading: str = "label", labels: tuple[str, ...] = SENTIMENT) -> str | None:
    return read(reading, reply, labels, ())


FORMS = [
    "positive", "Positive.", " POSITIVE\n", "**positive**", "**Positive**.", '"positive"', "`positive`", "(positive)",
    "[positive]", "{positive}", "<positive>", "Label: positive", "Sentiment: Positive", "The answer is positive.",
    "positive!", "<b>positive</b>", '{"label": "positive"}', "```\npositive\n```", "Positive\n\nThe film is praised.",
    "positive (warm words)", "“positive”", "„positive“", "«positive»", "「positive」", "Final answer: \\boxed{positive}",
    "- positive", "* positive", "1. positive", "(a) positive", "> positive", "# Positive", "\\text{positive}",
    "$\\text{positive}$", "\\(\\boxed{\\text{positive}}\\)", "**Label**: positive", "**Label:** positive",
    "**Answer: Positive**", '```json\n{"label": "positive", "confidence": 0.9}\n```', "{'label': 'positive'}",
    '["positive"]', '{"result": {"sentiment": "Positive"}}', "😊 positive", "positive 👍", "✅ Positive", "ｐｏｓｉｔｉｖｅ",
    "positive。", "positive！", "positive؟", "positive…", "Positive (confidence 90%)", "Positive - 95%",
    "positive, with high confidence", "Positive</s>", "positive<|eot_id|>negative", "<|im_start|>assistant\npositive<|im_end|>",
    "<answer>positive</answer>", "Let me see. It praises.\n\n<label>Positive</label>", "It's good.\nAnswer: Positive",
    "So the answer is: **Positive**", "Sentiment = positive", "Label -> positive", "The label is \"positive\".",
    "The sentiment of this review is **positive**.", "This review is positive.", "It is positive.", "I think it's positive.",
    "I'd classify this review as positive.", "Positive sentiment", "Sentiment:\npositive", "Here is the label:\n\npositive",
    "pos\u200bitive", "\ufeffpositive", "\u202apositive\u202c", "&quot;positive&quot;", "| positive |",
    "Positive\nConfidence: 0.9", "Reason: warm words. Label: positive", "Answer：positive", "答案：positive", "答案是positive。",
    "<think>Is it negative?</think>positive", "Is it negative? No.</think>\n\npositive", "Category: positive (not negative)",
    "The sentiment expressed in this review is overwhelmingly positive.", "Very positive!", "mostly positive",
    "The review is positive rather than negative.", "Label: 1 (positive)", "1 - positive", "Sure, positive.",
    '{"sentiment": "positive", "reason": "the cast is pra', "{'sentiment': 'positive', 'reason': 'not negative'}",
    "<|channel|>analysis<|message|>negative?<|end|><|start|>assistant<|channel|>final<|message|>positive<|return|>",
    "Step 1: The tone is warm.\nStep 2: No negative words.\n\nTherefore, the sentiment is **positive**.",
    "Answer: positive\n\nExplanation: The reviewer says the plot is not negative at all.", "The text indicates: positive",
    "positive\n\nInput: A dull film.\nOutput: negative", "Initial guess: negative\nFinal answer: positive",
]  # fmt: skip


@pytest.mark.parametrize("reply", FORMS)
def test_a_label_is_read_in_every_form_that_models_give_it(reply: str) -> None:
    assert read_label(reply) == "positive"


OTHERS = [
    "not positive", "The review is not positive.", "It isn't positive", "Not: positive", "non-positive", "unpositive",
    "positive or negative", "positive/negative", "positive, negative", "- positive\n- negative", "positive\nnegative",
    "positive (or negative)", "The opposite of positive", "The wrong answer is positive", "Is it positive?",
    "It is hard to tell if the review is positive", "It can't be said to be positive", "", " \n", "positivity",
    "There is nothing positive about it", "neither positive nor negative", "I do not know.", "anything but: positive",
    "hardly positive", "not very positive", "Not clearly positive", "very positive and very negative", "1 (not positive)",
    "mostly positive, partly negative", '{"label": "posit', '{"options": ["positive", "negative"', "so not positive",
]  # fmt: skip


@pytest.mark.parametrize("reading", ["label", "named", "whole"])
@pytest.mark.parametrize("reply", OTHERS)
def test_what_denies_a_label_or_leaves_it_open_is_not_read_as_it(reply: str, reading: str) -> None:
    assert read_label(reply, reading) is None


@pytest.mark.parametrize(
    "reply",
    [
        "negative -> positive", "negative: positive",
        '{"positive": true, "negat', "nearly positive", "partially positive", "initially positive", "less positive", "It is unlikely positive",
        "apparently positive", "positive over time",
    ],
)  # fmt: skip
def test_a_label_that_is_half_said_is_no_label(reply: str) -> None:
    assert read_label(reply) is None


@pytest.mark.parametrize(
    ("labels", "reply", "label"),
    [
        (("invalid", "valid"), "invalid", "invalid"),
        (("invalid", "valid"), "Not valid", None),
        (("invalid", "valid"), "valid or invalid", None),
        (("no", "yes"), "I do not know", None),
        (("no", "yes"), "I have no idea", None),
        (("no", "yes"), "nothing", None),
        (("no", "yes"), "I'd say no.", "no"),
        (("not ok", "ok"), "Oktober", None),
        (("not ok", "ok"), "It is not ok.", "not ok"),
        (("non-toxic", "toxic"), "This is non-toxic", "non-toxic"),
        (("0", "1"), "1.0", "1"),
        (("0", "1"), "Yes", None),
        (("-1", "0", "1"), "-1", "-1"),
        (("1", "2", "3", "4", "5"), "4 stars", "4"),
        (("01", "02"), "01", "01"),
        (("false", "true"), "True", "true"),
        (("C", "C#", "C++"), "C++.", "C++"),
        (("C", "C#", "C++"), "**C#**", "C#"),
        (("N/A", "yes"), "N/A.", "N/A"),
        (("👎", "👍"), "👍\ufe0f", "👍"),
        (("<", ">"), "`>`", ">"),
        (("card_blocked", "card_lost"), "Card lost.", "card_lost"),
        (("(A)", "(B)"), "A", "(A)"),
        (("(A)", "(B)"), "(B) Paris", "(B)"),
        (("A", "B"), "B. Paris", "B"),
        (("负面", "正面"), "答案是正面。", "正面"),
        (("Positiv", "positive"), "positive", "positive"),
        (("0 - no", "1 - yes"), "1 - yes", "1 - yes"),
        (("invalid", "valid"), "The argument is deductively invalid.", "invalid"),
        (("invalid", "valid"), "The argument is not deductively valid.", None),
        (("positive", "very positive"), "Very positive.", "very positive"),
        (("access", "bug"), "The ticket is about a bug.", "bug"),
        (("access", "bug"), '{"access": false, "bug": true}', "bug"),
        (("access", "bug"), '{"access": true, "bug": true}', None),
        (("access", "bug"), "The ticket is about debugging.", None),
    ],
)
def test_labels_of_all_kinds_are_told_apart(labels: tuple[str, ...], reply: str, label: str | None) -> None:
    assert read_label(reply, "label", labels) == label
    assert read_label(reply, "named", labels) == label


@pytest.mark.parametrize(
    ("reply", "label"),
    [
        ("I would call this one positive, as it praises the cast.", "positive"),
        ("It is negative, not positive.", "negative"),
        ("Positive: the film is praised.", "positive"),
        ("Some would say positive, others negative.", None),
        ("not only positive but also negative", None),
    ],
)
def test_the_only_label_that_a_reply_names_is_read_where_that_is_asked_for(reply: str, label: str | None) -> None:
    assert read_label(reply, "named") == label


@pytest.mark.parametrize("reading", ["label", "named", "whole", "last", "text", "number", "json"])
@pytest.mark.parametrize("reply", ["```\n```", "``` ```", "```json\n\n```", "```", "```a\n```\n```b\n```"])
def test_an_empty_code_block_says_nothing(reading: str, reply: str) -> None:
    assert read(reading, reply, ("positive", "negative"), ()) is None


def test_fences_that_do_not_match_hold_no_label() -> None:
    assert read("label", "~~~x\n```\n", ("positive", "negative"), ()) is None


def test_the_letter_of_a_choice_is_no_article() -> None:
    assert read_label("The correct option is B because of a rule", "named", ("A", "B")) == "B"
    assert read_label("a dog, as far as I see", "named", ("A", "B")) is None


@pytest.mark.parametrize(
    ("labels", "reply", "label"),
    [
        (SENTIMENT, "Positive. The reviewer praises the cast, although the plot is negative.", "positive"),
        (SENTIMENT, "Positive, because the reviewer praises the cast.", "positive"),
        (SENTIMENT, "Positive — praise for the cast, nothing negative", "positive"),
        (SENTIMENT, "Positive: the review praises the cast", "positive"),
        (SENTIMENT, "The plot is dull. Negative.", "negative"),
        (SENTIMENT, "Positive? No. Negative.", "negative"),
        (SENTIMENT, "Positive. Input: A dull film. Output: negative", "positive"),
        (("no", "yes"), "Yes, it is.", "yes"),
        (("no", "yes"), "No, because the dates differ.", "no"),
        (("no", "yes"), "**Yes**, the answer follows", "yes"),
        (("A", "B", "C"), "The answer is B, because Paris is in France.", "B"),
        (("A", "B", "C"), "B - Paris", "B"),
        (("A", "B", "C"), "A is wrong. The answer is C.", "C"),
        (("contradiction", "entailment"), "The premise entails it. Therefore: entailment", "entailment"),
        (("access", "bug"), "I would classify this ticket as **access**, since she cannot log in.", "access"),
        (("1", "2"), "1, as the text insults", "1"),
        (("ham", "spam"), "Ham; not spam.", "ham"),
        (("0", "1"), "The label is 0, since 1 would need proof.", "0"),
        (SENTIMENT, "no positive words, so negative", "negative"),
        (("A", "B", "C"), "Both B and C are wrong, so A.", "A"),
        (("A", "B", "C"), "I choose B.", "B"),
        (("no", "yes"), "Sure, yes.", "yes"),
        (("no", "yes"), "no, so yes", None),
        (("A", "B", "C"), "I choose A or B", None),
        (SENTIMENT, "Positive. Negative.", None),
        (SENTIMENT, "Positive. No, negative.", None),
        (SENTIMENT, "Positive. Wait, negative", None),
        (SENTIMENT, "Positive: 0.1, Negative: 0.9", None),
        (SENTIMENT, "Positive: no", None),
        (SENTIMENT, "Positive? Hard to say.", None),
        (SENTIMENT, "Positive: great cast\nNegative: weak plot", None),
        (SENTIMENT, "Positive: great cast\nNegative: weak plot\nOverall: negative", "negative"),
        (("negative", "neutral", "positive"), "Neutral, leaning positive", None),
        (("no", "yes"), "Yes, but no", None),
        (("no", "yes"), "No idea, sorry", None),
        (("access", "question"), "Question: how do I reset my password?", None),
        (("ham", "spam"), "Spam: no", None),
        (("invalid", "valid"), "Not valid. It lacks a date.", None),
    ],
)
def test_a_label_is_read_with_its_reasons_behind_it_where_they_name_no_other(
    labels: tuple[str, ...], reply: str, label: str | None
) -> None:
    assert read_label(reply, "label", labels) == label


@pytest.mark.parametrize(
    ("labels", "reply", "label"),
    [
        (SENTIMENT, "| Review | Sentiment |\n|---|---|\n| The film is great | Positive |", "positive"),
        (SENTIMENT, "| positive | negative |", None),
        (SENTIMENT, "Classification: Positive (confidence: 0.95)", "positive"),
        (SENTIMENT, "This is a positive review.", "positive"),
        (SENTIMENT, "This is not a positive review.", None),
        (SENTIMENT, "#positive", "positive"),
        (SENTIMENT, "{“label”: “positive”}", "positive"),
        (("card_lost", "card_stolen"), "Intent: card\\_lost", "card_lost"),
        (("access", "bug"), "The ticket belongs to the category **access**.", "access"),
        (("access", "bug"), "Based on its content, the most appropriate category is **access**.", "access"),
        (("contradiction", "entailment"), "The relationship between the premise and the hypothesis is **contradiction**.", "contradiction"),
        (("A", "B"), "Option B", "B"),
        (("A", "B"), "The correct option is B: Paris", "B"),
        (("A", "B"), "选B", "B"),
        (("1", "2", "3", "4", "5"), "Rating: 4/5", "4"),
        (("1", "2", "3", "4", "5"), "4 out of 5 stars", "4"),
        (("1", "2", "3", "4", "5"), "★★★★☆", "4"),
        (("1", "2", "3", "4", "5"), "1/2", None),
        (("ネガティブ", "ポジティブ"), "この文の感情は「ポジティブ」です。", "ポジティブ"),
        (("긍정", "부정"), "이 리뷰는 긍정입니다.", "긍정"),
        (("негативный", "позитивный"), "Ответ — позитивный.", "позитивный"),
        (("negativo", "positivo"), "A resposta correta é positivo.", "positivo"),
        (("negativ", "positiv"), "Die richtige Antwort lautet: positiv", "positiv"),
        (("negativ", "positiv"), "Die Stimmung ist nicht positiv.", None),
    ],
)  # fmt: skip
def test_a_label_is_read_in_tables_in_ratings_in_sentences_and_in_other_languages(
    labels: tuple[str, ...], reply: str, label: str | None
) -> None:
    assert read_label(reply, "label", labels) == label


@pytest.mark.parametrize(
    ("answer", "reply", "right"),
    [
        ("1000", "1,000", True), ("42", "**42.**", True), ("42", "The answer is \\boxed{42}.", True),
        ("-3", "It is -3 °C", True), ("-3", "\u22123", True), ("0.5", ".5", True), ("42", "42%", True),
        ("1234.5", "$1,234.50", True), ("42", "٤٢", True), ("42", "４２", True), ("1000000", "1 000 000", True),
        ("1000000", "10,00,000", True), ("1000", "1'000", True), ("1000", "1\u202f000", True), ("3.5", "3,5", True),
        ("1234567.5", "1.234.567,5", True), ("1000", "\\boxed{1\\,000}", True), ("1000", "1{,}000", True),
        ("0.75", "\\boxed{\\frac{3}{4}}", True), ("0.75", "3/4", True), ("1.5", "1½", True), ("1.5", "1 1/2", True),
        ("1/3", "2/6", True), ("25", "25 m^2", True), ("25", "25 m²", True), ("42", "Answer: 42 (see step 3)", True),
        ("42", "42\n\nNote: I used 2 steps.", True), ("42", "1. Add 40.\n2. Add 2.\n\nAnswer: forty-two", True),
        ("75%", "0.75", True), ("0.75", "75 %", True), ("300000", "3 × 10^5", True), ("1024", "2^10", True),
        ("42", "\\boxed{x = 42}", True), ("42", "The total is 42 (rounded to 2 decimals).", True),
        ("42", "<think>17</think>42", True), ("-0.5", "-1/2", True), ("-5", "−$5", True), ("1500", "Rs. 1,500", True),
        ("18", "Answer: Janet sells 16 - 3 - 4 = 9 eggs and makes 9 * 2 = $18", True), ("42", "#### 42\nDone in 2.", True),
        ("42", '{"answer": 42}', True), ("105", "one hundred and five", True), ("42", "**Answer:** 42", True),
        ("70000", "70k", True), ("70000", "$70K", True), ("1500000", "1.5M", True), ("70", "70 km", True), ("70", "70kg", True),
        ("8", "There are 8 instruments: 2 flutes, 1 piano and 5 drums.", True), ("12", "The times: 3 and 9", False),
        ("-7", "minus 7", True), ("-7", "The answer is negative 7.", True), ("7", "10 minus 3 is 7", True),
        ("42", "42\n\nConfidence: 95%", True), ("95", "Confidence: 95", True), ("42", '{"answer": 42,}', True),
        ("1200000", "1.2 million", True), ("5000", "5 thousand dollars", True),
        ("42", "4 2", False), ("42", "142", False), ("42", "-42", False), ("1000", "1.000", False), ("7", "7:30", False),
        ("2024", "3/4/2024", False), ("0.333", "1/3", False), ("42", "The answer is unknown.", False),
    ],
)  # fmt: skip
def test_a_number_is_read_however_it_is_written(answer: str, reply: str, right: bool) -> None:
    assert judge("numeric", (), Example.of("q", answer), reply).hit == right


@pytest.mark.parametrize("reply", ["1.000", "1000", "1 000", "1.000,00"])
def test_with_a_decimal_comma_a_point_parts_thousands(reply: str) -> None:
    assert judge("numeric", (), Example.of("q", "1000"), reply, "number-comma").hit == 1.0
    assert judge("numeric", (), Example.of("q", "3.5"), "3,500", "number-comma").hit == 1.0


@pytest.mark.parametrize(
    ("answer", "reply", "right"),
    [
        ("Paris", "paris", True), ("Paris", "Paris.", True), ("Paris", "**Paris**", True),
        ("Paris", "The answer is Paris.", True), ("The Beatles", "Beatles", True), ("O'Neil", "O’Neil", True),
        ("São Paulo", "Sa\u0303o Paulo", True), (") >", ") >", True), (") >", "] >", False), ("Paris", "Not Paris", False),
        ("Paris", "Parisian", False), ("Paris", "Paris or Rome", False), ("City: Paris", "Country: Paris", False),
        ("Las Vegas", "Vegas", False),
    ],
)  # fmt: skip
def test_a_short_free_answer_is_right_whatever_stands_around_it(answer: str, reply: str, right: bool) -> None:
    assert judge("exact", (), Example.of("q", answer), reply).hit == right


def test_the_last_line_or_what_stands_behind_answer_is_read_where_that_is_asked_for() -> None:
    for reply in ("It is in France.\nParis", "Answer: Paris\nThat was easy.", "Let me think.\n**Answer**:\nParis."):
        assert judge("exact", (), Example.of("q", "Paris"), reply, "last").hit == 1.0
    assert judge("exact", (), Example.of("q", "Paris"), "Paris\nor Rome", "last").hit == 0.0


def test_json_is_read_by_its_value() -> None:
    example = Example.of("q", '{"b": 2, "a": [1]}')
    for reply in ('{"a":[1],"b":2}', 'Here:\n```json\n{"a": [1.0],\n "b": 2}\n```', "{'b': 2, 'a': [1]}"):
        assert judge("exact", (), example, reply, "json").hit == 1.0
    for reply in ("{b: 2, a: [1]}", '{\n  // two\n  "b": 2,\n  "a": [1],\n}', "{“b”: 2, “a”: [1]}"):
        assert judge("exact", (), example, reply, "json").hit == 1.0
    assert judge("exact", (), example, '{"a":[1],"b":"2"}', "json").hit == 0.0
    assert judge("exact", (), example, "none", "json").form == "unread"


@pytest.mark.parametrize(
    "reply",
    [
        '{"b": 2, "a": [1]', '{"a": [1], "b": 2, "c": "cut o', '{"a": [1], "b": 2, "c', '{"a": [1], "b": 2, "c": ', '{"b":2,"a":[1]},',
        'Here:\n```json\n{"a": [1],\n "b": 2',
    ],
)  # fmt: skip
def test_of_json_that_was_cut_off_what_is_whole_is_read(reply: str) -> None:
    assert read("json", reply, (), ()) == '{"a":[1],"b":2}'


@pytest.mark.parametrize(
    "reply", ['{"', "{", "[", "{]", '{"a"', "{a", "[positive", "}{", '{"a": 1}}', '"{', "{input"]
)
def test_what_only_begins_like_json_is_none(reply: str) -> None:
    assert read("json", reply, (), ()) in (None, "{}", "[]", '{"a":1}')


@pytest.mark.parametrize(
    ("reply", "f1"),
    [
        ("cat and dog", 1), ("dog & cat", 1), ("cat / dog", 1), ("cat, and dog", 1), ("{'cat', 'dog'}", 1), ("['cat', 'dog']", 1),
        ('["cat", "dog",]', 1), ('["cat", "dog"', 1), ('{"animals": ["cat", "dog"]}', 1), ("(cat, dog)", 1), ("[cat, dog]", 1),
        ("Here are the animals:\n- cat\n- dog", 1), ('```json\n["cat", "dog"]\n```', 1), ("cat and bird", 0.5), ("catanddog", 0),
    ],
)  # fmt: skip
def test_a_set_is_read_however_it_is_listed(reply: str, f1: float) -> None:
    assert judge("set_f1", (), Example.of("q", "cat, dog"), reply).hit == f1


def test_a_member_that_holds_an_and_is_one() -> None:
    example = Example.of("q", "salt and pepper, rice")
    assert judge("set_f1", (), example, "rice, salt and pepper").hit == 1.0
    assert judge("set_f1", (), example, "rice, pepper and salt").hit == 0.5


def test_a_regular_expression_is_searched_in_bounded_time_and_refused_in_a_sentence() -> None:
    assert judge("exact", (), Example.of("q", "42"), "id=42; n=7", r"regex:id=(\d+)").hit == 1.0
    began = time.process_time()
    assert judge("exact", (), Example.of("q", "42"), "a" * 19_000 + "!", r"regex:(a|aa)+$").hit == 0.0
    assert time.process_time() - began < 5
    for bad in ("regex:", "regex:(", "bleu"):
        with pytest.raises(MisuseError):
            check(bad)


def test_how_a_right_answer_was_given_is_told() -> None:
    assert judge("accuracy", SENTIMENT, POSITIVE, "Positive.").form == "plain"
    assert judge("accuracy", SENTIMENT, POSITIVE, "**Positive**").form == "other"
    assert judge("accuracy", SENTIMENT, POSITIVE, "Perhaps.").form == "unread"
    assert judge("accuracy", SENTIMENT, POSITIVE, "<think>Hm.</think>Perhaps.").got == "Perhaps."


@pytest.mark.parametrize("name", sorted(READINGS))
def test_every_reading_reads_its_own_example(name: str) -> None:
    one = READINGS[name]
    reply, found = one.example
    labels = SENTIMENT if found in SENTIMENT and name != STRICT else ()
    read_ = read(name, reply, labels, ("positive",) if found == "positive" else ())
    assert read_ == (reply if name == STRICT else found)
    assert one.about.endswith(".")
    assert name in fitting(SENTIMENT) or name in fitting(())


def test_the_usual_reading_suits_metric_and_labels() -> None:
    chosen = [("exact", SENTIMENT), ("exact", ()), ("numeric", ()), ("field_f1", ()), ("contains", SENTIMENT)]
    assert [usual_reading(*one) for one in chosen] == ["label", "whole", "number", "json", "text"]


def test_a_task_that_was_stored_before_there_were_readings_is_read_strictly_and_keeps_its_id() -> None:
    old = {name: value for name, value in encode(Task("t", "s", (), ())).items() if name != "reading"}
    assert decode(old).reading == STRICT
    assert encode(decode(old)) == old
    assert decode(encode(Task("t", "s", (), ()))).reading == ""


def test_the_bundled_tasks_are_read_strictly_since_the_form_is_part_of_them() -> None:
    assert {bundled.load(name).reading for name in bundled.names()} == {STRICT}


@settings(deadline=None)
@given(st.sampled_from(sorted(READINGS)), st.text(), st.sampled_from([(), SENTIMENT, ("(", ")")]))
def test_reading_never_fails(reading: str, reply: str, labels: tuple[str, ...]) -> None:
    for metric in METRICS:
        hit = judge(metric, labels, Example.of("q", "positive"), reply, reading).hit
        assert 0.0 <= hit <= 1.0 if hit is not None else metric == "judge"


@settings(deadline=None)
@given(
    st.sampled_from(SENTIMENT),
    st.lists(
        st.sampled_from(["**{}**", "({})", '"{}"', "`{}`", "Label: {}", "{}.", " {} ", "<i>{}</i>", "[{}]"]),
        max_size=3,
    ),
)
def test_wrappings_may_be_nested(label: str, around: list[str]) -> None:
    reply = label
    for one in around:
        reply = one.format(reply)
    assert read_label(reply) == label


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "{",
        "[",
        "(a",
        "answer: ",
        "1 ",
        "1,",
        "\\frac{",
        "not positive ",
        "é",
        "</s>",
        '{"a": ',
        '"',
        "very ",
        ", so ",
        "minus 1",
        "positive, not ",
    ],
)
def test_a_megabyte_of_anything_is_read_in_linear_time(piece: str) -> None:
    reply = piece * (1_000_000 // len(piece))
    for reading in ("named", "number", "json"):
        began = time.process_time()
        read(reading, reply, SENTIMENT, ("positive",))
        assert time.process_time() - began < 5


def test_an_expression_that_never_ends_holds_up_no_other_thread() -> None:
    waited: list[float] = []
    over = threading.Event()

    def works() -> None:
        last = time.perf_counter()
        while not over.is_set():
            time.sleep(0.005)
            waited.append(time.perf_counter() - last)
            last = time.perf_counter()

    other = threading.Thread(target=works)
    other.start()
    began = time.perf_counter()
    assert read(r"regex:(\w+\s?)+$|(a|aa)+$", "a" * 40 + "!", ("yes",), ("yes",)) is None
    took = time.perf_counter() - began
    over.set()
    other.join()
    assert max(waited) < max(0.2, took / 2), "before, the one thread waited for all that the other took"
