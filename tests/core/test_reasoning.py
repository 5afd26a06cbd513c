"""Thinking aloud is found by its marks, whatever a model's maker chose for them, and nothing else is."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.core.reasoning import without_reasoning

BLOCKS = (
    "<think>\nIt could be either.\n</think>\n\npositive",
    "<thinking>It could be either.</thinking>positive",
    "<THINK>It could be either.</THINK>\npositive",
    "<reasoning>\nIt could be either.\n</reasoning>\npositive",
    "<reflection>It could be either.</reflection> positive",
    "[THINK]It could be either.[/THINK]positive",
    "◁think▷It could be either.◁/think▷positive",
    "&lt;think&gt;It could be either.&lt;/think&gt;\npositive",
    "<|begin_of_thought|>It could be either.<|end_of_thought|>\n<|begin_of_solution|>positive<|end_of_solution|>",
    "<|channel|>analysis<|message|>It could be either.<|end|><|start|>assistant<|channel|>final<|message|>positive",
    "It could be either.</think>\n\npositive",
    "positive\n<think>It could be either.</think>",
    '<think type="long">It could be either.</think>positive',
)


@pytest.mark.parametrize("reply", BLOCKS)
def test_a_block_of_thinking_is_cut_and_kept(reply: str) -> None:
    assert without_reasoning(reply) == ("positive", "It could be either.")


def test_several_blocks_are_all_cut() -> None:
    reply = "<thinking>one</thinking><reflection>two</reflection>\nyes"
    assert without_reasoning(reply) == ("yes", "one\n\ntwo")


def test_nested_thinking_ends_with_the_last_tag() -> None:
    assert without_reasoning("<think>a <think>b</think> c</think>yes")[0] == "yes"


def test_thinking_that_is_not_closed_leaves_nothing() -> None:
    assert without_reasoning("<think>It could be either, but") == ("", "It could be either, but")


def test_channels_without_their_marks_are_told_apart() -> None:
    assert without_reasoning("analysisWe need one word.assistantfinalpositive")[0] == "positive"


@pytest.mark.parametrize("text", [
    "Reason inside <think></think> tags, then answer.",
    "Put your reasoning between <thinking> and </thinking>. Answer in the last line.",
    "analysis of sentiment: positive", "a < b", "", "  spaced  ",
])  # fmt: skip
def test_a_text_that_only_speaks_of_thinking_stays_as_it_is(text: str) -> None:
    assert without_reasoning(text) == (text, "")


@given(st.text(alphabet="<>/[]thinkreaso \n|", max_size=80))
def test_what_is_left_is_never_cut_again_for_a_block(text: str) -> None:
    said, _ = without_reasoning(text)
    assert len(said) <= len(text)


@pytest.mark.parametrize(
    "piece", ["<", "<think>", "</think>", "<think ", "[think", "analysis", "\n<think>x</think>", "a <think>"]
)
def test_a_megabyte_of_marks_takes_no_time(piece: str) -> None:
    began = time.process_time()
    without_reasoning(piece * (1_000_000 // len(piece)))
    assert time.process_time() - began < 5
