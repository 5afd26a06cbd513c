"""Labels of a task that the practice model has no rules for: listed by a prompt, told by signs, named by a critic."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lab.bench.direct import Direct, autopilot, score
from lab.core.asks import Context
from lab.core.task import Example, Task
from lab.optimizers import OPTIMIZERS
from lab.practice import answers, guesses, knows
from lab.practice.critiques import reasons
from lab.practice.kinds import KINDS
from lab.practice.kinds.own_labels import expected_in, list_rule, listed, own_labels, same_label
from lab.practice.metaprompt import Shown, labels_shown
from lab.practice.personality import PERSONALITIES
from lab.practice.reading import kind_of
from lab.practice.rewriting import edits, reworded
from lab.practice.target import answer

WORDS = st.text(st.characters(categories=("Ll", "Lu")), min_size=1, max_size=12).filter(
    lambda word: word.casefold() not in {"or", "and", "not", "never", "no", "with", "only", "just", "from", "by"}
)
LABELS = st.lists(WORDS, min_size=2, max_size=6, unique_by=str.casefold).map(tuple)


def shown(prompt: str, *errors: tuple[str, str, str], asked: str = "", critique: str = "") -> Shown:
    return Shown(prompt, errors, critique, (), (), False, 0, asked)


@pytest.mark.parametrize(
    ("prompt", "labels"),
    [
        ("Answer with one of these: “Yes”, “No”.", ("Yes", "No")),
        ("Is it plausible? Answer yes or no.", ("yes", "no")),
        ("Choose one of spam, ham or eggs.", ("spam", "ham", "eggs")),
        ("Reply with *True* or *False* only.", ("True", "False")),
        ("Answer with exactly one of 'not the same', 'same'.", ("not the same", "same")),
        ("Is it spam or ham?", ("spam", "ham")),
        ('Say "(A)", "(B)" or "(C)" and nothing else.', ("(A)", "(B)", "(C)")),
        ("Classify the review. Answer with good or bad.", ("good", "bad")),
    ],
)
def test_labels_that_a_prompt_lists_make_the_kind_of_task(prompt: str, labels: tuple[str, ...]) -> None:
    kind = kind_of(prompt)
    assert kind is not None
    assert kind.labels == labels


@pytest.mark.parametrize(
    "prompt",
    [
        'Mind words such as "not" and "hardly".',
        "Skip names that are just greeted or thanked.",
        "Give the answer.",
        'Do not write "N/A" or "unknown".',
        "Translate the text.",
        "Write one word.",
    ],
)
def test_what_lists_no_labels_is_no_such_task(prompt: str) -> None:
    assert kind_of(prompt) is None


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_rules_and_causes_of_the_bundled_kinds_list_no_labels_of_another(kind: object) -> None:
    for skill in kind.skills:  # type: ignore[attr-defined]
        for said in (*skill.rules, *skill.causes):
            assert not expected_in(said)
            assert kind_of(f"{kind.openings[0]} {said}") is kind  # type: ignore[attr-defined]
            assert kind_of(said) in (None, *KINDS)


@given(LABELS)
def test_the_sentence_that_lists_labels_is_read_back(labels: tuple[str, ...]) -> None:
    assert listed(list_rule(labels)) == expected_in(list_rule(labels)) == labels


@given(LABELS, st.text(max_size=80), st.sampled_from(PERSONALITIES))
@example(("A", "POSITIVE"), "", PERSONALITIES[0])  # of which one is a label of the reviews
def test_a_target_that_is_told_the_labels_answers_with_one_of_them(labels, text, who) -> None:  # type: ignore[no-untyped-def]
    said = answer(f"{list_rule(labels)} Give exactly one label and nothing more.", text, personality=who)
    assert any(same_label(said, label) for label in labels)


def test_a_guess_depends_on_the_text_alone() -> None:
    texts = [f"Case number {i} of the file." for i in range(40)]
    kind = own_labels(("x", "y"))
    one, two = ([kind.solve(text, frozenset(), prompt) for text in texts] for prompt in ("A.", "Another prompt."))
    assert one == two
    assert set(one) == {"x", "y"}


def test_the_target_goes_by_the_signs_that_a_prompt_names() -> None:
    prompt = "Answer with one of these: “fruit”, “tool”. Where a text has “apple” or “pear”, answer with “fruit”. Otherwise “tool”."
    said = [
        answer(prompt, text)
        for text in (f"An {word} lies there {i}." for word, i in product(["apple", "saw"], range(30)))
    ]
    assert sum("fruit" in one for one in said[:30]) > 25
    assert sum("tool" in one for one in said[30:]) > 25


@pytest.mark.parametrize("asked", ["", "Exactly one of negative, positive, and the right one of them."])
def test_the_critic_names_the_answers_that_are_none_of_the_expected_ones(asked: str) -> None:
    asked = asked and f"An answer counts as right only if the whole answer is {asked[0].lower()}{asked[1:]}"
    rows = tuple((f"A film {i}.", label, "pleased") for i, label in enumerate(("positive", "negative") * 2))
    said = reasons(shown("Classify the review.", *rows, asked=asked), 4, ("seed",))
    assert any("“pleased”" in one and expected_in(one) == ("negative", "positive") for one in said)


def test_the_critic_does_not_name_them_where_the_prompt_lists_them_or_the_answers_are_labels() -> None:
    rows = tuple((f"A film {i}.", label, "pleased") for i, label in enumerate(("positive", "negative") * 2))
    swapped = tuple((text, label, "negative" if label == "positive" else "positive") for text, label, _ in rows)
    for case in (shown("Positive or negative?", *rows), shown("Classify the review.", *swapped)):
        for at in range(20):
            assert not any(expected_in(one) for one in reasons(case, 4, (at,)))


@pytest.mark.parametrize(
    "critique",
    [
        "answers with *pleased*; expected are *positive*, *negative*",
        "The model answers with “pleased”; the expected answers are “positive”, “negative”.",
        "The answer must be positive or negative.",
        "It should say one of: “positive”, “negative”.",
    ],
)
def test_an_edit_lists_the_labels_that_a_critique_names(critique: str) -> None:
    for prompt in edits(
        shown("Classify the review.", ("Fine.", "positive", "pleased"), critique=critique), 2, (1,)
    ):
        assert listed(prompt) == ("positive", "negative")
        assert "positive" in answer(prompt, "A wonderful film.").casefold()


def test_an_edit_names_the_signs_that_a_critique_names() -> None:
    errors = tuple((f"I want a refund {i}", "money", "crash") for i in range(2)) + tuple(
        ("It hangs", "crash", "money") for _ in range(2)
    )
    found = shown(list_rule(("crash", "money")), *errors)
    (cause,) = [one for one in reasons(found, 6, (3,)) if "refund" in one][:1]
    (made,) = edits(shown(found.prompt, *errors, critique=cause), 1, (1,))
    assert "refund" in answer_words(made)
    assert answer(f"{made} Nothing else.", "Give me a refund") == "money"


def answer_words(prompt: str) -> str:
    return prompt.split("Where a text has", 1)[1]


def test_a_paraphrase_keeps_the_labels() -> None:
    prompt = f"Classify the claim. {list_rule(('Supported', 'Refuted', 'Not enough info'))} Be brief."
    assert all(listed(reworded(prompt, (i,))) == listed(prompt) for i in range(50))


def test_right_answers_that_are_shown_twice_are_labels_and_others_are_not() -> None:
    rows = (("a", "Yes", "x"), ("b", "No", "x"), ("c", "Yes", "x"), ("d", "No", "x"))
    assert labels_shown(shown("", *rows)) == ("No", "Yes")
    assert labels_shown(shown("", *rows[:2])) == ()
    assert labels_shown(shown("", *((text, "12", given) for text, _, given in rows))) == ()


def task(start: str, columns: bool, names: tuple[str, str]) -> Task:
    """Make a task of other people's: which of two topics a text is about."""
    topics = (("goal", "match", "team", "coach"), ("stock", "bank", "profit", "market"))
    rows = []
    for i in range(60):
        words, label = topics[i % 2], names[i % 2]
        text = f"The {words[i % 4]} of day {i} and the {words[(i // 2) % 4]}, as reported."
        inputs = (("title", f"Item {i}"), ("body", text)) if columns else (("text", text),)
        rows.append(Example.of("\n".join(f"{k}: {v}" for k, v in inputs) if columns else text, label))
    return Task("own", start, tuple(rows[:30]), tuple(rows[30:]), labels=tuple(sorted(names)))


@pytest.mark.parametrize("kind", OPTIMIZERS.values(), ids=list(OPTIMIZERS))
@pytest.mark.parametrize("names", [("sport", "money"), ("A", "B"), ("1 - low", "2 - high")])
@pytest.mark.parametrize("columns", [False, True])
@pytest.mark.parametrize(
    "start", ["Give the answer.", "Decide for our archive which of its two folders this report should go to."]
)
def test_every_optimizer_leaves_0_on_labels_of_any_names(start, columns, names, kind) -> None:  # type: ignore[no-untyped-def]
    own = task(start, columns, names)
    assert guesses(own)
    assert answers(own)
    assert not knows(own)
    way = autopilot(kind, Context(own.sealed(), kind.configure("quick"), 0), Direct(own))
    assert way[0].best == 0
    assert way[-1].best > 0.2


def test_signs_that_are_learned_beat_guessing() -> None:
    own, kind = task("Give the answer.", False, ("sport", "money")), OPTIMIZERS["protegi"]
    guessed = score(own, f"{list_rule(own.labels)} Give exactly one label and nothing more.", "practice")
    way = autopilot(kind, Context(own.sealed(), kind.configure("quick", rounds=5), 0), Direct(own))
    assert way[-1].best > guessed + 0.1
