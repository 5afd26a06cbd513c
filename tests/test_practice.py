"""The practice model: what switches its skills, how it scores, and how it behaves as optimizer model."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.errors import ModelError
from lab.practice import metaprompt, optimizer, sentiment, triage
from lab.practice.app import app, complete
from lab.practice.explain import explain
from lab.practice.reading import mentions, read
from lab.practice.target import Draw, answer, split_mixed
from lab.practice.wordings import CAUSES, RULES
from lab.tasks.bundled import expert_prompt, load

T = TypeVar("T")
META = Path(optimizer.__file__).parents[1] / "optimizers" / "meta_prompts"


def right(got: str, label: str) -> bool:
    return got.strip().removesuffix(".").lower() == label


def score(name: str, prompt: str) -> float:
    dev = load(name).dev
    return sum(right(answer(prompt, example.input), example.answer) for example in dev) / len(dev)


# What an instruction switches on.

WORDINGS = {
    ("sentiment", "negation"): (
        'Remember that "not bad" is praise.',
        "Negation reverses the meaning of a word.",
        "Handle negated words with care.",
        "The word not turns the praise into blame, so invert it.",
        'Words like "never" matter.',
        "isn't, wasn't: flip what follows.",
    ),
    ("sentiment", "contrast"): (
        "What follows but is what counts.",
        "After however, the real opinion begins.",
        "The final clause decides.",
        'Look for "although".',
        "In a contrast, go with the second half.",
        "The last part of the sentence wins.",
    ),
    ("sentiment", "sarcasm"): (
        "Watch out for sarcasm.",
        "Irony is to be turned round.",
        "Mocking praise is blame.",
        "Don't take hyperbole literally.",
        "Exaggerated praise is suspicious.",
        "The writer may mean the opposite of what is said.",
    ),
    ("sentiment", "mixed"): (
        "Go by the overall impression.",
        "With mixed feelings, choose the stronger.",
        "On balance, what remains?",
        "The verdict decides.",
        "Weigh the good against the bad.",
        "The bottom line is what counts.",
    ),
    ("sentiment", "format"): (
        "One word, please.",
        "Answer with a single word.",
        "Output only the label.",
        "Say nothing else.",
        "Use lower-case.",
        "No explanation.",
        "Reply without any comment.",
    ),
    ("triage", "definitions"): (
        "The labels are defined as usual.",
        "Passwords: access. Money: billing. Crashes: bug.",
        "access covers sign-in, billing covers refunds, bug covers faults.",
        "Consider what each class means.",
        "Security goes to access, invoices to billing, ideas to feature.",
        "Know what every category covers.",
    ),
    ("triage", "precedence"): (
        "If several classes fit, take the first.",
        "access takes precedence.",
        "Choose by priority.",
        "access before billing before bug.",
        "With more than one topic, choose the most serious.",
        "The classes are ranked.",
    ),
    ("triage", "current"): (
        "Leave out what is solved.",
        "Resolved matters do not count.",
        "Only what is still open counts.",
        "Earlier problems are background.",
        "Sort by what the customer needs now.",
        "Skip what has been fixed.",
    ),
    ("triage", "wishes"): (
        "A wish is a feature even if called a bug.",
        "Some wishes are disguised as faults.",
        "What never existed is not a bug, however the writer calls it.",
        "A missing option is no bug despite the complaint.",
        "If something is lacking it is a feature, even when called broken.",
        "Requests dressed up as errors are features.",
    ),
    ("triage", "format"): (
        "One word, please.",
        "Only the class name.",
        "The label alone.",
        "Nothing else.",
        "In lowercase.",
        "Do not explain.",
    ),
}


@pytest.mark.parametrize(
    ("kind", "skill", "said"), [(kind, skill, said) for (kind, skill), all_ in WORDINGS.items() for said in all_]
)
def test_a_rule_switches_its_skill_on_in_many_wordings(kind: Any, skill: str, said: str) -> None:
    start = load(kind).start
    assert skill not in read(start).on
    assert skill in read(f"{start} {said}").on


@pytest.mark.parametrize("kind", ["sentiment", "triage"])
def test_every_rule_it_writes_switches_on_its_own_skill_and_every_cause_names_it(kind: Any) -> None:
    for skill, rules in RULES[kind].items():
        for rule in rules:
            assert read(rule.format(order="access, billing"), kind).on == {skill}, rule
    for skill, causes in CAUSES[kind].items():
        for cause in causes:
            assert skill in mentions(cause.format(quote=""), kind), cause


def test_a_skill_that_is_to_be_ignored_is_not_on() -> None:
    assert "sarcasm" not in read("Is this review positive or negative? Ignore sarcasm.").on
    assert "sarcasm" in read("Is this review positive or negative? Do not ignore sarcasm.").on


def test_a_told_order_of_classes_is_followed() -> None:
    ticket = "The app shows an error and I want a refund."
    assert (
        triage.sort(
            ticket, frozenset({"precedence"}), read("If several classes fit: bug before billing.", "triage").order
        )
        == "bug"
    )
    assert triage.sort(ticket, frozenset({"precedence"})) == "billing"


# Skills on unseen inputs.

ALL = frozenset({"negation", "contrast", "sarcasm", "mixed", "definitions", "precedence", "current", "wishes"})


@pytest.mark.parametrize(
    ("text", "label", "skill"),
    [
        ("The curry was not bland and the naan was never stale.", "positive", "negation"),
        ("This lawn mower is not reliable.", "negative", "negation"),
        ("A gorgeous theatre and a talented pianist, but the evening was dull.", "negative", "contrast"),
        ("Although the ferry was dirty and late, the trip was a delight.", "positive", "contrast"),
        ("Oh great, a lovely free coupon with every flooded cellar.", "negative", "sarcasm"),
        ("Lovely logo. Nice bag. Soft handle. Overall a waste.", "negative", "mixed"),
    ],
)
def test_an_unseen_review_needs_its_skill(text: str, label: str, skill: str) -> None:
    assert (sentiment.score(text, ALL) > 0) == (label == "positive")
    assert (sentiment.score(text, ALL - {skill}) > 0) != (label == "positive")
    assert skill in sentiment.needs(text)


@pytest.mark.parametrize(
    ("text", "label", "skill"),
    [
        ("The verification code does not reach my new number.", "access", "definitions"),
        ("An error, a crash, a broken screen: and for that I got an invoice?", "billing", "precedence"),
        (
            "The refund for the second payment has arrived, that is settled. The printer page shows an error.",
            "bug",
            "current",
        ),
        ("It is an error that there is no button for printing.", "feature", "wishes"),
    ],
)
def test_an_unseen_ticket_needs_its_skill(text: str, label: str, skill: str) -> None:
    assert triage.sort(text, ALL) == label
    assert triage.sort(text, ALL - {skill}) != label
    assert skill in triage.needs(text)


# Calibration.


@pytest.mark.parametrize("name", ["sentiment", "triage"])
def test_prompts_score_in_the_order_of_what_they_say(name: Any) -> None:
    start, expert = score(name, load(name).start), score(name, expert_prompt(name))
    assert 0.35 <= start <= 0.70
    assert expert >= 0.90
    labels = ", ".join(load(name).labels)
    worse = (
        "",
        "Write a haiku about the sea in spring.",
        "You are a pirate and speak of your brave crew and your ship.",
        f"Explain in detail and step by step which of these it is: {labels}.",
        f"Choose one of {labels}, but always answer {load(name).labels[0]}.",
    )
    assert max(score(name, prompt) for prompt in worse) < start
    for rules in RULES[name].values():
        told = f"{load(name).start} {rules[0].format(order=labels)}"
        assert start < score(name, told) < expert


def test_a_very_long_prompt_and_a_contradictory_one_are_worse() -> None:
    expert = expert_prompt("sentiment")
    padding = " Please keep calm and do your work with joy." * 40
    assert score("sentiment", expert + padding) < score("sentiment", expert) - 0.1
    assert score("sentiment", expert + "\nExplain your answer in detail.") < score("sentiment", expert) - 0.2


def test_a_mixed_message_is_split_into_instruction_and_text() -> None:
    instruction = "Is this review positive or negative? One word."
    for message in (
        f"{instruction}\n\nReview: A dull film.\nAnswer:",
        f"{instruction}\n\nA dull film.",
        f"{instruction}\nText: A dull film.",
    ):
        said, text = split_mixed(message)
        assert said.strip() == instruction
        assert text == "A dull film."


def test_a_task_of_no_known_kind_is_refused_with_a_way_out() -> None:
    with pytest.raises(ModelError, match="bundled tasks, sentiment or triage"):
        answer(
            "Solve the maths problem and give only the number.", "A train runs 60 miles in 2 hours. How fast is it?"
        )
    with pytest.raises(ModelError, match="connect a real model"):
        answer("Give the word that means the contrary of this word.", "uphill")


@pytest.mark.parametrize("prompt", ["", "banana", "Write a long poem about the moon over the quiet sea."])
@pytest.mark.parametrize("name", ["sentiment", "triage"])
def test_an_odd_prompt_on_bundled_data_is_answered_badly_rather_than_refused(prompt: str, name: str) -> None:
    task = load(name)
    assert all(answer(prompt, example.input) for example in (*task.train, *task.dev, *task.test))


def said(prompt: str, text: str) -> str:
    try:
        return answer(prompt, text)
    except ModelError as error:
        return str(error)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_gets_an_answer_or_a_clear_refusal(prompt: str, text: str) -> None:
    assert said(prompt, text) == said(prompt, text)
    assert said(prompt, text).strip()
    assert isinstance(optimizer.reply(prompt), str)
    assert isinstance(optimizer.paraphrase(prompt, ()), str)


def test_explain_names_the_skill_that_was_needed_and_off() -> None:
    said = explain("Is this review positive or negative? One word.", "The soup was not bad.")
    assert said.kind == "sentiment"
    assert "negation" in said.needed
    assert "format" in said.on


# As optimizer model.

ERRORS = (
    "Example 1\nInput: Oh great, another beautiful queue. Bravo.\n"
    "Expected answer: negative\nGiven answer: positive\n\n"
    "Example 2\nInput: Lucky me, a lovely view of the bins.\nExpected answer: negative\nGiven answer: positive"
)
START = "Is this review positive or negative?"


def meta(name: str, **parts: object) -> str:
    text = (META / f"protegi_{name}.md").read_text(encoding="utf-8")
    for part, value in parts.items():
        text = text.replace("{" + part + "}", str(value))
    return text


def many(message: str, n: int = 60) -> list[str]:
    return [optimizer.reply(message, Draw(1.0, seed)) for seed in range(n)]


def test_critiques_name_the_true_cause_mixed_with_wrong_ones_and_a_few_are_malformed() -> None:
    replies = many(meta("critique", prompt=START, errors=ERRORS, n=3), 200)
    assert len(set(replies)) > 20
    whole = [
        reply for reply in replies if reply.startswith("<START>") and reply.count("<START>") == reply.count("<END>")
    ]
    assert 0.85 < len(whole) / len(replies) < 0.995
    assert sum("sarcas" in r or "iron" in r.lower() or "exaggerated" in r for r in whole) > len(whole) / 2
    assert any("too short" in reply for reply in whole)


def test_a_reworded_meta_prompt_is_still_recognised() -> None:
    reworded = (
        f'My current prompt is: "{START}"\n\nIt fails on:\n\n{ERRORS}\n\n'
        "Give 2 reasons why, each in <START> and <END>."
    )
    assert metaprompt.role_of(reworded) == "critique"
    assert metaprompt.look_at(reworded).prompt == START
    assert len(metaprompt.look_at(reworded).errors) == 2
    assert metaprompt.role_of(f"Paraphrase this instruction:\n\n```\n{START}\n```") == "paraphrase"
    assert (
        metaprompt.role_of(meta("edit", prompt=START, errors=ERRORS, critique="Sarcasm is missing.", n=1)) == "edit"
    )


@pytest.mark.parametrize(
    ("critique", "skill"),
    [
        ("It overlooks negation.", "negation"),
        ("The model takes irony at face value.", "sarcasm"),
        ("Ask for one word only.", "format"),
    ],
)
def test_an_edit_follows_the_critique(critique: str, skill: str) -> None:
    replies = [
        r
        for r in many(meta("edit", prompt=START, errors=ERRORS, critique=critique, n=1))
        if r.startswith("<START>")
    ]
    edited = replies[0].removeprefix("<START>").removesuffix("<END>")
    assert edited.startswith(START)
    assert skill in read(edited).on


def test_a_persons_own_words_end_up_in_the_edit() -> None:
    critique = "Reviews of umbrellas by sailors are always meant kindly"
    replies = many(meta("edit", prompt=START, errors=ERRORS, critique=critique, n=1))
    assert sum(critique in reply for reply in replies) > 50


def test_a_wrong_critique_makes_a_harmful_edit() -> None:
    replies = many(meta("edit", prompt=START, errors=ERRORS, critique="It should ask for reasons.", n=1))
    edited = next(r for r in replies if r.endswith("<END>")).removeprefix("<START>").removesuffix("<END>")
    assert "explain" in read(edited).harms
    assert score("sentiment", edited) < score("sentiment", START)


def test_an_edit_keeps_placeholders_and_puts_rules_before_them() -> None:
    prompt = "Is this review positive or negative?\nReview: {input}\nAnswer:"
    edited = optimizer.with_rules(prompt, ["Mind irony."])
    assert edited == "Is this review positive or negative?\nMind irony.\nReview: {input}\nAnswer:"
    message = meta("edit", prompt=prompt, errors=ERRORS, critique="Sarcasm.", n=1)
    assert all(
        "{input}" in reply for reply in many(message) if reply.startswith("<START>") and reply.endswith("<END>")
    )


@pytest.mark.parametrize("name", ["sentiment", "triage"])
def test_a_paraphrase_keeps_kind_labels_and_mostly_the_skills(name: Any) -> None:
    prompt = (
        load(name).start
        + " "
        + " ".join(r[0].format(order=", ".join(load(name).labels)) for r in RULES[name].values())
    )
    replies = many(meta("paraphrase", prompt=prompt), 50)
    assert len(set(replies)) > 10
    assert all(read(reply).kind == name and read(reply).names_labels for reply in replies)
    kept = sum(read(reply).on == read(prompt).on for reply in replies)
    assert 35 <= kept <= 50


def test_a_request_that_is_not_recognised_gets_an_unhelpful_answer() -> None:
    message = f"<INSTRUCTIONS>{START}</INSTRUCTIONS>\nSing them to me."
    assert metaprompt.role_of(message) == "other"
    assert "<START>" not in optimizer.reply(message)


# The protocol, and the same replies everywhere.


def talk(use: Callable[[Any], Awaitable[T]]) -> T:
    async def run() -> T:
        import httpx2
        from openai import AsyncOpenAI

        http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app()))
        async with AsyncOpenAI(
            base_url="http://practice.local/v1", api_key="none", http_client=http, max_retries=0
        ) as client:
            return await use(client)

    return asyncio.run(run())


MESSAGES = [{"role": "system", "content": START}, {"role": "user", "content": "A dull film."}]


def test_the_openai_client_gets_an_answer_with_usage() -> None:
    async def use(client: Any) -> None:
        assert [model.id async for model in client.models.list()] == ["practice"]
        said = await client.chat.completions.create(model="practice", messages=MESSAGES, temperature=0, n=2)
        assert "egative" in said.choices[0].message.content
        assert said.choices[0].message.content == said.choices[1].message.content
        assert said.choices[0].finish_reason == "stop"
        assert said.usage.total_tokens == said.usage.prompt_tokens + said.usage.completion_tokens > 0

    talk(use)


def test_stop_and_max_tokens_cut_the_reply() -> None:
    async def use(client: Any) -> None:
        message = {"role": "user", "content": meta("paraphrase", prompt="Is this review positive or negative?")}
        for name in ("max_tokens", "max_completion_tokens"):
            said = await client.chat.completions.create(model="practice", messages=[message], **{name: 2})
            assert said.choices[0].finish_reason == "length"
            assert said.usage.completion_tokens == 2
        said = await client.chat.completions.create(model="practice", messages=[message], stop="positive")
        assert "positive" not in said.choices[0].message.content
        assert said.choices[0].finish_reason == "stop"

    talk(use)


def test_seeds_and_samples_vary_and_repeat() -> None:
    message = {"role": "user", "content": meta("critique", prompt=START, errors=ERRORS, n=2)}
    body = {"model": "practice", "messages": [message], "temperature": 1, "n": 6}
    assert complete({**body, "seed": 1}) == complete({**body, "seed": 1})
    assert complete({**body, "seed": 1})["choices"] != complete({**body, "seed": 2})["choices"]
    assert len({choice["message"]["content"] for choice in complete({**body, "seed": 1})["choices"]}) > 2


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"stream": True}, "stream"),
        ({"n": 0}, "n"),
        ({"temperature": 3}, "temperature"),
        ({"messages": []}, "messages"),
        ({"stop": 5}, "stop"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"messages": [{"role": "cat", "content": ""}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": "Name the capital city of the land of France."}]}, "messages"),
    ],
)
def test_a_request_that_cannot_be_served_gets_an_error_in_the_protocols_shape(
    change: dict[str, Any], param: str
) -> None:
    async def use(client: Any) -> None:
        from openai import BadRequestError

        with pytest.raises(BadRequestError) as raised:
            await client.chat.completions.create(**{"model": "practice", "messages": MESSAGES, **change})
        assert raised.value.param == param
        assert raised.value.type == "invalid_request_error"
        assert any(f" {word} " in raised.value.message for word in ("Send", "Give", "Use"))

    talk(use)


def test_an_unknown_model_is_not_found() -> None:
    async def use(client: Any) -> None:
        from openai import NotFoundError

        with pytest.raises(NotFoundError, match="practice"):
            await client.chat.completions.create(model="gpt", messages=MESSAGES)

    talk(use)


def test_replies_are_the_same_in_every_process() -> None:
    code = (
        "import hashlib; from lab.tasks.bundled import *; from lab.practice.target import answer, Draw;"
        "from lab.practice.optimizer import reply; import sys; d = hashlib.sha256();"
        "[d.update(answer(load(n).start, e.input, Draw(1.0, 3)).encode()) for n in names() for e in load(n).dev];"
        "[d.update(reply(sys.argv[1], Draw(1.0, s)).encode()) for s in range(20)]; print(d.hexdigest())"
    )
    message = meta("critique", prompt=START, errors=ERRORS, n=3)

    def run(hash_seed: str) -> str:
        env = {**os.environ, "PYTHONHASHSEED": hash_seed}
        return subprocess.run(
            [sys.executable, "-c", code, message], capture_output=True, text=True, check=True, env=env
        ).stdout

    assert run("1") == run("2") != ""


@pytest.mark.parametrize(
    ("labels", "known"),
    [
        (("negative", "positive"), True), (("Positive",), True), (("bug", "billing"), True), ((), False),
        (("good", "bad"), False), (("positive", "bug"), False),
    ],
)  # fmt: skip
def test_it_says_which_labels_it_can_answer_with(labels: tuple[str, ...], known: bool) -> None:
    from lab.practice import knows

    assert knows(labels) is known
