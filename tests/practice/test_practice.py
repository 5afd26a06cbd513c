"""The practice model as target model: what switches skills, what harms, the personalities, the glass box."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.bench.direct import score as dev_score
from lab.core.task import Example, Task
from lab.errors import MisuseError, ModelError
from lab.practice import MODELS, knows, respond
from lab.practice.explanation import explain
from lab.practice.kind import FORMAT, Kind
from lab.practice.kinds import KINDS
from lab.practice.personality import CHATTY, HASTY, LITERAL, PERSONALITIES, Personality, personality_of
from lab.practice.reading import kind_of, mentions, read, sentences
from lab.practice.target import Draw, answer, kind_by_text, skills_at_work, split_messages, split_mixed
from lab.tasks import bundled
from lab.tasks.bundled import expert_prompt, load, misleading_prompt, names
from lab.tasks.metrics import judge

by_task = pytest.mark.parametrize("name", names())
by_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
by_personality = pytest.mark.parametrize("who", PERSONALITIES, ids=lambda who: who.name)
START = "Is this review positive or negative?"
ODD = ("", "banana", "Write a haiku about the sea.", "Write a long poem about the moon over the quiet sea.")


@lru_cache(maxsize=1024)
def score(name: str, prompt: str, who: Personality = CHATTY) -> float:
    return dev_score(load(name), prompt, f"practice-{who.name}")


def every(name: str) -> Iterator[Example]:
    task = load(name)
    yield from (*task.train, *task.dev, *task.test)


# Kinds.


def test_there_is_one_kind_for_each_bundled_task() -> None:
    assert tuple(kind.name for kind in KINDS) == names()


@by_kind
def test_every_kind_has_a_format_skill_and_skills_named_once(kind: Kind) -> None:
    assert FORMAT in kind.by_name
    assert len(kind.by_name) == len(kind.skills)


@by_kind
def test_every_rule_and_every_cause_speaks_of_its_own_skill_alone(kind: Kind) -> None:
    for skill in kind.skills:
        for rule in skill.rules:
            told = kind.fill(skill.name, rule, "")
            spoken = frozenset().union(*(mentions(part, kind) for part in sentences(told)))
            assert spoken == {skill.name}, told
        for cause in skill.causes:
            plain = cause.replace("{quote}", "")
            assert mentions(plain, kind) == {skill.name}, plain


@by_kind
def test_every_rule_says_what_to_do_so_that_the_literal_model_heeds_it(kind: Kind) -> None:
    for skill in kind.skills:
        for rule in skill.rules:
            reading = read(kind.fill(skill.name, rule, ""), kind)
            assert any(asked.says_what_to_do for asked in reading.asked), rule


@by_kind
def test_every_opening_names_its_kind(kind: Kind) -> None:
    assert {kind_of(opening) for opening in kind.openings} == {kind}


@by_task
def test_start_expert_and_misleading_prompts_name_their_kind(name: str) -> None:
    prompts = [load(name).start, *(expert_prompt(name, who.name) for who in PERSONALITIES), misleading_prompt(name)]
    assert [kind.name if (kind := kind_of(prompt)) else None for prompt in prompts] == [name] * len(prompts)


@by_task
def test_an_example_is_taken_for_its_own_kind(name: str) -> None:
    found = [kind.name if (kind := kind_by_text(example.input)) else None for example in every(name)]
    assert None not in found
    assert found.count(name) >= 0.85 * len(found)


@by_task
def test_an_example_is_solved_with_every_skill_and_the_expert_prompt(name: str) -> None:
    kind = next(kind for kind in KINDS if kind.name == name)
    prompt = expert_prompt(name, "literal")
    on = read(prompt, kind).skills if kind.alternatives else frozenset(kind.by_name)
    right = [kind.solve(example.input, on, prompt) == example.answer for example in every(name)]
    assert sum(right) >= 0.93 * len(right)


# Calibration: the figures of the benchmark, on dev.


@by_task
@by_personality
def test_prompts_score_in_the_order_of_what_they_say(name: str, who: Personality) -> None:
    start = score(name, load(name).start, who)
    assert 0.35 <= start <= 0.70
    assert score(name, expert_prompt(name, who.name), who) >= 0.90
    assert max(score(name, odd, who) for odd in (*ODD, misleading_prompt(name))) < start


def test_the_best_prompt_of_one_personality_loses_on_another_for_most_tasks() -> None:
    def lost(name: str) -> float:
        return max(
            score(name, expert_prompt(name, a.name), a) - score(name, expert_prompt(name, a.name), b)
            for a in PERSONALITIES
            for b in PERSONALITIES
        )

    assert sum(lost(name) >= 0.10 for name in names()) >= 4


def test_a_very_long_prompt_and_a_contradictory_one_are_worse() -> None:
    expert = expert_prompt("sentiment")
    padding = "Please keep calm and do your work with joy. " * 40
    assert score("sentiment", padding + expert) < score("sentiment", expert) - 0.1
    assert score("sentiment", expert + "\nExplain your answer in detail.") < score("sentiment", expert) - 0.2
    assert score("sentiment", expert + "\nIgnore sarcasm. Disregard negation.") < score("sentiment", expert)


def test_the_literal_model_needs_to_be_told_what_to_do() -> None:
    named = f"{START} Mind sarcasm. One word, nothing else."
    told = f"{START} Sarcasm means the opposite of what it says. One word, nothing else."
    text = "Oh great, another delay. Thanks for nothing."
    kind = KINDS[0]
    assert "sarcasm" in skills_at_work(read(named, kind), CHATTY, named, text)
    at_work = [skills_at_work(read(p, kind), LITERAL, p, f"{text} {i}") for p in (named, told) for i in range(40)]
    assert sum("sarcasm" in on for on in at_work[40:]) > sum("sarcasm" in on for on in at_work[:40]) + 10


def test_the_hasty_model_loses_what_stands_far_back() -> None:
    filler = "This is a task for careful people who like to read. " * 8
    rule = "Sarcasm means the opposite of what it says."
    texts = [f"Oh great, another delay. Number {i}." for i in range(60)]

    def heeded(prompt: str) -> int:
        return sum("sarcasm" in skills_at_work(read(prompt, KINDS[0]), HASTY, prompt, text) for text in texts)

    assert heeded(f"{START} {rule} {filler}") > heeded(f"{START} {filler} {rule}") + 15


def test_the_chatty_model_wants_both_halves_of_the_form() -> None:
    both = f"{START} Answer with one word and nothing else."
    half = f"{START} Answer with one word."
    said = [[answer(prompt, e.input) for e in every("sentiment")] for prompt in (both, half, START)]
    chat = [sum(len(one.split()) > 1 for one in answers) for answers in said]
    assert chat[0] == 0 < chat[1] < chat[2]


# Messages.


def test_a_mixed_message_is_split_into_instruction_and_text() -> None:
    instruction = "Is this review positive or negative? One word."
    for message in (
        f"{instruction}\n\nReview: A dull film.\nAnswer:",
        f"{instruction}\n\nA dull film.",
        f"{instruction}\nText: A dull film.",
        f"A dull film.\n{instruction}",
    ):
        said, text = split_mixed(message)
        assert said.strip() == instruction
        assert text == "A dull film."


def test_system_and_developer_messages_are_the_instruction() -> None:
    messages = [
        {"role": "developer", "content": START}, {"role": "user", "content": "A."},
        {"role": "assistant", "content": "positive"}, {"role": "user", "content": "B."},
    ]  # fmt: skip
    assert split_messages(messages) == (START, "B.")


def test_a_task_of_no_known_kind_is_refused_with_the_bundled_tasks_and_a_way_out() -> None:
    prompt = "Translate this passage into German for the readers of a guide."
    text = "Le fleuve traverse la vieille ville au pied du mont."
    with pytest.raises(ModelError, match="hidden-rule") as raised:
        answer(prompt, text)
    assert "MODEL@URL" in str(raised.value)


@pytest.mark.parametrize("prompt", ODD)
@by_task
def test_an_odd_prompt_on_bundled_data_is_answered_badly_rather_than_refused(prompt: str, name: str) -> None:
    assert all(answer(prompt, example.input).strip() for example in every(name))


def said(prompt: str, text: str, who: Personality) -> str:
    try:
        return answer(prompt, text, Draw(), who)
    except ModelError as error:
        return str(error)


@by_personality
@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_gets_an_answer_or_a_clear_refusal(who: Personality, prompt: str, text: str) -> None:
    assert said(prompt, text, who) == said(prompt, text, who)


def test_temperature_adds_variety_by_seed_and_nothing_at_zero() -> None:
    texts = [example.input for example in every("sentiment")][:60]
    cold = [{answer(START, text, Draw(0.0, seed)) for seed in range(5)} for text in texts]
    warm = [{answer(START, text, Draw(1.0, seed)) for seed in range(5)} for text in texts]
    assert all(len(said) == 1 for said in cold)
    assert sum(len(said) > 1 for said in warm) > 20


@pytest.mark.long
def test_replies_are_the_same_in_every_process() -> None:
    code = (
        "import hashlib; from lab.tasks.bundled import *; from lab.practice.target import answer, Draw;"
        "from lab.practice.personality import PERSONALITIES; d = hashlib.sha256();"
        "[d.update(answer(load(n).start, e.input, Draw(1.0, 3), w).encode())"
        " for n in names() for e in load(n).dev for w in PERSONALITIES]; print(d.hexdigest())"
    )

    def run(hash_seed: str) -> str:
        env = {**os.environ, "PYTHONHASHSEED": hash_seed}
        return subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env
        ).stdout

    assert run("1") == run("2") != ""


# What it knows of itself.


def test_models_are_the_personalities_and_practice_is_the_chatty_one() -> None:
    assert list(MODELS) == ["practice", "practice-chatty", "practice-literal", "practice-hasty"]
    assert personality_of("practice") is personality_of("practice-chatty") is CHATTY
    with pytest.raises(MisuseError, match="practice-hasty"):
        personality_of("practice-quick")
    messages = [{"role": "system", "content": START}, {"role": "user", "content": "A dull film."}]
    assert "egative" in respond("practice-literal", messages, Draw())


def test_the_glass_box_names_the_skill_that_was_needed_and_off() -> None:
    found = explain(
        f"{START} Ignore negation. One word, nothing else.", "The soup was not bad.", "practice-literal"
    )
    assert found is not None
    assert found.kind == "sentiment"
    assert "negation" in found.needed
    assert FORMAT in found.asked
    about = dict(found.about)
    assert all(about[skill] for skill in found.needed)
    assert explain("Translate this passage for a tourist guide.", "Le fleuve traverse la vieille ville.") is None
    assert explain(START, "A dull film.", "gpt") is None


@by_task
def test_the_glass_box_explains_every_wrong_answer_that_a_skill_would_have_mended(name: str) -> None:
    task, kind = load(name), next(kind for kind in KINDS if kind.name == name)
    every_skill, mended = frozenset(kind.by_name), 0
    for example in task.dev:
        found = explain(task.start, example.input, "practice", example.answer)
        assert found is not None
        assert found.answer == answer(task.start, example.input)
        hits = [
            judge(task.metric, task.labels, example, kind.solve(example.input, on, task.start)).hit
            for on in (frozenset(found.on), every_skill)
        ]
        if hits[0] < hits[1]:
            mended += 1
            assert found.missing
    # The start prompt states one clause of the hidden rule, and no skill adds the others.
    assert mended or kind.alternatives


@by_task
def test_it_knows_the_bundled_tasks(name: str) -> None:
    assert knows(load(name))


@pytest.mark.parametrize(
    ("labels", "known"),
    [
        (("negative", "positive"), True), (("Positive",), True), (("bug", "billing"), True),
        (("good", "bad"), False), (("positive", "bug"), False),
    ],
)  # fmt: skip
def test_it_says_which_labels_it_can_answer_with(labels: tuple[str, ...], known: bool) -> None:
    assert knows(Task("own", "", (), (), labels=labels)) is known


def test_it_does_not_claim_to_know_free_text_of_another_kind() -> None:
    rows = tuple(Example.of(f"Le fleuve traverse la vieille ville {i}.", f"Fluss {i}") for i in range(9))
    assert not knows(Task("own", "Translate.", rows, rows))
    assert bundled.names()
