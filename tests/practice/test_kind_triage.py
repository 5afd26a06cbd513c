"""Tickets as the practice model reads them: what an instruction switches on, and how tickets unseen are sorted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.practice.kind import FORMAT
from lab.practice.kinds.triage import KIND
from lab.practice.reading import read
from lab.tasks.bundled import expert_prompt, load

EVERY = frozenset(KIND.by_name)
EXPERT = expert_prompt("triage", "literal")
HARD = {"definitions", "precedence", "current", "wishes"}


def spoken_of(sentence: str) -> set[str]:
    return {skill.name for skill in KIND.skills if skill.cue.search(sentence.lower())}


@pytest.mark.parametrize(
    ("skill", "wordings"),
    [
        (
            "definitions",
            (
                "Access means passwords.", "billing: anything about money", "A bug is a crash or a fault.",
                "feature: ideas for something new", "question = everything else",
                "Definitions of the classes follow.",
                "Each category covers the following.", "Access is for people who cannot log in.",
                "Use question for how-to mails.", "Billing has to do with invoices and refunds.",
            ),
        ),
        (
            "precedence",
            (
                "If several classes apply, take the first.", "access > billing > bug", "Access beats billing.",
                "Where two problems are told, access comes before bug.", "The ranking is access, billing, bug.",
                "Prioritise access.", "In case of a tie, choose the first.", "Use the most urgent class.",
                "When more than one category fits, pick the first that matches.",
                "Billing takes precedence over bugs.",
            ),
        ),
        (
            "current",
            (
                "Skip problems that are already fixed.", "Ignore what was resolved.",
                "Only the current problem matters.",
                "Past problems do not count.", "Sort by what is still open.", "What does the customer need now?",
                "Leave history aside.", "Unresolved issues only.", "Old issues are background.",
                "Matters that have been taken care of do not count.",
            ),
        ),
        (
            "wishes",
            (
                "Wishes disguised as bugs are features.", "A missing function is a feature even if called a bug.",
                "Complaints about something that does not exist are features, not errors, whatever the words.",
                "If people call something broken that never existed, say feature.",
                "Something lacking is a feature, though they complain.",
                "What is absent is a feature rather than a bug.",
                "No matter if they say bug: a missing option is a feature.",
                "A function we do not have cannot be broken; a complaint about it is a feature.",
                "Customers may say error, and yet what is missing is a feature.",
                "Some feature wishes are dressed as bugs.",
            ),
        ),
        (
            FORMAT,
            (
                "Answer with one word.", "Just the class.", "Only the category name, please.", "In lower case.",
                "Give a single word.", "Reply with access, billing, bug, feature or question.",
                "Return the label alone.", "Write the class name by itself.",
                "The answer should be a single label.",
                "Say only the name of the class.",
            ),
        ),
    ],
)  # fmt: skip
def test_a_skill_is_recognised_in_many_wordings(skill: str, wordings: tuple[str, ...]) -> None:
    assert [wording for wording in wordings if skill not in spoken_of(wording)] == []


@pytest.mark.parametrize(
    "sentence",
    [
        "Sort this support ticket into access, billing, bug, feature or question.",
        "Decide where the ticket belongs.",
        "Read the mail carefully and take your time.",
        "You work at a help desk.",
        "Tickets come from customers of a software firm.",
        "Please do your best.",
        "Customers write in many languages.",
        "Choose the right queue.",
        "Some mails are long.",
        "Classify the message.",
    ],
)
def test_a_sentence_that_says_nothing_of_a_skill_switches_none_on(sentence: str) -> None:
    assert spoken_of(sentence) == set()


@pytest.mark.parametrize("skill", sorted(EVERY))
def test_rules_and_causes_speak_of_their_own_skill_alone(skill: str) -> None:
    own = KIND.by_name[skill]
    assert len(own.rules) >= 4
    assert len(own.causes) >= 3
    rules = [KIND.fill(skill, rule, "") for rule in own.rules]
    for sentence in (*rules, *(cause.replace("{quote}", "") for cause in own.causes)):
        assert spoken_of(sentence) == {skill}, sentence


def test_a_rule_on_precedence_holds_the_order_of_the_text_it_comes_of() -> None:
    wording = "Take the first: {order}."
    ranked = KIND.fill("precedence", wording, "Feature should win over billing.")
    assert ranked == "Take the first: feature, billing, access, bug, question."
    assert KIND.fill("precedence", wording, "No order is given.") == (
        "Take the first: access, billing, bug, feature, question."
    )
    assert KIND.fill("current", "Leave out what is solved.", "billing over bug") == "Leave out what is solved."


def test_the_order_in_the_instruction_decides() -> None:
    ticket = "The app crashed while I was paying and I have been charged twice."
    assert KIND.solve(ticket, EVERY, "If several apply: access, billing, bug, feature, question.") == "billing"
    assert KIND.solve(ticket, EVERY, "Access, billing or bug? Bug beats billing.") == "bug"


UNSEEN = (
    ("I forgot my password and cannot log in.", "access"),
    ("Please refund the payment of last Monday.", "billing"),
    ("The editor crashes when I paste a table.", "bug"),
    ("Please add a map view.", "feature"),
    ("How do I rename a folder?", "question"),
    ("My authenticator app is on a phone that was stolen.", "access"),
    ("A former colleague can still read our notes.", "access"),
    ("Can we have a discount for twelve seats?", "billing"),
    ("The invoice shows no VAT number.", "billing"),
    ("The list freezes after ten entries.", "bug"),
    ("My sketches disappeared overnight.", "bug"),
    ("Would you consider offering a Welsh translation?", "feature"),
    ("Any plans for a car mode?", "feature"),
    ("Greetings from the whole choir, we like your program.", "question"),
    ("The app crashes at the checkout and I was charged all the same.", "billing"),
    ("Could you add a tour for beginners? And I can't log in.", "access"),
    ("How do I undo the last step? The undo button shows an error.", "bug"),
    ("The crash is fixed, thank you. How do I print a page?", "question"),
    ("Your refund has arrived. Now the search gives an error.", "bug"),
    ("It is a bug that there is no way to mark a day as free.", "feature"),
    ("Broken! The form lacks a field for the second name.", "feature"),
)


@pytest.mark.parametrize(("text", "answer"), UNSEEN)
def test_tickets_it_has_never_seen_are_sorted_rightly(text: str, answer: str) -> None:
    assert KIND.solve(text, EVERY, EXPERT) == answer


@pytest.mark.parametrize(
    ("text", "skill"),
    [
        ("Can we have a discount for twelve seats?", "definitions"),
        ("The list freezes after ten entries.", "definitions"),
        ("The app crashes at the checkout and I was charged all the same.", "precedence"),
        ("The crash is fixed, thank you. How do I print a page?", "current"),
        ("It is a bug that there is no way to mark a day as free.", "wishes"),
    ],
)
def test_a_hard_ticket_is_missorted_without_its_skill_and_needs_it(text: str, skill: str) -> None:
    assert KIND.needs(text, None) == {skill}
    assert KIND.solve(text, EVERY - {skill}, EXPERT) != KIND.solve(text, EVERY, EXPERT)


def test_a_plain_ticket_needs_nothing() -> None:
    assert KIND.needs("How do I rename a folder?", "question") == frozenset()


def test_the_bundled_tickets_follow_the_rules_and_the_hard_ones_need_them() -> None:
    task = load("triage")
    every = (*task.train, *task.dev, *task.test)
    right = [KIND.solve(example.input, EVERY, EXPERT) == example.answer for example in every]
    unaided = [KIND.solve(example.input, frozenset(), EXPERT) == example.answer for example in every]
    assert sum(right) >= 0.95 * len(every)
    assert 0.25 < sum(unaided) / len(every) < 0.4


def test_labels_are_used_only_where_an_instruction_names_them() -> None:
    named = "Sort this ticket into access, billing, bug, feature or question."
    assert KIND.word("bug", named, frozenset({FORMAT}), 0.9) == "bug"
    assert {KIND.word("bug", named, frozenset(), chance / 10) for chance in range(10)} == {"bug", "Bug", "Bug."}
    assert KIND.word("access", "Sort the ticket.", frozenset({FORMAT}), 0.0) == "entry"
    assert "access" not in KIND.word("access", "Sort the ticket.", frozenset(), 0.0)


@given(st.sampled_from(KIND.labels), st.text(), st.floats(0, 1, exclude_max=True))
def test_a_slip_is_another_label(answer: str, text: str, chance: float) -> None:
    assert KIND.slip(answer, text, chance) in set(KIND.labels) - {answer}


@pytest.mark.parametrize("skill", sorted(EVERY))
def test_a_rule_that_an_optimizer_writes_does_its_work_with_every_personality(skill: str) -> None:
    for rule in KIND.by_name[skill].rules:
        known = read(KIND.fill(skill, rule, ""), KIND)
        assert known.skills == {skill}, rule
        assert any(asked.says_what_to_do for asked in known.asked), rule
        assert not known.denied | known.harms, rule


@pytest.mark.parametrize("piece", ["un", "not ", "but ", "\n", "wish bug call ", "é", "a", "' "])
def test_a_very_long_text_is_answered_too(piece: str) -> None:
    text = piece * 4000
    assert KIND.solve(text, EVERY, text) in KIND.labels
    assert spoken_of(text) <= EVERY


@given(st.text(), st.frozensets(st.sampled_from(sorted(EVERY))), st.text())
def test_any_text_is_answered(text: str, on: frozenset[str], instruction: str) -> None:
    assert KIND.solve(text, on, instruction) in KIND.labels
    assert KIND.needs(text, None) <= HARD
    assert KIND.evidence(text) >= 0
    assert KIND.fill("precedence", "{order}", text).count(",") == 4
