"""Rewordings and shortened prompts are made by rule: they differ in one thing, and keep what must be kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.core.layout import placeholders
from lab.tasks.variants import MOST_REWORDED, Variant, reworded, sentences, without_sentences

LABELS = ("positive", "negative")
PROMPTS = (
    "Is this review positive or negative?",
    "Classify the review: positive or negative. Answer in one word.",
    "Premise: {premise}\nHypothesis: {hypothesis}\nAnswer yes or no.",
    "判断这条评论的情感。只回答一个词。",
    "x",
)


@pytest.mark.parametrize("prompt", PROMPTS)
def test_there_are_ten_rewordings_of_any_prompt_each_another_one(prompt: str) -> None:
    found = reworded(prompt, LABELS, ("premise", "hypothesis"))
    assert len(found) == MOST_REWORDED
    assert len({one.text for one in found} | {prompt}) == MOST_REWORDED + 1
    for one in found:
        assert placeholders(one.text) == placeholders(prompt)


def test_what_each_rule_does() -> None:
    found = {
        one.what: one.text for one in reworded("Classify: good or Bad? Be brief. Use one word.", ("good", "bad"))
    }
    assert found["labels in another order"] == "Classify: bad or Good? Be brief. Use one word."
    assert found["a synonym"] == "Categorize: good or Bad? Be brief. Use one word."
    assert found["last two sentences swapped"] == "Classify: good or Bad? Use one word. Be brief."
    assert found["a bullet for each sentence"] == "- Classify: good or Bad?\n- Be brief.\n- Use one word."
    assert found["line ends for colons"] == "Classify:\ngood or Bad? Be brief. Use one word."
    assert found["other case of the first letter"] == "classify: good or Bad? Be brief. Use one word."
    assert reworded("Please sort it.")[0] == Variant("“Please” before it", "Sort it.")


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("One. Two! Three?", ("One.", "Two!", "Three?")),
        ("Use marks, e.g. a dot. Be brief", ("Use marks, e.g. a dot.", "Be brief")),
        ("1. First\n2. Second", ("1. First", "2. Second")),
        ("- a\n\n- b", ("- a", "- b")),
        ("判断。回答。", ("判断。", "回答。")),
        ("It is 3.5 at most. Yes.", ("It is 3.5 at most.", "Yes.")),
        ('Say "yes." Then stop.', ('Say "yes."', "Then stop.")),
    ],
)
def test_sentences_are_told_apart(prompt: str, expected: tuple[str, ...]) -> None:
    assert sentences(prompt) == expected


def test_each_sentence_is_left_out_once_but_not_one_with_a_slot_and_not_the_only_one() -> None:
    assert without_sentences("Only one.") == ()
    found = without_sentences("Read {text}. Be brief.\nAnswer.", ("text",))
    assert found == (Variant("Be brief.", "Read {text}. Answer."), Variant("Answer.", "Read {text}. Be brief."))


@given(st.text(max_size=300))
def test_no_text_of_a_prompt_is_lost_between_sentences(prompt: str) -> None:
    assert "".join("".join(sentences(prompt)).split()) == "".join(prompt.split())
    for one in without_sentences(prompt):
        assert one.text != prompt
    reworded(prompt, LABELS)
