"""Reviews as the practice model reads them: what an instruction switches on, and how reviews unseen are judged."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.practice.kind import FORMAT
from lab.practice.kinds.sentiment import KIND
from lab.practice.kinds.sentiment_words import weight
from lab.practice.reading import read
from lab.tasks.bundled import expert_prompt, load

EVERY = frozenset(KIND.by_name)
EXPERT = expert_prompt("sentiment", "literal")
HARD = {"negation", "contrast", "sarcasm", "mixed"}


def spoken_of(sentence: str) -> set[str]:
    return {skill.name for skill in KIND.skills if skill.cue.search(sentence.lower())}


@pytest.mark.parametrize(
    ("skill", "wordings"),
    [
        (
            "negation",
            (
                "Look out for negations.", "Words after 'not' mean the reverse.",
                "Double negatives make a positive.",
                'The word "never" flips the feeling.', "Remember that not bad is good.",
                "Treat negated praise as blame.",
                "'Isn't good' must not be read as good.", "Not turns the meaning upside down.",
                "Invert the sentiment of anything with not in front.", "If there is a negation, swap the polarity.",
            ),
        ),
        (
            "contrast",
            (
                "The part after but matters most.", 'Weigh what follows "however" more.',
                "Focus on the last clause.",
                "Notice when the writer changes direction.", "Contrasts: the second half wins.",
                "The second part of the sentence is what counts.",
                'Whatever stands behind "but" is the true opinion.',
                "Discount concessions.", "Mind the turning point of each sentence.",
                "But and although announce a contrast.",
            ),
        ),
        (
            "sarcasm",
            (
                "Watch out for irony.", "Jokes mean the opposite.", "Some people are being sarcastic.",
                "Beware of hollow praise.", "Do not take things at face value.",
                "Some writers pretend to be pleased.",
                "Hyperbole is often insincere.", "Read between the lines.",
                "Tongue-in-cheek remarks are complaints.",
                "Ridicule is blame.",
            ),
        ),
        (
            "mixed",
            (
                "Go by the overall impression.", "If feelings are mixed, the conclusion counts.",
                "Balance the pros and cons.", "Weigh good against bad.", "The bottom line is what matters.",
                "Use the final verdict.", "Think of the review as a whole.", "Would the writer recommend it?",
                "Some are in two minds.", "Where there are both likes and dislikes, see what wins in the end.",
            ),
        ),
        (
            FORMAT,
            (
                "Answer with one word.", "Only the label, please.", "Reply positive or negative.",
                "Use lower case.", "Just say positive or negative.", "Give a single word.",
                "Output the label alone.", "The answer must be a single-word label.",
                'Write only "positive" or "negative".',
                "Respond with either positive or negative.",
            ),
        ),
    ],
)  # fmt: skip
def test_a_skill_is_recognised_in_many_wordings(skill: str, wordings: tuple[str, ...]) -> None:
    assert [wording for wording in wordings if skill not in spoken_of(wording)] == []


@pytest.mark.parametrize(
    "sentence",
    [
        "Is this review positive or negative?",
        "Decide whether the writer was happy.",
        "Read the text carefully and take your time.",
        "You are a friendly and experienced critic.",
        "The reviews come from many places.",
        "Films, hotels and books are reviewed.",
        "Please do your best.",
        "Negative reviews are as frequent as positive ones.",
        "Think about how the writer feels.",
        "Label the sentiment.",
    ],
)
def test_a_sentence_that_says_nothing_of_a_skill_switches_none_on(sentence: str) -> None:
    assert spoken_of(sentence) == set()


@pytest.mark.parametrize("skill", sorted(EVERY))
def test_rules_and_causes_speak_of_their_own_skill_alone(skill: str) -> None:
    own = KIND.by_name[skill]
    assert len(own.rules) >= 4
    assert len(own.causes) >= 3
    for sentence in (*own.rules, *(cause.replace("{quote}", "") for cause in own.causes)):
        assert spoken_of(sentence) == {skill}, sentence
        assert KIND.denies(sentence.lower()) == frozenset(), sentence


def test_what_takes_words_literally_or_first_impressions_for_true_denies_skills() -> None:
    assert KIND.denies("take every word literally.") == {"sarcasm"}
    assert KIND.denies("the first impression counts most.") == {"contrast", "mixed"}
    assert KIND.denies("do not take praise literally.") == frozenset()


UNSEEN = (
    ("The bakery on our corner is a delight.", "positive"),
    ("An awful, boring lecture.", "negative"),
    ("The trousers fit badly and the zip broke.", "negative"),
    ("A charming village inn with wonderful food.", "positive"),
    ("The soup was not good.", "negative"),
    ("Not a bad place to spend the night.", "positive"),
    ("I was never bored.", "positive"),
    ("The staff were hardly helpful.", "negative"),
    ("The garden is lovely, but the rooms are disgusting.", "negative"),
    ("The engine is loud, but it is a wonderful car.", "positive"),
    ("Although the cover is ugly, I love this cookbook.", "positive"),
    ("Despite great reviews the play was terrible.", "negative"),
    ("Oh great, the train is late again. Just wonderful.", "negative"),
    ("Thanks for ruining my lovely birthday.", "negative"),
    ("Curse this series, I could not stop watching and it was dawn.", "positive"),
    ("The parking is bad and the lift is broken. Overall, a lovely hotel.", "positive"),
    ("Nice people, good food, pretty garden. All in all a disappointment.", "negative"),
    ("Noisy, cramped, expensive. On balance I loved it.", "positive"),
)


@pytest.mark.parametrize(("text", "answer"), UNSEEN)
def test_reviews_it_has_never_seen_are_judged_rightly(text: str, answer: str) -> None:
    assert KIND.solve(text, EVERY, EXPERT) == answer


@pytest.mark.parametrize(
    ("text", "skill"),
    [
        ("The soup was not good.", "negation"),
        ("I was never bored.", "negation"),
        ("The garden is lovely, but the rooms are disgusting.", "contrast"),
        ("Oh great, the train is late again. Just wonderful.", "sarcasm"),
        ("Nice people, good food, pretty garden. All in all a disappointment.", "mixed"),
    ],
)
def test_a_hard_review_is_misjudged_without_its_skill_and_needs_it(text: str, skill: str) -> None:
    assert KIND.needs(text, None) == {skill}
    assert KIND.solve(text, EVERY - {skill}, EXPERT) != KIND.solve(text, EVERY, EXPERT)


def test_a_plain_review_needs_nothing() -> None:
    assert KIND.needs("An awful, boring lecture.", "negative") == frozenset()


def test_the_bundled_reviews_follow_the_rules_and_the_hard_ones_need_them() -> None:
    task = load("sentiment")
    every = (*task.train, *task.dev, *task.test)
    right = [KIND.solve(example.input, EVERY, EXPERT) == example.answer for example in every]
    unaided = [KIND.solve(example.input, frozenset(), EXPERT) == example.answer for example in every]
    assert sum(right) >= 0.95 * len(every)
    assert 0.3 < sum(unaided) / len(every) < 0.4


def test_labels_are_used_only_where_an_instruction_names_them() -> None:
    both = "Is this review positive or negative?"
    assert KIND.word("positive", both, frozenset({FORMAT}), 0.9) == "positive"
    assert {KIND.word("positive", both, frozenset(), chance / 10).rstrip(".").lower() for chance in range(10)} == {
        "positive"
    }
    assert KIND.word("negative", "Judge the review.", frozenset({FORMAT}), 0.0) == "displeased"
    assert "negative" not in KIND.word("negative", "Judge the review.", frozenset(), 0.99)


@given(st.sampled_from(KIND.labels), st.text(), st.floats(0, 1, exclude_max=True))
def test_a_slip_is_the_other_label(answer: str, text: str, chance: float) -> None:
    assert {answer, KIND.slip(answer, text, chance)} == set(KIND.labels)


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
    assert KIND.denies(text.lower()) <= HARD


@pytest.mark.parametrize(
    ("word", "sign"),
    [
        ("excellent", 1), ("gripping", 1), ("awful", -1), ("overpriced", -1), ("unhelpful", -1), ("joyless", -1),
        ("spotless", 1), ("kettle", 0), ("novel", 0),
    ],
)  # fmt: skip
def test_words_weigh_as_people_hear_them(word: str, sign: int) -> None:
    value = weight(word)
    assert (value > 0) - (value < 0) == sign
    assert abs(value) <= 2


def test_the_lexicon_is_read_only_when_a_review_is_judged_and_without_its_program() -> None:
    code = (
        "import sys; from lab.practice.kinds import sentiment, sentiment_words as w;"
        "before = w._lexicon.cache_info().currsize; w.weight('good');"
        "print(before, *(m for m in ('requests', 'vaderSentiment.vaderSentiment') if m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "0\n"
