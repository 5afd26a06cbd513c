"""The practice model as optimizer model: it reads meta-prompts, also reworded ones, and knows nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.practice import infill, optimizer
from lab.practice.critiques import reasons
from lab.practice.kind import FORMAT
from lab.practice.kinds import KINDS
from lab.practice.metaprompt import look_at, role_of
from lab.practice.optimizer import MALFORMED_SHARE, reply
from lab.practice.reading import kind_of, read
from lab.practice.rewriting import paraphrase, with_rules
from lab.practice.target import Draw
from lab.tasks.bundled import load, names

META = Path(optimizer.__file__).parents[1] / "optimizers" / "meta_prompts"
SENTIMENT = KINDS[0]
START = "Is this review positive or negative?"
ERRORS = (
    "Example 1\nInput: Oh great, another beautiful queue. Bravo.\n"
    "Expected answer: negative\nGiven answer: positive\n\n"
    "Example 2\nInput: Lucky me, a lovely view of the bins.\nExpected answer: negative\nGiven answer: positive"
)
by_task = pytest.mark.parametrize("name", names())


def meta(name: str, **parts: object) -> str:
    text = (META / f"protegi_{name}.md").read_text(encoding="utf-8")
    n = parts.pop("n", 1)
    fitted = {
        "whole": "", "these": "These are its current instructions:", "judged": "", "stays": "", "each": "each one",
        "reasons": f"{n} different reasons", "versions": f"{n} improved versions of the instructions that solve this",
    }  # fmt: skip
    for part, value in (fitted | parts).items():
        text = text.replace("{" + part + "}", str(value))
    return text


def many(message: str, n: int = 60) -> list[str]:
    return [reply(message, Draw(1.0, seed)) for seed in range(n)]


def body(text: str) -> str:
    return text.removeprefix("<START>").removesuffix("<END>")


def pairs(name: str, n: int = 5) -> str:
    return "\n\n".join(f"Input: {one.input}\nOutput: {one.answer}" for one in load(name).train[:n])


def test_critiques_name_the_true_cause_mixed_with_wrong_ones_and_a_few_are_malformed() -> None:
    replies = many(meta("critique", prompt=START, errors=ERRORS, n=3), 300)
    assert len(set(replies)) > 20
    whole = [r for r in replies if r.startswith("<START>") and r.count("<START>") == r.count("<END>") == 3]
    assert 0.02 < 1 - len(whole) / len(replies) < 0.4
    assert sum("sarcas" in r or "iron" in r.lower() or "exaggerated" in r for r in whole) > len(whole) / 2
    assert any("too short" in r for r in whole), "a superstition"
    assert any("verdict" in r or "negat" in r for r in whole), "a cause that these errors do not have"


def test_the_malformed_share_is_met_and_every_kind_of_it_occurs() -> None:
    replies = many(meta("edit", prompt=START, errors=ERRORS, critique="Sarcasm is missing.", n=1), 800)
    well = [r for r in replies if r.startswith("<START>") and r.endswith("<END>") and r.count("<END>") == 1]
    assert MALFORMED_SHARE / 2 < 1 - len(well) / len(replies) < MALFORMED_SHARE * 2
    odd = [r for r in replies if r not in well]
    assert "" in odd
    assert any(r.startswith("<START>") and "<END>" not in r for r in odd)
    assert any(r.startswith("Certainly") for r in odd)
    assert any(r.count("<START>") == 2 for r in odd)


def test_a_reworded_meta_prompt_is_still_recognised() -> None:
    reworded = (
        f'My current prompt is: "{START}"\n\nIt fails on:\n\n{ERRORS}\n\n'
        "Give 2 reasons why, each in <START> and <END>."
    )
    assert role_of(reworded) == "critique"
    assert look_at(reworded).prompt == START
    assert len(look_at(reworded).errors) == 2
    assert role_of(f"Paraphrase this instruction:\n\n```\n{START}\n```") == "paraphrase"
    assert role_of(meta("edit", prompt=START, errors=ERRORS, critique="Sarcasm is missing.", n=1)) == "edit"


@pytest.mark.parametrize(
    "asked",
    [
        "What was the instruction? Write the instruction only.",
        "Guess the prompt that leads from these inputs to these outputs.",
        "A friend followed one instruction here. Please state the instruction.",
    ],
)
def test_a_request_for_an_instruction_from_examples_is_recognised_in_many_wordings(asked: str) -> None:
    message = f"{pairs('sentiment')}\n\n{asked}"
    assert role_of(message) == "induce"
    assert len(look_at(message).demonstrations) == 5


@by_task
def test_instructions_are_induced_from_examples_alone(name: str) -> None:
    message = f"One instruction led to these answers.\n\n{pairs(name, 6)}\n\nWhat was the instruction?"
    said = [r for r in many(message) if r and not r.startswith("Certainly")]
    named = [kind.name if (kind := kind_of(r)) else None for r in said]
    assert named.count(name) > 0.9 * len(named)
    assert len(set(said)) > 5


@by_task
def test_a_blank_is_filled_with_an_instruction(name: str) -> None:
    said = [infill("practice", "Instruction: ", f"\n\n{pairs(name)}", Draw(1.0, seed)) for seed in range(20)]
    assert sum(kind_of(r) is not None for r in said) > 15


def trajectory(*rows: tuple[str, int]) -> str:
    return "\n\n".join(f"<TEXT>{text}</TEXT>\nScore: {n}" for text, n in rows)


def test_a_proposal_builds_on_the_best_instructions_of_a_trajectory() -> None:
    best = f"{START} Sarcasm means the opposite of what it says. Answer with one word and nothing else."
    message = (
        "Here are instructions with their scores.\n\n"
        f"{trajectory(('Judge it.', 10), (START, 45), (best, 71))}\n\n{pairs('sentiment', 3)}\n\n"
        "Write one that is different and scores higher, between <START> and <END>."
    )
    assert role_of(message) == "propose"
    assert [score for _, score in look_at(message).scored] == [10, 45, 71]
    said = [body(r) for r in many(message) if r.startswith("<START>") and r.endswith("<END>")]
    assert sum("sarcasm" in read(r, SENTIMENT).skills for r in said) > len(said) / 2
    assert len(set(said)) > 8


def test_scores_may_stand_before_their_texts() -> None:
    message = "Precision: 55 <TEXT>Judge the review.</TEXT>\nPrecision: 60\n<TEXT>Is it good?</TEXT>\nA better one:"
    assert look_at(message).scored == (("Judge the review.", 55.0), ("Is it good?", 60.0))


def test_an_inspection_goes_through_every_example_and_its_rewrite_follows_it() -> None:
    message = (
        f"<INSTRUCTIONS>\n{START}\n</INSTRUCTIONS>\n\nIt was wrong here:\n\n{ERRORS}\n\n"
        "For each example say whether the prompt describes the task and what to change."
    )
    assert role_of(message) == "inspect"
    said = next(r for r in many(message) if r.count("Suggestion") == 2 and "sarcas" in r.lower())
    again = (
        f"<INSTRUCTIONS>\n{START}\n</INSTRUCTIONS>\n\n{ERRORS}\n\n<REASONING>\n{said}\n</REASONING>\n\n"
        "Write a better prompt in at most 50 words, between <START> and <END>."
    )
    assert role_of(again) == "edit"
    rewritten = [body(r) for r in many(again) if r.startswith("<START>") and r.endswith("<END>")]
    assert sum("sarcasm" in read(r, SENTIMENT).skills for r in rewritten) > len(rewritten) / 2
    assert sum(len(r.split()) <= 50 for r in rewritten) > 0.8 * len(rewritten)


@pytest.mark.parametrize(
    ("critique", "skill"),
    [
        ("It overlooks negation.", "negation"),
        ("The model takes irony at face value.", "sarcasm"),
        ("Ask for one word only.", FORMAT),
    ],
)
def test_an_edit_follows_the_critique(critique: str, skill: str) -> None:
    replies = [
        r
        for r in many(meta("edit", prompt=START, errors=ERRORS, critique=critique, n=1))
        if r.startswith("<START>") and r.endswith("<END>")
    ]
    assert body(replies[0]).startswith(START)
    assert skill in read(body(replies[0]), SENTIMENT).skills


def test_a_persons_own_words_end_up_in_the_edit() -> None:
    critique = "Reviews of umbrellas by sailors are always meant kindly"
    replies = many(meta("edit", prompt=START, errors=ERRORS, critique=critique, n=1))
    assert sum(critique in r for r in replies) > 50


def test_a_wrong_critique_makes_a_harmful_edit() -> None:
    replies = many(meta("edit", prompt=START, errors=ERRORS, critique="It should ask for reasons.", n=1))
    edited = body(next(r for r in replies if r.startswith("<START>") and r.endswith("<END>")))
    assert "explain" in read(edited, SENTIMENT).harms


def test_an_edit_keeps_placeholders_and_puts_rules_before_them() -> None:
    prompt = "Is this review positive or negative?\nReview: {input}\nAnswer:"
    edited = with_rules(prompt, ["Mind irony."])
    assert edited == "Is this review positive or negative?\nMind irony.\nReview: {input}\nAnswer:"
    message = meta("edit", prompt=prompt, errors=ERRORS, critique="Sarcasm.", n=1)
    assert all("{input}" in r for r in many(message) if r.startswith("<START>") and r.endswith("<END>"))


@by_task
def test_a_paraphrase_keeps_the_kind_and_mostly_the_skills(name: str) -> None:
    kind = next(kind for kind in KINDS if kind.name == name)
    rules = [kind.fill(skill.name, skill.rules[0], "") for skill in kind.skills[-5:]]
    prompt = " ".join([load(name).start, *rules])
    said = [paraphrase(prompt, ("test", k)) for k in range(50)]
    assert len(set(said)) > 10
    assert all(kind_of(r) is kind for r in said)
    kept = sum(read(r, kind).skills == read(prompt, kind).skills for r in said)
    assert 35 <= kept <= 50


@by_task
def test_a_critique_of_real_errors_names_a_skill_that_they_needed(name: str) -> None:
    kind = next(kind for kind in KINDS if kind.name == name)
    rows = [(e.input, e.answer, kind.slip(e.answer, e.input, 0.5)) for e in load(name).train
            if kind.needs(e.input, e.answer)]  # fmt: skip
    shown = "\n\n".join(f"Input: {a}\nExpected answer: {b}\nGiven answer: {c}" for a, b, c in rows[:4])
    message = meta("critique", prompt=load(name).start, errors=shown, n=1)
    assert len(look_at(message).errors) == 4
    needed = frozenset().union(*(kind.needs(a, b) for a, b, _ in rows[:4]))
    said = [reasons(look_at(message), 1, (k,))[0] for k in range(60)]
    spoken = [frozenset(s.name for s in kind.skills if s.cue.search(r.lower())) for r in said]
    assert sum(bool(found & needed) for found in spoken) > 20
    assert any(not found for found in spoken), "a superstition now and then"


def test_a_request_that_is_not_recognised_gets_an_unhelpful_answer() -> None:
    message = f"<INSTRUCTIONS>{START}</INSTRUCTIONS>\nSing them to me."
    assert role_of(message) == "other"
    assert "<START>" not in reply(message)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400), st.sampled_from(["critique", "edit", "paraphrase", "plain"]))
def test_any_text_in_a_meta_prompt_gets_some_reply(text: str, role: str) -> None:
    parts: dict[str, Any] = {"prompt": text, "errors": f"Input: {text}\nExpected answer: a\nGiven answer: b",
                             "critique": text, "n": 2}  # fmt: skip
    message = text if role == "plain" else meta(role, **parts)
    assert reply(message) == reply(message)
    assert isinstance(paraphrase(text, ()), str)
