"""Words and hidden rules: which clauses an instruction is understood to hold, and how they change unseen inputs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.practice.kind import FORMAT
from lab.practice.kinds.hidden_rule import KIND
from lab.practice.kinds.negation import negated
from lab.practice.reading import kind_of, read
from lab.practice.target import answer
from lab.tasks.bundled import expert_prompt, load, misleading_prompt, signs

EVERY = frozenset(KIND.by_name)
EXPERTS = tuple(expert_prompt("hidden-rule", name) for name in ("chatty", "literal", "hasty"))

OPERATIONS = {
    "backwards": (
        "Spell the word in reverse.", "Turn it back to front.", "Reverse the letters.",
        "Read the word from right to left.", "Write it the other way round.",
        "The output is the mirror image of the word.", "Give the reversed word.",
        "Start from the end and go to the beginning.", "Write the letters in reverse order.", "Say it backward.",
    ),
    "first": (
        "Only the first letter, please.", "Return the first character.", "Give the letter it starts with.",
        "What is the first letter of the word?", "Extract the first letter of the input word.",
        "Keep just the first letter.", "Answer with its initial.", "Print the first letter.",
        "Take the first letter of the word.", "Name the first letter.",
    ),
    "second": (
        "Write the second letter.", "Return the 2nd letter of the word.", "The answer is letter number two.",
        "Extract the second character.", "Pick the second letter.", "Give letter no. 2.",
        "Say its second letter.", "Name the second letter of each word.", "Output the second letter only.",
        "Find the second letter.",
    ),
    "last": (
        "Return the final letter.", "Only its last letter counts.", "Give the letter it ends with.",
        "Name the last character.", "Extract the last letter of the word.", "Say the last letter.",
        "Print the final character.", "Keep the last letter.", "Take the last letter of the input.",
        "The output is the last letter of the word.",
    ),
    "spaced": (
        "Put a space between the letters.", "Write the letters separated by spaces.",
        "Separate all letters with a blank.", "Spell it out letter by letter.",
        "Split the word into single letters.", "List all its letters.",
        "Break the word up into its letters with spaces.", "Insert spaces between all letters.",
        "Spaced out letters.", "Write the letters one by one.",
    ),
    "upper": (
        "Use capital letters.", "Put it in uppercase.", "Shout it in ALL CAPS.", "Convert to upper-case.",
        "Write in capitals.", "Change it to block letters.", "Make all letters upper case.",
        "Capitalise all letters.", "Turn it into UPPERCASE.", "Make every letter a big one: big letters.",
    ),
    "capitalised": (
        "Capitalize the word.", "Begin it with a capital.", "Make the first letter upper case.",
        "Use title case.", "Write the first letter as a capital.", "Give it a capital first letter.",
        "Start the word with a big letter.", "Write a capital letter at the beginning.",
        "The word is to be capitalised.", "Turn the initial into a capital.",
    ),
    "plural": (
        "Make it plural.", "Pluralise the noun.", "Give the plural.", "Convert the singular to plural.",
        "How do you call several of them?", "Write the word for more than one of it.", "Pluralize.",
        "Plural form, please.", "What is its plural?", "Say the form for several.",
    ),
    "without_vowels": (
        "Remove all vowels.", "Drop the vowels.", "Delete every vowel.", "Write the word without any vowels.",
        "Strip its vowels.", "Keep only the consonants.", "Leave the vowels out.", "Take out the vowels.",
        "No vowels in the output.", "The vowels are removed.",
    ),
    "sorted": (
        "Sort the letters.", "Put the letters in alphabetical order.", "Arrange its letters alphabetically.",
        "Order the letters from a to z.", "Letters sorted, please.",
        "Write its letters in the order of the alphabet.", "Sort its letters by the alphabet.",
        "The letters go in alphabetical order.", "Rearrange them alphabetically.",
        "Sort all letters of the word.",
    ),
    "doubled": (
        "Repeat the last letter.", "Write the final letter twice.", "Add the last letter again.",
        "Duplicate the last letter.", "The last letter is doubled.", "Append a copy of the last letter.",
        "Double its final letter.", "The last letter appears twice.", "Say the last letter two times.",
        "Write the last letter once more.",
    ),
    "moved": (
        "Move the first letter to the end.", "Put the first letter last, at the end.",
        "Shift the first letter to the back.", "The first letter goes to the end.", "Rotate the word by one.",
        "Take the first letter and put it at the end.", "Bring the first letter to the very end.",
        "The first letter moves to the end.", "Send the first letter to the back.",
        "Place the first letter behind the others.",
    ),
    "twice": (
        "Repeat the word.", "Write the word twice.", "Say it two times.", "Duplicate the word.",
        "Double the word.", "Write it twice in a row.", "Give two copies of it.", "Repeat the input.",
        "The whole word twice.", "Write the input twice without a space.",
    ),
    "counted": (
        "Count the letters.", "How many letters does it have?", "Give the number of letters.",
        "Say how many letters there are.", "Write its length.", "Output the letter count.",
        "Counting its letters gives the answer.", "Number of letters in the word.",
        "State the number of the letters.", "Answer with the number of letters.",
    ),
    "sum": (
        "Add the numbers.", "What is the sum?", "Sum of the two.", "Add them up.", "Add both numbers.",
        "Give the total of the numbers.", "First number plus second number.", "Do an addition.",
        "Put the numbers together.", "Adding the two numbers gives the output.",
    ),
    "difference": (
        "Subtract the numbers.", "What is the difference?", "First minus second.",
        "Take the second from the first.", "Give the difference between the two numbers.",
        "Subtracting is what to do.", "Subtract the smaller one.", "Take away the second from the first.",
        "Do a subtraction.", "Compute their difference.",
    ),
    "in_words": (
        "Write the number in words.", "Spell out the number.", "Convert the number into words.",
        "Give the number name.", "Verbalise the figure.", "Spell the number out.", "Write out the number.",
        "Turn digits into words.", "Say it in English words.", "Write the name of the number.",
    ),
    "negated": (
        "Negate the sentence.", "Write the negation.", "Say the opposite.", "Make the sentence negative.",
        "Make it untrue.", "State the contrary.", 'Put "not" after the verb.', "Deny what it says.",
        "Negating the statement is the task.", "Insert a not where it belongs.",
    ),
}  # fmt: skip
CONDITIONS = {
    "even": (
        "If its length is even", "For even-length words", "Words with 4, 6, 8 (an even number of) letters",
        "when the letter count is divisible by two", "even words", "if the number of letters is even",
    ),
    "odd": (
        "If its length is odd", "For words of odd length", "an uneven number of letters",
        "when there is an odd number of letters", "odd words", "if the number of letters is not divisible by 2",
    ),
    "vowel": (
        "Starting with a vowel", "If the first letter is a vowel", "words beginning with a, e, i, o or u",
        "an initial vowel", "when a vowel is at the start of the word, so a vowel at the start",
        "vowel-initial words",
    ),
    "consonant": (
        "Starting with a consonant", "if the first letter is a consonant", "words that don't start with a vowel",
        "words beginning with consonants", "if it does not begin with a vowel", "an initial consonant",
    ),
    "ends_s": (
        "Words ending in s", "if it ends with an s", "if the last letter is s", 'words that finish in "s"',
        "when the final letter of the word is an s", "with s at the end",
    ),
    "ends_e": (
        "Words ending in e", "if it ends with an e", "if the last letter is e", "words that finish with “e”",
        "when the final letter of the word is an e", "with e at the end",
    ),
    "long": (
        "Words with more than 6 letters", "if it is longer than four letters", "words of at least seven letters",
        "if the word has six letters or more", "long words", "words over five letters",
    ),
    "short": (
        "Words with fewer than 5 letters", "if it is shorter than six letters", "words of at most four letters",
        "if the word has three letters or less", "short words", "words of up to four letters",
    ),
    "double": (
        "Words with a double letter", "if it holds two identical letters side by side",
        "if a letter comes twice in a row", "words with double consonants", "when the same letter stands twice",
        "if there is a repeated letter",
    ),
    "number": (
        "If the input is a number", "for numbers", "if you see a number", "when it is a number",
        "a numeric input", "if it consists of digits",
    ),
    "several": (
        "If there are several words", "if the input is a sentence", "for more than one word",
        "when there are two or more words", "if it is a whole phrase", "inputs of multiple words",
    ),
    "otherwise": (
        "Otherwise", "or else", "all other words", "with any other word", "in all other cases", "the rest",
    ),
}  # fmt: skip
SAYS_NOTHING = (
    "Look at the first letter of the word.", "Answer with the word and nothing else.", "No other words, please.",
    "Read the words carefully.", "The input is one word.", "Write a haiku about the sea.",
    "Even if you are unsure, answer.", "Take your time.", "In other words, be brief.", "Use lower case.",
    "Explain your answer.", "Change each word by the rule.",
)  # fmt: skip


def spoken_of(sentence: str) -> set[str]:
    return {skill.name for skill in KIND.skills if skill.cue.search(sentence.lower())}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_is_recognised_in_many_wordings_and_taken_for_no_other(operation: str) -> None:
    found = {wording: spoken_of(wording) - {FORMAT} for wording in OPERATIONS[operation]}
    assert {wording: names for wording, names in found.items() if names != {f"always:{operation}"}} == {}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_condition_is_recognised_in_many_wordings_and_taken_for_no_other(condition: str) -> None:
    operation = {"number": "in_words", "several": "negated"}.get(condition, "backwards")
    said = {"in_words": "spell out the number", "negated": "negate it"}.get(operation, "write it backwards")
    found = {wording: spoken_of(f"{wording}, {said}.") for wording in CONDITIONS[condition]}
    assert {wording: names for wording, names in found.items() if names != {f"{condition}:{operation}"}} == {}


@pytest.mark.parametrize("sentence", SAYS_NOTHING)
def test_a_sentence_that_holds_no_clause_switches_none_on(sentence: str) -> None:
    assert spoken_of(sentence) - {FORMAT} == set()


@pytest.mark.parametrize(
    "sentence",
    [
        "Answer with the word alone.", "Only the result.", "Nothing else.", "Write just the changed word.",
        "Reply with only the word.", "No explanation, please.", "Do not explain.", "Give the bare word.",
        "Output the result by itself.", "Return nothing but the word.", "Without any comment.",
        "Add no other words.",
    ],
)  # fmt: skip
def test_the_form_of_an_answer_is_recognised_in_many_wordings(sentence: str) -> None:
    assert spoken_of(sentence) == {FORMAT}


def test_rules_and_causes_speak_of_their_own_skill_alone() -> None:
    for skill in KIND.skills:
        assert len(set(skill.rules)) >= 4
        assert len(set(skill.causes)) >= 3
        for sentence in (*skill.rules, *(cause.replace("{quote}", "") for cause in skill.causes)):
            assert spoken_of(sentence) == {skill.name}, sentence
            assert KIND.denies(sentence.lower()) == frozenset(), sentence


def test_a_rule_that_an_optimizer_writes_tells_every_personality_what_to_do() -> None:
    for skill in KIND.skills:
        for rule in skill.rules:
            known = read(rule, KIND)
            assert known.skills == {skill.name}, rule
            assert any(asked.says_what_to_do for asked in known.asked), rule
            assert not known.denied | known.harms, rule


UNSEEN = (
    ("Write the word backwards.", "guitar", "ratiug"),
    ("Give only the first letter.", "window", "w"),
    ("Return its second letter.", "guitar", "u"),
    ("What is the last letter?", "guitar", "r"),
    ("Put spaces between the letters.", "guitar", "g u i t a r"),
    ("SHOUT it in capital letters.", "guitar", "GUITAR"),
    ("Start it with a capital.", "guitar", "Guitar"),
    ("Make it plural.", "city", "cities"),
    ("Make it plural.", "mouse", "mice"),
    ("Drop the vowels.", "guitar", "gtr"),
    ("Sort its letters.", "guitar", "agirtu"),
    ("Repeat the last letter.", "guitar", "guitarr"),
    ("Move the first letter to the end.", "guitar", "uitarg"),
    ("Write the word twice without a gap.", "guitar", "guitarguitar"),
    ("Count its letters.", "guitar", "6"),
    ("Add the two numbers.", "17 25", "42"),
    ("Subtract the second number from the first.", "17 25", "-8"),
    ("Write the number in words.", "342", "three hundred and forty-two"),
    ("Write the word backwards in capital letters.", "guitar", "RATIUG"),
    ("If it starts with a vowel, write it in upper case, otherwise backwards.", "ivy", "IVY"),
    ("If it starts with a vowel, write it in upper case, otherwise backwards.", "guitar", "ratiug"),
    ("Write it backwards, and words that end in e in upper case.", "plane", "PLANE"),
    ("Write it backwards, and words that end in e in upper case.", "guitar", "ratiug"),
    ("Write it backwards if it has an even number of letters, and double the last letter if not.", "harp", "prah"),
    (
        "Write it backwards if it has an even number of letters, and double the last letter if not.",
        "flute",
        "flutee",
    ),
    ("Words with more than five letters: backwards; all others: last letter doubled.", "guitar", "ratiug"),
    ("Words with more than five letters: backwards; all others: last letter doubled.", "harp", "harpp"),
    ("Words of at least four letters: backwards.", "harp", "prah"),
    ("Words with four letters or less: backwards.", "harp", "prah"),
    ("Reverse the word unless it starts with a vowel.", "oboe", "oboe"),
    ("If it does not end in s, reverse it.", "harp", "prah"),
    ("Words with a double letter are reversed, other words get their vowels removed.", "cello", "ollec"),
    ("Words with a double letter are reversed, other words get their vowels removed.", "flute", "flt"),
    ("If it begins with a consonant and its length is odd, reverse it.", "flute", "etulf"),
    ("If it begins with a consonant and its length is odd, reverse it.", "harp", "harp"),
    ("If the input is a number, write it in words; for several words, write them in upper case.", "12", "twelve"),
    ("Do not reverse the word. Write it in upper case.", "harp", "HARP"),
)


@pytest.mark.parametrize(("instruction", "text", "changed"), UNSEEN)
def test_inputs_it_has_never_seen_are_changed_as_the_instruction_says(
    instruction: str, text: str, changed: str
) -> None:
    assert KIND.solve(text, read(instruction, KIND).skills, instruction) == changed


def test_the_first_clause_that_holds_wins_and_what_is_asked_without_a_condition_comes_last() -> None:
    instruction = (
        "Write the word backwards. If it ends in e, double the last letter. If it is even, use capital letters."
    )
    on = read(instruction, KIND).skills
    assert [KIND.solve(text, on, instruction) for text in ("lane", "harp", "cat")] == ["lanee", "HARP", "tac"]


def test_a_clause_that_is_not_at_work_is_passed_over() -> None:
    instruction = "If the word starts with a vowel, write it in upper case. Otherwise, write it backwards."
    assert KIND.solve("oboe", frozenset({"otherwise:backwards"}), instruction) == "eobo"
    assert KIND.solve("oboe", frozenset(), instruction) == "oboe"


def test_a_forbidden_operation_denies_all_its_clauses() -> None:
    assert KIND.denies("never write it backwards, please.") == {
        name for name in EVERY if name.endswith(":backwards")
    }
    assert KIND.denies("words that do not begin with a vowel are written backwards.") == frozenset()
    assert KIND.denies("words that do not hold a double letter are written backwards.") == frozenset()


@pytest.mark.parametrize(
    ("text", "reference", "needed"),
    [
        ("oboe", "OBOE", {"always:upper", "even:upper", "vowel:upper", "ends_e:upper", "short:upper"}),
        ("flute", "flutee", {"always:doubled", "odd:doubled", "consonant:doubled", "ends_e:doubled"}),
        ("12", "twelve", {"always:in_words", "number:in_words"}),
        ("flute", "violin", set()),
    ],
)
def test_every_clause_that_leads_from_an_input_to_its_answer_would_do(
    text: str, reference: str, needed: set[str]
) -> None:
    assert KIND.needs(text, reference) == needed
    assert KIND.needs(text, None) == frozenset()
    assert KIND.shows(text, reference) is bool(needed)


def test_the_bundled_words_follow_the_rule_and_each_case_needs_its_clause() -> None:
    task = load("hidden-rule")
    every = (*task.train, *task.dev, *task.test)
    assert (len(task.train), len(task.dev), len(task.test)) == (120, 60, 60)
    assert len({example.input for example in every}) == 240
    for expert in EXPERTS:
        assert all(KIND.solve(example.input, EVERY, expert) == example.answer for example in every)
        for example in every:
            lost = KIND.needs(example.input, example.answer) | {n for n in EVERY if n.startswith("otherwise:")}
            assert KIND.solve(example.input, EVERY - lost, expert) != example.answer


def test_every_error_has_a_sign_that_a_person_would_see() -> None:
    found = signs("hidden-rule")
    task = load("hidden-rule")
    assert all(any(sign.fits(e.input, e.answer, "") for sign in found) for e in task.train)
    assert {spoken for sign in found for spoken in spoken_of(sign.say)} >= {
        FORMAT, "vowel:upper", "even:backwards", "odd:doubled",
    }  # fmt: skip


def test_prompts_of_the_task_and_its_openings_name_the_kind() -> None:
    prompts = (load("hidden-rule").start, misleading_prompt("hidden-rule"), *EXPERTS, *KIND.openings)
    assert [prompt for prompt in prompts if KIND.named_by(prompt.lower()) < 2] == []
    assert [opening for opening in KIND.openings if spoken_of(opening)] == []
    assert KIND.named_by("is this review positive or negative? answer with one word.") < 2
    assert KIND.named_by("write a haiku about the sea.") == 0


@pytest.mark.parametrize(
    ("text", "signs"),
    [("guitar", 1), ("brass band", 1), ("12", 1), ("3 -4", 1), ("", 0), ("1 2 3", 0), ("I loved every minute.", 0)],
)
def test_only_short_plain_inputs_look_like_this_kind(text: str, signs: int) -> None:
    assert KIND.evidence(text) == signs


NEGATIONS = (
    ("The shop is open.", "The shop is not open."),
    ("Swans can fly.", "Swans cannot fly."),
    ("Maria plays the harp.", "Maria does not play the harp."),
    ("Our teacher watches birds.", "Our teacher does not watch birds."),
    ("The team won the cup.", "The team did not win the cup."),
    ("Anna opened the window.", "Anna did not open the window."),
    ("The child stopped at the corner.", "The child did not stop at the corner."),
    ("We like soup.", "We do not like soup."),
    ("When it rains, the match will be moved.", "When it rains, the match will not be moved."),
    ("She has written a book.", "She has not written a book."),
    ("Peter tries it every day.", "Peter does not try it every day."),
)


@pytest.mark.parametrize(("sentence", "turned"), NEGATIONS)
def test_a_sentence_is_negated_and_a_negated_one_turned_back(sentence: str, turned: str) -> None:
    assert negated(sentence) == turned
    assert negated(turned) == sentence


def test_short_forms_are_turned_back_and_a_text_without_a_verb_is_left() -> None:
    assert negated("It won't rain.") == "It will rain."
    assert negated("It can't rain.") == "It can rain."
    assert negated("It isn't late.") == "It is late."
    assert negated("Oh dear") is None


@given(st.text(), st.text(), st.text())
def test_no_text_is_too_odd(text: str, reference: str, instruction: str) -> None:
    assert KIND.evidence(text) in (0, 1)
    assert isinstance(KIND.solve(text, EVERY, instruction), str)
    assert all(isinstance(KIND.solve(text, EVERY, expert), str) for expert in EXPERTS)
    assert KIND.needs(text, reference) <= EVERY
    assert KIND.denies(instruction.lower()) <= EVERY


@given(
    st.text(),
    st.sampled_from(["Write it in words", "Make it plural", "Sort the letters", "Negate it", "Add them up"]),
)
def test_no_input_is_too_odd_for_an_operation(text: str, instruction: str) -> None:
    assert isinstance(KIND.solve(text, EVERY, instruction), str)


@given(st.text(), st.text(), st.floats(0, 1, exclude_max=True))
def test_a_slip_is_never_the_answer(right: str, text: str, chance: float) -> None:
    assert KIND.slip(right, text, chance) != right


# Data that an instructor may bring along; the lab does not ship it.
EXECUTE = Path("shared", "data", "instruction_induction", "execute")
DATA = next((up / EXECUTE for up in Path(__file__).resolve().parents if (up / EXECUTE).is_dir()), None)


@pytest.mark.skipif(DATA is None, reason="instruction induction data is not at hand")
@pytest.mark.parametrize(
    ("name", "instruction", "least"),
    [
        ("first_word_letter", "Write the first letter of the word.", 0.9),
        ("second_word_letter", "Write the second letter of the word.", 0.9),
        ("letters_list", "Write the letters of the word separated by spaces.", 0.9),
        ("singular_to_plural", "Write the plural of the word.", 0.9),
        ("sum", "Write the sum of the two numbers.", 0.9),
        ("diff", "Subtract the second number from the first.", 0.9),
        ("num_to_verbal", "Write the number in words.", 0.9),
        ("negation", "Negate the sentence.", 0.75),
    ],
)
def test_public_data_of_this_kind_are_answered_where_the_instruction_fits(
    name: str, instruction: str, least: float
) -> None:
    assert DATA is not None
    rows = list(json.loads((DATA / f"{name}.json").read_text())["examples"].values())

    def score(prompt: str) -> float:
        return sum(answer(prompt, row["input"]) == row["output"] for row in rows) / len(rows)

    told = score(f"{instruction} Answer with it alone, nothing else.")
    assert kind_of(instruction) is KIND
    assert told >= least
    assert score("Write a haiku about the sea.") <= told / 2
