"""Arithmetic word problems: what switches their skills, how they are solved, and how a reply ends."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.core.task import Example
from lab.practice import target
from lab.practice.kind import FORMAT
from lab.practice.kinds.word_problems import KIND
from lab.practice.kinds.word_problems_sums import plain, work
from lab.practice.personality import CHATTY, HASTY, LITERAL, PERSONALITIES, Personality
from lab.practice.reading import mentions, read
from lab.tasks.metrics import judge, last_number

HOME = Path(target.__file__).parents[1] / "tasks" / "bundled" / "word-problems"
TASK: dict[str, Any] = json.loads((HOME / "task.json").read_text("utf-8"))
ROWS: list[dict[str, str]] = [
    json.loads(line) for line in (HOME / "examples.jsonl").read_text("utf-8").splitlines()
]
ALL = frozenset(KIND.by_name)
EXPERT: str = TASK["experts"]["chatty"]

UNSEEN = (
    (
        "Lena keeps 36 tea cups in a cupboard. She buys 8 cups and breaks 5 of them. How many cups does "
        "she have now?",
        "39",
    ),
    (
        "A florist ties 9 bouquets with 7 lilies each. 12 lilies remain in the bucket. How many lilies "
        "were there in all?",
        "75",
    ),
    (
        "A lorry carries 18 pallets. Each pallet holds 40 bricks. At the first site 150 bricks are "
        "unloaded. How many bricks are still on the lorry?",
        "570",
    ),
    ("Tickets for the zoo cost $11 each. How much do 7 tickets cost?", "77"),
    (
        "Marco buys 3 shirts at €14 each and 2 belts at €9 each. He pays with a €100 note. How much change "
        "does he get?",
        "40",
    ),
    ("A tailor has 17 metres of cloth. One dress takes 3 metres. How many dresses can she make?", "5"),
    ("A tap drips 30 ml an hour. How many millilitres are lost in 2 days?", "1440"),
    (
        "Bruno is 41 years old and has 52 vinyl records. He sells 17 of them. How many records does he still own?",
        "35",
    ),
    ("Kim has 14 dolls. Her sister has half as many. How many dolls do they have together?", "21"),
    ("A hen house has 24 hens. Each hen lays 5 eggs a week. How many eggs is that in 4 weeks?", "480"),
    (
        "In 2015 a club had 64 members. Since then 23 people have joined and 9 have left. How many members "
        "does the club have now?",
        "78",
    ),
    ("Six children share 90 beads equally. How many beads does each child get?", "15"),
    ("A plank 4 m long is sawn into pieces of 80 cm. How many pieces are there?", "5"),
    ("Zara saves 40 cents a day. How many dollars does she save in 30 days?", "12"),
    ("A cake needs 3 eggs. How many eggs are needed for 2 dozen cakes?", "72"),
    ("A choir of 53 singers travels in vans. Each van takes 8 people. How many vans must be hired?", "7"),
    ("A baker has 100 rolls. He fills trays of 12. How many full trays does he get?", "8"),
    ("Ella has 30 balloons. 4 burst, and she gives 3 to each of her 5 guests. How many balloons are left?", "11"),
    ("Jakob reads 25 pages a day. His book has 310 pages. How many days does he need to finish it?", "13"),
    (
        "Paula earns £13 per hour. On Friday she works 6 hours and buys a lamp for £19. How much money is left?",
        "59",
    ),
    ("The blue tower is 86 m high, the red tower 49 m. How many metres higher is the blue tower?", "37"),
    ("A train has 9 carriages with 52 seats each. 61 seats are empty. How many passengers are seated?", "407"),
    (
        "Rosa has 3 albums with 48 photos each and 17 loose photos. How many photos does she have altogether?",
        "161",
    ),
    ("A dog eats 400 g of food a day. How many kilograms does it eat in 5 days?", "2"),
    (
        "Victor needs $95 for a jacket. He has $38 and earns $9 for each car he washes. How many cars must "
        "he wash?",
        "7",
    ),
    ("A bottle holds 750 ml. How many litres do 8 bottles hold?", "6"),
    ("Mila scores 12 points, Nils scores 5 more than Mila. How many points do they score together?", "29"),
    (
        "After giving 9 plums to Ed and 6 to Ann, Tim has 20 plums left. How many plums did he have at first?",
        "35",
    ),
    ("A gardener plants 7 rows of 13 tulips. Mice eat 20 of the bulbs. How many tulips can still grow?", "71"),
    (
        "Four friends rent a boat for $60 and buy snacks for $20. They share the cost equally. How much "
        "does each pay?",
        "20",
    ),
    ("A recipe for 4 people takes 300 g of rice. How many grams are needed for 7 people?", "525"),
    ("A bus leaves with 38 people. At the school 14 get off and 5 get on. How many people are on the bus?", "29"),
    (
        "Anton, who is 12, has 3 jars with 25 sweets each. He gives 18 sweets away. How many sweets does "
        "he have left?",
        "57",
    ),
    ("A film starts at 8:15 and lasts 2 hours and 10 minutes. How many minutes does the film last?", "130"),
    ("Gita packs 77 candles into boxes of 10. How many candles are left over?", "7"),
    (
        "A garden centre has 15 trays of 24 seedlings. It sells 128 seedlings on Monday and 97 on Tuesday. "
        "How many are left?",
        "135",
    ),
    ("Oskar needs 70 screws. He has 4 packs of 12 screws. How many more screws does he need?", "22"),
    ("A cyclist rides 18 km per hour. How far does she ride in 3 hours, in kilometres?", "54"),
    ("Two dozen eggs are in the fridge. Lars uses 7. How many eggs are left?", "17"),
    ("A box of 24 pencils costs $6. How much do 5 boxes cost?", "30"),
    ("A shop has 250 posters. It sells 35 a day. How many posters are left after 6 days?", "40"),
    (
        "A class collects 124 cans, another class collects three times as many. How many cans is that in total?",
        "496",
    ),
    ("Greta has 85 beads. She uses 34 for a necklace and 27 for a bracelet. How many beads are left?", "24"),
    (
        "A farmer has 6 fields with 45 apple trees each. A storm fells 38 trees. How many trees are left standing?",
        "232",
    ),
    ("Each pupil pays $7 for the trip, and 26 pupils come along. How much money is collected?", "182"),
    ("A ship has 14 cabins. Each cabin sleeps 4 people. How many people can sleep on the ship?", "56"),
    ("Ruben buys 5 cans of paint at £12 each and a roller for £8. How much does he pay altogether?", "68"),
    (
        "A hike takes 3 hours and 25 minutes. A break takes another 40 minutes. How many minutes is that in total?",
        "245",
    ),
    ("Nina drinks 250 ml of milk every day. How many litres does she drink in 2 weeks?", "3.5"),
    (
        "On 4 July 2021 a museum sold 312 tickets. The next day it sold 198. How many tickets did it sell in all?",
        "510",
    ),
    ("Piet is 19 years old. He washes 8 cars and gets €6 for each car. How much does he earn?", "48"),
    ("A rope of 12 m is cut into pieces of 150 cm. How many pieces does that make?", "8"),
    ("65 children want to row. One boat holds 6 children. How many boats are needed?", "11"),
    ("Amy has $50. A ticket costs $8. How many tickets can she buy?", "6"),
    (
        "Joan is twice as strong at chess as I thought: she won 24 games and lost 9. How many more games "
        "did she win than lose?",
        "15",
    ),
    (
        "Cara picked 18 kg of berries, Dora picked three times as many. How many kilograms did they pick together?",
        "72",
    ),
    ("Seven neighbours share the cost of a tree for $140 equally. How much does each neighbour pay?", "20"),
    (
        "A pool holds 900 litres. A pump moves 25 litres per minute. How many minutes does it take to "
        "empty the pool?",
        "36",
    ),
    ("A box weighs 2 kg, and each of the 12 tins in it weighs 300 g. How many grams does it all weigh?", "5600"),
    ("Hal had 40 nails. After using some he has 13 left. How many nails did he use?", "27"),
)
# Two readings of one number, two goods in a row, words for events that are no numbers: not in the rules.
BEYOND = (
    ("A ferry takes 45 cars. How many trips are needed for 200 cars?", "5"),
    ("Sunita walks 2 km to work and 2 km back, 5 days a week. How many kilometres is that in 3 weeks?", "60"),
    (
        "A swimming lesson takes 45 minutes. Nadia goes twice a week. How many hours does she swim in 4 weeks?",
        "6",
    ),
    (
        "A bakery makes 144 buns and packs them in bags of 6. Each bag costs $4. How much are all the bags worth?",
        "96",
    ),
    ("Theo reads 14 pages in the morning and 22 in the evening. How many pages does he read in a week?", "252"),
)

SPOKEN = {
    "steps": (
        "Think step by step.",
        "Show your work.",
        "Reason carefully before answering.",
        "Let's think this through first.",
        "Do one calculation after another.",
        "Write out the equation for each part.",
        "Break the question down.",
        "Solve it in small steps.",
        "First calculate the intermediate results.",
        "Explain your reasoning.",
        "Don't stop after the first operation.",
    ),
    "distractor": (
        "Ignore irrelevant numbers.",
        "Some details do not matter.",
        "Beware of red herrings.",
        "Only use the numbers you need.",
        "Disregard extra information.",
        "Ages and dates are to be left out.",
        "Watch out for distractors.",
        "Not all numbers are needed.",
        "Drop facts that have nothing to do with the question.",
        "Skip unnecessary data.",
        "Cross out numbers that aren't needed.",
    ),
    "units": (
        "Mind the units.",
        "Convert hours to minutes.",
        "Do unit conversion first.",
        "A dozen means twelve.",
        "Change everything into the same measure.",
        "Cents and dollars must not be mixed.",
        "1 week has 7 days.",
        "Express lengths in metres.",
        "Be careful with measurements.",
        "Bring all times to minutes.",
    ),
    "rounding": (
        "Round when needed.",
        "Round up for buses.",
        "No half of a bus.",
        "Give integers for things.",
        "No decimals for people.",
        "Use whole numbers for objects.",
        "Things like cars cannot be split.",
        "Take the next whole number.",
        "Count full boxes only.",
        "Fractions make no sense for boxes.",
        "Mind the remainder.",
    ),
    FORMAT: (
        "End with ####.",
        "Put the final answer on the last line.",
        "Only the number.",
        "Answer with just the number.",
        "Finish with the result.",
        "Nothing after the answer.",
        "The last thing you write is the number.",
        "Return a single number.",
        "Write the answer alone.",
        "Put the result in \\boxed{}.",
        "State the final result.",
    ),
}
WORDS = (
    "12 3 0 half three times as many more than each every of boxes apples Tom $5 hours a minutes shares among "
    "costs , . ? How many much left per 4-day #### 0 dozen in"
)
SILENT = (
    "Solve the problem.",
    "Be friendly and patient.",
    "You are a teacher of mathematics.",
    "Answer the question.",
    "Read the text twice.",
    "The problems are about shopping and travel.",
    "Use good English.",
    "What is asked for?",
    "Take your time.",
    "Please help me with my homework.",
)


def right_share(rows: list[dict[str, str]], replies: list[str]) -> float:
    pairs = zip(rows, replies, strict=True)
    return sum(
        judge("numeric", (), Example.of("", row["answer"], ()), said, "strict").hit for row, said in pairs
    ) / len(rows)


def score(prompt: str, who: Personality, split: str = "dev") -> float:
    rows = [row for row in ROWS if row["split"] == split]
    replies = [target.answer(prompt, row["input"], personality=who) for row in rows]
    return right_share(rows, replies)


# The cues.


@pytest.mark.parametrize(("skill", "sentence"), [(skill, s) for skill, some in SPOKEN.items() for s in some])
def test_a_skill_is_recognised_in_words_of_ones_own(skill: str, sentence: str) -> None:
    assert skill in mentions(sentence, KIND)


@pytest.mark.parametrize("sentence", SILENT)
def test_a_sentence_that_asks_for_nothing_switches_nothing_on(sentence: str) -> None:
    assert mentions(sentence, KIND) == frozenset()


@pytest.mark.parametrize("skill", KIND.skills, ids=lambda skill: skill.name)
def test_each_rule_and_each_cause_speaks_of_its_own_skill_alone(skill: Any) -> None:
    said = (*skill.rules, *(cause.format(quote="") for cause in skill.causes))
    assert len(skill.rules) >= 4
    assert len(skill.causes) >= 3
    for sentence in said:
        assert mentions(sentence, KIND) == {skill.name}, sentence
        assert {s.name for s in KIND.skills if s.cue.search(sentence.lower())} == {skill.name}, sentence
    for sentence in skill.rules:
        asked = read(sentence, KIND).asked
        assert asked
        assert any(a.says_what_to_do for a in asked), sentence


@pytest.mark.parametrize(
    ("sentence", "denied"),
    [
        ("Use every number in the problem.", "distractor"),
        ("All numbers must be used.", "distractor"),
        ("Do not convert units.", "units"),
        ("Take the numbers as they stand.", "units"),
        ("Never round.", "rounding"),
        ("Answer at once.", "steps"),
        ("Don't show any working.", "steps"),
    ],
)
def test_what_is_told_to_be_left_alone_is_denied(sentence: str, denied: str) -> None:
    assert read(sentence, KIND).denied == {denied}


def test_ignoring_what_does_not_matter_denies_nothing() -> None:
    told = read("Solve the word problem. Ignore irrelevant numbers.", KIND)
    assert told.denied == frozenset()
    assert told.skills == {"distractor"}


# The solver.


@pytest.mark.parametrize(("text", "answer"), UNSEEN)
def test_an_unseen_problem_is_solved(text: str, answer: str) -> None:
    assert text not in {row["input"] for row in ROWS}
    assert KIND.solve(text, ALL, EXPERT) == answer
    assert KIND.evidence(text) >= 2


@pytest.mark.parametrize(("text", "answer"), BEYOND)
def test_what_is_beyond_the_rules_still_gets_a_number(text: str, answer: str) -> None:
    got = KIND.solve(text, ALL, EXPERT)
    assert last_number(got) is not None
    assert got != answer


def test_every_example_is_solved_with_all_skills() -> None:
    right = [KIND.solve(row["input"], ALL, EXPERT) == row["answer"] for row in ROWS]
    assert sum(right) / len(right) >= 0.98


@pytest.mark.parametrize("case", ["steps", "distractor", "units", "rounding"])
def test_an_example_written_for_a_skill_is_wrong_without_it(case: str) -> None:
    written = [row for row in ROWS if row["case"] == case]
    wrong = [KIND.solve(row["input"], ALL - {case}, EXPERT) != row["answer"] for row in written]
    assert sum(wrong) / len(wrong) >= 0.95


def test_needs_are_the_skills_without_which_the_result_is_another() -> None:
    assert KIND.needs("Pens cost $3 each. How much does Tom pay for 4 pens?", None) == frozenset()
    assert KIND.needs("Ada has 9 pens. She buys 8 more and gives 4 to Bo. How many pens does she have?", None) == {
        "steps"
    }
    assert KIND.needs("A course takes 3 weeks and another 2 days. How many days is that?", None) == {"units"}
    assert KIND.needs("A van seats 8 people. How many vans are needed for 20 guests?", None) == {"rounding"}
    assert KIND.needs("Jo is 12 years old and has 30 pens. She loses 4. How many pens are left?", None) >= {
        "distractor"
    }


def test_without_steps_only_the_first_operation_is_carried_out() -> None:
    text = "A crate holds 12 bottles. A shop has 7 crates and sells 9 bottles. How many bottles are left?"
    assert [KIND.solve(text, on, "") for on in (ALL, ALL - {"steps"})] == ["75", "84"]


def test_working_and_the_bare_number_together_lose_the_steps_on_about_half_the_inputs() -> None:
    hard = [row for row in ROWS if row["case"] == "steps"]
    told = "Solve the problem step by step. Give only the number."
    right = [KIND.solve(row["input"], ALL, told) == row["answer"] for row in hard]
    assert 0.3 < sum(right) / len(right) < 0.75


# The reply.


def test_the_working_is_shown_and_ends_with_the_answer_where_that_was_said() -> None:
    text = UNSEEN[0][0]
    reply = KIND.say and KIND.say("39", text, "Go step by step. End with #### and the number.", ALL, 0.5)
    assert reply is not None
    assert reply.splitlines()[-1] == "#### 39"
    assert "36 + 8 = 44." in reply
    assert "44 - 5 = 39." in reply


def test_without_a_form_about_half_the_workings_go_on_to_another_number() -> None:
    assert KIND.say is not None
    replies = [KIND.say(row["answer"], row["input"], "Go step by step.", ALL - {FORMAT}, 0.1) or "" for row in ROWS]
    assert 0.35 < right_share(ROWS, replies) < 0.65


def test_no_working_is_shown_that_was_not_asked_for() -> None:
    assert KIND.say is not None
    assert KIND.say("39", UNSEEN[0][0], "Solve the problem.", ALL, 0.5) is None


@pytest.mark.parametrize("wording", [*KIND.chatter, *KIND.explained])
def test_a_remark_puts_another_number_behind_the_answer(wording: str) -> None:
    assert last_number(wording.format(answer="1234", Answer="1234", thing=KIND.thing)) != 1234


@given(st.text(max_size=30), st.floats(0, 1, exclude_max=True))
def test_a_slip_is_never_the_answer(text: str, chance: float) -> None:
    for answer in ("0", "1", "12", "2.5", "-3", text):
        assert KIND.slip(answer, text, chance) != answer


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.text(max_size=200),
        st.lists(
            st.sampled_from(WORDS.split(" ")),
            max_size=40,
        ).map(" ".join),
    )
)
def test_any_text_gets_a_number_and_nothing_raises(text: str) -> None:
    KIND.evidence(text)
    KIND.needs(text, None)
    assert last_number(KIND.solve(text, ALL, text)) is not None
    assert KIND.solve(text, frozenset(), "") == KIND.solve(text, frozenset(), "")
    assert plain(work(text, ALL).result)


@pytest.mark.parametrize(
    "part", ["9" * 50 + " apples ", "3 times as many ", "4 apples each day ", "half of 7 ", "1.5 km a day "]
)
def test_long_and_odd_texts_are_read_to_an_end(part: str) -> None:
    text = part * 300 + "How many apples are left?"
    assert last_number(KIND.solve(text, ALL, "")) is not None


# The task.


def test_the_examples_are_balanced_by_case_and_no_input_comes_twice() -> None:
    assert Counter(row["split"] for row in ROWS) == {"train": 120, "dev": 60, "test": 60}
    splits = ("train", "dev", "test")
    shares = {split: Counter(row["case"] for row in ROWS if row["split"] == split) for split in splits}
    assert shares["dev"] == shares["test"]
    assert shares["train"] == {case: 2 * n for case, n in shares["dev"].items()}
    assert len({row["input"] for row in ROWS}) == len(ROWS)
    assert all(KIND.shown_by(row["input"], row["answer"]) for row in ROWS)


def test_the_start_prompt_leaves_room_and_bad_prompts_are_worse() -> None:
    for who in PERSONALITIES:
        start = score(TASK["start"], who)
        assert 0.35 <= start <= 0.7
        for prompt in ("", "Write a haiku about the sea.", TASK["misleading"]):
            assert score(prompt, who) < start


@pytest.mark.parametrize("who", PERSONALITIES, ids=lambda who: who.name)
def test_the_expert_prompt_of_a_personality_does_well_with_it_and_worse_elsewhere(who: Personality) -> None:
    prompt = TASK["experts"][who.name]
    own = score(prompt, who)
    assert own >= 0.9
    assert min(score(prompt, other) for other in (CHATTY, LITERAL, HASTY)) <= own - 0.1


def test_each_skill_has_a_critique_that_a_person_would_write_and_the_model_understands() -> None:
    spoken = [mentions(hint["say"], KIND) for hint in TASK["hard"]]
    assert frozenset().union(*spoken) == ALL
    assert all(len(skills) == 1 for skills in spoken)
