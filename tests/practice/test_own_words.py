"""Instructions in the words of people who never saw the rules: each kind heeds them, and hears nothing else."""

from __future__ import annotations

import pytest

from lab.practice.kind import FORMAT, Kind
from lab.practice.kinds import KINDS
from lab.practice.metaprompt import Shown
from lab.practice.reading import mentions, read
from lab.practice.rewriting import edits
from lab.practice.target import answer
from lab.practice.wordings import WRONG_RULES

BY_NAME = {kind.name: kind for kind in KINDS}
SAID: dict[str, dict[str, tuple[str, ...]]] = {
    "sentiment": {
        "negation": (
            "Watch out for negative constructions like isn't and never.",
            "Something that 'never disappoints' is good.",
            "'No complaints' is positive.",
        ),
        "contrast": (
            "When two opinions are joined by but, trust the later one.",
            "Opinions stated later in a sentence override earlier ones.",
            "Ignore whatever precedes the word but.",
            "Give more weight to the part after the conjunction.",
            "When a sentence says one thing but then another, go with the second thing.",
        ),
        "sarcasm": (
            "If the praise is obviously fake, label it negative.",
            "Consider what the writer really means rather than the literal words.",
            "Beware of people who say nice things but mean bad things.",
        ),
        "mixed": ("Look for a recommendation at the end.", "Weigh pros against cons."),
        FORMAT: ("Label: positive or negative only.", "No text besides the label.", "Don’t add anything."),
    },
    "triage": {
        "definitions": (
            "bug = the software does not work as intended",
            "Bugs are things that are broken, features are things customers want added.",
            "Anything about money is billing.",
            "Crashes and errors are bugs.",
            "Refunds count as billing, not access.",
            "Put requests for improvements under feature.",
        ),
        "precedence": (
            "Security issues always come first.",
            "When in doubt, prefer access, then billing, then bug, then feature.",
            "A ticket about both a charge and a crash is billing.",
            "In case of ties the order is access, billing, bug, feature, question.",
        ),
        "wishes": (
            "A bug report about something the product can't do is a feature request.",
            "Requests for new functionality phrased as complaints are features.",
            "Users may complain that something is broken when it simply doesn't exist.",
        ),
        FORMAT: ("Return exactly one of: access, billing, bug, feature, question.",),
    },
    "dates": {
        "locale": ("Figure out from the context which format the date is in.",),
        "century": ("Always use a four-digit year.", "Write the year with four digits."),
        "relative": ("Compute phrases like 'the day after' from the writing date.",),
        "target": (
            "Ignore the date the letter was written.",
            "Return the date the note is actually about.",
            "Use the date when the thing happens.",
            "Don't give the date of writing.",
            "It took the invoice date instead of when it is due.",
        ),
    },
    "word-problems": {
        "steps": ("Do all the operations, not only the first.",),
        "units": ("If the question asks for minutes, give minutes.",),
        "rounding": ("You can't have half a bus.", "It gave 3.25 buses."),
        "distractor": ("The model used the age.",),
    },
    "contacts": {
        "keys": ("It used full_name instead of name.",),
        "several": ("Extract all of them.", "Do not miss anyone."),
        "optional": (
            "Only include fields that are present.",
            "Don't make up data.",
            "Leave out missing information.",
            "Omit what’s not given.",
        ),
        "role": ("Skip anybody you cannot reach.", "A contact must have an email or a phone."),
        FORMAT: ("No text besides the JSON.",),
    },
    "hidden-rule": {
        "vowel:upper": (
            "If the first letter is a vowel, use uppercase.",
            "Vowel-initial words become uppercase.",
        ),
        "even:backwards": ("If the number of letters is even, flip the word.",),
        "always:backwards": ("Turn the word around.",),
        FORMAT: ("Answer with one word.",),
    },
}
ROWS = [(BY_NAME[name], skill, said) for name, by in SAID.items() for skill, all_ in by.items() for said in all_]


@pytest.mark.parametrize(("kind", "skill", "said"), ROWS, ids=[said for *_, said in ROWS])
def test_an_instruction_in_ones_own_words_is_heeded(kind: Kind, skill: str, said: str) -> None:
    known = read(said, kind)
    assert skill in known.skills
    assert skill not in known.denied


@pytest.mark.parametrize(
    ("name", "said", "skills"),
    [
        ("sentiment", "You really are an expert.", set()),
        ("sentiment", "I mean the review below.", set()),
        ("triage", "If several issues are told, choose access over billing.", {"precedence"}),
        ("triage", "Both teams read it.", set()),
        ("contacts", "You make no mistakes.", set()),
        ("contacts", "The JSON must have name, email, phone and company.", {"keys"}),
        ("hidden-rule", "Make the initial letter a capital.", {"always:capitalised"}),
    ],
)
def test_what_was_not_said_is_not_heard(name: str, said: str, skills: set[str]) -> None:
    assert mentions(said, BY_NAME[name]) == skills


@pytest.mark.parametrize(
    ("name", "said", "skill"),
    [
        ("sentiment", "Take everything literally rather than looking for irony.", "sarcasm"),
        ("sentiment", "Don’t worry about negation.", "negation"),
        ("word-problems", "Don’t convert units.", "units"),
    ],
)
def test_what_an_instruction_refuses_is_denied_with_a_curly_apostrophe_too(
    name: str, said: str, skill: str
) -> None:
    assert skill in read(said, BY_NAME[name]).denied


def test_a_curly_apostrophe_changes_no_answer_and_no_edit() -> None:
    told = "Give the date as YYYY-MM-DD, nothing else. Don’t put the month first, go by the country."
    assert answer(told, "Party on 03/04/2025 in London.") == "2025-04-03"
    rejected = Shown("Is this positive or negative?", (), "It shouldn’t ask for reasons.", (), (), False, 0, "")
    assert not any(rule in edit for edit in edits(rejected, 5, ()) for rule in WRONG_RULES["explain"])
