"""How a prompt and an input become messages: slots by `input` or by the names of columns, all else letter for letter."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.core.asks import Evaluate
from lab.core.codec import decode, encode
from lab.core.layout import filled, joined, messages, placeholders, whole
from lab.core.task import Example, Task
from lab.models.plan import evaluate_calls
from lab.models.roles import Models
from lab.optimizers.placing import bare, framed
from lab.optimizers.replies import candidate_flaw

NLI = (("premise", "It rains."), ("hypothesis", "It is {premise}."))


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


@pytest.mark.parametrize("slots", ["{premise} | {hypothesis}", "{{premise}} | {{ hypothesis }}"])
def test_columns_are_put_where_the_prompt_names_them_and_not_looked_at_again(slots: str) -> None:
    assert messages(slots, joined(NLI), NLI) == ({"role": "user", "content": "It rains. | It is {premise}."},)


def test_without_a_slot_several_columns_follow_the_prompt_a_line_each() -> None:
    system, user = messages("Does it follow?", joined(NLI), NLI)
    assert system["content"] == "Does it follow?"
    assert user["content"] == "premise: It rains.\nhypothesis: It is {premise}."
    assert messages("Does it follow? {input}", joined(NLI), NLI)[0]["content"].endswith(user["content"])


def test_a_column_whose_name_is_no_identifier_has_a_slot_too() -> None:
    fields = (("Tweet text", "so good"), ("Tweet", "1"))
    assert messages("{Tweet} {Tweet text} {tweet}", "", fields)[0]["content"] == "1 so good {tweet}"
    assert placeholders("{Tweet text} {tweet}", ("Tweet text",)) == ("{Tweet text}", "{tweet}")
    assert filled("{Tweet text} {tweet}", ("Tweet text",)) == ("{Tweet text}",)
    assert messages("{a.b*}", "", (("a.b*", "1"),))[0]["content"] == "1"


@given(st.lists(st.tuples(st.text(min_size=1), st.text()), max_size=4), st.text())
def test_any_names_and_texts_make_messages(fields: list[tuple[str, str]], prompt: str) -> None:
    assert messages(prompt, "in", fields)


def test_an_example_of_one_column_is_stored_as_before_and_one_of_several_with_its_fields() -> None:
    one, two = Example.of("a", "b"), Example.of("premise: a\nhypothesis: c", "b", (), ("a", "c"))
    assert "fields" not in encode(one)
    assert (decode(encode(one)), decode(encode(two))) == (one, two)
    task = Task("t", "s", (one,), (two,), inputs=("premise", "hypothesis"))
    assert "inputs" not in encode(replace(task, inputs=()))
    assert decode(encode(task)) == task
    assert task.fields(two) == (("premise", "a"), ("hypothesis", "c"))
    assert replace(task, inputs=("text",)).fields(one) == (("text", "a"),)
    assert Task("t", "s", (one,), (two,)).fields(one) == ()


def test_a_target_model_is_sent_the_columns_in_their_slots() -> None:
    example = Example.of(joined(NLI), "neutral", (), tuple(text for _, text in NLI))
    task = Task("nli", "s", (), (example,), inputs=("premise", "hypothesis"))
    prompts = ("Does {premise} entail {{hypothesis}}?",)
    (call,) = evaluate_calls(Evaluate(prompts, (example.id,), "dev"), task, Models()["target"])
    assert call.body["messages"] == [{"role": "user", "content": "Does It rains. entail It is {premise}.?"}]


def test_a_rewrite_that_loses_the_slot_of_a_column_is_flawed() -> None:
    flaw = candidate_flaw("Judge {premise}.", "Compare {premise} and {Tweet text}.", (), 99, ("Tweet text",))
    assert flaw
    assert (flaw.code, flaw.texts) == ("lost_placeholders", ("{Tweet text}",))


def test_a_column_called_input_is_one_of_several_and_the_whole_is_framed_by_all() -> None:
    inputs = ("instruction", "input")
    assert (whole(), whole(("input",)), whole(("text",))) == ("{input}",) * 3
    assert whole(inputs) == "instruction: {instruction}\ninput: {input}"
    for position in ("question_start", "question_end", "answer_start"):
        prompt = framed("Be brief.", position, inputs)
        assert "{instruction}" in prompt
        assert bare(prompt, position, inputs) == "Be brief."
    assert framed("Do {instruction}.", "question_end", inputs) == "Do {instruction}."
