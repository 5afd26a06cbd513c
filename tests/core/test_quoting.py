"""Which examples a text quotes: whole short inputs, runs of long ones, answers; boilerplate counts for none."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from lab.core.quoting import near, quoted
from lab.core.task import Example, Task

WORDS = ("river", "stone", "lamp", "table", "green", "quiet", "seven", "paper", "wind", "north", "glass", "road")


def long(seed: int, n: int = 20) -> str:
    return " ".join(WORDS[(seed * 7 + i * i + i * seed) % len(WORDS)] + str(seed * i % 5) for i in range(n))


def task(
    inputs: list[str], dev: list[str] | None = None, answer: str = "yes", labels: tuple[str, ...] = ("yes",)
) -> Task:
    train, dev_rows = (
        [Example.of(text, answer) for text in texts] for texts in (inputs, dev or ["unrelated words of dev here"])
    )
    return Task("t", "s", tuple(train), tuple(dev_rows), labels=labels)


def found(text: str, of: Task) -> dict[str, list[str]]:
    return {one.split: [example.input for example in one.examples] for one in quoted(text, of)}


def test_a_short_input_counts_whole_in_any_case_and_punctuation() -> None:
    held = task(["Note 0: a dreary film.", "Note 1: a superb film."], ["Note 2: a tedious film."])
    prompt = "If the text is 'note 0 - A dreary FILM!' say no; Note 2: a tedious film. is bad."
    assert found(prompt, held) == {"train": ["Note 0: a dreary film."], "dev": ["Note 2: a tedious film."]}
    assert found("Say whether a film is dreary or superb.", held) == {}


def test_a_run_of_a_long_input_counts_and_a_phrase_of_it_does_not() -> None:
    held = task([long(1), long(2)])
    words = long(1).split()
    assert found(f"Remember: {' '.join(words[3:15])}.", held) == {"train": [long(1)]}
    assert found(f"Remember: {' '.join(words[3:9])}.", held) == {}


def test_what_many_examples_share_is_the_wording_of_the_task() -> None:
    shared = "How would a typical person answer each of the following questions about causation?"
    held = task([f"{shared} {long(i)}" for i in range(1, 6)])
    assert found(f"{shared} Think first.", held) == {}


def test_a_word_counts_with_its_answer_behind_it_alone() -> None:
    held = task(["hot", "light"], answer="cold", labels=())
    assert found("Write the opposite of the word, hot or light.", held) == {}
    assert found("Input: hot\nOutput: cold", held) == {"train": ["hot"]}


def test_a_long_answer_counts_where_it_is_no_label() -> None:
    answer = "The ball was kicked by the tall girl"
    held = task(["Rewrite number 5"], answer=answer, labels=())
    assert found(f"Write it so: {answer}.", held)["train"] == ["Rewrite number 5"]
    assert found(f"Write it so: {answer}.", task(["Rewrite number 5"], answer=answer, labels=(answer,))) == {}


def test_scripts_without_spaces_are_compared_by_character() -> None:
    held = task(["这部电影非常无聊而且太长了我不喜欢它"])
    assert found("例如：这部电影非常无聊而且太长了我不喜欢它。答案：负面", held)["train"]


def test_dev_inputs_that_are_nearly_in_train_are_found() -> None:
    train = [Example.of(long(i), "a") for i in range(1, 9)]
    words = long(3).split()
    dev = [
        Example.of(" ".join(("Well", *words, "now")), "a"),
        Example.of(long(20), "a"),
        Example.of("(a) very short film", "a"),
    ]
    assert near(dev, [*train, Example.of("A very, short film!", "b")]) == (0, 2)
    assert near(dev, train[:2]) == ()


@given(st.text(max_size=60), st.lists(st.text(max_size=40), max_size=5))
def test_any_texts_are_compared(text: str, inputs: list[str]) -> None:
    held = task(inputs)
    assert all(example in held.split(one.split) for one in quoted(text, held) for example in one.examples)
    near(held.dev, held.train)


def test_time_grows_with_the_length_alone() -> None:
    held = task([long(i, 40) for i in range(3_000)])
    prompt = "a b " * 100_000
    before = time.process_time()
    quoted(prompt, held)
    near(held.train, held.train)
    assert time.process_time() - before < 6
