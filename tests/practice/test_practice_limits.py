"""The practice model under hostile texts: time and memory grow no faster than a request, and all stays readable."""

from __future__ import annotations

from contextlib import suppress
from itertools import count
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.errors import MisuseError
from lab.practice.explanation import explain
from lab.practice.kind import LONGEST_INSTRUCTION, LONGEST_TEXT
from lab.practice.metaprompt import look_at
from lab.practice.protocol.chat import complete
from lab.practice.protocol.checks import Refused
from lab.practice.protocol.faults import Conditions
from lab.practice.reading import sentences
from lab.practice.remembered import remembered
from lab.practice.serve import serve
from lab.practice.target import answer
from lab.tasks.bundled import load, names

pytestmark = pytest.mark.long
PROMPT = "Is this review positive or negative?"
ERROR = "Input: The film was not bad.\nExpected: positive\nGiven: negative\n\n"
UNITS = (
    "a", " ", "\n", "\n ", "\r\n", "\x0b", "“", '"', "<a>", "<prompt>", "<TEXT>", "<a_", "```a", "Input: ",
    "Input: a\n", "Input: a\nOutput: b\n", ERROR, "prompt: “a", "text: a\n", "text: a\nscore: 1\n", "score: 1\n",
    "not a ", "1/1/20 ", "2 eggs each ", "Ann Lee, ", "jan. ", "input ", "😀",
)  # fmt: skip
PLACES = (
    *((load(name).start, "{}") for name in names()),
    *((load(name).start + " {}", load(name).dev[0].input) for name in names()),
    ("", "{}"),
    ("", PROMPT + "\n\nReview: {}"),
    ("", "a{}"),
    ("", "Instruction: " + PROMPT + "{}\nSay it in other words."),
    ("", "What was the instruction?\n{}"),
    ("", f"<prompt>{PROMPT}</prompt>\n{ERROR}Input: {{}}\nExpected: a\nGiven: b\n\nGive 3 reasons why. <START>"),
    ("", f"<prompt>{PROMPT}</prompt>\n{ERROR}<critique>{{}}</critique>\nWrite 3 better versions. <START>"),
    ("", f"<prompt>{PROMPT} {{}}</prompt>\n{ERROR}<critique>No negation.</critique>\nWrite 3 better versions."),
    ("", f"<TEXT>{PROMPT}</TEXT>\nscore: 50\n{{}}\nWrite an instruction with a higher score."),
)


def ask(place: tuple[str, str], text: str) -> None:
    roles = ("system", "user")
    messages = [
        {"role": role, "content": said.replace("{}", text)} for role, said in zip(roles, place, strict=True)
    ]
    # A text of no kind is refused.
    with suppress(Refused):
        complete({"model": "practice", "temperature": 0, "messages": messages})


def seconds(unit: str, length: int) -> float:
    text = (unit * (length // len(unit) + 1))[:length]
    start = process_time()
    for place in PLACES:
        ask(place, text)
    return process_time() - start


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    for place in PLACES:
        ask(place, "Input: warm\nOutput: words\n\n")


@pytest.mark.parametrize("unit", UNITS)
def test_four_times_the_text_takes_no_more_than_eight_times_as_long(unit: str) -> None:
    least = 0.1  # seconds: below it the rest of the machine is measured
    assert seconds(unit, 50_000) < 8 * max(least, seconds(unit, 12_500))


def test_what_is_behind_the_limits_is_not_read() -> None:
    text, tail = "The film was good. " * 220, "x" * 50_000
    assert len(text) > LONGEST_TEXT
    assert answer(PROMPT, text) == answer(PROMPT, text + tail)
    prompt = PROMPT + " Mind irony." * 700
    assert len(prompt) > LONGEST_INSTRUCTION
    assert answer(prompt, "A dull film.") == answer(prompt + tail, "A dull film.")
    assert explain(prompt, text) == explain(prompt + tail, text + tail)


@given(st.text(alphabet="ab \n.!\"'é", max_size=3000))
def test_sentences_lose_nothing_but_space_and_quotes_between_them(text: str) -> None:
    kept = "".join(sentences(text))
    assert [c for c in kept if c in "abé.!"] == [c for c in text if c in "abé.!"]
    assert all(len(part) <= 601 for part in sentences(text))


def test_a_sentence_that_is_very_long_is_cut_between_words() -> None:
    words = "take the overall verdict " * 100
    parts = sentences(words)
    assert len(parts) > 1
    assert " ".join(parts).split() == words.split()


def test_a_thousand_rows_are_read_as_a_hundred() -> None:
    assert len(look_at(ERROR * 1000).errors) == 100


def test_short_texts_are_remembered_and_few_long_ones() -> None:
    counted = count()

    @remembered(100)
    def numbered(text: str) -> int:
        return next(counted)

    short, long = [str(i) for i in range(50)], [str(i) * 5000 for i in range(50)]
    assert [numbered(text) for text in short] == [numbered(text) for text in short]
    assert numbered(long[0]) == numbered(long[0])
    first = [numbered(text) for text in long]
    assert [numbered(text) for text in long] != first


def test_many_replies_to_a_long_text_are_refused_with_a_way_out() -> None:
    body = {"model": "practice", "n": 128, "messages": [{"role": "user", "content": "Review: good " * 2000}]}
    with pytest.raises(Refused, match="Ask for fewer at once") as refused:
        complete(body)
    assert refused.value.param == "n"
    assert len(complete({**body, "n": 3})["choices"]) == 3


def test_a_wait_of_days_is_misuse() -> None:
    with pytest.raises(MisuseError, match="one hour"):
        Conditions(latency_ms=1e300)


def test_a_server_without_an_address_is_not_opened_to_the_network() -> None:
    with pytest.raises(MisuseError, match=r"127\.0\.0\.1"):
        serve("", 0, Conditions(), print)
